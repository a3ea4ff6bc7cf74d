using System.Data;
using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Probity.Server.Storage.Migrations;

/// <summary>One migration that has not been applied yet.</summary>
/// <param name="Id">Its id, a time and a name; ids order migrations.</param>
/// <param name="Commands">The SQL it runs, in order.</param>
internal sealed record PendingMigration(string Id, IReadOnlyList<string> Commands);

/// <summary>
/// What stands between the store and the schema of this program. All pending migrations run in one transaction under
/// a lock (SQLite: the write lock of the file; PostgreSQL: an advisory lock), so a crash leaves the schema as it was
/// and two nodes that start together migrate once. EF Core's own runner is not used: its lock on SQLite is a row that
/// survives a crash, and its look at the history breaks a running transaction on PostgreSQL.
/// </summary>
internal static class MigrationPlan
{
    private const long AdvisoryLock = 0x50_72_6f_62_69_74_79; // "Probity"

    /// <summary>The migrations that applying would run now, oldest first. Changes nothing.</summary>
    /// <exception cref="StorageException">storage.schema_newer: the schema was made by a later program.</exception>
    public static async Task<IReadOnlyList<PendingMigration>> ReadAsync(
        IDatabase database, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenOwnerAsync(cancellationToken);
        await using var db = database.CreateContext(connection);
        return await PendingAsync(db, connection, null, cancellationToken);
    }

    /// <summary>Runs what is pending and returns it; empty when there was nothing to do. Durable when it returns.</summary>
    /// <exception cref="StorageException">storage.schema_newer: the schema was made by a later program.</exception>
    public static async Task<IReadOnlyList<PendingMigration>> ApplyAsync(
        IDatabase database, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenOwnerAsync(cancellationToken);
        await using var db = database.CreateContext(connection);
        // On SQLite this is BEGIN IMMEDIATE, which is the lock.
        await using var transaction = await connection.BeginTransactionAsync(
            db.Database.IsNpgsql() ? IsolationLevel.ReadCommitted : IsolationLevel.Serializable, cancellationToken);
        if (db.Database.IsNpgsql())
        {
            await RunAsync(transaction, $"SELECT pg_advisory_xact_lock({AdvisoryLock})", cancellationToken);
        }

        var pending = await PendingAsync(db, connection, transaction, cancellationToken);
        if (pending.Count > 0)
        {
            await ApplyAsync(transaction, pending, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        return pending;
    }

    private static async Task ApplyAsync(
        DbTransaction transaction, IReadOnlyList<PendingMigration> pending, CancellationToken cancellationToken)
    {
        foreach (var migration in pending)
        {
            foreach (var command in migration.Commands)
            {
                await RunAsync(transaction, command, cancellationToken);
            }
        }
    }

    private static async Task<IReadOnlyList<PendingMigration>> PendingAsync(
        ProbityDb db, DbConnection connection, DbTransaction? transaction, CancellationToken cancellationToken)
    {
        var history = db.Database.IsNpgsql() ? History.Postgres : History.Sqlite;
        var applied = await history.ReadAsync(connection, transaction, cancellationToken);
        var known = db.GetService<IMigrationsAssembly>();
        var unknown = applied.Except(known.Migrations.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal).LastOrDefault();
        if (unknown is not null)
        {
            throw new StorageException("storage.schema_newer",
                $"The store has migration {unknown}, which this version of Probity does not know: "
                + "run the version that made it, or a later one.");
        }

        return [.. known.Migrations
            .Where(m => !applied.Contains(m.Key))
            .OrderBy(m => m.Key, StringComparer.Ordinal)
            .Select((m, position) => new PendingMigration(m.Key,
            [
                .. position == 0 && applied.Count == 0 ? history.Create : [],
                .. Commands(db, known, m.Value),
                history.Insert(m.Key),
            ]))];
    }

    private static string[] Commands(ProbityDb db, IMigrationsAssembly assembly, System.Reflection.TypeInfo type)
    {
        var migration = assembly.CreateMigration(type, db.Database.ProviderName ?? string.Empty);
        var model = db.GetService<IDesignTimeModel>().Model;
        return [.. db.GetService<IMigrationsSqlGenerator>()
            .Generate(migration.UpOperations, model).Select(c => c.CommandText)];
    }

    // The text comes from the migrations of this program and from EF Core, never from input.
#pragma warning disable CA2100
    private static async Task RunAsync(DbTransaction transaction, string sql, CancellationToken cancellationToken)
    {
        var connection = transaction.Connection
            ?? throw new InvalidOperationException("The migration's transaction has ended.");
        await using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
#pragma warning restore CA2100
}
