using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace Probity.Ledger.Verification;

/// <summary>
/// Reads and hashes the batches of a log on as many workers as are asked for, and hands them over in their order. A
/// worker asks for the next batch when it is done with one, and whichever hashed the batch that is waited for takes it
/// and what is ready behind it: so no more threads are busy than there are workers. More of them than processors keep
/// taking each other's caches (decision record 0083). For one pass.
/// </summary>
internal sealed class BatchWorkers(IAuditedLog log, RowReader reader, int workers) : IDisposable
{
    /// <summary>Batches that may wait for each worker, so that none stands idle while one batch takes long.</summary>
    private const int AheadPerWorker = 4;

    // Room is counted beside the channel: a worker that waits for a full one would go on within the taker's call.
    private readonly Channel<Task<HashedBatch>> _ahead = Channel.CreateUnbounded<Task<HashedBatch>>(
        new UnboundedChannelOptions { SingleReader = true, AllowSynchronousContinuations = true });

    private readonly SemaphoreSlim _room = new(AheadPerWorker * workers);
    private readonly SemaphoreSlim _turn = new(1);
    private bool _isAtEnd;

    /// <summary>Gives every batch to <paramref name="take"/>, one after another.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task RunAsync(Func<Task<HashedBatch>, Task> take, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var rows = log.ReadEntriesAsync(stop.Token).GetAsyncEnumerator(stop.Token);
        await using (rows.ConfigureAwait(false))
        {
            var working = Task.WhenAll([.. Enumerable.Range(0, workers)
                .Select(_ => Task.Run(() => WorkAsync(rows, stop.Token), CancellationToken.None))]);
            try
            {
                await foreach (var hashing in _ahead.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
                {
                    await take(hashing).ConfigureAwait(false);
                    _room.Release();
                }
            }
            finally
            {
                // On an early exit the workers must not go on behind our back, and batches in flight are given back.
                await stop.CancelAsync().ConfigureAwait(false);
                await working.ConfigureAwait(false);
                while (_ahead.Reader.TryRead(out var left))
                {
                    (await left.ConfigureAwait(false)).Dispose();
                }
            }
        }
    }

    public void Dispose()
    {
        _room.Dispose();
        _turn.Dispose();
    }

    /// <summary>Does not fail: the batch tells what went wrong with it, the channel what did with the log.</summary>
    [SuppressMessage("Reliability", "CA2000", Justification = "Who takes the batch disposes of it.")]
    private async Task WorkAsync(IAsyncEnumerator<AuditedBatch> rows, CancellationToken cancellationToken)
    {
        try
        {
            while (await NextAsync(rows, cancellationToken).ConfigureAwait(false) is (var batch, var hashed))
            {
                var hashing = HashedBatch.OfAsync(batch, reader);
                await ((Task)hashing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                hashed.SetFromTask(hashing);
            }
        }
        catch (OperationCanceledException e)
        {
            _ahead.Writer.TryComplete(e);
        }
    }

    /// <summary>The next batch, its place in the order taken; null when there is none.</summary>
    private async Task<(AuditedBatch Batch, TaskCompletionSource<HashedBatch> Hashed)?> NextAsync(
        IAsyncEnumerator<AuditedBatch> rows, CancellationToken cancellationToken)
    {
        await _room.WaitAsync(cancellationToken).ConfigureAwait(false);
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            _isAtEnd = _isAtEnd || !await rows.MoveNextAsync().ConfigureAwait(false);
            if (!_isAtEnd)
            {
                var hashed = new TaskCompletionSource<HashedBatch>();
                _ahead.Writer.TryWrite(hashed.Task);
                return (rows.Current, hashed);
            }

            _ahead.Writer.TryComplete();
        }
        catch (Exception e)
        {
            _isAtEnd = true;
            _ahead.Writer.TryComplete(e);
        }
        finally
        {
            _turn.Release();
        }

        return null;
    }
}
