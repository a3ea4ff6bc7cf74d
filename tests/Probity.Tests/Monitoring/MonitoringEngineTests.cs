using Probity.Contracts.Finance;
using Probity.Monitoring;
using Xunit;
using static Probity.Tests.Monitoring.MonitoringKit;

namespace Probity.Tests.Monitoring;

/// <summary>Late, repeated, failed and reversed transactions, and work that is taken back.</summary>
public sealed class MonitoringEngineTests
{
    private const string SumOfDay =
        """{"gte":[{"agg":{"fn":"sum","key":"account","dir":"out","to":"USD","window":{"last":"24h"}}},"""
        + """{"money":[100,"USD"]}]}""";

    [Fact]
    public void A_late_transaction_is_judged_as_of_its_own_time_and_seen_from_then_on()
    {
        var engine = Engine(Compile(Rule(SumOfDay)));
        _ = engine.Decide(Transfer(1, Monday, "60.00"));

        var late = engine.Decide(Transfer(2, Monday.AddHours(-1), "50.00"));
        var next = engine.Decide(Transfer(3, Monday.AddMinutes(1), "1.00"));

        Assert.True(late.IsLate);
        Assert.Equal(0, late.Score);
        Assert.False(next.IsLate);
        Assert.Equal(0.7m, next.Score);
    }

    [Fact]
    public void A_repeated_key_changes_nothing()
    {
        var engine = Engine(Compile(Rule(SumOfDay)));
        _ = engine.Decide(Transfer(1, Monday, "60.00"));

        Assert.Equal(new JudgeResult.Duplicate(1), engine.Submit(Transfer(1, Monday, "60.00"), PartyFacts.None));
        Assert.Equal(new JudgeResult.Conflict(1), engine.Submit(Transfer(1, Monday, "61.00"), PartyFacts.None));
        Assert.Equal(1, engine.LastNumber);
        Assert.Equal(0, engine.Decide(Transfer(2, Monday, "39.99")).Score);
    }

    [Fact]
    public void A_failed_transaction_is_not_in_the_sum()
    {
        var engine = Engine(Compile(Rule(SumOfDay)));
        _ = engine.Decide(Transfer(1, Monday, "60.00") with { Status = TransactionStatus.Failed });

        Assert.Equal(0, engine.Decide(Transfer(2, Monday, "60.00")).Score);
    }

    [Fact]
    public void A_reversed_transaction_counts_before_its_reversal_and_not_after()
    {
        var engine = Engine(Compile(Rule(SumOfDay)));
        var first = Transfer(1, Monday, "60.00");
        _ = engine.Decide(first);
        var before = engine.Decide(Transfer(2, Monday, "60.00"));

        Assert.Equal(ReversalResult.Reversed, engine.Reverse(first.Key));
        Assert.Equal(ReversalResult.AlreadyReversed, engine.Reverse(first.Key));
        Assert.Equal(ReversalResult.Unknown, engine.Reverse(new TransactionKey("test", "nobody")));

        Assert.Equal(0.7m, before.Score);
        Assert.Equal(0, engine.Decide(Transfer(3, Monday, "39.99")).Score);
        Assert.Equal(4, engine.LastNumber);
    }

    [Fact]
    public void What_is_discarded_never_was()
    {
        var rules = Compile(Rule(SumOfDay));
        var engine = Engine(rules);
        var untouched = Engine(rules);
        var first = Transfer(1, Monday, "30.00");
        foreach (var each in new[] { engine, untouched })
        {
            _ = each.Decide(first);
            each.Commit();
        }

        _ = engine.Decide(Transfer(2, Monday.AddHours(-1), "60.00"));
        _ = engine.Decide(Transfer(3, Monday, "50.00"));
        _ = engine.Reverse(first.Key);
        engine.Discard();
        _ = engine.Evaluate(Transfer(4, Monday, "99.00"), PartyFacts.None);

        var after = Transfer(5, Monday, "60.00");
        Assert.Equal(Text(untouched.Decide(after).Record), Text(engine.Decide(after).Record));
    }

    [Fact]
    public void The_first_of_an_overlay_can_be_committed_while_the_rest_is_taken_back()
    {
        var engine = Engine(Compile(Rule(SumOfDay)));
        _ = engine.Decide(Transfer(1, Monday, "60.00"));
        var steps = engine.OverlaySteps;
        _ = engine.Decide(Transfer(2, Monday, "10.00"));
        _ = engine.Reverse(Transfer(1, Monday, "60.00").Key);

        engine.Commit(steps);
        Assert.Equal((1, 2), (steps, engine.OverlaySteps));
        Assert.Throws<ArgumentException>(() => engine.Commit(3));
        engine.Discard();

        Assert.Equal((1, 0), (engine.LastNumber, engine.OverlaySteps));
        Assert.Equal(0.7m, engine.Decide(Transfer(3, Monday, "40.00")).Score);
    }

    [Fact]
    public void What_is_committed_stays_when_later_work_is_discarded()
    {
        var engine = Engine(Compile(Rule(SumOfDay)));
        _ = engine.Decide(Transfer(1, Monday, "60.00"));
        engine.Commit();
        _ = engine.Decide(Transfer(2, Monday, "10.00"));
        engine.Discard();

        Assert.Equal(1, engine.LastNumber);
        Assert.Equal(0.7m, engine.Decide(Transfer(3, Monday, "40.00")).Score);
    }

    [Theory]
    [InlineData("0", "USD", "/amount")]
    [InlineData("-1", "USD", "/amount")]
    [InlineData("1.001", "USD", "/amount")]
    [InlineData("1.5", "JPY", "/amount")]
    [InlineData("1000000000000", "USD", "/amount")]
    public void Bad_amounts_are_refused_at_their_place(string amount, string currency, string place)
    {
        var engine = Engine(Compile(Rule(SumOfDay)));

        var refused = Assert.IsType<JudgeResult.Refused>(
            engine.Submit(Transfer(1, Monday, amount, currency: currency), PartyFacts.None));

        Assert.Equal(place, Assert.Single(refused.Faults).Place);
        Assert.Equal(0, engine.LastNumber);
    }

    [Fact]
    public void Every_fault_of_a_transaction_is_told()
    {
        var bad = Transfer(1, DateTimeOffset.UnixEpoch.AddYears(-1), "1.00", null, null) with
        {
            Key = new TransactionKey("", "1"),
            Type = " ",
            Amount = new Money(1, default),
            Debtor = new TransactionParty(Country: "usa"),
        };

        Assert.Equal(
            ["/source", "/type", "/currency", "/occurred_at", "/debtor/country", "/debtor/account"],
            TransactionCheck.FaultsOf(bad).Select(fault => fault.Place));
    }

    [Theory]
    [InlineData(PartyConditionKind.Block, "1.00", DecisionOutcome.Block)]
    [InlineData(PartyConditionKind.OverridableBlock, "1.00", DecisionOutcome.Block)]
    [InlineData(PartyConditionKind.Override, "500.00", DecisionOutcome.Approve)]
    public void Standing_orders_about_a_party_hold_in_their_time(
        PartyConditionKind kind, string amount, DecisionOutcome expected)
    {
        PartyFacts Ordered(DateTimeOffset until) => new(
            new SideFacts(Conditions: [new PartyCondition(kind, Monday.AddDays(-1), until)]), SideFacts.None);
        var without = amount == "1.00" ? DecisionOutcome.Approve : DecisionOutcome.Review;

        Assert.Equal(expected, DecideAlone(Rule(SumOfDay), Transfer(1, Monday, amount),
            Ordered(Monday.AddTicks(1))).Outcome);
        Assert.Equal(without, DecideAlone(Rule(SumOfDay), Transfer(1, Monday, amount), Ordered(Monday)).Outcome);
    }

    [Fact]
    public void A_block_beats_an_override_and_an_override_beats_a_block_that_can_be_overridden()
    {
        PartyFacts Both(PartyConditionKind kind) => new(
            new SideFacts(Conditions: [new PartyCondition(PartyConditionKind.Override, Monday, null)]),
            new SideFacts(Conditions: [new PartyCondition(kind, Monday, null)]));

        Assert.Equal(
            DecisionOutcome.Block,
            DecideAlone(Rule(SumOfDay), Transfer(1, Monday, "1.00"), Both(PartyConditionKind.Block)).Outcome);
        Assert.Equal(
            DecisionOutcome.Approve,
            DecideAlone(Rule(SumOfDay), Transfer(1, Monday, "1.00"),
                Both(PartyConditionKind.OverridableBlock)).Outcome);
    }

    [Theory]
    [InlineData(ScreeningState.Clear, DecisionOutcome.Approve)]
    [InlineData(ScreeningState.Possible, DecisionOutcome.Review)]
    [InlineData(ScreeningState.Unknown, DecisionOutcome.Review)]
    [InlineData(ScreeningState.Confirmed, DecisionOutcome.Block)]
    public void Screening_takes_part(ScreeningState state, DecisionOutcome expected)
    {
        var facts = new PartyFacts(new SideFacts(new CustomerFacts("c", 1) { Screening = state }), SideFacts.None);

        Assert.Equal(expected, DecideAlone(Rule(SumOfDay), Transfer(1, Monday, "1.00"), facts).Outcome);
    }

    [Fact]
    public void An_incomplete_state_routes_to_review_and_says_so()
    {
        var engine = Engine(Compile(Rule(SumOfDay)), new MonitoringOptions { IsStateComplete = false });

        var decision = engine.Decide(Transfer(1, Monday, "1.00"));

        Assert.Equal(DecisionOutcome.Review, decision.Outcome);
        Assert.Equal(["state_incomplete"], decision.Reasons);
    }
}
