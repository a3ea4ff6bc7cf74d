using Microsoft.Data.Sqlite;
using Probity.Server.Storage.Sqlite;
using Xunit;

namespace Probity.Server.Tests.AuditTrail.Stores;

/// <summary>The log of the embedded store begins anew before SQLite has a commit wait for that.</summary>
public sealed class SqliteCheckpointerTests : IDisposable
{
    private const int Bytes = 128_000;
    private const int Commits = 1_300; // More than 160 MB of log.
    private const long LogOfSqlite = 16_384 * 8_192L; // At which it has the writer bring in all that is left.

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task While_somebody_commits_all_the_time_the_log_stays_short_of_where_a_commit_would_wait()
    {
        Assert.InRange(await WriteAsync(reads: false), 1, LogOfSqlite * 4 / 5);
    }

    [Fact]
    public async Task While_somebody_reads_what_was_before_it_cannot_begin_anew_and_nothing_is_lost()
    {
        Assert.InRange(await WriteAsync(reads: true), LogOfSqlite, long.MaxValue); // The negative control.
    }

    private async Task<long> WriteAsync(bool reads)
    {
        await using var database = new SqliteDatabase(_folder.At("t.db"));
        await CommitAsync(database, "CREATE TABLE t (n INTEGER PRIMARY KEY, bytes BLOB) STRICT");
        await CommitAsync(database, "INSERT INTO t (n, bytes) VALUES (1, x'00')");
        using var reader = reads ? database.OpenReader() : null;
        using var reading = reader?.BeginTransaction(deferred: true);
        if (reading is not null)
        {
            Assert.Equal(1, Count(reading));
        }

        for (var i = 0; i < Commits; i++)
        {
            await CommitAsync(database, $"INSERT INTO t (bytes) VALUES (randomblob({Bytes}))");
            await Task.Delay(1, TestContext.Current.CancellationToken); // Not bulk.
        }

        var length = new FileInfo(_folder.At("t.db-wal")).Length;
        using var after = database.OpenReader();
        using var counting = after.BeginTransaction(deferred: true);
        Assert.Equal(Commits + 1, Count(counting));
        return length;
    }

    private static async Task CommitAsync(SqliteDatabase database, string text)
    {
        using var lease = await database.AcquireWriterAsync(TestContext.Current.CancellationToken);
        await using var command = lease.Connection.CreateCommand();
#pragma warning disable CA2100 // One of the texts above.
        command.CommandText = text;
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    private static long Count(SqliteTransaction transaction)
    {
        using var command = transaction.Connection!.CreateCommand();
        (command.Transaction, command.CommandText) = (transaction, "SELECT count(*) FROM t");
        return (long)command.ExecuteScalar()!; // A count is never null.
    }
}
