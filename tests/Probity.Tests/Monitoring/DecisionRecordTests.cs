using System.Globalization;
using Probity.Ledger.Json;
using Probity.Monitoring;
using Xunit;
using static Probity.Tests.Monitoring.MonitoringKit;

namespace Probity.Tests.Monitoring;

/// <summary>A decision is written down so that it can be computed again to the byte.</summary>
public sealed class DecisionRecordTests
{
    private const string Structuring =
        """
        {"all":[{"gte":[{"agg":{"fn":"count","key":"account","dir":"out","window":{"last":"48h"}}},2]},
        {"gt":[{"agg":{"fn":"sum","to":"USD","key":"account","dir":"out","window":{"last":"48h"}}},
        {"money":[100,"USD"]}]}]}
        """;

    private const string Frozen =
        """{"aggregates":[[0,"d","2",2,0],[1,"d","100.01 USD",2,0]],"""
        + "\"alert\":true,\"contributions\":[{\"counterfactual\":[\"sum in USD out per account, last 2 d had been "
        + "at or below 100.00 USD (it was 100.01 USD)\"],\"digest\":\"";

    [Fact]
    public void The_record_holds_windows_and_what_would_have_changed_it()
    {
        var record = Text(Second(Engine(Compile(Rule(Structuring)))).Record);

        Assert.StartsWith(Frozen, record, StringComparison.Ordinal);
        Assert.EndsWith(
            "\"reasons\":[],\"reference\":\"test\",\"rules\":\"" + Compile(Rule(Structuring)).Digest
            + "\",\"score\":\"0.700000\",\"threshold\":\"0.700000\",\"transaction\":{\"id\":\"2\",\"source\":\"test\"},"
            + "\"unanswered\":[],\"windows\":[[1772290800000000,1772463600000000]]}",
            record,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Every_record_is_canonical()
    {
        var rules = Compile([.. WindowRules.All()]);
        var world = new RandomWorld(99);
        var fast = Engine(rules);
        var slow = new ReferenceEngine(rules, new MonitoringOptions());

        for (var step = 0; step < 60; step++)
        {
            if (world.Step(fast, slow) is { } records)
            {
                Assert.True(CanonicalJson.IsCanonical(records.Fast.Span), Text(records.Fast));
            }
        }
    }

    [Fact]
    public void Another_culture_gives_the_same_bytes()
    {
        var rules = Compile(Rule(Structuring));
        var expected = Text(Second(Engine(rules)).Record);
        var before = CultureInfo.CurrentCulture;

        // The build has no cultures of its own, so what differs between them is set by hand.
        var other = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        other.NumberFormat.NumberDecimalSeparator = ",";
        other.NumberFormat.NegativeSign = "~";
        other.DateTimeFormat.DateSeparator = ".";
        Assert.Equal("~1,5", (-1.5m).ToString(other));
        CultureInfo.CurrentCulture = other;
        try
        {
            Assert.Equal(expected, Text(Second(Engine(Compile(Rule(Structuring)))).Record));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Another_offset_of_the_same_instant_gives_the_same_bytes()
    {
        var engine = Engine(Compile(Rule(Structuring)));
        var shifted = Monday.ToOffset(TimeSpan.FromHours(13));
        var transfer = Transfer(1, shifted, "60.00");

        Assert.Equal(
            Text(Engine(Compile(Rule(Structuring))).Decide(Transfer(1, Monday, "60.00")).Record),
            Text(engine.Decide(transfer).Record));
    }

    [Fact]
    public void The_versions_of_the_facts_are_written_down()
    {
        var facts = new PartyFacts(
            new SideFacts(new CustomerFacts("c", 7) { Rating = CustomerRating.High }, new AccountFacts("a", 8)),
            SideFacts.None);

        var decision = DecideAlone(Rule(Structuring), Transfer(1, Monday, "1.00"), facts);

        Assert.Contains("\"facts\":{\"debtor_account\":8,\"debtor_customer\":7}", Text(decision.Record),
            StringComparison.Ordinal);
        Assert.Equal(0.1m, decision.Score);
    }

    private static Decision Second(MonitoringEngine engine)
    {
        _ = engine.Decide(Transfer(1, Monday.AddHours(-1), "60.00"));
        return engine.Decide(Transfer(2, Monday, "40.01"));
    }
}
