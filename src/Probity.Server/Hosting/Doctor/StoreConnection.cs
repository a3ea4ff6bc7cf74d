using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;
using Probity.Server.Hosting.Settings.Values;

namespace Probity.Server.Hosting.Doctor;

/// <summary>A connection outside every pool, for looking only.</summary>
internal static class StoreConnection
{
    private const int TimeoutSeconds = 5;

    public static async Task<DbConnection> OpenAsync(StoreAddress store, CancellationToken cancellationToken)
    {
        DbConnection connection = store.Kind == StoreKind.Sqlite
            ? new SqliteConnection(new SqliteConnectionStringBuilder
            {
                DataSource = store.Value, Mode = SqliteOpenMode.ReadWrite, Pooling = false, DefaultTimeout = TimeoutSeconds,
            }.ConnectionString)
            : new NpgsqlConnection(new NpgsqlConnectionStringBuilder(store.Value)
            {
                Pooling = false, Timeout = TimeoutSeconds, CommandTimeout = TimeoutSeconds,
            }.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}
