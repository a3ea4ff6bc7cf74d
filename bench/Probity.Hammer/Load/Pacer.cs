using System.Diagnostics;
using System.Threading.Channels;

namespace Probity.Hammer.Load;

/// <summary>
/// When requests are due at a fixed rate, whatever the server does (open loop). The latency of a request counts from
/// the moment it was due, so that a stalled server cannot hide its stall by slowing the generator.
/// </summary>
internal sealed class Pacer(int perSecond, TimeSpan duration)
{
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(1);
    private readonly Channel<long> _due = Channel.CreateBounded<long>(
        new BoundedChannelOptions(Math.Max(1, (int)(perSecond * duration.TotalSeconds)))
        {
            SingleWriter = true,
            AllowSynchronousContinuations = true,
        });

    /// <summary>Timestamps at which requests are due, for any number of readers; completed at the end of the run.</summary>
    public ChannelReader<long> Due => _due.Reader;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var total = (long)(perSecond * duration.TotalSeconds);
        using var timer = new PeriodicTimer(s_tick);
        try
        {
            for (long released = 0; released < total && await timer.WaitForNextTickAsync(cancellationToken);)
            {
                var elapsed = Stopwatch.GetElapsedTime(started).TotalSeconds;
                for (var now = Math.Min(total, (long)(elapsed * perSecond)); released < now; released++)
                {
                    _due.Writer.TryWrite(started + (released * Stopwatch.Frequency / perSecond));
                }
            }
        }
        finally
        {
            _due.Writer.Complete();
        }
    }
}
