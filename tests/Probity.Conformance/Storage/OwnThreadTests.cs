using System.Diagnostics;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;
using Xunit;

namespace Probity.Conformance.Storage;

public sealed class OwnThreadTests
{
    [Theory]
    [InlineData(false, 3)]
    [InlineData(true, 1)]
    public async Task Long_work_rests_on_a_thread_that_makes_way(bool isHurried, int milliseconds)
    {
        using var thread = new OwnThread("test", makesWay: true) { IsHurried = isHurried };

        var (rests, working, all) = await thread.RunAsync(() => Task.FromResult(Work(TimeSpan.FromMilliseconds(200))));

        Assert.True(
            all - working > TimeSpan.FromMilliseconds(0.9 * milliseconds * rests),
            $"A rest was shorter than {milliseconds} ms.");
        Assert.InRange(rests, 2, 200 / (1 + milliseconds)); // No more often than after a millisecond of work.
    }

    [Fact]
    public async Task Any_other_thread_of_its_own_never_rests()
    {
        using var thread = new OwnThread("test", makesWay: false);

        Assert.Equal(0, await thread.RunAsync(() => Task.FromResult(Work(TimeSpan.FromMilliseconds(20)).Rests)));
    }

    [Fact]
    public async Task Entries_that_are_opened_there_are_opened_with_rests()
    {
        using var thread = new OwnThread("test", makesWay: true);

        var started = Stopwatch.GetTimestamp();
        var opened = await thread.RunAsync(() => Task.FromResult(ManyEntries.Make(50, Opened)));

        Assert.Equal(Enumerable.Range(0, 50), opened);
        Assert.True(Stopwatch.GetElapsedTime(started) > TimeSpan.FromMilliseconds(50 + (0.9 * 3 * 49)));
    }

    [Fact]
    public void The_callers_thread_never_rests() => Assert.Equal(0, Work(TimeSpan.FromMilliseconds(20)).Rests);

    /// <summary>Takes a millisecond.</summary>
    private static int Opened(int place)
    {
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < TimeSpan.FromMilliseconds(1))
        {
            Thread.SpinWait(20);
        }

        return place;
    }

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
