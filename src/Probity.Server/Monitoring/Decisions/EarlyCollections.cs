using Probity.Server.Storage;

namespace Probity.Server.Monitoring.Decisions;

/// <summary>
/// Has the collector run early while decisions are asked for one by one. Its pause is as long as what is still in use
/// of what was made since the last one; whoever waits for one decision feels each, and bulk is better off with few.
/// Decision record 0087. Not thread safe.
/// </summary>
/// <param name="allocated">How many bytes were allocated so far.</param>
/// <param name="collections">How many collections there were so far, of any kind.</param>
/// <param name="collect">
/// Collects the youngest generation. It waits for a collection of all generations that is under way, which takes a good
/// while and in which decisions go on.
/// </param>
/// <param name="time">The clock.</param>
internal sealed class EarlyCollections(
    Func<long> allocated, Func<int> collections, Func<Task> collect, TimeProvider time)
{
    /// <summary>Bytes allocated between two collections; twice as many while there is no rest.</summary>
    public const long Step = 8L << 20;

    /// <summary>A turn with more jobs is one of bulk.</summary>
    public const int MostAlone = 64;

    /// <summary>However much is allocated, collections take a small part of the time.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100);

    private long _from;
    private int _seen = -1;
    private long _last;
    private Task? _collecting;

    /// <summary>Those of this process.</summary>
    /// <param name="thread">A thread of its own, on which nothing else is done.</param>
    /// <param name="time">The clock.</param>
    public static EarlyCollections OfProcess(OwnThread thread, TimeProvider time) => new(
        () => GC.GetTotalAllocatedBytes(), () => GC.CollectionCount(0), () => thread.RunAsync(Collect), time);

    /// <summary>Collects when it is time to, after a turn.</summary>
    /// <param name="jobs">How many jobs the turn had.</param>
    /// <param name="isAtRest">Whether nothing else waits or is under way, so that nobody known waits meanwhile.</param>
    public void After(int jobs, bool isAtRest)
    {
        if (jobs > MostAlone || _collecting is { IsCompleted: false })
        {
            return;
        }

        var (now, count) = (allocated(), collections());
        if (count != _seen)
        {
            (_seen, _from) = (count, now); // Somebody else had it run.
        }

        if (now - _from >= (isAtRest ? Step : 2 * Step)
            && (_collecting is null || time.GetElapsedTime(_last) >= Shortest))
        {
            (_collecting, _last) = (collect(), time.GetTimestamp());
            (_seen, _from) = (count + 1, now);
        }
    }

    private static Task<bool> Collect()
    {
        GC.Collect(0);
        return Task.FromResult(true);
    }
}
