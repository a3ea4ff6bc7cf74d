using System.Data.Common;
using Microsoft.EntityFrameworkCore.Metadata;

namespace Probity.Server.Storage;

/// <summary>
/// The store as modules see it: SQLite in a file, or PostgreSQL. Thread safe. The ledger's own hot path does not go
/// through here; it has one native implementation per store.
/// </summary>
internal interface IDatabase : IAsyncDisposable
{
    /// <summary>How rows are mapped, without a context.</summary>
    IModel Model { get; }

    /// <summary>
    /// A new context that reads through a connection of its own. Changes of audited entities go through
    /// <see cref="Commits.UnitOfWork"/>, those of operational ones through <see cref="OperationalWrite"/>.
    /// </summary>
    ProbityDb CreateContext();

    /// <summary>An open connection for reading. Disposing it gives it back to the pool.</summary>
    ValueTask<DbConnection> OpenReaderAsync(CancellationToken cancellationToken);

    /// <summary>
    /// The same for callers that cannot wait otherwise, such as the sealing of a field. It blocks and needs no other
    /// thread to end: waiting for the asynchronous one on a pool thread can starve the pool of what it waits for.
    /// </summary>
    DbConnection OpenReaderBlocking();

    /// <summary>
    /// Runs one small transaction and commits it; durable when the task completes. On SQLite it waits its turn on the
    /// single writing connection, so the work must not wait for another write.
    /// </summary>
    Task WriteAsync(
        Func<DbConnection, DbTransaction, CancellationToken, Task> work, CancellationToken cancellationToken);

    /// <summary>
    /// An open connection with the rights of whoever configured the store, outside every pool: for migrations only.
    /// </summary>
    ValueTask<DbConnection> OpenOwnerAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Takes the bytes of what was deleted or destroyed out of the store's files, as far as the store can: the log of
    /// changes is folded in and emptied, dead rows of the keys are removed.
    /// </summary>
    /// <returns>Whether nothing is left; false when other connections or a missing right held it up.</returns>
    Task<bool> ScrubAsync(CancellationToken cancellationToken);

    /// <summary>A context over <paramref name="connection"/>, which the caller keeps and disposes.</summary>
    ProbityDb CreateContext(DbConnection connection);
}
