using System.Globalization;
using System.Text.RegularExpressions;

namespace Probity.Tests.Style;

/// <summary>What a source file must keep to (style guide 4, 7 and 29). Pure: text in, faults out.</summary>
internal static partial class TidyRules
{
    public const int MaxLine = 120;

    /// <summary>Lines that are too long, by number.</summary>
    public static IReadOnlyList<int> LongLines(string text) =>
        [.. Lines(text).Where(line => line.Text.Length > MaxLine).Select(line => line.Number)];

    /// <summary>Types whose name ends in a word that says nothing.</summary>
    public static IReadOnlyList<string> BannedEndings(string text) =>
        [.. BannedEnding().Matches(text).Select(match => match.Groups["name"].Value)];

    /// <summary>Promises that name no issue.</summary>
    public static IReadOnlyList<string> LoosePromises(string text) =>
        [.. Lines(text).Where(line => LoosePromise().IsMatch(line.Text))
            .Select(line => string.Create(CultureInfo.InvariantCulture, $"line {line.Number}"))];

    private static IEnumerable<(int Number, string Text)> Lines(string text) =>
        text.Split('\n').Select((line, index) => (index + 1, line.TrimEnd('\r')));

    [GeneratedRegex(
        @"\b(class|record|struct|interface|enum)\s+(?<name>\w+(Manager|Helper|Helpers|Util|Utils|Processor|Info|Data|Base))\b",
        RegexOptions.ExplicitCapture)]
    private static partial Regex BannedEnding();

    [GeneratedRegex(@"//.*\b(FIX" + @"ME|TO" + @"DO(?!\(#\d+\): \S))", RegexOptions.ExplicitCapture)]
    private static partial Regex LoosePromise();
}
