using System.Collections.Concurrent;
using System.Data.Common;

namespace Probity.Server.Storage;

/// <summary>
/// Contexts that are used again, each over a connection that stays open, for questions that are asked hundreds of times
/// a second: making one costs more than asking. Nothing may be tracked in them. Thread safe.
/// </summary>
internal sealed class KeptContexts(IDatabase database) : IAsyncDisposable
{
    private readonly ConcurrentBag<Kept> _idle = [];
    private volatile bool _isDisposed;

    /// <summary>Reads with a context that nobody else uses meanwhile; one that fails is not used again.</summary>
    public async Task<T> ReadAsync<T>(
        Func<ProbityDb, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        if (!_idle.TryTake(out var kept))
        {
            var connection = await database.OpenReaderAsync(cancellationToken);
            kept = new Kept(connection, database.CreateContext(connection));
        }

        var isSound = false;
        try
        {
            var answer = await read(kept.Db, cancellationToken);
            isSound = true;
            return answer;
        }
        finally
        {
            if (isSound && !_isDisposed)
            {
                _idle.Add(kept);
            }
            else
            {
                await kept.DisposeAsync();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _isDisposed = true;
        while (_idle.TryTake(out var kept))
        {
            await kept.DisposeAsync();
        }
    }

    private sealed record Kept(DbConnection Connection, ProbityDb Db) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Db.DisposeAsync();
            await Connection.DisposeAsync();
        }
    }
}
