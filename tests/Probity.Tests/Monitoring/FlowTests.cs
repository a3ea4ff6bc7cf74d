using Probity.Monitoring;
using Xunit;
using static Probity.Tests.Monitoring.MonitoringKit;

namespace Probity.Tests.Monitoring;

/// <summary>Shapes of flows are found, and what is nearly one is not.</summary>
public sealed class FlowTests
{
    private const string Cycle = """{"flow":{"pattern":"cycle","max_hops":4,"within":"10d","amount_tolerance":0.2}}""";

    [Theory]
    [InlineData("ab bc ca", true)]
    [InlineData("ab bc cd da", true)]
    [InlineData("ab bc cd de ea", false)] // Five transfers, four allowed.
    [InlineData("bc ab ca", false)] // Out of order in time.
    [InlineData("ab ba", false)] // There and back is no cycle of three.
    [InlineData("ab bc cb ba", false)] // Twice there and back.
    [InlineData("ab bd bc xc ca", true)] // Other transfers stand between.
    public void A_cycle_is_found_when_each_transfer_is_later(string transfers, bool expected)
    {
        var engine = Engine(Compile(Rule(Cycle)));
        Decision? last = null;
        var number = 0;
        foreach (var pair in transfers.Split(' '))
        {
            last = engine.Decide(Transfer(++number, Monday.AddHours(number), "100.00", pair[..1], pair[1..]));
        }

        Assert.Equal(expected, last?.Alert is not null);
    }

    [Fact]
    public void A_cycle_of_other_amounts_is_none_and_one_beyond_the_window_is_none()
    {
        Assert.False(Closes("100.00", "79.99", Monday.AddDays(1)));
        Assert.True(Closes("100.00", "80.00", Monday.AddDays(1)));
        Assert.False(Closes("100.00", "100.00", Monday.AddDays(10)));
    }

    [Fact]
    public void A_search_that_hits_its_bound_says_so()
    {
        var engine = Engine(Compile(Rule(Cycle)));
        for (var i = 0; i < 300; i++)
        {
            _ = engine.Decide(Transfer(i, Monday.AddMinutes(i), "100.00", "x" + i, "hub"));
        }

        var decision = engine.Decide(Transfer(999, Monday.AddDays(1), "100.00", "hub", "far"));

        Assert.Equal(DecisionOutcome.Review, decision.Outcome);
        Assert.Equal("search_bound", Assert.Single(decision.Unanswered).Reason);
    }

    private static bool Closes(string amount, string other, DateTimeOffset last)
    {
        var engine = Engine(Compile(Rule(Cycle)));
        _ = engine.Decide(Transfer(1, Monday, other, "a", "b"));
        _ = engine.Decide(Transfer(2, Monday.AddHours(1), amount, "b", "c"));
        return engine.Decide(Transfer(3, last, amount, "c", "a")).Alert is not null;
    }
}
