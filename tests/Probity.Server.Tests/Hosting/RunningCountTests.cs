using Microsoft.Extensions.Time.Testing;
using Probity.Server.Hosting.Cli;
using Xunit;

namespace Probity.Server.Tests.Hosting;

public sealed class RunningCountTests
{
    [Fact]
    public void A_count_is_written_four_times_a_second_however_often_it_is_told()
    {
        var clock = new FakeTimeProvider();
        using var error = new StringWriter { NewLine = "\n" };
        var count = new RunningCount(error, clock, "entries");

        for (var entries = 512; entries <= 512_000; entries += 512)
        {
            clock.Advance(TimeSpan.FromMilliseconds(1));
            count.Report(entries);
        }

        count.End();

        Assert.Equal("\r128,000 entries\r256,000 entries\r384,000 entries\r512,000 entries\n", error.ToString());
    }

    [Fact]
    public void What_is_over_at_once_writes_nothing()
    {
        using var error = new StringWriter();
        var count = new RunningCount(error, new FakeTimeProvider(), "entries");

        count.Report(512);
        count.End();

        Assert.Equal("", error.ToString());
    }
}
