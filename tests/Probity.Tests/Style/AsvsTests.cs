using System.Globalization;
using System.Text.Json;
using Xunit;

namespace Probity.Tests.Style;

/// <summary>
/// docs/asvs.json: every requirement of OWASP ASVS 5.0.0 at levels 1 and 2, and of level 3 those of authorization (V8),
/// cryptography (V11) and logging (V16), with a test or a reason.
/// </summary>
public sealed class AsvsTests(ITestOutputHelper output)
{
    private const string Page = "docs/asvs.json";

    // The level of each requirement in its order, by section: V1.2 has ten, the first five of level 1. From the
    // standard.
    private const string Levels =
        "V1.1:22;V1.2:1111122223;V1.3:112222222223;V1.4:222;V1.5:123;V2.1:122;V2.2:112;V2.3:12223;V2.4:23;"
        + "V3.1:3;V3.2:113;V3.3:12223;V3.4:11222233;V3.5:11122333;V3.6:3;V3.7:22333;V4.1:12233;V4.2:23333;"
        + "V4.3:22;V4.4:1222;V5.1:2;V5.2:112333;V5.3:113;V5.4:222;V6.1:122;V6.2:111111112222;V6.3:11223333;"
        + "V6.4:112233;V6.5:22222333;V6.6:2223;V6.7:33;V6.8:2222;V7.1:222;V7.2:1111;V7.3:22;V7.4:11222;"
        + "V7.5:223;V7.6:22;V8.1:1233;V8.2:1123;V8.3:133;V8.4:23;V9.1:111;V9.2:1222;V10.1:22;V10.2:223;"
        + "V10.3:22223;V10.4:1111122222233333;V10.5:22222;V10.6:22;V10.7:222;V11.1:2233;V11.2:22233;"
        + "V11.3:11233;V11.4:1222;V11.5:23;V11.6:23;V11.7:33;V12.1:12233;V12.2:11;V12.3:22223;V13.1:2333;"
        + "V13.2:222223;V13.3:2233;V13.4:1222233;V14.1:22;V14.2:12223333;V14.3:122;V15.1:12233;V15.2:12233;"
        + "V15.3:1222222;V15.4:3333;V16.1:2;V16.2:22222;V16.3:2222;V16.4:222;V16.5:2223;V17.1:23;"
        + "V17.2:22223333;V17.3:22";

    private static readonly string[] s_thirdLevel = ["V8", "V11", "V16"];
    private static readonly string[] s_withReason = ["by_construction", "partly", "operator", "not_applicable", "open"];

    private static readonly IReadOnlyDictionary<string, int> s_levels = Levels.Split(';').Select(s => s.Split(':'))
        .SelectMany(s => s[1].Select((level, i) => ($"{s[0]}.{i + 1}", level - '0')))
            .ToDictionary(r => r.Item1, r => r.Item2);

    [Fact]
    public void The_standard_is_whole()
    {
        Assert.Equal((70, 183, 92),
            (s_levels.Values.Count(l => l == 1), s_levels.Values.Count(l => l == 2),
            s_levels.Values.Count(l => l == 3)));
    }

    [Fact]
    public void Every_requirement_has_a_test_or_a_reason()
    {
        var claims = Read(Repository.Read(Page));

        foreach (var level in (int[])[1, 2, 3])
        {
            var at = claims.Where(c => c.Level == level).ToList();
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"L{level}: {at.Count} requirements: ")
                + string.Join(", ", at.CountBy(c => c.Status).OrderByDescending(c => c.Value)
                    .Select(c => $"{c.Value} {c.Key}")));
        }

        output.WriteLine($"{claims.Count} in all, {claims.Count(c => c.Tests.Count > 0)} with tests, "
            + $"{claims.SelectMany(c => c.Tests).Distinct().Count()} tests named");
        Assert.Equal([], Faults(claims, NamedTests.All));
    }

    [Theory]
    [InlineData("""{"id":"V1.1.1","level":2,"status":"tested","tests":["NoSuchTests.No"]}""",
        "V1.1.1: NoSuchTests.No is no test")]
    [InlineData("""{"id":"V1.1.1","level":2,"status":"tested"}""", "V1.1.1: tested without a test")]
    [InlineData("""{"id":"V1.1.1","level":2,"status":"open"}""", "V1.1.1: open without a reason")]
    [InlineData("""{"id":"V1.1.1","level":2,"status":"fine","reason":"r"}""", "V1.1.1: fine is no status")]
    [InlineData("""{"id":"V1.1.1","level":1,"status":"open","reason":"r"}""", "V1.1.1: level 1, the standard says 2")]
    [InlineData("""{"id":"V1.1.9","level":2,"status":"open","reason":"r"}""", "V1.1.9: no such requirement")]
    [InlineData("""{"id":"V1.1.2","level":2,"status":"open","reason":"r"}""", "V1.1.1: missing")]
    public void A_false_claim_is_found(string claim, string fault) =>
        Assert.Contains(fault, Faults(Read($$"""{"requirements":[{{claim}}]}"""), NamedTests.All));

    private static IReadOnlyList<string> Faults(IReadOnlyList<Claim> claims, IReadOnlySet<string> tests)
    {
        var named = claims.Select(c => c.Id).ToHashSet(StringComparer.Ordinal);
        var missing = s_levels.Where(r => IsInScope(r.Key, r.Value) && !named.Contains(r.Key))
            .Select(r => $"{r.Key}: missing");
        var twice = claims.CountBy(c => c.Id).Where(c => c.Value > 1).Select(c => $"{c.Key}: twice");
        return [.. claims.SelectMany(c => FaultsOf(c, tests)).Concat(missing).Concat(twice)];
    }

    private static IEnumerable<string> FaultsOf(Claim claim, IReadOnlySet<string> tests)
    {
        if (!s_levels.TryGetValue(claim.Id, out var level))
        {
            yield return $"{claim.Id}: no such requirement";
        }
        else if (level != claim.Level)
        {
            yield return $"{claim.Id}: level {claim.Level}, the standard says {level}";
        }

        if (claim.Status == "tested" && claim.Tests.Count == 0)
        {
            yield return $"{claim.Id}: tested without a test";
        }
        else if (s_withReason.Contains(claim.Status, StringComparer.Ordinal) && string.IsNullOrWhiteSpace(claim.Reason))
        {
            yield return $"{claim.Id}: {claim.Status} without a reason";
        }
        else if (claim.Status != "tested" && !s_withReason.Contains(claim.Status, StringComparer.Ordinal))
        {
            yield return $"{claim.Id}: {claim.Status} is no status";
        }

        foreach (var test in claim.Tests.Where(t => !tests.Contains(t)))
        {
            yield return $"{claim.Id}: {test} is no test";
        }
    }

    private static bool IsInScope(string id, int level) => level < 3
        || s_thirdLevel.Contains(id.Split('.')[0], StringComparer.Ordinal);

    private static IReadOnlyList<Claim> Read(string page)
    {
        using var json = JsonDocument.Parse(page);
        return [.. json.RootElement.GetProperty("requirements").EnumerateArray().Select(r => new Claim(
            r.GetProperty("id").GetString() ?? "", r.GetProperty("level").GetInt32(), r.GetProperty("status")
                .GetString() ?? "",
            r.TryGetProperty("tests", out var tests) ? [.. tests.EnumerateArray().Select(t => t.GetString() ?? "")]
                : [],
            r.TryGetProperty("reason", out var reason) ? reason.GetString() : null))];
    }

    private sealed record Claim(string Id, int Level, string Status, IReadOnlyList<string> Tests, string? Reason);
}
