using System.Text.RegularExpressions;
using Probity.Screening.Lists.Reading;
using Probity.Screening.Model;

namespace Probity.Screening.Lists.Formats;

/// <summary>Names of persons as US lists print them: "FAMILY, Given Middle".</summary>
internal static partial class OfacNames
{
    /// <summary>Adds the tail number of an aircraft, under which OFAC lists it ("EP-MNB").</summary>
    public static void TailNumber(EntityBuilder entity, string name)
    {
        if (entity.Kind == EntityKind.Aircraft && TailPattern().IsMatch(name))
        {
            entity.Identifier(IdentifierKind.TailNumber, name, label: "Aircraft Tail Number");
        }
    }

    /// <summary>Splits at the first comma; null when there is none.</summary>
    public static NameParts? Parts(string name)
    {
        var comma = name.IndexOf(',', StringComparison.Ordinal);
        if (comma <= 0)
        {
            return null;
        }

        var family = name[..comma].Trim();
        var given = name[(comma + 1)..].Trim();
        return family.Length == 0 || given.Length == 0 ? null : new NameParts(Given: given, Family: family);
    }

    [GeneratedRegex("^[A-Z0-9]{1,3}-[A-Z0-9]{2,6}$", RegexOptions.CultureInvariant)]
    private static partial Regex TailPattern();
}
