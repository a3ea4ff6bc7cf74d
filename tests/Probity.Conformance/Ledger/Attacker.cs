using System.Data.Common;
using System.Text;
using Probity.Conformance.Storage;

namespace Probity.Conformance.Ledger;

/// <summary>
/// One who has the rights of the database's owner: takes triggers and constraints away, and then changes rows at will
/// on a connection of his own.
/// </summary>
#pragma warning disable CA2100 // The statements are written here.
internal sealed class Attacker : IAsyncDisposable
{
    private const string OpenPostgres = """
        SET synchronous_commit = off;
        DO $$
        DECLARE found record;
        BEGIN
          FOR found IN SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = 'probity' AND c.relkind = 'r' LOOP
            EXECUTE format('ALTER TABLE probity.%I DISABLE TRIGGER ALL', found.relname);
          END LOOP;
          FOR found IN SELECT conrelid::regclass AS relation, conname FROM pg_constraint
            WHERE contype = 'c' AND connamespace = 'probity'::regnamespace LOOP
            EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', found.relation, found.conname);
          END LOOP;
        END $$;
        """;

    private readonly TestStore _store;
    private readonly DbConnection _owner;

    private Attacker(TestStore store, DbConnection owner) => (_store, _owner) = (store, owner);

    public static async Task<Attacker> OpenAsync(TestStore store)
    {
        var attacker = new Attacker(store, await store.Database.OpenOwnerAsync(CancellationToken.None));
        if (store.Kind == StoreKind.Postgres)
        {
            await Sql.ExecuteAsync(attacker._owner, null, OpenPostgres);
            return attacker;
        }

        await Sql.ExecuteAsync(attacker._owner, null, "PRAGMA ignore_check_constraints = ON; PRAGMA synchronous = OFF");
        var triggers = await attacker.ReadAsync("SELECT name FROM sqlite_master WHERE type = 'trigger'", r => r.GetString(0));
        foreach (var trigger in triggers)
        {
            await Sql.ExecuteAsync(attacker._owner, null, $"DROP TRIGGER {trigger}");
        }

        return attacker;
    }

    public async Task<LogImage> ReadAsync()
    {
        var head = await ReadAsync(
            $"SELECT origin, size, root, frontier, last_hash, checkpoint, recorded_at FROM {Table("ledger_head")}",
            r => new HeadRow(r.GetString(0), r.GetInt64(1), Bytes(r, 2), Bytes(r, 3), Bytes(r, 4),
                Encoding.UTF8.GetBytes(r.GetString(5)), r.GetInt64(6)));
        var image = new LogImage { Head = head[0] };
        image.Entries.AddRange(await ReadAsync($"SELECT seq, hash, body FROM {Table("ledger_entry")} ORDER BY seq",
            r => new EntryRow(r.GetInt64(0), Bytes(r, 1), Bytes(r, 2))));
        image.Tiles.AddRange(await ReadAsync(
            $"SELECT level, idx, root, hashes FROM {Table("ledger_tile")} ORDER BY level, idx",
            r => new TileRow(r.GetInt16(0), r.GetInt64(1), Bytes(r, 2), Bytes(r, 3))));
        image.Checkpoints.AddRange(await ReadAsync($"SELECT size, note FROM {Table("ledger_checkpoint")} ORDER BY size",
            r => new CheckpointRow(r.GetInt64(0), Encoding.UTF8.GetBytes(r.GetString(1)))));
        image.Blobs.AddRange(await ReadAsync($"SELECT sha256, key, content FROM {Table("blob")}",
            r => new BlobRow(Bytes(r, 0), r.GetString(1), Bytes(r, 2))));
        return image;
    }

    /// <summary>Makes the store hold another image than it does; only the rows that differ are touched.</summary>
    public async Task ReplaceAsync(LogImage from, LogImage to)
    {
        await using var transaction = await _owner.BeginTransactionAsync();
        foreach (var row in from.Entries.Except(to.Entries))
        {
            await RunAsync("DELETE FROM ledger_entry WHERE seq = @a", row.Seq);
        }

        foreach (var row in from.Tiles.Except(to.Tiles))
        {
            await RunAsync("DELETE FROM ledger_tile WHERE level = @a AND idx = @b", (short)row.Level, row.Index);
        }

        foreach (var row in from.Checkpoints.Except(to.Checkpoints))
        {
            await RunAsync("DELETE FROM ledger_checkpoint WHERE size = @a", row.Size);
        }

        foreach (var row in from.Blobs.Except(to.Blobs))
        {
            await RunAsync("DELETE FROM blob WHERE sha256 = @a", row.Sha256);
        }

        await InsertAsync(from, to);
        await transaction.CommitAsync();
    }

    public ValueTask DisposeAsync() => _owner.DisposeAsync();

    private async Task InsertAsync(LogImage from, LogImage to)
    {
        foreach (var row in to.Entries.Except(from.Entries))
        {
            await RunAsync("INSERT INTO ledger_entry VALUES (@a, @b, @c)", row.Seq, row.Hash, row.Body);
        }

        foreach (var row in to.Tiles.Except(from.Tiles))
        {
            await RunAsync("INSERT INTO ledger_tile VALUES (@a, @b, @c, @d)", (short)row.Level, row.Index, row.Root, row.Hashes);
        }

        foreach (var row in to.Checkpoints.Except(from.Checkpoints))
        {
            await RunAsync($"INSERT INTO ledger_checkpoint VALUES (@a, {Text("@b")})", row.Size, row.Note);
        }

        foreach (var row in to.Blobs.Except(from.Blobs))
        {
            await RunAsync("INSERT INTO blob VALUES (@a, @b, @c)", row.Sha256, row.Key, row.Content);
        }

        if (to.Head != from.Head)
        {
            await RunAsync(
                $"""
                UPDATE ledger_head SET origin = @a, size = @b, root = @c, frontier = @d, last_hash = @e,
                  checkpoint = {Text("@f")}, recorded_at = @g
                """,
                to.Head.Origin, to.Head.Size, to.Head.Root, to.Head.Frontier, to.Head.LastHash, to.Head.Note,
                to.Head.RecordedAt);
        }
    }

    /// <summary>Text from bytes, so that SQLite holds what is no UTF-8 as well.</summary>
    private string Text(string parameter) =>
        _store.Kind == StoreKind.Sqlite ? $"CAST({parameter} AS TEXT)" : $"convert_from({parameter}, 'UTF8')";

    private string Table(string name) => _store.Table(name);

    private async Task RunAsync(string sql, params object[] values)
    {
        await using var command = _owner.CreateCommand();
        command.CommandText = FilledStores.Qualify(_store, sql);
        for (var i = 0; i < values.Length; i++)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = $"@{(char)('a' + i)}";
            parameter.Value = values[i];
            command.Parameters.Add(parameter);
        }

        await command.ExecuteNonQueryAsync();
    }

    private async Task<List<T>> ReadAsync<T>(string sql, Func<DbDataReader, T> read)
    {
        await using var command = _owner.CreateCommand();
        command.CommandText = sql;
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<T>();
        while (await reader.ReadAsync())
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    private static byte[] Bytes(DbDataReader reader, int column) => reader.GetFieldValue<byte[]>(column);
}
