using Microsoft.Extensions.Time.Testing;
using Probity.Server.Monitoring.Decisions;
using Probity.Server.Storage;
using Xunit;

namespace Probity.Server.Tests.Monitoring;

/// <summary>When the collector is had run while decisions are asked for one by one.</summary>
public sealed class EarlyCollectionsTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly EarlyCollections _early;
    private long _allocated;
    private Task _collected = Task.CompletedTask;
    private int _others;
    private int _own;

    public EarlyCollectionsTests()
    {
        _early = new EarlyCollections(() => _allocated, () => _others + _own, Collect, _clock);
        _early.After(1, isAtRest: true); // Sees where it begins.
    }

    [Fact]
    public void At_rest_it_collects_after_a_step_and_without_rest_after_two()
    {
        Assert.Equal(0, After(EarlyCollections.Step - 1, isAtRest: true));
        Assert.Equal(1, After(1, isAtRest: true));
        Assert.Equal(1, After((2 * EarlyCollections.Step) - 1, isAtRest: false));
        Assert.Equal(2, After(1, isAtRest: false));
    }

    [Fact]
    public void Bulk_is_left_to_the_collector_itself()
    {
        Assert.Equal(0, After(10 * EarlyCollections.Step, isAtRest: true, EarlyCollections.MostAlone + 1));
        Assert.Equal(1, After(0, isAtRest: true, EarlyCollections.MostAlone));
    }

    [Fact]
    public void What_was_allocated_before_another_collection_does_not_count()
    {
        After(EarlyCollections.Step - 1, isAtRest: true);
        _others++;

        Assert.Equal(0, After(1, isAtRest: true));
        Assert.Equal(0, After(EarlyCollections.Step - 1, isAtRest: true));
        Assert.Equal(1, After(1, isAtRest: true));
    }

    [Fact]
    public void Two_lie_a_while_apart_however_much_is_allocated()
    {
        After(EarlyCollections.Step, isAtRest: true);

        Assert.Equal(1, After(10 * EarlyCollections.Step, isAtRest: true, passed: EarlyCollections.Shortest / 2));
        Assert.Equal(2, After(0, isAtRest: true, passed: EarlyCollections.Shortest / 2));
    }

    [Fact]
    public void While_one_waits_there_is_no_second()
    {
        var waiting = new TaskCompletionSource();
        _collected = waiting.Task;
        Assert.Equal(1, After(EarlyCollections.Step, isAtRest: true));
        Assert.Equal(1, After(10 * EarlyCollections.Step, isAtRest: true));

        waiting.SetResult();

        Assert.Equal(2, After(0, isAtRest: true));
    }

    [Fact]
    public async Task The_one_of_the_process_collects()
    {
        using var thread = new OwnThread("collections of a test", makesWay: false);
        var early = EarlyCollections.OfProcess(thread, TimeProvider.System);
        var hasCollected = false;
        for (var attempt = 0; attempt < 100 && !hasCollected; attempt++) // Other tests make the collector run as well.
        {
            early.After(1, isAtRest: true);
            GC.KeepAlive(new byte[EarlyCollections.Step]);
            var before = GC.CollectionCount(0);
            early.After(1, isAtRest: true);
            await thread.RunAsync(() => Task.FromResult(true)); // What was posted before it is done.
            hasCollected = GC.CollectionCount(0) > before;
        }

        Assert.True(hasCollected);
    }

    private Task Collect()
    {
        _own++;
        return _collected;
    }

    /// <summary>Allocates, lets time pass, and tells how often it has collected.</summary>
    private int After(long bytes, bool isAtRest, int jobs = 1, TimeSpan? passed = null)
    {
        _allocated += bytes;
        _clock.Advance(passed ?? EarlyCollections.Shortest);
        _early.After(jobs, isAtRest);
        return _own;
    }
}
