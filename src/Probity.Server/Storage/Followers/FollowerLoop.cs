namespace Probity.Server.Storage.Followers;

/// <summary>
/// Feeds one follower for as long as the server runs. It reads after each commit signal, and every
/// <see cref="LookInterval"/> for what other nodes committed. An error makes it wait and try again, without end: it
/// never stops by itself and never skips. After an error it goes on with single entries up to the end of the batch
/// that failed, so that everything before a bad entry is applied and <see cref="Fault"/> names the bad one.
/// </summary>
internal sealed class FollowerLoop(
    IFollower follower, ILedgerReader ledger, ICommitSignal commits, TimeProvider time, ILogger<FollowerLoop> log)
    : BackgroundService
{
    /// <summary>The most entries of one batch.</summary>
    public const int MostEntries = 1000;

    /// <summary>The longest it waits for a signal before it looks itself.</summary>
    public static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan s_firstDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_longestDelay = TimeSpan.FromSeconds(30);

    private long _nextSeq = -1;
    private long _faultEnd;
    private long _caughtUpTicks = time.GetUtcNow().UtcTicks;
    private volatile bool _behind = true;

    /// <summary>The follower's name.</summary>
    public string Name => follower.Name;

    /// <summary>The number of the first entry not applied yet; -1 until the cursor has been read.</summary>
    public long NextSeq => Interlocked.Read(ref _nextSeq);

    /// <summary>What fails now; null while all is well.</summary>
    public FollowerFault? Fault { get; private set; }

    /// <summary>How long ago it last had applied everything there was; zero while it has.</summary>
    public TimeSpan Lag => _behind
        ? time.GetUtcNow() - new DateTimeOffset(Interlocked.Read(ref _caughtUpTicks), TimeSpan.Zero)
        : TimeSpan.Zero;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await StepAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                var delay = Remember(error);
                await Task.Delay(delay, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task StepAsync(CancellationToken cancellationToken)
    {
        if (NextSeq < 0)
        {
            Interlocked.Exchange(ref _nextSeq, await follower.ReadCursorAsync(cancellationToken));
        }

        var from = NextSeq;
        var most = Fault is not null && from < _faultEnd ? 1 : MostEntries;
        var entries = await ledger.ReadEntriesAsync(from, most, cancellationToken);
        if (entries.Count == 0)
        {
            Recover(from);
            CaughtUp();
            await WaitAsync(from, cancellationToken);
            return;
        }

        _behind = true;
        Check(entries, from);
        _faultEnd = Math.Max(_faultEnd, from + entries.Count);
        await follower.ApplyAsync(entries, from + entries.Count, cancellationToken);
        Interlocked.Exchange(ref _nextSeq, from + entries.Count);
        Recover(from + entries.Count);
    }

    private static void Check(IReadOnlyList<StoredEntry> entries, long from)
    {
        for (var i = 0; i < entries.Count; i++)
        {
            if (entries[i].Seq != from + i)
            {
                throw new StorageException("storage.gap",
                    $"The ledger gave entry {entries[i].Seq} where {from + i} belongs.");
            }
        }
    }

    private void CaughtUp()
    {
        Interlocked.Exchange(ref _caughtUpTicks, time.GetUtcNow().UtcTicks);
        _behind = false;
    }

    private async Task WaitAsync(long seq, CancellationToken cancellationToken)
    {
        using var look = new CancellationTokenSource(LookInterval, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(look.Token, cancellationToken);
        try
        {
            await commits.WaitBeyondAsync(seq, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Nothing was signalled: look.
        }
    }

    /// <summary>Notes a failure, logs the first of a streak, and says how long to wait.</summary>
    private TimeSpan Remember(Exception error)
    {
        var previous = Fault;
        var attempts = previous?.Seq == NextSeq ? previous.Attempts + 1 : 1;
        Fault = new FollowerFault(NextSeq, attempts, previous?.Since ?? time.GetUtcNow(), error.GetType().Name);
        if (previous is null)
        {
            log.FollowerFailed(error, Name, NextSeq);
        }

        var delay = s_firstDelay * Math.Pow(2, Math.Min(attempts - 1, 20));
        return delay < s_longestDelay ? delay : s_longestDelay;
    }

    /// <summary>A streak ends once everything of the batch that failed has been applied.</summary>
    private void Recover(long next)
    {
        if (Fault is not null && next >= _faultEnd)
        {
            Fault = null;
            log.FollowerRecovered(Name, next);
        }
    }
}
