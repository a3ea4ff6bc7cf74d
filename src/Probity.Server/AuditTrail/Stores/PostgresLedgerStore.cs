using System.Buffers;
using Npgsql;
using Probity.Ledger.Entries;
using Probity.Ledger.Merkle;
using Probity.Ledger.Tiles;
using Probity.Ledger.Verification;
using Probity.Server.AuditTrail.Append;
using Probity.Server.Storage.Postgres;

namespace Probity.Server.AuditTrail.Stores;

/// <summary>
/// The ledger on PostgreSQL. Whoever holds the head row's lock writes, so any number of nodes may try; each commit is
/// read-committed, and the head is replaced only where its size is what was read. SQL is limited to PostgreSQL 13.
/// </summary>
internal sealed class PostgresLedgerStore(PostgresDatabase database) : ILedgerStore
{
    private const string SelectHashes =
        "select hash from ledger_entry where seq >= $1 and seq < $1 + $2 order by seq";

    private const string SelectRoots =
        "select root from ledger_tile where level = $3 and idx >= $1 and idx < $1 + $2 order by idx";

    private NpgsqlConnection? _writer;

    public string Kind => "postgresql";

    public async Task<LogHead?> ReadHeadAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(PostgresAppend.SelectHead, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? PostgresAppend.ReadHead(reader) : null;
    }

    public async Task<LogHead> CreateAsync(LogHead empty, CancellationToken cancellationToken)
    {
        await using (var connection = await database.Source.OpenConnectionAsync(cancellationToken))
        {
            await using var insert = new NpgsqlCommand(
                """
                insert into ledger_head(id, origin, size, root, frontier, last_hash, checkpoint, recorded_at)
                values (1, $1, 0, $2, '\x', $3, '', 0) on conflict do nothing
                """,
                connection);
            insert.Parameters.Add(new() { Value = empty.Origin });
            insert.Parameters.Add(new() { Value = empty.Root.ToArray() });
            insert.Parameters.Add(new() { Value = empty.LastHash.ToArray() });
            await insert.ExecuteNonQueryAsync(cancellationToken);
        }

        return (await ReadHeadAsync(cancellationToken))!; // Written just above, or by someone before.
    }

    public async Task<IReadOnlyList<PurgedRun>> ReadPurgedAsync(
        long first, long last, CancellationToken cancellationToken)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(PurgedRun.Select, connection);
        command.Parameters.Add(new() { Value = first });
        command.Parameters.Add(new() { Value = last });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var runs = new List<PurgedRun>();
        while (await reader.ReadAsync(cancellationToken))
        {
            runs.Add(new PurgedRun(reader.GetInt64(0), reader.GetInt64(1), reader.GetString(2)));
        }

        return runs;
    }

    public async Task<IReadOnlyList<StoredContinuation>> ReadContinuationsAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(StoredContinuation.Select, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<StoredContinuation>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(new StoredContinuation(reader.GetInt64(0), reader.GetString(1), reader.GetString(2)));
        }

        return found;
    }

    public bool IsPurged(long first, long last)
    {
        using var connection = database.Source.OpenConnection();
        using var command = new NpgsqlCommand(
            """
            select coalesce(sum(least(last_seq, $2) - greatest(first_seq, $1) + 1), 0)::bigint from ledger_purge
            where first_seq <= $2 and last_seq >= $1
            """,
            connection);
        command.Parameters.Add(new() { Value = first });
        command.Parameters.Add(new() { Value = last });
        return command.ExecuteScalar() is long named && named == last - first + 1;
    }

    public async Task PurgeAsync(
        IReadOnlyList<(long First, long Last)> runs, IReadOnlyList<string> blobs, CancellationToken cancellationToken)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection, transaction);

        // The role and the time are this transaction's alone.
        batch.BatchCommands.Add(new("set local role probity_retention"));
        batch.BatchCommands.Add(new("set local statement_timeout = 0"));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(
            """
            delete from ledger_entry e using unnest($1, $2) as r(first, last) where e.seq between r.first and r.last
            """).With(runs.Select(run => run.First).ToArray()).With(runs.Select(run => run.Last).ToArray()));
        batch.BatchCommands.Add(new NpgsqlBatchCommand("delete from blob where sha256 = any($1)")
            .With(blobs.Select(Convert.FromHexString).ToArray()));
        await batch.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(CancellationToken.None);
    }

    public async Task<IReadOnlyList<AppendResult>> CommitAsync(
        IReadOnlyList<AppendRequest> requests, Sequencer sequencer, long nowMicros, CancellationToken cancellationToken)
    {
        try
        {
            _writer ??= await database.Source.OpenConnectionAsync(cancellationToken);
            await using var transaction = await _writer.BeginTransactionAsync(cancellationToken);
            foreach (var request in requests)
            {
                if (request.Alongside is { } work)
                {
                    await work(_writer, transaction, cancellationToken);
                }
            }

            return WriteAndCommit(_writer, transaction, requests, sequencer, nowMicros);
        }
        catch
        {
            // A connection that has seen an error is not used again, whoever saw it: a module's failure comes wrapped.
            // The next commit starts on a fresh one.
            await DropWriterAsync();
            throw;
        }
    }

    public async Task<IReadOnlyList<StoredEntry>> ReadEntriesAsync(
        long fromSeq, int most, CancellationToken cancellationToken)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(
            "select seq, hash, body from ledger_entry where seq >= $1 order by seq limit $2", connection);
        command.Parameters.Add(new() { Value = fromSeq });
        command.Parameters.Add(new() { Value = most });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var entries = new List<StoredEntry>();
        while (await reader.ReadAsync(cancellationToken))
        {
            entries.Add(new StoredEntry(
                reader.GetInt64(0), ToDigest(reader.Bytes(1)), reader.Bytes(2)));
        }

        return entries;
    }

    public Task<IReadOnlyList<Digest>> ReadHashesAsync(long fromSeq, int count, CancellationToken cancellationToken) =>
        ReadDigestsAsync(SelectHashes, fromSeq, count, 0, cancellationToken);

    public async Task<IReadOnlyList<ReadOnlyMemory<byte>?>> ReadTilesAsync(
        IReadOnlyList<TilePath> tiles, CancellationToken cancellationToken)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection);
        foreach (var tile in tiles)
        {
            batch.BatchCommands.Add(SelectTile(tile));
        }

        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var read = new ReadOnlyMemory<byte>?[tiles.Count];
        for (var i = 0; i < read.Length; i++)
        {
            read[i] = await ReadTileAsync(reader, tiles[i], cancellationToken);
            await reader.NextResultAsync(cancellationToken);
        }

        return read;
    }

    public Task<IReadOnlyList<Digest>> ReadTileRootsAsync(
        int level, long fromIndex, int count, CancellationToken cancellationToken) =>
        ReadDigestsAsync(SelectRoots, fromIndex, count, level, cancellationToken);

    public Task<IReadOnlyList<StoredCheckpoint>> ReadCheckpointsAsync(
        long fromSize, int most, CancellationToken cancellationToken) =>
        ReadCheckpointsAsync(
            "select size, note from ledger_checkpoint where size >= $1 order by size limit $2",
            fromSize,
            most,
            cancellationToken);

    public Task<IReadOnlyList<StoredCheckpoint>> ReadNewestCheckpointsAsync(
        long toSize, int most, CancellationToken cancellationToken) =>
        ReadCheckpointsAsync(
            "select size, note from ledger_checkpoint where size <= $1 order by size desc limit $2",
            toSize,
            most,
            cancellationToken);

    public async Task<AuditedHead?> ReadRawHeadAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(PostgresAppend.SelectHead, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new AuditedHead(
                reader.GetString(5) is { Length: > 0 } note ? note : null,
                reader.GetInt64(1),
                reader.Bytes(2),
                reader.Bytes(3),
                reader.Bytes(4),
                reader.GetString(0),
                reader.GetInt64(6))
            : null;
    }

    public async Task<long?> ReadLastRowAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(
            "select seq from ledger_entry order by seq desc limit 1", connection);
        return await command.ExecuteScalarAsync(cancellationToken) as long?;
    }

    public async Task<RawRows> ReadRawEntriesAsync(
        long fromRow, long endRow, int most, CancellationToken cancellationToken)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(
            "select seq, hash, body from ledger_entry where seq >= $1 and seq < $2 order by seq limit $3", connection);
        command.Parameters.Add(new() { Value = fromRow });
        command.Parameters.Add(new() { Value = endRow });
        command.Parameters.Add(new() { Value = most });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new RawRows(most);
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(reader);
        }

        return rows;
    }

    public async Task<IReadOnlyList<AuditedTile>> ReadRawTilesAsync(
        int level, long fromIndex, int most, CancellationToken cancellationToken)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(
            "select idx, root, hashes from ledger_tile where level = $1 and idx >= $2 order by idx limit $3",
            connection);
        command.Parameters.Add(new() { Value = (short)level });
        command.Parameters.Add(new() { Value = fromIndex });
        command.Parameters.Add(new() { Value = most });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var tiles = new List<AuditedTile>();
        while (await reader.ReadAsync(cancellationToken))
        {
            tiles.Add(new AuditedTile(
                reader.GetInt64(0), reader.Bytes(1), reader.Bytes(2)));
        }

        return tiles;
    }

    public async Task<byte[]?> ReadBlobAsync(Digest sha256, CancellationToken cancellationToken)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand("select content from blob where sha256 = $1", connection);
        command.Parameters.Add(new() { Value = sha256.ToArray() });
        return await command.ExecuteScalarAsync(cancellationToken) as byte[];
    }

    public ValueTask DisposeAsync() => DropWriterAsync();

    private async ValueTask DropWriterAsync()
    {
        if (_writer is { } writer)
        {
            _writer = null;
            await writer.DisposeAsync();
        }
    }

    // Blocking, since the ledger has a thread that does nothing else: where preparing keeps the processors busy, every
    // answer that has to find its way back to it through the thread pool costs a turn of the scheduler.
    private static IReadOnlyList<AppendResult> WriteAndCommit(
        NpgsqlConnection writer,
        NpgsqlTransaction transaction,
        IReadOnlyList<AppendRequest> requests,
        Sequencer sequencer,
        long nowMicros)
    {
        var append = new PostgresAppend(writer);
        var answers = append.Write(requests, sequencer, nowMicros);
        transaction.Commit();
        foreach (var key in append.WrittenKeys)
        {
            key.MarkStored();
        }

        return answers;
    }

    private static NpgsqlBatchCommand SelectTile(TilePath tile)
    {
        var first = tile.Index * TilePath.FullWidth;
        return tile switch
        {
            { IsPartial: false } =>
                new NpgsqlBatchCommand("select hashes from ledger_tile where level = $1 and idx = $2")
                    .With((short)tile.Level).With(tile.Index),
            { Level: 0 } => new NpgsqlBatchCommand(SelectHashes).With(first).With(tile.Width),
            _ => new NpgsqlBatchCommand(SelectRoots).With(first).With(tile.Width).With((short)(tile.Level - 1)),
        };
    }

    private static async Task<ReadOnlyMemory<byte>?> ReadTileAsync(
        NpgsqlDataReader reader, TilePath tile, CancellationToken cancellationToken)
    {
        var hashes = new ArrayBufferWriter<byte>(tile.Width * Digest.Length);
        while (await reader.ReadAsync(cancellationToken))
        {
            hashes.Write(tile.IsPartial ? ToDigest(reader.Bytes(0)).Bytes : reader.Bytes(0));
        }

        return tile.IsPartial || hashes.WrittenCount > 0 ? hashes.WrittenMemory : null;
    }

    private async Task<IReadOnlyList<Digest>> ReadDigestsAsync(
        string sql, long from, int count, int level, CancellationToken cancellationToken)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellationToken);
#pragma warning disable CA2100 // One of the constants above.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        command.Parameters.Add(new() { Value = from });
        command.Parameters.Add(new() { Value = count });
        if (sql.Contains("$3", StringComparison.Ordinal))
        {
            command.Parameters.Add(new() { Value = (short)level });
        }

        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var digests = new List<Digest>(count);
        while (await reader.ReadAsync(cancellationToken))
        {
            digests.Add(ToDigest(reader.Bytes(0)));
        }

        return digests;
    }

    private async Task<IReadOnlyList<StoredCheckpoint>> ReadCheckpointsAsync(
        string sql, long size, int most, CancellationToken cancellationToken)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellationToken);
#pragma warning disable CA2100 // One of the constants above.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        command.Parameters.Add(new() { Value = size });
        command.Parameters.Add(new() { Value = most });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var checkpoints = new List<StoredCheckpoint>();
        while (await reader.ReadAsync(cancellationToken))
        {
            checkpoints.Add(new StoredCheckpoint(reader.GetInt64(0), reader.GetString(1)));
        }

        return checkpoints;
    }

    /// <summary>A stored hash of the wrong length reads as zeros, so that verification names it and reading goes on.</summary>
    private static Digest ToDigest(byte[] bytes) => bytes.Length == Digest.Length ? Digest.From(bytes) : default;
}
