using System.Data;
using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;
using Probity.Server.Storage.Postgres;
using Probity.Server.Storage.Sqlite;

namespace Probity.Server.Storage;

/// <summary>A part of a copy of the store: a file, or the rows of one table.</summary>
internal delegate Task StorePart(string name, Stream content, CancellationToken cancellationToken);

/// <summary>What the head of the copied log says.</summary>
internal sealed record CopiedHead(string Origin, long Size, byte[] Root, string Checkpoint);

/// <summary>
/// Copies of the whole store while it is being written: one snapshot, whatever happens meanwhile. SQLite writes itself
/// into another file; PostgreSQL gives every table by COPY inside one repeatable-read transaction, so that no program
/// of
/// its own need be on this machine.
/// </summary>
internal static class StoreCopy
{
    public const string SqliteFile = "probity.db";
    private const string TablePrefix = "table:";
    private const string SqliteHead = "SELECT origin, size, root, checkpoint FROM ledger_head WHERE id = 1";
    private const string PostgresHead = "SELECT origin, size, root, checkpoint FROM probity.ledger_head WHERE id = 1";

    /// <summary>Every table after those that it refers to. Its own rows it may refer to, so their order matters
    /// too.</summary>
    private const string Tables = """
        WITH RECURSIVE t AS (
          SELECT c.oid, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE n.nspname = 'probity' AND c.relkind = 'r' AND c.relname <> 'schema_migration'),
        r AS (SELECT conrelid, confrelid FROM pg_constraint WHERE contype = 'f' AND conrelid <> confrelid),
        d AS (SELECT oid, 0 AS depth FROM t UNION ALL
          SELECT r.conrelid, d.depth + 1 FROM d JOIN r ON r.confrelid = d.oid WHERE d.depth < 32)
        SELECT t.relname, (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute a
          WHERE a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '')
        FROM t ORDER BY (SELECT max(depth) FROM d WHERE d.oid = t.oid), t.relname
        """;

    /// <summary>Copies the store.</summary>
    /// <param name="database">The store.</param>
    /// <param name="folder">Where a temporary file may lie; it is on the same disk as the result.</param>
    /// <param name="begin">Told the head of the snapshot before the first part.</param>
    /// <param name="part">Takes each part.</param>
    /// <param name="cancellationToken">Ends the copy.</param>
    public static Task WriteAsync(
        IDatabase database, string folder, Action<CopiedHead> begin, StorePart part,
            CancellationToken cancellationToken) =>
        database is SqliteDatabase
            ? WriteSqliteAsync(database, folder, begin, part, cancellationToken)
            : WritePostgresAsync((PostgresDatabase)database, begin, part, cancellationToken);

    /// <summary>Reads a table's part back; the tables are empty and of the same schema.</summary>
    public static async Task ReadTableAsync(
        NpgsqlConnection owner, string name, Func<byte[]?> blocks, CancellationToken cancellationToken)
    {
        var table = name[TablePrefix.Length..];
#pragma warning disable CA2100 // The name is one of our tables, quoted by whoever made the authenticated copy.
        await using var copy = await owner.BeginRawBinaryCopyAsync($"COPY {table} FROM STDIN (FORMAT binary)",
            cancellationToken);
#pragma warning restore CA2100
        while (blocks() is { } block)
        {
            await copy.WriteAsync(block, cancellationToken);
        }
    }

    public static bool IsTable(string part) => part.StartsWith(TablePrefix, StringComparison.Ordinal);

    /// <summary>The head of a log in a file or database.</summary>
    public static async Task<CopiedHead> ReadHeadAsync(DbConnection connection, DbTransaction? transaction,
        CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.Transaction = transaction;
#pragma warning disable CA2100 // One of two constants.
        command.CommandText = connection is SqliteConnection ? SqliteHead : PostgresHead;
#pragma warning restore CA2100
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new CopiedHead(reader.GetString(0), reader.GetInt64(1), (byte[])reader.GetValue(2), reader.GetString(3))
            : throw new StorageException("storage.no_ledger", "The store holds no ledger yet.");
    }

    private static async Task WriteSqliteAsync(
        IDatabase database, string folder, Action<CopiedHead> begin, StorePart part,
            CancellationToken cancellationToken)
    {
        var temporary = Path.Combine(folder, $".{Guid.CreateVersion7():N}.tmp");
        try
        {
            await using (var connection = await database.OpenOwnerAsync(cancellationToken))
            {
                await using var command = connection.CreateCommand();
                command.CommandText = "VACUUM INTO @file";
                command.CommandTimeout = 0;
                var file = command.CreateParameter();
                (file.ParameterName, file.Value) = ("@file", temporary);
                command.Parameters.Add(file);
                await command.ExecuteNonQueryAsync(cancellationToken);
            }

            var copied = new SqliteConnectionStringBuilder { DataSource = temporary, Mode = SqliteOpenMode.ReadOnly,
                Pooling = false };
            await using (var copy = new SqliteConnection(copied.ToString()))
            {
                await copy.OpenAsync(cancellationToken);
                begin(await ReadHeadAsync(copy, null, cancellationToken));
            }

            await using var content = File.OpenRead(temporary);
            await part(SqliteFile, content, cancellationToken);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private static async Task WritePostgresAsync(
        PostgresDatabase database, Action<CopiedHead> begin, StorePart part, CancellationToken cancellationToken)
    {
        await using var connection = (NpgsqlConnection)await database.OpenOwnerAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead,
            cancellationToken);
        begin(await ReadHeadAsync(connection, transaction, cancellationToken));
        var tables = new List<(string Name, string Columns)>();
        await using (var list = new NpgsqlCommand(Tables, connection, transaction))
        {
            await using var reader = await list.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                tables.Add((reader.GetString(0), reader.GetString(1)));
            }
        }

        foreach (var (name, columns) in tables)
        {
            // A key before those it wraps.
            var order = name == "data_key" ? " ORDER BY wrapped_by NULLS FIRST, created_at" : "";
#pragma warning disable CA2100 // Names of the catalogue, quoted there.
            await using var copy = await connection.BeginRawBinaryCopyAsync(
                $"COPY (SELECT {columns} FROM probity.\"{name}\"{order}) TO STDOUT (FORMAT binary)", cancellationToken);
#pragma warning restore CA2100
            await part($"{TablePrefix}probity.\"{name}\" ({columns})", copy, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }
}
