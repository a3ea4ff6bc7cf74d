using System.Text.RegularExpressions;
using Xunit;

namespace Probity.Tests.Style;

/// <summary>docs/threat-model.md: every line names a test, and every test it names is there.</summary>
public sealed partial class ThreatModelTests(ITestOutputHelper output)
{
    private const string Page = "docs/threat-model.md";

    [Fact]
    public void Every_test_that_the_threat_model_names_exists()
    {
        var lines = LinesOf(Repository.Read(Page));

        output.WriteLine($"{lines.Count} threats, {lines.Sum(l => TestsIn(l).Count)} tests named");
        Assert.True(lines.Count >= 30, "The model has lost lines.");
        Assert.Equal([], Faults(lines, NamedTests.All));
    }

    [Fact]
    public void A_line_without_a_test_and_one_with_a_test_that_is_not_there_are_found()
    {
        string[] lines =
            ["| T1 | asset | attacker | control | `NoSuchTests.No_such_test` |",
            "| T2 | asset | attacker | control | none |"];

        Assert.Equal(["T1: NoSuchTests.No_such_test is no test", "T2: no test"], Faults(lines, NamedTests.All));
    }

    [Fact]
    public void Tests_are_found_in_sources()
    {
        const string Source =
            "[Fact]\npublic async Task One()\n{\n[Theory]\n[InlineData(1)]\npublic void Two(int a)\n"
            + "public void None()\n";

        Assert.Equal(["SomeTests", "SomeTests.One", "SomeTests.Two"], NamedTests.In("SomeTests", Source));
    }

    private static IReadOnlyList<string> LinesOf(string page) =>
        [.. page.Split('\n').Where(line => Threat().IsMatch(line))];

    private static IReadOnlyList<string> Faults(IEnumerable<string> lines, IReadOnlySet<string> tests) =>
        [.. lines.SelectMany(line =>
    {
        var name = Threat().Match(line).Groups[1].Value;
        var named = TestsIn(line);
        return named.Count == 0 ? [$"{name}: no test"] : named.Where(t => !tests.Contains(t))
            .Select(t => $"{name}: {t} is no test");
    })];

    private static IReadOnlyList<string> TestsIn(string line) =>
        [.. Test().Matches(line.Split('|')[^2]).Select(m => m.Groups[1].Value)];

    [GeneratedRegex(@"^\| (T\d+[a-z]?) \|")]
    private static partial Regex Threat();

    [GeneratedRegex(@"`(\w+Tests(?:\.\w+)?)`")]
    private static partial Regex Test();
}
