using Probity.Screening.Lists.Reading;
using Probity.Screening.Model;

namespace Probity.Screening.Lists.Formats;

/// <summary>What the UK's table and XML have in common.</summary>
internal static class UkNames
{
    /// <summary>Joins names 1 to 5 and then name 6, the family name or the whole name of an organisation.</summary>
    public static string Full(Func<int, string> name) =>
        Joined(" ", Enumerable.Range(1, 6).Select(name));

    /// <summary>Gets the parts; null when there is a family name alone and no title.</summary>
    public static NameParts? Parts(Func<int, string> name, string title)
    {
        var parts = new NameParts(
            Given: Empty(name(1)),
            Middle: Empty(Joined(" ", Enumerable.Range(2, 4).Select(name))),
            Family: Empty(name(6)),
            Title: Empty(title));
        return parts.Given is null && parts.Middle is null && parts.Title is null ? null : parts;
    }

    public static Gender GenderOf(string text, Gender before) => text.ToUpperInvariant() switch
    {
        "MALE" or "M" => Gender.Male,
        "FEMALE" or "F" => Gender.Female,
        _ => before,
    };

    public static void Owner(EntityBuilder entity, LinkKind kind, string text, string label)
    {
        foreach (var name in NumberedText.Split(text))
        {
            entity.Link(new ListedLink { Kind = kind, TargetName = name, Label = label });
        }
    }

    public static void Flags(EntityBuilder entity, string text, CountryRole role)
    {
        foreach (var flag in NumberedText.Split(text))
        {
            entity.Country(role, flag);
        }
    }

    public static void Measure(EntityBuilder entity, string label, string value)
    {
        if (value.Length != 0)
        {
            entity.Remark($"{label} {value}");
        }
    }

    public static string Joined(string separator, IEnumerable<string> parts) =>
        string.Join(separator, parts.Select(EntityBuilder.Clean).Where(part => part.Length != 0));

    private static string? Empty(string text) => EntityBuilder.Clean(text) is { Length: > 0 } clean ? clean : null;
}
