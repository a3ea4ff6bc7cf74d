using System.Globalization;
using Probity.Monitoring;
using Xunit;
using static Probity.Tests.Monitoring.MonitoringKit;

namespace Probity.Tests.Monitoring;

/// <summary>Windows begin and end where they say, in exact amounts.</summary>
public sealed class WindowTests
{
    [Theory]
    [InlineData(86_400, "1")] // Exactly a day before is outside: (t − 24 h, t].
    [InlineData(86_399, "2")]
    public void A_rolling_window_is_open_at_its_beginning(int secondsBefore, string expected) => Assert.Equal(
        expected, Value("count", """{"last":"24h"}""", Monday.AddSeconds(-secondsBefore), Monday));

    [Theory]
    [InlineData("2026-03-07T12:00:00Z", "2026-03-09T20:00:00Z", "2")] // Saturday counts on Monday.
    [InlineData("2026-03-06T23:00:00Z", "2026-03-09T20:00:00Z", "1")] // Friday evening in New York is Friday.
    [InlineData("2026-03-07T05:30:00Z", "2026-03-09T20:00:00Z", "2")] // Half past midnight in New York is Saturday.
    [InlineData("2026-02-14T15:00:00Z", "2026-02-17T15:00:00Z", "2")] // Presidents' Day: from Saturday to Tuesday.
    [InlineData("2026-02-13T15:00:00Z", "2026-02-17T15:00:00Z", "1")]
    public void A_business_day_takes_in_the_closed_days_before_it(string earlier, string now, string expected) =>
        Assert.Equal(expected, Value("count", """{"business_days":1,"in":"us"}""", At(earlier), At(now)));

    [Theory]
    // Clocks go forward on 8 March 2026: the local day begins at 05:00Z and the next at 04:00Z.
    [InlineData("2026-03-08T04:59:59Z", "2026-03-08T20:00:00Z", "1")]
    [InlineData("2026-03-08T05:00:00Z", "2026-03-08T20:00:00Z", "2")]
    [InlineData("2026-03-09T03:59:59Z", "2026-03-09T20:00:00Z", "1")]
    [InlineData("2026-03-09T04:00:00Z", "2026-03-09T20:00:00Z", "2")]
    public void A_calendar_day_follows_the_clocks_of_its_zone(string earlier, string now, string expected) =>
        Assert.Equal(expected, Value("count", """{"calendar":"day","in":"us"}""", At(earlier), At(now)));

    [Theory]
    [InlineData("2026-03-01T05:00:00Z", "2026-03-31T23:00:00Z", "2")]
    [InlineData("2026-03-01T04:59:59Z", "2026-03-31T23:00:00Z", "1")]
    public void A_month_begins_at_its_first_local_instant(string earlier, string now, string expected) =>
        Assert.Equal(expected, Value("count", """{"calendar":"month","in":"us"}""", At(earlier), At(now)));

    [Theory]
    [InlineData("sum", "", "60.00 USD")]
    [InlineData("avg", "", "20.00 USD")]
    [InlineData("min", "", "10.00 USD")]
    [InlineData("max", "", "30.00 USD")]
    [InlineData("median", "", "20.00 USD")]
    [InlineData("pctile", ",\"p\":90", "30.00 USD")]
    [InlineData("pctile", ",\"p\":0", "10.00 USD")]
    [InlineData("stddev", "", "8.164965 USD")] // √(200/3) = 8.16496580…, rounded down.
    public void Statistics_are_exact(string fn, string extra, string expected)
    {
        var engine = Engine(Compile(Aggregate(fn, """{"lifetime":true}""", ",\"to\":\"USD\"" + extra)));
        _ = engine.Decide(Transfer(1, Monday.AddDays(-2), "30.00"));
        _ = engine.Decide(Transfer(2, Monday.AddDays(-1), "10.00"));

        Assert.Contains($",\"{expected}\",", Text(engine.Decide(Transfer(3, Monday, "20.00")).Record),
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_last_n_are_counted_by_time_and_not_by_arrival()
    {
        var engine = Engine(Compile(Aggregate("sum", """{"last_n":2}""", ",\"to\":\"USD\"")));
        _ = engine.Decide(Transfer(1, Monday.AddHours(-1), "1.00"));
        _ = engine.Decide(Transfer(2, Monday.AddHours(-3), "2.00"));

        Assert.Contains(",\"5.00 USD\",", Text(engine.Decide(Transfer(3, Monday, "4.00")).Record),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_threshold_of_a_regulation_is_that_of_the_day()
    {
        var rule = Rule("""{"gte":["$amount",{"threshold":"limit"}]}""");

        Assert.NotNull(DecideAlone(rule, Transfer(1, Monday, "10000.00")).Alert);
        Assert.Null(DecideAlone(rule, Transfer(1, Monday.AddDays(1), "10000.00")).Alert);
    }

    [Fact]
    public void A_list_is_that_of_the_day()
    {
        var rule = Rule("""{"in_list":["$country.creditor","risky"]}""");
        var transfer = Transfer(1, Monday, "1.00") with { Creditor = new TransactionParty("b", Country: "XX") };

        Assert.NotNull(DecideAlone(rule, transfer).Alert);
        Assert.Null(DecideAlone(rule, transfer with { OccurredAt = Monday.AddDays(1) }).Alert);
    }

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

    private static string Aggregate(string fn, string window, string extra) => Rule(
        "{\"ne\":[{\"agg\":{\"fn\":\"" + fn + "\",\"key\":\"account\",\"dir\":\"out\",\"window\":" + window + extra
            + "}}," +
        (fn == "count" ? "0]}" : """{"money":[0,"USD"]}]}"""));

    private static string Value(string fn, string window, DateTimeOffset earlier, DateTimeOffset now)
    {
        var engine = Engine(Compile(Aggregate(fn, window, "")));
        _ = engine.Decide(Transfer(1, earlier, "1.00"));
        var record = Text(engine.Decide(Transfer(2, now, "1.00")).Record);
        var start = record.IndexOf("[[0,\"d\",\"", StringComparison.Ordinal) + 9;
        return record[start..record.IndexOf('"', start)];
    }
}
