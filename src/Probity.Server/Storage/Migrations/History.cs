using System.Data.Common;

namespace Probity.Server.Storage.Migrations;

/// <summary>The table of applied migrations, <c>schema_migration(id)</c>, in each store's words.</summary>
/// <param name="Exists">A query that gives one row when the table is there.</param>
/// <param name="Create">What makes the table, and the schema it lives in.</param>
internal sealed record History(string Exists, IReadOnlyList<string> Create)
{
    public static readonly History Sqlite = new(
        "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_migration'",
        ["CREATE TABLE schema_migration (id TEXT PRIMARY KEY NOT NULL) STRICT, WITHOUT ROWID;"])
    { Table = "schema_migration" };

    public static readonly History Postgres = new(
        "SELECT 1 WHERE to_regclass('probity.schema_migration') IS NOT NULL",
        ["CREATE SCHEMA IF NOT EXISTS probity;", "CREATE TABLE probity.schema_migration (id text PRIMARY KEY);"])
    { Table = "probity.schema_migration" };

    public required string Table { get; init; }

    /// <summary>The statement that remembers a migration. Ids come from this program, never from input.</summary>
    public string Insert(string id) => $"INSERT INTO {Table} (id) VALUES ('{id}');";

    public async Task<IReadOnlySet<string>> ReadAsync(
        DbConnection connection, DbTransaction? transaction, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.Transaction = transaction;
#pragma warning disable CA2100 // Constants of this record.
        command.CommandText = Exists;
        if (await command.ExecuteScalarAsync(cancellationToken) is null)
        {
            return new HashSet<string>();
        }

        command.CommandText = $"SELECT id FROM {Table}";
#pragma warning restore CA2100
        var applied = new HashSet<string>(StringComparer.Ordinal);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            applied.Add(reader.GetString(0));
        }

        return applied;
    }
}
