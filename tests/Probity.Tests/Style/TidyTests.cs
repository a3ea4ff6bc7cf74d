using System.Globalization;
using Xunit;

namespace Probity.Tests.Style;

/// <summary>The style rules that an analyzer does not check.</summary>
public sealed class TidyTests
{
    private const string KnownFile = "tests/Probity.Tests/Style/LongLines.txt";
    private const string Update = "PROBITY_UPDATE_LONG_LINES";

    // The folder of test data, in the words of the field.
    private static readonly string[] s_named = ["TestData"];

    [Fact]
    public void No_file_gains_lines_longer_than_120()
    {
        var found = Repository.Files(".cs").Select(path => (Path: path, Lines: TidyRules.LongLines(Repository.Read(path))))
            .Where(file => file.Lines.Count > 0).ToList();
        if (Environment.GetEnvironmentVariable(Update) == "1")
        {
            File.WriteAllLines(
                Path.Combine(Repository.Root, KnownFile),
                found.Select(file => string.Create(CultureInfo.InvariantCulture, $"{file.Lines.Count} {file.Path}")));
        }

        var known = Repository.Read(KnownFile).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ', 2))
            .ToDictionary(parts => parts[1].Trim(), parts => int.Parse(parts[0], CultureInfo.InvariantCulture));
        var faults = found.Where(file => file.Lines.Count > known.GetValueOrDefault(file.Path))
            .Select(file => $"{file.Path}: {file.Lines.Count} lines, {known.GetValueOrDefault(file.Path)} known; see lines "
                + string.Join(", ", file.Lines));
        Assert.Equal([], faults);
    }

    [Fact]
    public void No_type_ends_in_a_word_that_says_nothing() => Assert.Equal([], Repository.Files(".cs")
        .SelectMany(path => TidyRules.BannedEndings(Repository.Read(path)).Except(s_named).Select(name => $"{path}: {name}")));

    [Fact]
    public void Every_promise_names_its_issue() => Assert.Equal([], Repository.Files(".cs")
        .SelectMany(path => TidyRules.LoosePromises(Repository.Read(path)).Select(line => $"{path}: {line}")));

    [Theory]
    [InlineData(120, 0)]
    [InlineData(121, 1)]
    public void A_long_line_is_seen(int length, int expected) =>
        Assert.Equal(expected, TidyRules.LongLines("short\n" + new string('é', length) + "\r\nshort").Count);

    [Theory]
    [InlineData("internal sealed class Key|Manager", "KeyManager")]
    [InlineData("public record User|Info(int A)", "UserInfo")]
    [InlineData("readonly record struct Row|Data", "RowData")]
    [InlineData("interface IKey|Helper", "IKeyHelper")]
    [InlineData("class Database", null)]
    [InlineData("class KeyRing // not a Manager", null)]
    public void A_banned_ending_is_seen(string text, string? expected) =>
        Assert.Equal(
            expected, TidyRules.BannedEndings(text.Replace("|", "", StringComparison.Ordinal)).SingleOrDefault());

    [Theory]
    [InlineData("// TO|DO: later", 1)]
    [InlineData("x(); // FIX|ME", 1)]
    [InlineData("// TO|DO(#): later", 1)]
    [InlineData("// TO|DO(#12): when the reader comes", 0)]
    [InlineData("var text = \"TO|DO\";", 0)]
    public void A_loose_promise_is_seen(string text, int expected) =>
        Assert.Equal(expected, TidyRules.LoosePromises(text.Replace("|", "", StringComparison.Ordinal)).Count);
}
