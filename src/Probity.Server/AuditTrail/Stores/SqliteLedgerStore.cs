using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Probity.Ledger.Entries;
using Probity.Ledger.Merkle;
using Probity.Ledger.Tiles;
using Probity.Ledger.Verification;
using Probity.Server.AuditTrail.Append;
using Probity.Server.Storage.Sqlite;

namespace Probity.Server.AuditTrail.Stores;

/// <summary>
/// The ledger on SQLite. Commits run on the one writing connection (WAL, synchronous=FULL); reads are short
/// transactions on pooled read-only connections, so a long export never holds back a checkpoint of the WAL.
/// </summary>
internal sealed class SqliteLedgerStore(SqliteDatabase database) : ILedgerStore
{
    private const string SelectHashes =
        "select hash from ledger_entry where seq >= ?1 and seq < ?1 + ?2 order by seq";

    private const int RangeRows = 2_048;
    private const int PurgeRuns = 200;

    /// <summary>Idle scans: as many as audits have batches in flight at once.</summary>
    private readonly ConcurrentBag<SqliteRowScan> _scans = [];

    private SqliteAppend? _append;
    private volatile bool _disposed;

    public string Kind => "sqlite";

    public Task<LogHead?> ReadHeadAsync(CancellationToken cancellationToken)
    {
        using var connection = database.OpenReader();
        using var head = new SqliteStatement(connection, SqliteAppend.SelectHead);
        return Task.FromResult(SqliteAppend.ReadHead(head));
    }

    public async Task<LogHead> CreateAsync(LogHead empty, CancellationToken cancellationToken)
    {
        using (var lease = await database.AcquireWriterAsync(cancellationToken))
        {
            using var insert = new SqliteStatement(
                lease.Connection,
                """
                insert into ledger_head(id, origin, size, root, frontier, last_hash, checkpoint, recorded_at)
                values (1, ?1, 0, ?2, x'', ?3, '', 0) on conflict do nothing
                """);
            insert.Bind(1, empty.Origin).Bind(2, empty.Root).Bind(3, empty.LastHash).Execute();
        }

        return (await ReadHeadAsync(cancellationToken))!; // Written just above, or by someone before.
    }

    public Task<IReadOnlyList<PurgedRun>> ReadPurgedAsync(
        long first, long last, CancellationToken cancellationToken)
    {
        using var connection = database.OpenReader();
        using var select = new SqliteStatement(connection, PurgedRun.Select);
        select.Bind(1, first).Bind(2, last);
        var runs = new List<PurgedRun>();
        while (select.Read())
        {
            runs.Add(new PurgedRun(select.Int64(0), select.Int64(1), select.Text(2)));
        }

        return Task.FromResult<IReadOnlyList<PurgedRun>>(runs);
    }

    public Task<IReadOnlyList<StoredContinuation>> ReadContinuationsAsync(CancellationToken cancellationToken)
    {
        using var connection = database.OpenReader();
        using var select = new SqliteStatement(connection, StoredContinuation.Select);
        var found = new List<StoredContinuation>();
        while (select.Read())
        {
            found.Add(new StoredContinuation(select.Int64(0), select.Text(1), select.Text(2)));
        }

        return Task.FromResult<IReadOnlyList<StoredContinuation>>(found);
    }

    public bool IsPurged(long first, long last)
    {
        using var connection = database.OpenReader();
        using var select = new SqliteStatement(
            connection,
            """
            select coalesce(sum(min(last_seq, ?2) - max(first_seq, ?1) + 1), 0) from ledger_purge
            where first_seq <= ?2 and last_seq >= ?1
            """);
        select.Bind(1, first).Bind(2, last);
        return select.Read() && select.Int64(0) == last - first + 1;
    }

    public async Task PurgeAsync(
        IReadOnlyList<(long First, long Last)> runs, IReadOnlyList<string> blobs, CancellationToken cancellationToken)
    {
        // In turns of the writer that are short, so that the append goes on between them.
        foreach (var turn in runs.Chunk(PurgeRuns))
        {
            await DeleteAsync(
                "delete from ledger_entry where seq between ?1 and ?2",
                turn,
                static (delete, run) => delete.Bind(1, run.First).Bind(2, run.Last),
                cancellationToken);
        }

        foreach (var turn in blobs.Chunk(PurgeRuns))
        {
            await DeleteAsync(
                "delete from blob where sha256 = ?1",
                turn,
                static (delete, blob) => delete.Bind(1, Convert.FromHexString(blob)),
                cancellationToken);
        }
    }

    public async Task<IReadOnlyList<AppendResult>> CommitAsync(
        IReadOnlyList<AppendRequest> requests, Sequencer sequencer, long nowMicros, CancellationToken cancellationToken)
    {
        using var lease = database.AcquireForCommit(cancellationToken);
        try
        {
            var append = PrepareOn(lease.Connection);
            using var transaction = lease.Connection.BeginTransaction(deferred: false);
            foreach (var request in requests)
            {
                if (request.Alongside is { } work)
                {
                    await work(lease.Connection, transaction, cancellationToken);
                }
            }

            var answers = append.Write(requests, sequencer, nowMicros);
            transaction.Commit();
            foreach (var key in append.WrittenKeys)
            {
                key.MarkStored();
            }

            return answers;
        }
        catch (SqliteException)
        {
            // After an I/O error or a full disk the connection is not trusted; the next commit opens a new one.
            DropStatements();
            lease.MarkBroken();
            throw;
        }
    }

    public Task<IReadOnlyList<StoredEntry>> ReadEntriesAsync(
        long fromSeq, int most, CancellationToken cancellationToken)
    {
        using var connection = database.OpenReader();
        using var select = new SqliteStatement(
            connection, "select seq, hash, body from ledger_entry where seq >= ?1 order by seq limit ?2");
        select.Bind(1, fromSeq).Bind(2, most);
        var entries = new List<StoredEntry>(Math.Min(most, RangeRows));
        while (select.Read())
        {
            entries.Add(new StoredEntry(select.Int64(0), ReadDigest(select, 1), select.Bytes(2).ToArray()));
        }

        return Task.FromResult<IReadOnlyList<StoredEntry>>(entries);
    }

    public Task ReadBodiesAsync(long fromSeq, int most, EntryTaker take, CancellationToken cancellationToken)
    {
        using var connection = database.OpenReader();
        using var select = new SqliteStatement(
            connection, "select seq, body from ledger_entry where seq >= ?1 order by seq limit ?2");
        select.Bind(1, fromSeq).Bind(2, most);
        while (select.Read())
        {
            take(select.Int64(0), select.Bytes(1));
        }

        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<Digest>> ReadHashesAsync(long fromSeq, int count, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<Digest>>(ReadDigests(SelectHashes, fromSeq, count));

    public Task<IReadOnlyList<ReadOnlyMemory<byte>?>> ReadTilesAsync(
        IReadOnlyList<TilePath> tiles, CancellationToken cancellationToken)
    {
        using var connection = database.OpenReader();
        return Task.FromResult<IReadOnlyList<ReadOnlyMemory<byte>?>>(
            [.. tiles.Select(tile => ReadTile(connection, tile))]);
    }

    public Task<IReadOnlyList<Digest>> ReadTileRootsAsync(
        int level, long fromIndex, int count, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<Digest>>(ReadDigests(SelectRoots(level), fromIndex, count));

    public Task<IReadOnlyList<StoredCheckpoint>> ReadCheckpointsAsync(
        long fromSize, int most, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<StoredCheckpoint>>(ReadCheckpoints(
            "select size, note from ledger_checkpoint where size >= ?1 order by size limit ?2", fromSize, most));

    public Task<IReadOnlyList<StoredCheckpoint>> ReadNewestCheckpointsAsync(
        long toSize, int most, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<StoredCheckpoint>>(ReadCheckpoints(
            "select size, note from ledger_checkpoint where size <= ?1 order by size desc limit ?2", toSize, most));

    public Task<AuditedHead?> ReadRawHeadAsync(CancellationToken cancellationToken)
    {
        using var connection = database.OpenReader();
        using var head = new SqliteStatement(connection, SqliteAppend.SelectHead);
        var row = head.Read()
            ? new AuditedHead(
                head.Text(5) is { Length: > 0 } note ? note : null,
                head.Int64(1),
                head.Bytes(2).ToArray(),
                head.Bytes(3).ToArray(),
                head.Bytes(4).ToArray(),
                head.Text(0),
                head.Int64(6))
            : null;
        return Task.FromResult(row);
    }

    public Task<long?> ReadLastRowAsync(CancellationToken cancellationToken)
    {
        using var connection = database.OpenReader();
        using var select = new SqliteStatement(
            connection, "select seq from ledger_entry order by seq desc limit 1");
        return Task.FromResult(select.Read() ? select.Int64(0) : (long?)null);
    }

    public Task<RawRows> ReadRawEntriesAsync(
        long fromRow, long endRow, int most, CancellationToken cancellationToken)
    {
        using var connection = database.OpenReader();
        using var select = new SqliteStatement(
            connection,
            "select seq, hash, body from ledger_entry where seq >= ?1 and seq < ?2 order by seq limit ?3");
        select.Bind(1, fromRow).Bind(2, endRow).Bind(3, most);
        var rows = new RawRows(most);
        while (select.Read())
        {
            rows.Add(select.Int64(0), select.Bytes(1), select.Bytes(2));
        }

        return Task.FromResult(rows);
    }

    public bool CanScanRawEntries => SqliteRowScan.IsSupported;

    public bool ScanRawEntries(long fromRow, long endRow, AuditedRowTaker take)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!_scans.TryTake(out var scan))
        {
            scan = new SqliteRowScan(database.Path);
        }

        try
        {
            return scan.Scan(fromRow, endRow, take) == endRow - fromRow;
        }
        finally
        {
            _scans.Add(scan);
            if (_disposed)
            {
                DropScans();
            }
        }
    }

    public Task<IReadOnlyList<AuditedTile>> ReadRawTilesAsync(
        int level, long fromIndex, int most, CancellationToken cancellationToken)
    {
        using var connection = database.OpenReader();
        using var select = new SqliteStatement(
            connection,
            "select idx, root, hashes from ledger_tile where level = ?1 and idx >= ?2 order by idx limit ?3");
        select.Bind(1, level).Bind(2, fromIndex).Bind(3, most);
        var tiles = new List<AuditedTile>();
        while (select.Read())
        {
            tiles.Add(new AuditedTile(select.Int64(0), select.Bytes(1).ToArray(), select.Bytes(2).ToArray()));
        }

        return Task.FromResult<IReadOnlyList<AuditedTile>>(tiles);
    }

    public Task<byte[]?> ReadBlobAsync(Digest sha256, CancellationToken cancellationToken)
    {
        using var connection = database.OpenReader();
        using var select = new SqliteStatement(connection, "select content from blob where sha256 = ?1");
        select.Bind(1, sha256);
        return Task.FromResult(select.Read() ? select.Bytes(0).ToArray() : null);
    }

    public ValueTask DisposeAsync()
    {
        _disposed = true;
        DropScans();
        DropStatements();
        return ValueTask.CompletedTask;
    }

    private Task DeleteAsync<T>(
        string sql, T[] turn, Func<SqliteStatement, T, SqliteStatement> bind, CancellationToken cancellationToken) =>
        database.WriteAsync(
            (connection, _, _) =>
            {
                using var delete = new SqliteStatement((SqliteConnection)connection, sql);
                foreach (var each in turn)
                {
                    bind(delete, each).Execute();
                }

                return Task.CompletedTask;
            },
            cancellationToken);

    private void DropScans()
    {
        while (_scans.TryTake(out var scan))
        {
            scan.Dispose();
        }
    }

    private SqliteAppend PrepareOn(SqliteConnection writer)
    {
        if (_append is { } append && append.IsOn(writer))
        {
            return append;
        }

        DropStatements();
        return _append = new SqliteAppend(writer);
    }

    private void DropStatements()
    {
        _append?.Dispose();
        _append = null;
    }

    private static string SelectRoots(int level) =>
        $"select root from ledger_tile where level = {level} and idx >= ?1 and idx < ?1 + ?2 order by idx";

    private static ReadOnlyMemory<byte>? ReadTile(SqliteConnection connection, TilePath tile)
    {
        if (tile.IsPartial)
        {
            return ReadPartialTile(connection, tile);
        }

        using var select = new SqliteStatement(
            connection, "select hashes from ledger_tile where level = ?1 and idx = ?2");
        select.Bind(1, tile.Level).Bind(2, tile.Index);
        // Without the cast null would become an empty memory: arrays convert to it, and so does null.
        return select.Read() ? (ReadOnlyMemory<byte>?)select.Bytes(0).ToArray() : null;
    }

    private static byte[] ReadPartialTile(SqliteConnection connection, TilePath tile)
    {
        var sql = tile.Level == 0 ? SelectHashes : SelectRoots(tile.Level - 1);
        var hashes = ReadDigests(connection, sql, tile.Index * TilePath.FullWidth, tile.Width);
        var bytes = new byte[hashes.Count * Digest.Length];
        for (var i = 0; i < hashes.Count; i++)
        {
            hashes[i].CopyTo(bytes.AsSpan(i * Digest.Length));
        }

        return bytes;
    }

    private List<Digest> ReadDigests(string sql, long from, int count)
    {
        using var connection = database.OpenReader();
        return ReadDigests(connection, sql, from, count);
    }

    private static List<Digest> ReadDigests(SqliteConnection connection, string sql, long from, int count)
    {
        using var select = new SqliteStatement(connection, sql);
        select.Bind(1, from).Bind(2, count);
        var digests = new List<Digest>(count);
        while (select.Read())
        {
            digests.Add(ReadDigest(select, 0));
        }

        return digests;
    }

    private List<StoredCheckpoint> ReadCheckpoints(string sql, long size, int most)
    {
        using var connection = database.OpenReader();
        using var select = new SqliteStatement(connection, sql);
        select.Bind(1, size).Bind(2, most);
        var checkpoints = new List<StoredCheckpoint>();
        while (select.Read())
        {
            checkpoints.Add(new StoredCheckpoint(select.Int64(0), select.Text(1)));
        }

        return checkpoints;
    }

    /// <summary>A stored hash of the wrong length reads as zeros, so that verification names it and reading goes on.</summary>
    private static Digest ReadDigest(SqliteStatement row, int column)
    {
        var bytes = row.Bytes(column);
        return bytes.Length == Digest.Length ? Digest.From(bytes) : default;
    }
}
