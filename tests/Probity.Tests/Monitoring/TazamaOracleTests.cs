using Probity.Monitoring;
using Xunit;
using static Probity.Tests.Monitoring.MonitoringKit;

namespace Probity.Tests.Monitoring;

/// <summary>
/// Rule 901 of Tazama 4.0 (transfers of a debtor in a day) in our words, with the cases that its Postman collection
/// publishes.
/// </summary>
public sealed class TazamaOracleTests
{
    private const string Rule901 =
        """
        {"value":{"agg":{"fn":"count","key":"account","dir":"out","window":{"last":"86400s"},
        "status":["settled","failed"]}},
        "bands":[{"upto":2,"ref":".01","score":0.1},{"upto":3,"ref":".02","score":0.2},{"ref":".03","score":0.3}]}
        """;

    [Theory]
    [InlineData("s0", ".01")]
    [InlineData("f0", null)] // The transaction itself is not successful: .x00.
    [InlineData("s-60 s0", ".02")]
    [InlineData("s-60 f-30 s0", ".03")] // Failed ones count.
    [InlineData("s-60 s-30 s0", ".03")]
    [InlineData("s-86400 s-30 s0", ".02")] // One outside of the day.
    [InlineData("s3600 s-30 s0", ".02")] // A later-dated one is not counted: the window goes by event time.
    public void The_published_cases_come_out_as_published(string transfers, string? expected)
    {
        var engine = Engine(Compile(Rule(Rule901)));
        Decision? last = null;
        var number = 0;
        foreach (var item in transfers.Split(' '))
        {
            var seconds = int.Parse(item.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture);
            number++;
            last = engine.Decide(Transfer(number, Monday.AddSeconds(seconds), "10.00") with
            {
                Status = item[0] == 'f' ? TransactionStatus.Failed : TransactionStatus.Settled,
            });
        }

        Assert.Equal(expected, last?.Contributions.SingleOrDefault()?.Ref);
    }
}
