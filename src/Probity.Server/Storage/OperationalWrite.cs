using Microsoft.EntityFrameworkCore;

namespace Probity.Server.Storage;

/// <summary>Changes of operational entities, which need no entry.</summary>
internal static class OperationalWrite
{
    /// <summary>
    /// Runs <paramref name="change"/> on a context inside one transaction, saves and commits; durable when the task
    /// completes. The context reads what it is about to change itself.
    /// </summary>
    /// <exception cref="StorageException">storage.unaudited_change: an audited entity changed too.</exception>
    public static Task SaveAsync(
        this IDatabase database, Func<ProbityDb, CancellationToken, Task> change, CancellationToken cancellationToken) =>
        database.WriteAsync(
            async (connection, transaction, token) =>
            {
                await using var db = database.CreateContext(connection);
                await db.Database.UseTransactionAsync(transaction, token);
                await change(db, token);
                await db.SaveChangesAsync(token);
            },
            cancellationToken);
}
