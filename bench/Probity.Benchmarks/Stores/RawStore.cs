using System.Security.Cryptography;
using Npgsql;
using NpgsqlTypes;
using Probity.Server.AuditTrail.Stores;
using Probity.Server.Storage;
using Probity.Server.Storage.Postgres;
using Probity.Server.Storage.Sqlite;

namespace Probity.Benchmarks.Stores;

/// <summary>
/// What the store can do without a ledger: rows of the same size into the same table by its fastest durable way, and
/// the same rows read back in order. The yardstick, so it is given every advantage: nothing is made, checked or kept.
/// </summary>
internal sealed class RawStore(IDatabase database, int bodyBytes) : IAsyncDisposable
{
    private readonly byte[] _body = RandomNumberGenerator.GetBytes(bodyBytes);
    private readonly byte[] _hash = new byte[32];
    private SqliteStatement? _insert;
    private NpgsqlConnection? _writer;
    private long _next;

    /// <summary>Inserts rows in one durable transaction.</summary>
    public Task InsertAsync(int rows) => database is SqliteDatabase sqlite
        ? InsertSqliteAsync(sqlite, rows)
        : CopyAsync((PostgresDatabase)database, rows);

    /// <summary>Reads every row once, in order, into one buffer; returns rows and bytes.</summary>
    public static async Task<(long Rows, long Bytes)> ReadAsync(IDatabase database) => database is SqliteDatabase sqlite
        ? ReadSqlite(sqlite)
        : await ReadPostgresAsync((PostgresDatabase)database);

    public async ValueTask DisposeAsync()
    {
        _insert?.Dispose();
        if (_writer is not null)
        {
            await _writer.DisposeAsync();
        }

        await database.DisposeAsync();
    }

    private async Task InsertSqliteAsync(SqliteDatabase sqlite, int rows)
    {
        using var lease = await sqlite.AcquireWriterAsync(CancellationToken.None);
        _insert ??= new SqliteStatement(
            lease.Connection, "insert into ledger_entry(seq, hash, body) values (?1, ?2, ?3)");
        await using var transaction = lease.Connection.BeginTransaction(deferred: false);
        for (var i = 0; i < rows; i++)
        {
            _insert.Bind(1, _next++).Bind(2, _hash).Bind(3, _body).Execute();
        }

        await transaction.CommitAsync();
    }

    private async Task CopyAsync(PostgresDatabase postgres, int rows)
    {
        _writer ??= await postgres.Source.OpenConnectionAsync();
        await using var transaction = await _writer.BeginTransactionAsync();
        await using (var copy = await _writer.BeginBinaryImportAsync(
            "copy ledger_entry(seq, hash, body) from stdin (format binary)"))
        {
            for (var i = 0; i < rows; i++)
            {
                await copy.StartRowAsync();
                await copy.WriteAsync(_next++, NpgsqlDbType.Bigint);
                await copy.WriteAsync(_hash, NpgsqlDbType.Bytea);
                await copy.WriteAsync(_body, NpgsqlDbType.Bytea);
            }

            await copy.CompleteAsync();
        }

        await transaction.CommitAsync();
    }

    private static (long Rows, long Bytes) ReadSqlite(SqliteDatabase sqlite)
    {
        using var connection = sqlite.OpenReader();
        using var select = new SqliteStatement(connection, "select seq, hash, body from ledger_entry order by seq");
        var buffer = new byte[ushort.MaxValue];
        var (rows, bytes) = (0L, 0L);
        while (select.Read())
        {
            _ = select.Int64(0);
            select.Bytes(1).CopyTo(buffer);
            var body = select.Bytes(2);
            body.CopyTo(buffer);
            rows++;
            bytes += body.Length;
        }

        return (rows, bytes);
    }

    private static async Task<(long Rows, long Bytes)> ReadPostgresAsync(PostgresDatabase postgres)
    {
        await using var connection = await postgres.Source.OpenConnectionAsync();
        await using var command = new NpgsqlCommand("select seq, hash, body from ledger_entry order by seq", connection);
        await using var reader = await command.ExecuteReaderAsync();
        var buffer = new byte[ushort.MaxValue];
        var (rows, bytes) = (0L, 0L);
        while (await reader.ReadAsync())
        {
            _ = reader.GetInt64(0);
            reader.GetBytes(1, 0, buffer, 0, buffer.Length);
            bytes += reader.GetBytes(2, 0, buffer, 0, buffer.Length);
            rows++;
        }

        return (rows, bytes);
    }
}
