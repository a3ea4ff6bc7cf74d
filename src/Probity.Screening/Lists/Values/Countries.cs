using System.Collections.Frozen;

namespace Probity.Screening.Lists.Values;

/// <summary>Finds the ISO 3166-1 code of a country from what lists write.</summary>
/// <remarks>Pure and safe for use from several threads.</remarks>
public static class Countries
{
    private const int MaxTextLength = 80;

    private static readonly FrozenDictionary<string, string> s_codes = Load();
    private static readonly FrozenDictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> s_lookup =
        s_codes.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Finds the alpha-2 code, or null when the text is no country we know.</summary>
    /// <param name="text">
    /// Alpha-2, alpha-3, a name ("Korea, North", "Islamic Republic of Iran") or the word for its people ("Afghan");
    /// letter case, outer blanks and a closing full stop do not matter. Null or empty gives null.
    /// </param>
    public static string? CodeOf(string? text)
    {
        var trimmed = text.AsSpan().Trim().TrimEnd('.').TrimEnd();
        if (trimmed.Length is < 2 or > MaxTextLength)
        {
            return null;
        }

        const string Region = "Region: ";
        trimmed = trimmed.StartsWith(Region, StringComparison.Ordinal) ? trimmed[Region.Length..] : trimmed;
        if (trimmed.Contains('\u2019'))
        {
            trimmed = trimmed.ToString().Replace('\u2019', '\'');
        }

        if (s_lookup.TryGetValue(trimmed, out var code))
        {
            return code;
        }

        // "Afghanistan (since 2009)": what follows in brackets is a note, unless the whole was a name.
        var open = trimmed.IndexOf('(');
        return open > 3 && s_lookup.TryGetValue(trimmed[..open].TrimEnd(), out code) ? code : null;
    }

    private static FrozenDictionary<string, string> Load()
    {
        var codes = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var line in CountryNames.Table.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = line.Trim().Split('|');
            foreach (var name in parts)
            {
                codes.TryAdd(name.TrimEnd('.'), parts[0]);
            }
        }

        return codes.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }
}
