using System.Data.Common;
using Probity.Server.Storage;
using Probity.Server.Storage.Migrations;
using Probity.Server.Storage.Postgres;
using Probity.Server.Storage.Sqlite;

namespace Probity.Conformance.Storage;

/// <summary>The stores every storage test runs on.</summary>
public enum StoreKind
{
    /// <summary>A SQLite file in a temporary folder.</summary>
    Sqlite,

    /// <summary>A database of its own on the private cluster.</summary>
    Postgres,
}

/// <summary>One empty or migrated store for one test.</summary>
internal sealed class TestStore : IAsyncDisposable
{
    private readonly DirectoryInfo? _folder;
    private bool _isShared;

    private TestStore(StoreKind kind, IDatabase database, DirectoryInfo? folder)
    {
        Kind = kind;
        Database = database;
        _folder = folder;
    }

    public StoreKind Kind { get; }

    public IDatabase Database { get; }

    public SqliteDatabase Sqlite => (SqliteDatabase)Database;

    public PostgresDatabase Postgres => (PostgresDatabase)Database;

    public static async Task<TestStore> EmptyAsync(StoreKind kind, PostgresCluster cluster)
    {
        if (kind == StoreKind.Sqlite)
        {
            var folder = Directory.CreateTempSubdirectory("probity-sqlite-");
            return new TestStore(kind, new SqliteDatabase(Path.Combine(folder.FullName, "probity.db")), folder);
        }

        PostgresCluster.SkipIfMissing();
        var name = await cluster.CreateDatabaseAsync();
        return new TestStore(kind, new PostgresDatabase(cluster.ConnectionString(name)), null);
    }

    public static async Task<TestStore> MigratedAsync(StoreKind kind, PostgresCluster cluster)
    {
        var store = await EmptyAsync(kind, cluster);
        await MigrationPlan.ApplyAsync(store.Database, CancellationToken.None);
        return store;
    }

    /// <summary>A migrated SQLite store in a folder of the test's, which goes away with it.</summary>
    public static async Task<TestStore> InFolderAsync(DirectoryInfo folder)
    {
        var database = new SqliteDatabase(Path.Combine(folder.FullName, "probity.db"));
        await MigrationPlan.ApplyAsync(database, CancellationToken.None);
        return new TestStore(StoreKind.Sqlite, database, folder);
    }

    /// <summary>A table's name as SQL of this store writes it.</summary>
    public string Table(string name) => Kind == StoreKind.Postgres ? $"probity.{name}" : name;

    /// <summary>Runs statements as the program does: the writing connection, or the role probity_app.</summary>
    public Task ExecuteAsync(string sql) => Database.WriteAsync(
        (connection, transaction, _) => Sql.ExecuteAsync(connection, transaction, sql), CancellationToken.None);

    /// <summary>Runs statements with the rights of the database's owner.</summary>
    public async Task ExecuteAsOwnerAsync(string sql)
    {
        await using var connection = await Database.OpenOwnerAsync(CancellationToken.None);
        await Sql.ExecuteAsync(connection, null, sql);
    }

    public async Task<object?> ScalarAsync(string sql)
    {
        await using var connection = await Database.OpenReaderAsync(CancellationToken.None);
        return await Sql.ScalarAsync(connection, sql);
    }

    /// <summary>The same store for a second owner, who does not end its life.</summary>
    public TestStore Shared() => new(Kind, Database, null) { _isShared = true };

    public async ValueTask DisposeAsync()
    {
        if (!_isShared)
        {
            await Database.DisposeAsync();
            _folder?.Delete(recursive: true);
        }
    }
}

/// <summary>Statements of tests.</summary>
#pragma warning disable CA2100 // The statements are written in the tests.
internal static class Sql
{
    public static async Task ExecuteAsync(DbConnection connection, DbTransaction? transaction, string sql)
    {
        await using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }

    public static async Task<object?> ScalarAsync(DbConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteScalarAsync();
    }
}
