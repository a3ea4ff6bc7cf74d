using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;

namespace Probity.Server.Storage.Followers;

/// <summary>What a follower reads: entries in sequence order, and a signal that there may be more.</summary>
internal interface IFollowedLog
{
    Task<IReadOnlyList<FollowedEntry>> ReadAsync(long fromSeq, int most, CancellationToken cancellationToken);

    /// <summary>Completes when the log may hold more than <paramref name="size"/> entries, in a second at the latest.</summary>
    Task WaitBeyondAsync(long size, CancellationToken cancellationToken);

    /// <summary>Entries in the log as far as this process knows.</summary>
    long Size { get; }
}

/// <summary>
/// Runs one follower. An error is logged once for each streak and tried again with growing pauses: an entry that a
/// follower cannot apply stops that follower, visibly (its lag grows), and is never skipped.
/// </summary>
internal sealed class FollowerLoop : BackgroundService
{
    private const int Batch = 1_000;
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(30);

    private readonly IFollower _follower;
    private readonly IFollowedLog _log;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Meter _meter = new("Probity.Followers");
    private long _next;

    public FollowerLoop(IFollower follower, IFollowedLog log, TimeProvider time, ILogger<FollowerLoop> logger)
    {
        (_follower, _log, _time, _logger) = (follower, log, time, logger);
        _meter.CreateObservableGauge(
            "probity_follower_lag_events",
            () => new Measurement<long>(Lag, new KeyValuePair<string, object?>("follower", follower.Name)),
            description: "Entries that the follower has not applied yet");
    }

    /// <summary>Entries behind the log.</summary>
    public long Lag => Math.Max(0, _log.Size - Interlocked.Read(ref _next));

    public override void Dispose()
    {
        _meter.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var failures = 0;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                _next = await _follower.ReadCursorAsync(stoppingToken);
                failures = await FollowAsync(failures, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                if (failures++ == 0)
                {
                    _logger.FollowerFailed(failure, _follower.Name, _next);
                }

                var pause = TimeSpan.FromMilliseconds(100 * Math.Pow(2, Math.Min(failures, 10)));
                await Pause(pause < s_longestPause ? pause : s_longestPause, stoppingToken);
            }
        }
    }

    private async Task<int> FollowAsync(int failures, CancellationToken cancellationToken)
    {
        while (true)
        {
            var entries = await _log.ReadAsync(_next, Batch, cancellationToken);
            if (entries.Count == 0)
            {
                await _log.WaitBeyondAsync(_next, cancellationToken);
                continue;
            }

            var next = entries[^1].Seq + 1;
            await _follower.ApplyAsync(entries, next, cancellationToken);
            Interlocked.Exchange(ref _next, next);
            if (failures > 0)
            {
                _logger.FollowerRecovered(_follower.Name);
                failures = 0;
            }
        }
    }

    private async Task Pause(TimeSpan pause, CancellationToken cancellationToken) =>
        await Task.Delay(pause, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
