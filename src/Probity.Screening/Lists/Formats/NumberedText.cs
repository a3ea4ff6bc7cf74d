using System.Text.RegularExpressions;
using Probity.Screening.Lists.Reading;
using Probity.Screening.Lists.Values;
using Probity.Screening.Model;

namespace Probity.Screening.Lists.Formats;

/// <summary>Fields in which a UK list numbers its values: "(1) A-333602 (Indian) (2) M110522", "a) General b)
/// Colonel".</summary>
internal static partial class NumberedText
{
    /// <summary>Lists the values in order; a text without numbers is one value; empty gives none.</summary>
    public static IReadOnlyList<string> Split(string text)
    {
        var clean = EntityBuilder.Clean(text);
        if (!StartPattern().IsMatch(clean))
        {
            return clean.Length == 0 ? [] : [clean];
        }

        return [.. MarkPattern().Split(clean)
            .Select(part => part.Trim(' ', ',', ';'))
            .Where(part => part.Length != 0 && part != "-")
            .Distinct(StringComparer.Ordinal)];
    }

    /// <summary>Adds the numbers of a field of documents; a value without a number goes to the remarks.</summary>
    public static void Documents(EntityBuilder entity, IdentifierKind kind, string text, string label)
    {
        foreach (var value in Split(text))
        {
            var number = NumberPattern().Match(value);
            if (!number.Success)
            {
                entity.Remark($"{label}: {value}");
                continue;
            }

            var rest = EntityBuilder.Clean(value.Remove(number.Index, number.Length));
            entity.Identifier(kind, number.Value.TrimEnd('.', ',', '-', '/'), CountryIn(rest), label,
                rest.Any(char.IsLetterOrDigit) ? rest : null);
        }
    }

    /// <summary>Finds the first country or nationality named in a text, or null.</summary>
    public static string? CountryIn(string text)
    {
        var words = WordPattern().Matches(text);
        foreach (Match word in words)
        {
            // Two words first: "Saudi Arabian", "South African". Codes of two letters are words in English.
            var next = word.NextMatch();
            var pair = next.Success ? Countries.CodeOf(word.Value + " " + next.Value) : null;
            var found = pair ?? (word.Length > 3 ? Countries.CodeOf(word.Value) : null);
            if (found is not null)
            {
                return found;
            }
        }

        return null;
    }

    [GeneratedRegex(@"^\(?(?:1|[aAiI])\)", RegexOptions.CultureInvariant)]
    private static partial Regex StartPattern();

    [GeneratedRegex(
        @"(?:^|(?<=[\s.,;]))\(?(?:\d{1,2}|[a-z]|[A-Z])\)(?:\s*(?:-|to|and)\s*\(?(?:\d{1,2}|[a-z])\))?",
        RegexOptions.CultureInvariant)]
    private static partial Regex MarkPattern();

    // A number is a word of four characters or more with three digits or more in it.
    [GeneratedRegex(
        @"(?<![\w/.-])(?=[\w/.-]{0,38}?\d[\w/.-]{0,38}?\d[\w/.-]{0,38}?\d)[A-Z0-9][\w/.-]{3,39}",
        RegexOptions.CultureInvariant)]
    private static partial Regex NumberPattern();

    [GeneratedRegex(@"[A-Za-z][A-Za-z'-]+", RegexOptions.CultureInvariant)]
    private static partial Regex WordPattern();
}
