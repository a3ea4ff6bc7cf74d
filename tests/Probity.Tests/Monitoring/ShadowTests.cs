using System.Text.Json.Nodes;
using Probity.Ledger.Json;
using Probity.Monitoring;
using Probity.Monitoring.Rules;
using Xunit;
using static Probity.Tests.Monitoring.MonitoringKit;

namespace Probity.Tests.Monitoring;

/// <summary>A rule in shadow is asked and recorded, and nothing is done by it.</summary>
public sealed class ShadowTests
{
    private const string Any = """{"gte":["$amount",{"money":[1,"USD"]}]}""";
    private const string Shadow = ",\"mode\":\"shadow\"";

    // What a decision does; what was measured has other numbers in a set with more rules.
    private static readonly string[] s_done =
        ["alert", "contributions", "late", "outcome", "reasons", "score", "transaction", "unanswered"];

    [Fact]
    public void A_rule_in_shadow_raises_no_alert_and_says_what_it_would_have_done()
    {
        var decision = DecideAlone(Rule(Any, Shadow), Transfer(1, Monday, "5.00"));

        Assert.Equal(DecisionOutcome.Approve, decision.Outcome);
        Assert.Equal(0m, decision.Score);
        Assert.Null(decision.Alert);
        Assert.Empty(decision.Contributions);
        var shadow = Assert.IsType<ShadowDecision>(decision.Shadow);
        Assert.Equal(DecisionOutcome.Review, shadow.Outcome);
        Assert.Equal(0.7m, shadow.Score);
        Assert.Equal("rule", shadow.Alert?.Rule);
        Assert.Equal("rule", shadow.Foremost);
        Assert.True(CanonicalJson.IsCanonical(decision.Record.Span), Text(decision.Record));
        var record = JsonNode.Parse(decision.Record.Span)!;
        Assert.False(record["alert"]!.GetValue<bool>());
        Assert.Equal("rule", record["shadow"]!["rule"]!.GetValue<string>());

        // The same rule live is the negative control.
        Assert.NotNull(DecideAlone(Rule(Any), Transfer(1, Monday, "5.00")).Alert);
    }

    [Fact]
    public void A_set_whose_rules_in_shadow_are_silent_leaves_the_record_as_it_is_without_them()
    {
        var decision = DecideAlone(
            Rule("""{"gt":["$amount",{"money":[9,"USD"]}]}""", Shadow), Transfer(1, Monday, "5.00"));

        Assert.Null(decision.Shadow);
        Assert.Null(JsonNode.Parse(decision.Record.Span)!["shadow"]);
    }

    [Fact]
    public void Shadow_adds_to_what_is_live_and_blocks_only_on_record()
    {
        var rules = Compile(
            Rule(Any, ",\"score\":0.5", "live"),
            Rule(Any, ",\"score\":0.25" + Shadow, "tried").Replace(
                "\"alert\":true", "\"block\":true", StringComparison.Ordinal));

        var decision = Engine(rules).Decide(Transfer(1, Monday, "5.00"));

        Assert.Equal((DecisionOutcome.Approve, 0.5m, null), (decision.Outcome, decision.Score, decision.Alert));
        Assert.Equal(DecisionOutcome.Block, decision.Shadow!.Outcome);
        Assert.Equal(0.75m, decision.Shadow.Score);
        Assert.Equal("live", decision.Shadow.Alert?.Rule); // With 0.75 the live rule would alert.
        Assert.Equal("tried", decision.Shadow.Foremost);
    }

    [Fact]
    public void An_unanswered_rule_in_shadow_asks_for_nobody()
    {
        var rule = Rule(
            """{"gte":["$amount",{"money":[1,"JPY"]}]}""", ",\"outcomes\":{\"no_rate\":\"review\"}" + Shadow);

        var decision = DecideAlone(rule, Transfer(1, Monday, "5.00"));

        Assert.Equal(DecisionOutcome.Approve, decision.Outcome);
        Assert.Empty(decision.Unanswered);
        Assert.Empty(decision.Reasons);
        Assert.Equal(DecisionOutcome.Review, decision.Shadow!.Outcome);
        Assert.Equal("no_rate", Assert.Single(decision.Shadow.Unanswered).Reason);
    }

    [Fact]
    public void A_live_rule_that_rests_on_one_in_shadow_is_refused()
    {
        var low = Rule(Any, Shadow, "low");
        const string Typology = """{"gte":[{"score":"low"},0.5]}""";

        var fault = Assert.Single(
            FaultsOf(low, Rule(Typology, "", "high")), item => item.Level == FaultLevel.Error);

        Assert.Equal(("high", "monitoring.shadow_score"), (fault.Rule, fault.Code));
        Assert.DoesNotContain(
            FaultsOf(low, Rule(Typology, Shadow, "high")), item => item.Level == FaultLevel.Error);
        Assert.DoesNotContain(
            FaultsOf(Rule(Any, "", "low"), Rule(Typology, Shadow, "high")), item => item.Level == FaultLevel.Error);
    }

    [Fact]
    public void Both_engines_agree_about_shadow_and_the_decision_is_as_if_it_were_not_there()
    {
        var all = WindowRules.All();
        string[] live = [.. all.Where((_, at) => at % 6 == 0)];
        string[] tried = [.. all.Where((_, at) => at % 6 == 3)];
        var both = Compile([.. live, .. tried.Select(InShadow)]);
        var alone = Compile(live);
        var (said, wouldDiffer) = (0, 0);
        for (var seed = 1UL; seed <= 6; seed++)
        {
            var (world, other, third) = (new RandomWorld(seed), new RandomWorld(seed), new RandomWorld(seed));
            var (fast, slow) = (Engine(both), new ReferenceEngine(both, new MonitoringOptions()));
            var (without, reference) = (Engine(alone), new ReferenceEngine(alone, new MonitoringOptions()));
            var allLive = Compile([.. live, .. tried]);
            var (loud, loudSlow) = (Engine(allLive), new ReferenceEngine(allLive, new MonitoringOptions()));
            for (var step = 0; step < EngineAgreementTests.StepsInWorld; step++)
            {
                var records = world.Step(fast, slow);
                var plain = other.Step(without, reference);
                var asLive = third.Step(loud, loudSlow);
                if (records is not { } pair)
                {
                    continue;
                }

                Assert.True(pair.Fast.Span.SequenceEqual(pair.Slow.Span), Text(pair.Fast) + "\n" + Text(pair.Slow));
                Assert.True(CanonicalJson.IsCanonical(pair.Fast.Span), Text(pair.Fast));
                var record = JsonNode.Parse(pair.Fast.Span)!;
                Assert.Equal(Done(JsonNode.Parse(plain!.Value.Fast.Span)!), Done(record));

                // What the shadow says is what the same rules do when they are live: the control of the line above.
                var lived = JsonNode.Parse(asLive!.Value.Fast.Span)!;
                said += record["shadow"] is null ? 0 : 1;
                wouldDiffer += Done(lived) == Done(record) ? 0 : 1;
                foreach (var member in (string[])["alert", "outcome", "score"])
                {
                    Assert.Equal(
                        lived[member]!.ToJsonString(), ((record["shadow"] ?? record)[member])!.ToJsonString());
                }
            }
        }

        Assert.True(said > 100, $"The shadow spoke {said} times.");
        Assert.True(wouldDiffer > 20, $"Live it would differ {wouldDiffer} times.");
    }

    private static string InShadow(string rule) => rule[..^1] + Shadow + "}";

    private static string Done(JsonNode record) =>
        string.Join('\n', s_done.Select(member => record[member]?.ToJsonString()));
}
