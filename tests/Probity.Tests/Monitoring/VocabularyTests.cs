using Probity.Monitoring;
using Xunit;
using static Probity.Tests.Monitoring.MonitoringKit;

namespace Probity.Tests.Monitoring;

/// <summary>Words of rules that read the log or search flows: what they come to, and what is refused of them.</summary>
public sealed class VocabularyTests
{
    [Theory]
    [InlineData(0, 0, 0, 0, 0)]
    [InlineData(0, 0, 0, 1, 111_195)] // A degree of the equator of a sphere of 6,371 km.
    [InlineData(0, 0, 1, 0, 111_195)]
    [InlineData(60, 0, 60, 1, 55_597)] // Half of it at 60 degrees north, a metre less along the great circle.
    [InlineData(0, 0, 0, 180, 20_015_087)] // Halfway round.
    [InlineData(90, 0, -90, 0, 20_015_087)]
    [InlineData(0, 179, 0, -179, 222_390)] // Over the date line.
    [InlineData(52.5200, 13.4050, 48.8566, 2.3522, 877_463)] // Berlin to Paris.
    [InlineData(51.5074, -0.1278, 40.7128, -74.0060, 5_570_222)] // London to New York.
    public void A_distance_is_that_of_the_great_circle(
        decimal north, decimal east, decimal otherNorth, decimal otherEast, long metres)
    {
        var (one, other) = (new GeoPoint(north, east), new GeoPoint(otherNorth, otherEast));

        Assert.Equal(metres, Evaluation(one, other));
        Assert.Equal(metres, Evaluation(other, one));
    }

    [Fact]
    public void A_speed_within_a_second_is_that_of_a_second()
    {
        var engine = Engine(Compile(Banded(
            """{"agg":{"fn":"speed_kmh","key":"account","dir":"out","window":{"last":"1h"}}}""", "400302")));
        engine.Decide(At(1, Monday, 0));

        // 111.195 km in a second are 400,302 km an hour.
        Assert.Equal("over", RefOf(engine.Decide(At(2, Monday, 1))));
    }

    [Fact]
    public void Steps_go_back_from_the_transaction_and_leave_out_its_own()
    {
        // Two in the step before, none in the next, four in the one before that: 2 on average, deviation √(8/3).
        var hours = new[] { -25, -26, -73, -74, -75, -76, -2 };
        (string, string, string)[] cases =
            [("step_avg", "2", "2.000001"), ("step_stddev", "1.632993", "1.632994")];
        foreach (var (fn, low, high) in cases)
        {
            var value = "{\"agg\":{\"fn\":\"" + fn + "\",\"key\":\"account\",\"dir\":\"out\","
                + "\"window\":{\"lifetime\":true},\"step\":\"24h\"}}";
            var engine = Engine(Compile(Banded(value, low), Banded(value, high, "other")));
            for (var i = 0; i < hours.Length; i++)
            {
                engine.Decide(Transfer(i + 1, Monday.AddHours(hours[i]), "10.00"));
            }

            Assert.Equal(
                ["over", "under"], engine.Decide(Transfer(9, Monday, "10.00")).Contributions.Select(part => part.Ref)
                    .Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public void The_last_so_many_of_all_are_chosen_before_conditions_and_else_after()
    {
        const string Large = ""","where":{"gte":["$amount",{"money":[100,"USD"]}]}""";
        var after = Count("""{"last_n":3,"choose":"after"}""", Large);
        var before = Count("""{"last_n":3,"choose":"before"}""", Large);
        var engine = Engine(Compile(Banded(after, "3"), Banded(before, "3", "other")));
        Decision? last = null;
        foreach (var (amount, at) in new[] { "100.00", "100.00", "5.00", "100.00" }.Select((text, i) => (text, i)))
        {
            last = engine.Decide(Transfer(at + 1, Monday.AddHours(at), amount));
        }

        Assert.Equal(
            [("other", "over"), ("rule", "under")], last!.Contributions.Select(part => (part.Rule, part.Ref)));
    }

    [Fact]
    public void Places_near_the_transaction_are_counted_and_none_can_be_told_without_one()
    {
        var near = Count("""{"lifetime":true}""", ",\"near\":{\"km\":111.195},\"include_current\":false");
        var engine = Engine(Compile(Banded(near, "1")));
        engine.Decide(At(1, Monday, 0));

        Assert.Equal("over", RefOf(engine.Decide(At(2, Monday.AddHours(1), 1))));
        Assert.Equal("under", RefOf(engine.Decide(At(3, Monday.AddHours(2), 9))));
        Assert.Equal(
            "missing_field", Assert.Single(engine.Decide(Transfer(4, Monday.AddHours(3), "10.00")).Unanswered).Reason);
    }

    [Theory]
    [InlineData("ab100 bc90 ca80", true)]
    [InlineData("ab100 bc79 ca70", false)] // A fifth is allowed from the next, not more.
    [InlineData("ab100 bc83 ca69", false)]
    [InlineData("ab148 bc124 cd104 da87", true)] // Far from the last, each near its next.
    [InlineData("ab100 ab60 bc90 ca80", true)] // The later way in has another amount; the earlier one leads on.
    [InlineData("ab100 ba90", false)]
    public void A_cycle_by_steps_holds_each_amount_against_the_next(string transfers, bool expected)
    {
        var engine = Engine(Compile(Rule(
            """{"flow":{"pattern":"cycle","max_hops":5,"within":"10d","step_tolerance":0.2}}""")));
        Decision? last = null;
        foreach (var (text, at) in transfers.Split(' ').Select((text, i) => (text, i)))
        {
            last = engine.Decide(Transfer(at + 1, Monday.AddHours(at), text[2..] + ".00", text[..1], text[1..2]));
        }

        Assert.Equal(expected, last?.Alert is not null);
    }

    [Fact]
    public void A_case_decides_before_the_value_and_an_unknown_has_the_outcome_it_is_given()
    {
        var rule = Rule(
            """
            {"cases":[{"when":{"eq":["$tx_type","wire"]},"ref":"wire","score":0},
            {"when":{"gte":["$amount",{"money":[500,"USD"]}]},"ref":"large","score":0.3}],
            "value":{"agg":{"fn":"time_since","key":"account","dir":"out","window":{"lifetime":true}}},
            "bands":[{"upto":60,"ref":"quick","score":0.5},{"ref":"slow","score":0.1}]}
            """,
            ""","outcomes":{"insufficient_history":{"ref":"first","score":0.2}}""");
        var engine = Engine(Compile(rule));

        Assert.Equal(("first", 0.2m), Part(engine.Decide(Transfer(1, Monday, "10.00"))));
        Assert.Equal(("quick", 0.5m), Part(engine.Decide(Transfer(2, Monday.AddSeconds(59), "10.00"))));
        Assert.Equal(("large", 0.3m), Part(engine.Decide(Transfer(3, Monday.AddSeconds(60), "500.00"))));
        Assert.Equal((null, 0m), Part(engine.Decide(Transfer(4, Monday.AddSeconds(61), "500.00") with
        {
            Type = "wire",
        })));
    }

    [Theory]
    [InlineData("time_since_first", """{"last_n":3}""", "", "bad_window")]
    [InlineData("speed_kmh", """{"lifetime":true}""", ",\"min_history\":2", "unknown_member")]
    [InlineData("step_avg", """{"lifetime":true}""", "", "missing_member")]
    [InlineData("step_avg", """{"last":"25h"}""", ",\"step\":\"24h\"", "bad_window")]
    [InlineData("count", """{"lifetime":true}""", ",\"step\":\"24h\"", "unknown_member")]
    [InlineData("count", """{"last":"1d","choose":"after"}""", "", "bad_window")]
    [InlineData("count", """{"last_n":201,"choose":"after"}""", "", "bad_number")]
    [InlineData("count", """{"lifetime":true}""", ",\"near\":{\"km\":0}", "bad_number")]
    [InlineData("edit_distance", """{"lifetime":true}""", ",\"of\":\"$amount\"", "unknown_field")]
    public void What_makes_no_sense_is_refused(string fn, string window, string extras, string code)
    {
        var aggregate = "{\"agg\":{\"fn\":\"" + fn + "\",\"key\":\"account\",\"dir\":\"out\",\"window\":" + window
            + extras + "}}";

        Assert.Equal("monitoring." + code, Assert.Single(FaultsOf(Rule("{\"gte\":[" + aggregate + ",1]}"))).Code);
    }

    [Theory]
    [InlineData("""{"cases":[{"when":true,"score":0},{"when":"$is_cash","score":1}]}""", "unreachable_case")]
    [InlineData("""{"cases":[{"when":"$is_cash","score":0},{"when":"$is_cash","score":1}]}""", "unreachable_case")]
    [InlineData("""{"cases":[{"when":"$amount","score":0}]}""", "bad_type")]
    [InlineData("""{"cases":[{"when":"$is_cash","score":2}]}""", "bad_score")]
    [InlineData("""{"cases":[{"when":"$is_cash","score":1}],"value":1}""", "missing_member")]
    public void Cases_are_checked(string conditions, string code) =>
        Assert.Equal("monitoring." + code, Assert.Single(FaultsOf(Rule(conditions))).Code);

    [Theory]
    [InlineData(90.000001, 0)]
    [InlineData(0, -180.000001)]
    [InlineData(0.0000001, 0)]
    public void A_place_off_the_Earth_or_finer_than_is_kept_is_refused(decimal north, decimal east) =>
        Assert.Equal("monitoring.bad_location", Assert.Single(TransactionCheck.FaultsOf(
            Transfer(1, Monday, "10.00") with { Location = new GeoPoint(north, east) })).Code);

    private static long Evaluation(GeoPoint one, GeoPoint other) =>
        Probity.Monitoring.Evaluation.GreatCircle.Metres(one, other);

    private static Transaction At(int id, DateTimeOffset at, decimal east) =>
        Transfer(id, at, "10.00") with { Location = new GeoPoint(0, east) };

    private static string Count(string window, string extras) =>
        "{\"agg\":{\"fn\":\"count\",\"key\":\"account\",\"dir\":\"out\",\"window\":" + window + extras + "}}";

    private static string Banded(string value, string limit, string name = "rule") => Rule(
        "{\"value\":" + value + ",\"bands\":[{\"upto\":" + limit
        + ",\"ref\":\"under\",\"score\":0.1},{\"ref\":\"over\",\"score\":0.2}]}",
        ",\"applies_to\":{\"side\":\"debtor\"}", name);

    private static string? RefOf(Decision decision) => decision.Contributions.SingleOrDefault()?.Ref;

    private static (string? Ref, decimal Score) Part(Decision decision) =>
        (RefOf(decision), decision.Contributions.SingleOrDefault()?.Score ?? 0);
}
