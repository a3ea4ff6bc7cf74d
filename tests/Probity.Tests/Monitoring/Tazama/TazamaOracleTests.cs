using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Probity.Monitoring;
using Xunit;
using static Probity.Tests.Monitoring.MonitoringKit;
using static Probity.Tests.Monitoring.Tazama.TazamaKit;

namespace Probity.Tests.Monitoring.Tazama;

/// <summary>
/// What Tazama publishes to hold rules against: its Postman collections with the cases of rules 901 and 902 (2.3) and
/// the outcome of every rule for a first transfer (1.5, typology 000), and the configuration that it ships.
/// </summary>
public sealed class TazamaOracleTests
{
    private const string Published = "aml/tazama-rules/tazama-4.0.0-rules-and-typology.json";

    [Theory]
    [InlineData("s0", ".01")]
    [InlineData("f0", ".x00")] // The transaction itself is not successful.
    [InlineData("s-60 s0", ".02")]
    [InlineData("s-60 f-30 s0", ".03")] // Failed ones count.
    [InlineData("s-60 s-30 s0", ".03")]
    [InlineData("s-86400 s-30 s0", ".02")] // One outside of the day.
    [InlineData("s3600 s-30 s0", ".02")] // A later-dated one is not counted: the window goes by event time.
    public void The_published_cases_come_out_as_published(string transfers, string expected)
    {
        Assert.Equal(expected, OutcomeOf(transfers, "out", (i, transfer) => transfer));
        Assert.Equal(expected, OutcomeOf(transfers, "in", (i, transfer) => transfer));
    }

    [Theory]
    [InlineData("s-60 s-30 s0", ".03")]
    public void Other_parties_on_the_other_side_count_as_well(string transfers, string expected)
    {
        Assert.Equal(expected, OutcomeOf(transfers, "out", (i, transfer) => transfer with
        {
            Creditor = new TransactionParty("b" + i.ToString(CultureInfo.InvariantCulture)),
        }));
        Assert.Equal(expected, OutcomeOf(transfers, "in", (i, transfer) => transfer with
        {
            Debtor = new TransactionParty("a" + i.ToString(CultureInfo.InvariantCulture)),
        }));
    }

    [Fact]
    public void A_first_transfer_has_the_published_outcome_of_every_rule()
    {
        var decision = Engine(Telling(Numbers)).Decide(
            Transfer(1, Monday, "1000.00") with { Purpose = "MP2P", Location = new GeoPoint(-3.1609m, 38.3588m) });
        var outcomes = OutcomesOf(decision);

        string[] insufficient =
        [
            "003", "004", "006", "007", "008", "010", "011", "018", "020", "021", "024", "025", "026", "027", "048",
            "054", "063", "076",
        ];
        string[] first = ["001", "002", "016", "017", "030", "083", "084", "090", "091"];
        Assert.All(insufficient.Except(["007"]), number => Assert.Equal(".x01", outcomes[number]));
        Assert.All(first, number => Assert.Equal(".01", outcomes[number]));
        Assert.All((string[])["044", "045"], number => Assert.Equal(".02", outcomes[number]));

        // Not in the collection: of what its messages carry, the configuration leaves one outcome.
        Assert.Equal((".x01", ".x01", ".02"), (outcomes["074"], outcomes["075"], outcomes["078"]));
    }

    [Fact]
    public void A_text_has_nothing_to_be_held_against_in_a_first_transfer() =>
        Assert.Equal(".x01", OutcomesOf(Engine(Telling("007")).Decide(
            Transfer(1, Monday, "1000.00") with { Narrative = "rent" })).GetValueOrDefault("007"));

    [Fact]
    public void Limits_weights_and_exits_are_those_of_the_published_configuration()
    {
        using var published = JsonDocument.Parse(TestData.Bytes(Published));
        var typology = published.RootElement.GetProperty("typologies")[0];
        var weights = typology.GetProperty("rules").EnumerateArray().ToDictionary(
            rule => rule.GetProperty("id").GetString()![..3],
            rule => rule.GetProperty("wghts").EnumerateArray().ToDictionary(
                weight => weight.GetProperty("ref").GetString()!, weight => weight.GetProperty("wght").GetDecimal()));
        var rules = published.RootElement.GetProperty("rules").EnumerateArray().ToDictionary(
            rule => rule.GetProperty("id").GetString()![..3], rule => rule.GetProperty("config"));

        Assert.Equal(rules.Keys.Order(StringComparer.Ordinal), Numbers);
        foreach (var number in Numbers)
        {
            var ours = Listed(Configuration(number));
            var theirs = Listed(rules[number], number is "001" or "003" or "004" or "076" ? 1_000 : 1);
            Assert.Equal(theirs.Order(), ours.Select(outcome => (outcome.Ref, outcome.Upto)).Order());
            Assert.All(ours, outcome => Assert.Equal(weights[number][outcome.Ref], outcome.Score * 10_000));
        }

        var most = Numbers.Sum(number => Listed(Configuration(number)).Max(outcome => outcome.Score));
        Assert.Equal(0.69m, most);
    }

    [Fact]
    public void The_typology_alerts_and_holds_from_its_thresholds()
    {
        var engine = Engine(AsShipped(), new MonitoringOptions { RiskThreshold = 0.22m });
        var decisions = Events(
            "6* -30m x>a 1000 n=fee at=0,0 by=ann for=bob; 5* -10m a>b 11000 n=fee at=0,0 by=bob for=cid; "
            + "-1m c>b 500 by=bob for=cid; -1m b>d 11000 by=cid; 0 a>b 11000 n=fee p=MP2B at=0,5 by=bob for=cid")
            .Select(item => engine.Decide(item.Transaction, item.Facts)).ToList();

        Assert.Equal((DecisionOutcome.Approve, false), (decisions[0].Outcome, decisions[0].Alert is not null));
        Assert.True(decisions[^1].Score >= 0.26m, string.Join(", ", decisions[^1].Contributions));
        Assert.Equal((DecisionOutcome.Block, true), (decisions[^1].Outcome, decisions[^1].Alert is not null));
        Assert.Contains(
            decisions, decision => decision is { Score: >= 0.22m and < 0.26m, Outcome: DecisionOutcome.Review });
    }

    private static string? OutcomeOf(string transfers, string way, Func<int, Transaction, Transaction> changed)
    {
        var side = way == "out" ? "debtor" : "creditor";
        var rule = Rule(
            """
            {"cases":[{"when":{"ne":["$status","settled"]},"ref":".x00","score":0.5}],
            "value":{"agg":{"fn":"count","key":"account","dir":"WAY","window":{"last":"86400s"},
            "status":["settled","failed"]}},
            "bands":[{"upto":2,"ref":".01","score":0.1},{"upto":3,"ref":".02","score":0.2},{"ref":".03","score":0.3}]}
            """.Replace("WAY", way, StringComparison.Ordinal),
            $",\"applies_to\":{{\"side\":\"{side}\",\"status\":[\"settled\",\"failed\"]}}");
        var engine = Engine(Compile(rule));
        Decision? last = null;
        var number = 0;
        foreach (var item in transfers.Split(' '))
        {
            var seconds = int.Parse(item.AsSpan(1), CultureInfo.InvariantCulture);
            number++;
            last = engine.Decide(changed(number, Transfer(number, Monday.AddSeconds(seconds), "10.00") with
            {
                Status = item[0] == 'f' ? TransactionStatus.Failed : TransactionStatus.Settled,
            }));
        }

        return last?.Contributions.SingleOrDefault()?.Ref;
    }

    private static List<(string Ref, decimal? Upto, decimal Score)> Listed(JsonObject document)
    {
        var conditions = document["conditions"]!;
        var outcomes = conditions["bands"]!.AsArray().Concat(conditions["cases"]?.AsArray() ?? [])
            .Concat(document["outcomes"]?.AsObject().Select(item => item.Value) ?? []);
        return [.. outcomes.Select(outcome => (
            outcome!["ref"]!.GetValue<string>(), outcome["upto"]?.GetValue<decimal>(),
            outcome["score"]!.GetValue<decimal>()))];
    }

    private static List<(string Ref, decimal? Upto)> Listed(JsonElement configuration, int perUnit)
    {
        static string RefOf(JsonElement outcome) => outcome.GetProperty("subRuleRef").GetString()!;
        IEnumerable<JsonElement> Items(JsonElement of, string name) =>
            of.TryGetProperty(name, out var items) ? items.EnumerateArray() : [];
        decimal? UptoOf(JsonElement band) =>
            band.TryGetProperty("upperLimit", out var upto) ? upto.GetDecimal() / perUnit : null;
        var outcomes = Items(configuration, "bands").Select(band => (RefOf(band), UptoOf(band)))
            .Concat(Items(configuration, "exitConditions").Select(exit => (RefOf(exit), (decimal?)null)));
        return configuration.TryGetProperty("cases", out var cases)
            ? [.. outcomes, .. Items(cases, "expressions").Select(item => (RefOf(item), (decimal?)null)),
                (RefOf(cases.GetProperty("alternative")), null)]
            : [.. outcomes];
    }
}
