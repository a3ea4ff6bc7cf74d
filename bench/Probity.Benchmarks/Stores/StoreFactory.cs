using System.Globalization;
using Npgsql;
using Probity.Hammer;
using Probity.Hammer.Crash;
using Probity.Server.Hosting.Settings.Values;
using Probity.Server.Storage;
using Probity.Server.Storage.Migrations;
using Probity.Server.Storage.Postgres;
using Probity.Server.Storage.Sqlite;

namespace Probity.Benchmarks.Stores;

/// <summary>Makes migrated databases of one kind, side by side on the same disk and with the same durability.</summary>
internal sealed class StoreFactory : IAsyncDisposable
{
    private readonly DirectoryInfo? _folder;
    private readonly PostgresServer? _server;
    private int _databases;

    private StoreFactory(DirectoryInfo? folder, PostgresServer? server) => (_folder, _server) = (folder, server);

    public bool IsSqlite => _folder is not null;

    public static async Task<StoreFactory> CreateAsync(string kind) => kind == "sqlite"
        ? new StoreFactory(Directory.CreateTempSubdirectory("probity-bench-"), null)
        : new StoreFactory(null, await PostgresServer.CreateAsync(null));

    /// <summary>The address of a new, empty database.</summary>
    public async Task<string> NewAddressAsync()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"bench_{++_databases}");
        if (_folder is not null)
        {
            return Path.Combine(_folder.FullName, name + ".db");
        }

        var address = new NpgsqlConnectionStringBuilder(ConnectionString(_server!.Url));
        await using (var connection = new NpgsqlConnection(address.ToString()))
        {
            await connection.OpenAsync();
#pragma warning disable CA2100 // The name is a prefix and a number made here; DDL takes no parameters.
            await using var create = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
#pragma warning restore CA2100
            await create.ExecuteNonQueryAsync();
        }

        address.Database = name;
        return address.ToString();
    }

    public IDatabase Open(string address) => IsSqlite ? new SqliteDatabase(address) : new PostgresDatabase(address);

    public async Task<IDatabase> NewDatabaseAsync()
    {
        var database = Open(await NewAddressAsync());
        await MigrationPlan.ApplyAsync(database, CancellationToken.None);
        return database;
    }

    private static string ConnectionString(string url) =>
        PostgresUrl.Read(url[(url.IndexOf("://", StringComparison.Ordinal) + 3)..]) is { Value: { } text }
            ? text
            : throw new HammerException("The cluster's address is not one.");

    public async ValueTask DisposeAsync()
    {
        _folder?.Delete(recursive: true);
        if (_server is not null)
        {
            NpgsqlConnection.ClearAllPools();
            await _server.DisposeAsync();
        }
    }
}
