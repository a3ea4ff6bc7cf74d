using System.Diagnostics;
using Probity.Server.Storage;
using Xunit;

namespace Probity.Conformance.Storage;

public sealed class OwnThreadTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Long_work_rests_on_a_thread_that_makes_way_and_nowhere_else(bool makesWay)
    {
        using var thread = new OwnThread("test", makesWay);

        var (rests, working, all) = await thread.RunAsync(() => Task.FromResult(Work(TimeSpan.FromMilliseconds(200))));

        Assert.Equal(makesWay, rests > 0);
        if (makesWay)
        {
            Assert.True(all - working > TimeSpan.FromMilliseconds(1.9 * rests), "A rest was shorter than 2 ms.");
            Assert.InRange(rests, 2, 100); // No more often than after 2 ms of work and 2 ms of rest.
        }
    }

    [Fact]
    public void The_callers_thread_never_rests() => Assert.Equal(0, Work(TimeSpan.FromMilliseconds(20)).Rests);

    /// <summary>Works for so long, and says how often it rested and how long the work itself took.</summary>
    private static (int Rests, TimeSpan Working, TimeSpan All) Work(TimeSpan length)
    {
        var started = Stopwatch.GetTimestamp();
        var (rests, resting) = (0, TimeSpan.Zero);
        while (Stopwatch.GetElapsedTime(started) < length)
        {
            var before = Stopwatch.GetTimestamp();
            if (OwnThread.Breathe())
            {
                rests++;
                resting += Stopwatch.GetElapsedTime(before);
            }
        }

        var all = Stopwatch.GetElapsedTime(started);
        return (rests, all - resting, all);
    }
}
