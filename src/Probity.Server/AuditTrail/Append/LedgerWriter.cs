using System.Diagnostics;
using System.Threading.Channels;
using Probity.Ledger.Entries;
using Probity.Server.AuditTrail.Stores;

namespace Probity.Server.AuditTrail.Append;

/// <summary>
/// Group commit. Requests wait in a bounded queue; one thread takes what has queued up while the commit before was on
/// its way and commits it together, so a lone request never waits for others and a crowd shares one flush. The queue
/// is bounded in entries and bytes; when it is full the answer is 503, not memory.
/// </summary>
internal sealed class LedgerWriter : IHostedService, IAsyncDisposable
{
    internal const int MaxBatchEntries = 4_096;
    private const long MaxBatchBytes = 16L << 20;
    private const int MaxQueuedEntries = 65_536;
    private const long MaxQueuedBytes = 128L << 20;
    private const int FewestAwaited = 4;
    private const int MostAwaited = 64;

    // The clock of Windows ticks every 15 ms, which would be the length of a rest there.
    private static readonly TimeSpan s_rest =
        OperatingSystem.IsWindows() ? TimeSpan.Zero : TimeSpan.FromMilliseconds(1);

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(3);

    private readonly Channel<AppendRequest> _queue = Channel.CreateUnbounded<AppendRequest>(
        new UnboundedChannelOptions { SingleReader = true });

    // Rung by whoever queues: waiting for the channel would spin, yield and come back late. Decision record 0074.
    private readonly AutoResetEvent _bell = new(false);
    private readonly ILedgerStore _store;
    private readonly Sequencer _sequencer;
    private readonly CommitSignal _signal;
    private readonly TimeProvider _time;
    private readonly LedgerMetrics _metrics;
    private readonly ILogger<LedgerWriter> _logger;
    private readonly Lock _bound = new();
    private int _queuedRequests;
    private long _queuedEntries;
    private long _queuedBytes;
    private string? _stopped;
    private long _failures; // since the last commit that succeeded; of the writing thread
    private int _asleep; // 1 while the thread waits for the bell
    private int _awaited = int.MaxValue; // while it rests, so many waiting requests ring the bell
    private Thread? _thread;

    public LedgerWriter(
        ILedgerStore store, Sequencer sequencer, CommitSignal signal, TimeProvider time, LedgerMetrics metrics,
        ILogger<LedgerWriter> logger)
    {
        (_store, _sequencer, _signal, _time, _metrics, _logger) = (store, sequencer, signal, time, metrics, logger);
        metrics.ObserveQueue(() => Interlocked.Read(ref _queuedEntries));
    }

    /// <summary>Called when a commit met newer field classes than what it was to write was sealed under.</summary>
    public Action? OnClassesChanged { get; init; }

    /// <summary>Why nothing is signed any more, or null while all is well.</summary>
    public string? Stopped => Volatile.Read(ref _stopped);

    /// <summary>Appends and waits until the entries are durable.</summary>
    /// <exception cref="LedgerUnavailableException">The queue is full, the store refuses, or signing has stopped.</exception>
    public Task<AppendResult> AppendAsync(AppendRequest request)
    {
        if (Stopped is { } reason)
        {
            throw new LedgerUnavailableException("ledger.integrity_failure", reason);
        }

        Reserve(request);
        if (!_queue.Writer.TryWrite(request))
        {
            Release(request);
            throw new LedgerUnavailableException("ledger.unavailable", "The server is shutting down.");
        }

        Wake();
        return request.Completion;
    }

    /// <summary>Stops signing for good: the stored log was found to contradict itself.</summary>
    public void StopSigning(string reason)
    {
        if (Interlocked.CompareExchange(ref _stopped, reason, null) is null)
        {
            _metrics.IntegrityFailed();
            _logger.SigningStopped(reason);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (_thread is not null)
        {
            return Task.CompletedTask; // Started before the host, so that the first entry comes before the first request.
        }

        _thread = new Thread(Run) { IsBackground = true, Name = "ledger-writer" };
        _thread.Start();
        return Task.CompletedTask;
    }

    /// <summary>Takes no more requests and commits those that wait.</summary>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        _queue.Writer.TryComplete();
        Wake();
        return Task.Run(() => _thread?.Join(TimeSpan.FromSeconds(25)), CancellationToken.None);
    }

    public async ValueTask DisposeAsync() => await StopAsync(CancellationToken.None);

    // A thread of its own, so that flushes never take a thread-pool thread from requests.
    private void Run()
    {
        var batch = new List<AppendRequest>();
        var (crowd, ended) = (0, 0L);
        while (WaitForRequest())
        {
            if (ShouldRest(crowd, Stopwatch.GetElapsedTime(ended)))
            {
                Rest(crowd);
            }

            Drain(batch);
            Commit(batch);
            batch.ForEach(Release);
            (crowd, ended) = (CrowdAfter(crowd, batch.Count), Stopwatch.GetTimestamp());
            batch.Clear();
        }
    }

    /// <summary>Whether a rest lets fewer commits carry more requests. Decision record 0077.</summary>
    /// <param name="crowd">How many are expected to come together: for two or three it is not worth the wait.</param>
    /// <param name="since">How long ago the last commit ended: the first request after a pause does not wait.</param>
    internal static bool ShouldRest(int crowd, TimeSpan since) =>
        crowd is >= FewestAwaited and <= MostAwaited && since < s_pause;

    /// <summary>How many requests are expected to come together after a commit: the most there lately were.</summary>
    /// <param name="crowd">What was expected before it; 0 at first.</param>
    /// <param name="requests">Those of the commit, 1 or more.</param>
    internal static int CrowdAfter(int crowd, int requests) => Math.Max(requests, crowd - (crowd / 8) - 1);

    /// <summary>Rests for a millisecond, or until everybody who was here lately is here again.</summary>
    private void Rest(int crowd)
    {
        Interlocked.Exchange(ref _awaited, crowd);
        if (Volatile.Read(ref _queuedRequests) < crowd)
        {
            _bell.WaitOne(s_rest);
        }

        Volatile.Write(ref _awaited, int.MaxValue);
    }

    /// <summary>False when no request waits and none will come.</summary>
    private bool WaitForRequest()
    {
        while (!_queue.Reader.TryPeek(out _))
        {
            if (_queue.Reader.Completion.IsCompleted)
            {
                return false;
            }

            Interlocked.Exchange(ref _asleep, 1);
            if (!_queue.Reader.TryPeek(out _) && !_queue.Reader.Completion.IsCompleted)
            {
                _bell.WaitOne();
            }

            Volatile.Write(ref _asleep, 0);
        }

        return true;
    }

    private void Wake()
    {
        Interlocked.MemoryBarrier(); // what was queued is seen by a thread that does not say yet that it sleeps
        if ((Volatile.Read(ref _asleep) == 1 && Interlocked.Exchange(ref _asleep, 0) == 1)
            || (Volatile.Read(ref _queuedRequests) >= Volatile.Read(ref _awaited)
                && Interlocked.Exchange(ref _awaited, int.MaxValue) != int.MaxValue))
        {
            _bell.Set();
        }
    }

    private void Drain(List<AppendRequest> batch)
    {
        var entries = 0;
        var bytes = 0L;
        while (_queue.Reader.TryPeek(out var next))
        {
            // Module changes get a transaction of their own, so that one that fails takes nobody with it.
            var alone = next.Alongside is not null;
            if (batch.Count > 0 && (alone || entries + next.Entries.Count > MaxBatchEntries
                || bytes + next.Bytes > MaxBatchBytes))
            {
                return;
            }

            _queue.Reader.TryRead(out _);
            batch.Add(next);
            entries += next.Entries.Count;
            bytes += next.Bytes;
            if (alone)
            {
                return;
            }
        }
    }

    private void Commit(List<AppendRequest> batch)
    {
        if (Stopped is { } reason)
        {
            batch.ForEach(request => request.Fail(new LedgerUnavailableException("ledger.integrity_failure", reason)));
            return;
        }

        var started = Stopwatch.GetTimestamp();
        try
        {
            var now = Timestamp.ToMicros(_time.GetUtcNow());
            var results = _store.CommitAsync(batch, _sequencer, now, CancellationToken.None).GetAwaiter().GetResult();
            for (var i = 0; i < batch.Count; i++)
            {
                Complete(batch[i], results[i]);
            }

            _metrics.Committed(batch, Stopwatch.GetElapsedTime(started));
            _signal.Publish(_sequencer.Head);
            NoteSuccess();
        }
        catch (LedgerIntegrityException failure)
        {
            StopSigning(failure.Message);
            batch.ForEach(request =>
                request.Fail(new LedgerUnavailableException("ledger.integrity_failure", failure.Message, failure)));
        }
        catch (Exception failure) when (batch.Count == 1 && batch[0].Alongside is not null)
        {
            // The module's own failure: it is the module's to handle.
            _sequencer.Forget();
            batch[0].Fail(failure);
        }
        catch (Exception failure)
        {
            _sequencer.Forget();
            NoteFailure(failure);
            var refusal = LedgerUnavailable.From(failure);
            batch.ForEach(request => request.Fail(refusal));
        }
    }

    private void Complete(AppendRequest request, AppendResult result)
    {
        if (result is not AppendResult.ClassesChanged)
        {
            request.Complete(result);
            return;
        }

        OnClassesChanged?.Invoke();
        request.Fail(new LedgerUnavailableException(
            "ledger.classes_changed", "How members of events are kept was changed at this moment. Send it again."));
    }

    // A store that is away fails every batch for as long as it is: the log tells its begin and end, the metric the rest.
    private void NoteFailure(Exception failure)
    {
        _metrics.CommitFailed();
        if (_failures++ == 0)
        {
            _logger.CommitFailed(failure);
        }
    }

    private void NoteSuccess()
    {
        if (_failures > 0)
        {
            _logger.CommitRecovered(_failures);
            _failures = 0;
        }
    }

    private void Reserve(AppendRequest request)
    {
        lock (_bound)
        {
            var full = _queuedEntries + request.Entries.Count > MaxQueuedEntries
                || _queuedBytes + request.Bytes > MaxQueuedBytes;
            if (full && _queuedEntries > 0)
            {
                _metrics.Refused();
                throw new LedgerUnavailableException(
                    "ledger.queue_full", "More is waiting to be committed than the queue holds. Send it again.");
            }

            _queuedRequests++;
            _queuedEntries += request.Entries.Count;
            _queuedBytes += request.Bytes;
        }
    }

    private void Release(AppendRequest request)
    {
        lock (_bound)
        {
            _queuedRequests--;
            _queuedEntries -= request.Entries.Count;
            _queuedBytes -= request.Bytes;
        }
    }
}
