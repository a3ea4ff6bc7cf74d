using System.Diagnostics.Metrics;

namespace Probity.Server.Storage.Followers;

/// <summary>
/// Feeds one follower for as long as the server runs. An error is logged once for each streak and tried again with
/// growing pauses, without end: the loop never stops by itself and never skips. After an error it goes on with single
/// entries up to the end of the batch that failed, so that everything before a bad entry is applied and
/// <see cref="Fault"/> names the bad one. While it is not far behind, it works on a thread that makes way.
/// </summary>
internal sealed class FollowerLoop : BackgroundService
{
    /// <summary>The most entries of one batch.</summary>
    public const int MostEntries = 1_000;

    /// <summary>So many entries of a batch say that the log is busy.</summary>
    public const int Many = 64;

    /// <summary>So many entries behind, it rests less.</summary>
    public const int MostRested = 20_000;

    /// <summary>So many entries behind, it no longer makes way for requests.</summary>
    public const int MostYielded = 100_000;

    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(30);

    private readonly IFollower _follower;
    private readonly IFollowedLog _log;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Meter _meter = new("Probity.Followers");
    private readonly OwnThread _quiet;
    private readonly EntryBuffer _buffer = new(); // One batch at a time is read and applied.
    private long _next;
    private long _faultEnd;
    private long _caughtUpTicks;
    private volatile bool _isBehind = true;
    private volatile FollowerFault? _fault;

    public FollowerLoop(IFollower follower, IFollowedLog log, TimeProvider time, ILogger<FollowerLoop> logger)
    {
        (_follower, _log, _time, _logger) = (follower, log, time, logger);
        _quiet = new OwnThread("follower-" + follower.Name, makesWay: true);
        _caughtUpTicks = time.GetUtcNow().UtcTicks;
        var name = new KeyValuePair<string, object?>("follower", follower.Name);
        _meter.CreateObservableGauge(
            "probity_follower_lag_events",
            () => new Measurement<long>(Lag, name),
            description: "Entries that the follower has not applied yet");
        _meter.CreateObservableGauge(
            "probity_follower_lag_seconds",
            () => new Measurement<double>(LagTime.TotalSeconds, name),
            description: "Time since the follower had applied everything there was; 0 while it has");
    }

    /// <summary>The number of the first entry not applied yet.</summary>
    public long NextSeq => Interlocked.Read(ref _next);

    /// <summary>Entries behind the log.</summary>
    public long Lag => Math.Max(0, _log.Size - NextSeq);

    /// <summary>How long ago it last had applied everything there was; zero while it has.</summary>
    public TimeSpan LagTime => _isBehind
        ? _time.GetUtcNow() - new DateTimeOffset(Interlocked.Read(ref _caughtUpTicks), TimeSpan.Zero)
        : TimeSpan.Zero;

    /// <summary>What holds it up now; null while all is well.</summary>
    public FollowerFault? Fault => _fault;

    public override void Dispose()
    {
        base.Dispose();
        _quiet.Dispose();
        _meter.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                // After a failure too: the follower may have stored its cursor before it failed.
                Interlocked.Exchange(ref _next, await _follower.ReadCursorAsync(stoppingToken));
                await FollowAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                await Task.Delay(Remember(failure), _time, stoppingToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var from = NextSeq;
            var most = _fault is not null && from < _faultEnd ? 1 : MostEntries;
            var lag = Lag;
            _quiet.IsHurried = lag > MostRested;
            var taken = lag > MostYielded
                ? await TakeAsync(from, most, cancellationToken)
                : await _quiet.RunAsync(() => TakeAsync(from, most, cancellationToken));
            if (taken == 0)
            {
                CaughtUp(from);
                await _log.WaitBeyondAsync(from, cancellationToken);
            }
            else if (taken < most && _follower.Gathering > TimeSpan.Zero)
            {
                // Waited on the machine's clock, for it paces work and tells no time.
                await Task.Delay(
                    taken < Many ? _follower.Gathering : _follower.GatheringOfMany, cancellationToken);
            }
        }
    }

    /// <summary>Reads and applies one batch; returns how many entries it had.</summary>
    private async Task<int> TakeAsync(long from, int most, CancellationToken cancellationToken)
    {
        var entries = await _log.ReadAsync(from, most, _buffer, cancellationToken);
        if (entries.Count == 0)
        {
            return 0;
        }

        var next = entries[^1].Seq + 1;
        _isBehind = true;
        _faultEnd = Math.Max(_faultEnd, next);
        CheckOrder(_log, entries, from);
        await _follower.ApplyAsync(entries, next, cancellationToken);
        Interlocked.Exchange(ref _next, next);
        Recover(next);
        return entries.Count;
    }

    private static void CheckOrder(IFollowedLog log, IReadOnlyList<FollowedEntry> entries, long from)
    {
        var expected = from;
        foreach (var entry in entries)
        {
            if (entry.Seq != expected && (entry.Seq < expected || !log.IsPurged(expected, entry.Seq - 1)))
            {
                throw new StorageException("storage.gap",
                    $"The ledger gave entry {entry.Seq} where {expected} belongs.");
            }

            expected = entry.Seq + 1;
        }
    }

    private void CaughtUp(long next)
    {
        Recover(next);
        Interlocked.Exchange(ref _caughtUpTicks, _time.GetUtcNow().UtcTicks);
        _isBehind = false;
    }

    /// <summary>Notes a failure, logs the first of a streak, and says how long to wait.</summary>
    private TimeSpan Remember(Exception failure)
    {
        var previous = _fault;
        var attempts = previous?.Seq == NextSeq ? previous.Attempts + 1 : 1;
        _fault = new FollowerFault(NextSeq, attempts, previous?.Since ?? _time.GetUtcNow(), failure.GetType().Name);
        if (previous is null)
        {
            _logger.FollowerFailed(failure, _follower.Name, NextSeq);
        }

        var pause = s_firstPause * Math.Pow(2, Math.Min(attempts - 1, 10));
        return pause < s_longestPause ? pause : s_longestPause;
    }

    /// <summary>A streak ends once everything of the batch that failed has been applied.</summary>
    private void Recover(long next)
    {
        if (_fault is not null && next >= _faultEnd)
        {
            _fault = null;
            _logger.FollowerRecovered(_follower.Name);
        }
    }
}
