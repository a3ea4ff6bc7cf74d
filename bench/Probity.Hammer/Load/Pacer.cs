using System.Diagnostics;
using System.Threading.Channels;

namespace Probity.Hammer.Load;

/// <summary>
/// When requests are due at a fixed rate, whatever the server does (open loop). The latency of a request counts from
/// the moment it was due, so that a stalled server cannot hide its stall by slowing the generator.
/// </summary>
internal sealed class Pacer(int perSecond, TimeSpan duration)
{
    private static readonly TimeSpan s_shortest = TimeSpan.FromMicroseconds(100);
    private readonly Channel<long> _due = Channel.CreateBounded<long>(
        new BoundedChannelOptions(Math.Max(1, (int)(perSecond * duration.TotalSeconds)))
        {
            SingleWriter = true,
            AllowSynchronousContinuations = true,
        });

    /// <summary>
    /// The timestamp at which the next request is due, or null at the end of the run. For any number of callers, of
    /// whom each request wakes one; waking all of them, as waiting for the channel to have something does, costs the
    /// generator more than its requests.
    /// </summary>
    public async ValueTask<long?> NextAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _due.Reader.ReadAsync(cancellationToken);
        }
        catch (ChannelClosedException)
        {
            return null;
        }
    }

    /// <summary>
    /// Releases them on a thread that does nothing else: a pool whose threads are busy would release them late.
    /// </summary>
    public Task RunAsync(CancellationToken cancellationToken) => Task.Factory.StartNew(
        () => Release(cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private void Release(CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var total = (long)(perSecond * duration.TotalSeconds);
        long DueOf(long place) => started + (place * Stopwatch.Frequency / perSecond);
        try
        {
            for (long released = 0; released < total;)
            {
                var early = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), DueOf(released));
                PreciseWait.For(early > s_shortest ? early : s_shortest);
                cancellationToken.ThrowIfCancellationRequested();
                for (var now = Stopwatch.GetTimestamp(); released < total && DueOf(released) <= now; released++)
                {
                    _due.Writer.TryWrite(DueOf(released));
                }
            }
        }
        finally
        {
            _due.Writer.Complete();
        }
    }
}
