using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Probity.Server.Storage;
using Probity.Server.Storage.Migrations;
using Xunit;

namespace Probity.Conformance.Storage;

public sealed class MigrationTests(PostgresCluster cluster) : IClassFixture<PostgresCluster>
{
    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task The_plan_shows_the_sql_and_changes_nothing(StoreKind kind)
    {
        await using var store = await TestStore.EmptyAsync(kind, cluster);

        var first = await MigrationPlan.ReadAsync(store.Database, CancellationToken.None);
        var second = await MigrationPlan.ReadAsync(store.Database, CancellationToken.None);

        Assert.Equal(first.Select(m => m.Id), second.Select(m => m.Id));
        Assert.Contains(first.SelectMany(m => m.Commands), c => c.Contains("ledger_entry", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task Applying_twice_does_nothing_the_second_time(StoreKind kind)
    {
        await using var store = await TestStore.EmptyAsync(kind, cluster);

        var first = await MigrationPlan.ApplyAsync(store.Database, CancellationToken.None);
        var second = await MigrationPlan.ApplyAsync(store.Database, CancellationToken.None);

        Assert.NotEmpty(first);
        Assert.Empty(second);
        Assert.Empty(await MigrationPlan.ReadAsync(store.Database, CancellationToken.None));
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task Nodes_that_start_together_migrate_once(StoreKind kind)
    {
        await using var store = await TestStore.EmptyAsync(kind, cluster);

        var applied = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ =>
            Task.Run(() => MigrationPlan.ApplyAsync(store.Database, CancellationToken.None))));

        Assert.Single(applied, pending => pending.Count > 0);
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task A_schema_of_a_later_version_is_refused(StoreKind kind)
    {
        await using var store = await TestStore.MigratedAsync(kind, cluster);
        await store.ExecuteAsOwnerAsync(
            $"INSERT INTO {store.Table("schema_migration")} VALUES ('29991231000000_Later')");

        var refusal = await Assert.ThrowsAsync<StorageException>(
            () => MigrationPlan.ApplyAsync(store.Database, CancellationToken.None));

        Assert.Equal("storage.schema_newer", refusal.Code);
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task Every_mapped_column_exists_in_the_migrated_schema(StoreKind kind)
    {
        await using var store = await TestStore.MigratedAsync(kind, cluster);
        await using var db = store.Database.CreateContext();

        foreach (var entity in db.Model.GetEntityTypes())
        {
            var columns = string.Join(", ", entity.GetProperties().Select(p => p.GetColumnName()));
            await store.ScalarAsync(string.Create(CultureInfo.InvariantCulture,
                $"SELECT {columns} FROM {store.Table(entity.GetTableName() ?? string.Empty)} LIMIT 0"));
        }
    }

    [Fact]
    public async Task An_interrupted_migration_leaves_nothing_and_no_lock()
    {
        await using var store = await TestStore.EmptyAsync(StoreKind.Sqlite, cluster);
        await store.ExecuteAsOwnerAsync("CREATE TABLE api_key (id TEXT)"); // makes the migration fail half-way

        await Assert.ThrowsAnyAsync<Microsoft.Data.Sqlite.SqliteException>(
            () => MigrationPlan.ApplyAsync(store.Database, CancellationToken.None));

        Assert.Equal(1L, await store.ScalarAsync("SELECT count(*) FROM sqlite_master WHERE type = 'table'"));
        await store.ExecuteAsOwnerAsync("DROP TABLE api_key");
        Assert.NotEmpty(await MigrationPlan.ApplyAsync(store.Database, CancellationToken.None));
    }
}
