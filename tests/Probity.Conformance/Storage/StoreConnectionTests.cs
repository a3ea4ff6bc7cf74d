using Microsoft.Data.Sqlite;
using Npgsql;
using Probity.Server.Storage.Sqlite;
using Xunit;

namespace Probity.Conformance.Storage;

public sealed class StoreConnectionTests(PostgresCluster cluster) : IClassFixture<PostgresCluster>
{
    [Fact]
    public async Task Every_pooled_postgres_connection_keeps_the_role_and_settings()
    {
        await using var store = await TestStore.MigratedAsync(StoreKind.Postgres, cluster);

        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("probity_app", await store.ScalarAsync("SELECT current_user::text"));
            Assert.Equal("probity, pg_temp", await store.ScalarAsync("SHOW search_path"));
            Assert.Equal("30s", await store.ScalarAsync("SHOW statement_timeout"));
            Assert.Equal("on", await store.ScalarAsync("SHOW synchronous_commit"));
            Assert.Equal("probity", await store.ScalarAsync("SHOW application_name"));
        }
    }

    [Fact]
    public async Task Durability_does_not_depend_on_a_setting_of_the_database()
    {
        await using var store = await TestStore.MigratedAsync(StoreKind.Postgres, cluster);
        await store.ExecuteAsOwnerAsync(
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', current_database()); END $$");
        NpgsqlConnection.ClearPool(store.Postgres.Source.CreateConnection());
        await store.Postgres.Source.DisposeAsync();

        await using var again = new Probity.Server.Storage.Postgres.PostgresDatabase(
            cluster.ConnectionString(new NpgsqlConnectionStringBuilder(store.Postgres.Source.ConnectionString).Database
                ?? string.Empty));
        await using var connection = await again.OpenReaderAsync(CancellationToken.None);

        Assert.Equal("on", await Sql.ScalarAsync(connection, "SHOW synchronous_commit"));
    }

    [Fact]
    public async Task The_app_role_cannot_create_or_drop()
    {
        await using var store = await TestStore.MigratedAsync(StoreKind.Postgres, cluster);

        foreach (var sql in (string[])[
            "CREATE TABLE probity.x (i int)", "DROP TABLE probity.ledger_entry",
            "ALTER TABLE probity.ledger_entry DISABLE TRIGGER append_only", "DELETE FROM probity.data_key",
            "UPDATE probity.data_key SET id = 'x'", "DELETE FROM probity.api_key"])
        {
            var refusal = await Assert.ThrowsAsync<PostgresException>(() => store.ExecuteAsync(sql));
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refusal.SqlState);
        }
    }

    [Fact]
    public async Task The_sqlite_writer_is_durable_and_one_at_a_time()
    {
        await using var store = await TestStore.MigratedAsync(StoreKind.Sqlite, cluster);
        SqliteConnection first;
        using (var lease = await store.Sqlite.AcquireWriterAsync(CancellationToken.None))
        {
            first = lease.Connection;
            Assert.Equal("wal", await Sql.ScalarAsync(first, "PRAGMA journal_mode"));
            Assert.Equal(2L, await Sql.ScalarAsync(first, "PRAGMA synchronous"));
            Assert.Equal(1L, await Sql.ScalarAsync(first, "PRAGMA foreign_keys"));
            Assert.Equal(1L, await Sql.ScalarAsync(first, "PRAGMA recursive_triggers"));
            var second = store.Sqlite.AcquireWriterAsync(CancellationToken.None).AsTask();
            Assert.False(second.IsCompleted);
            lease.Dispose();
            using var next = await second;
            Assert.Same(first, next.Connection);
            next.MarkBroken();
        }

        using var fresh = await store.Sqlite.AcquireWriterAsync(CancellationToken.None);
        Assert.NotSame(first, fresh.Connection);
    }

    /// <summary>A reader that maps the file unmaps it after each commit (decision record 0088).</summary>
    [Fact]
    public async Task A_sqlite_reader_is_durable_reads_only_and_does_not_map_the_file()
    {
        await using var store = await TestStore.MigratedAsync(StoreKind.Sqlite, cluster);
        await using var reader = store.Sqlite.OpenReader();

        Assert.Equal(0L, await Sql.ScalarAsync(reader, "PRAGMA mmap_size"));
        Assert.Equal(1L, await Sql.ScalarAsync(reader, "PRAGMA query_only"));
        Assert.Equal(2L, await Sql.ScalarAsync(reader, "PRAGMA synchronous"));
    }

    /// <summary>
    /// Counted in commits, since a slow machine makes fewer of both: some ten of them pass before a write loses its
    /// patience, and hundreds where it has none to lose.
    /// </summary>
    [Fact]
    public async Task A_sqlite_write_gets_its_turn_beside_commits_without_a_pause()
    {
        await using var store = await TestStore.MigratedAsync(StoreKind.Sqlite, cluster);
        using var stop = new CancellationTokenSource();
        var commits = Task.Factory.StartNew(
            () => Commit(store.Sqlite, stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning,
            TaskScheduler.Default);

        for (var i = 0; i < 10; i++)
        {
            await store.Database.WriteAsync(
                    (_, _, _) => Task.CompletedTask, TestContext.Current.CancellationToken)
                .WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        }

        await stop.CancelAsync();
        Assert.InRange(await commits, 1, 1_000);
    }

    /// <summary>Takes turn after turn without leaving the processor between them.</summary>
    private static long Commit(SqliteDatabase database, CancellationToken stop)
    {
        var turns = 0L;
        while (!stop.IsCancellationRequested)
        {
            using var lease = database.AcquireForCommit(CancellationToken.None);
            var until = Environment.TickCount64 + 3;
            while (Environment.TickCount64 < until)
            {
            }

            turns++;
        }

        return turns;
    }

    [Fact]
    public async Task A_sqlite_reader_cannot_write_and_keeps_its_settings_in_the_pool()
    {
        await using var store = await TestStore.MigratedAsync(StoreKind.Sqlite, cluster);

        for (var i = 0; i < 3; i++)
        {
            using var reader = store.Sqlite.OpenReader();
            Assert.Equal(2L, await Sql.ScalarAsync(reader, "PRAGMA synchronous"));
            await Assert.ThrowsAsync<SqliteException>(() => Sql.ExecuteAsync(reader, null, "DELETE FROM follower_cursor"));
        }
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task A_failed_write_leaves_nothing(StoreKind kind)
    {
        await using var store = await TestStore.MigratedAsync(kind, cluster);
        var table = store.Table("follower_cursor");

        await Assert.ThrowsAsync<InvalidOperationException>(() => store.Database.WriteAsync(
            async (connection, transaction, _) =>
            {
                await Sql.ExecuteAsync(connection, transaction, $"INSERT INTO {table} VALUES ('x', 1)");
                throw new InvalidOperationException();
            },
            CancellationToken.None));

        Assert.Equal(0L, await store.ScalarAsync($"SELECT count(*) FROM {table}"));
        await store.ExecuteAsync($"INSERT INTO {table} VALUES ('x', 1)");
    }
}
