using Probity.Screening.Model;

namespace Probity.Screening.Lists.Formats;

/// <summary>Names of persons as US lists print them: "FAMILY, Given Middle".</summary>
internal static class OfacNames
{
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
}
