using Npgsql;
using NpgsqlTypes;
using Probity.Ledger.Entries;
using Probity.Ledger.Merkle;
using Probity.Ledger.Tiles;
using Probity.Server.AuditTrail.Append;
using Probity.Server.Keys;
using Probity.Server.Storage;

namespace Probity.Server.AuditTrail.Stores;

/// <summary>
/// One commit's statements, in as few round trips as there are decisions to take: lock and read the head; look up keys
/// if any came; send the rows; replace the head. Used inside a transaction only.
/// </summary>
internal sealed class PostgresAppend(NpgsqlConnection writer)
{
    internal const string SelectHead =
        "select origin, size, root, frontier, last_hash, checkpoint, recorded_at from ledger_head where id = 1";

    // A one-row COPY is slower than a prepared INSERT; from here on COPY wins.
    private const int CopyFrom = 6;

    /// <summary>Keys that <see cref="Write"/> wrote: durable when its transaction is.</summary>
    public IReadOnlyList<SubjectKey> WrittenKeys { get; private set; } = [];

    public IReadOnlyList<AppendResult> Write(
        IReadOnlyList<AppendRequest> requests, Sequencer sequencer, long nowMicros)
    {
        var (head, classes) = LockHead();
        var answers = FindAnswers(requests, nowMicros);
        var plan = BatchPlan.Make(
            requests,
            key => answers.GetValueOrDefault(BatchPlan.KeyOf(key)),
            FindExternal(BatchPlan.ExternalKeys(requests)),
            classes);
        if (plan.Entries.Count == 0)
        {
            return plan.Answers(null, head);
        }

        FollowRotation(plan.NewKeys);
        sequencer.Continue(head, ReadPartialTiles);
        var batch = sequencer.Sequence(plan.Templates, nowMicros);
        plan.Number(batch);
        var results = plan.Answers(batch, batch.Head);

        using var rows = new NpgsqlBatch(writer);
        if (batch.Entries.Count < CopyFrom)
        {
            InsertEntries(rows, batch);
        }
        else
        {
            CopyRows.Write(writer, batch);
        }

        AddKeys(rows, plan.NewKeys);
        AddSideRows(rows, plan, batch, plan.NewAnswers(results));
        ReplaceHead(rows, head, batch.Head);
        WrittenKeys = plan.NewKeys;
        return results;
    }

    public static LogHead ReadHead(NpgsqlDataReader reader) => new(
        reader.GetString(0),
        reader.GetInt64(1),
        Digest.From(reader.Bytes(2)),
        reader.Bytes(3),
        Digest.From(reader.Bytes(4)),
        reader.GetString(5),
        reader.GetInt64(6));

    /// <summary>
    /// The head, locked, and the version of the field classes: in one round trip, but as a second statement, which sees
    /// what was committed while the first one waited for the lock.
    /// </summary>
    private (LogHead Head, int Classes) LockHead()
    {
        using var batch = new NpgsqlBatch(writer);
        batch.BatchCommands.Add(new(SelectHead + " for update"));
        batch.BatchCommands.Add(new(SqliteAppend.SelectClasses));
        using var reader = batch.ExecuteReader();
        var head = reader.Read()
            ? ReadHead(reader)
            : throw new LedgerIntegrityException("The head of the log is missing.");
        reader.NextResult();
        return (head, reader.Read() ? reader.GetInt32(0) : 0);
    }

    private Dictionary<UInt128, StoredAnswer> FindAnswers(
        IReadOnlyList<AppendRequest> requests, long nowMicros)
    {
        var keys = requests.Where(request => request.Idempotency is not null)
            .Select(request => request.Idempotency!.Key).ToArray();
        var answers = new Dictionary<UInt128, StoredAnswer>();
        if (keys.Length == 0)
        {
            return answers;
        }

        using var expire = new NpgsqlCommand("delete from ledger_idempotency where recorded_at < $1", writer);
        expire.Parameters.Add(new() { Value = nowMicros - BatchPlan.AnswerLifeMicros });
        expire.ExecuteNonQuery();
        using var command = new NpgsqlCommand(
            "select key, request, places from ledger_idempotency where key = any($1)", writer);
        command.Parameters.Add(new() { Value = keys, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea });
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            answers[BatchPlan.KeyOf(reader.Bytes(0))] =
                new StoredAnswer(reader.Bytes(1), reader.Bytes(2));
        }

        return answers;
    }

    private Dictionary<UInt128, KnownExternal> FindExternal(List<ExternalKey> keys)
    {
        var known = new Dictionary<UInt128, KnownExternal>();
        if (keys.Count == 0)
        {
            return known;
        }

        using var command = new NpgsqlCommand(
            """
            select x.key, x.fingerprint, x.seq,
              coalesce(e.hash, substr(t.hashes, 1 + 32 * (x.seq % 256)::int, 32)), e.body
            from ledger_external x left join ledger_entry e on e.seq = x.seq
            left join ledger_tile t on t.level = 0 and t.idx = x.seq / 256 and e.seq is null
            where x.key = any($1)
            """,
            writer);
        command.Parameters.Add(new()
        {
            Value = keys.Select(key => key.Key).ToArray(),
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea,
        });
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            var seq = reader.GetInt64(2);
            var place = new EntryPlace(
                reader.GetValue(4) is byte[] body ? EntryReader.ReadId(body) : EntryPlace.PurgedId,
                seq,
                Digest.From(reader.Bytes(3)),
                true);
            known[BatchPlan.KeyOf(reader.Bytes(0))] = new KnownExternal(reader.GetInt64(1), seq, place);
        }

        return known;
    }

    /// <summary>Only when a person is new: another node may have rotated the key-encryption key.</summary>
    private void FollowRotation(List<SubjectKey> keys)
    {
        if (keys.Count > 0)
        {
            using var command = new NpgsqlCommand(
                "select id from data_key where kind = 'kek' and state = 'active'", writer);
            if (command.ExecuteScalar() is string active)
            {
                keys[0].Follow(active);
            }
        }
    }

    private static void AddKeys(NpgsqlBatch rows, List<SubjectKey> keys)
    {
        if (keys.Count == 0)
        {
            return;
        }

        // Of the same kind and state, and wrapped by the same key: one statement for all.
        var made = keys.ConvertAll(key => key.ToRow());
        Add(
            rows,
            """
            insert into data_key(id, kind, wrapped_by, wrapped, algorithm, created_at, state, subject)
            select k.id, $1, $2, k.wrapped, $3, k.created_at, $4, k.subject
            from unnest($5, $6, $7, $8) as k(id, wrapped, created_at, subject) on conflict do nothing
            """)
            .With(made[0].Kind).With(made[0].WrappedBy!).With(made[0].Algorithm).With(made[0].State)
            .With(made.Select(row => row.Id).ToArray()).With(made.Select(row => row.Wrapped!).ToArray())
            .With(made.Select(row => InstantConverter.ToMicroseconds(row.CreatedAt)).ToArray())
            .With(made.Select(row => row.Subject!).ToArray());
    }

    private static void InsertEntries(NpgsqlBatch rows, SequencedBatch batch)
    {
        for (var i = 0; i < batch.Entries.Count; i++)
        {
            Add(rows, "insert into ledger_entry(seq, hash, body) values ($1, $2, $3)")
                .With(batch.FirstSeq + i).With(batch.Entries[i].Hash.ToArray()).With(batch.Body(i));
        }
    }

    private static void AddSideRows(
        NpgsqlBatch rows, BatchPlan plan, SequencedBatch batch, IEnumerable<(IdempotencyKey Key, byte[] Places)> answers)
    {
        AddExternal(rows, plan, batch);
        foreach (var blob in plan.Entries.SelectMany(entry => entry.Blobs))
        {
            Add(rows, "insert into blob(sha256, key, content) values ($1, $2, $3) on conflict do nothing")
                .With(blob.Sha256.ToArray()).With(blob.KeyId).With(blob.Content);
        }

        foreach (var tile in batch.Tiles)
        {
            Add(rows, "insert into ledger_tile(level, idx, root, hashes) values ($1, $2, $3, $4)")
                .With((short)tile.Level).With(tile.Index).With(tile.Root.ToArray()).With(tile.Hashes);
        }

        foreach (var (key, places) in answers)
        {
            Add(rows, "insert into ledger_idempotency(key, request, places, recorded_at) values ($1, $2, $3, $4)")
                .With(key.Key).With(key.Request).With(places).With(batch.Head.RecordedAtMicros);
        }
    }

    private static void AddExternal(NpgsqlBatch rows, BatchPlan plan, SequencedBatch batch)
    {
        var (keys, seqs, fingerprints) = (new List<byte[]>(), new List<long>(), new List<long>());
        for (var i = 0; i < plan.Entries.Count; i++)
        {
            if (plan.Entries[i].External is { } external)
            {
                keys.Add(external.Key);
                seqs.Add(batch.FirstSeq + i);
                fingerprints.Add(external.Fingerprint);
            }
        }

        if (keys.Count > 0)
        {
            Add(rows, "insert into ledger_external(key, seq, fingerprint) select * from unnest($1, $2, $3)")
                .With(keys.ToArray()).With(seqs.ToArray()).With(fingerprints.ToArray());
        }
    }

    private static void ReplaceHead(NpgsqlBatch rows, LogHead read, LogHead head)
    {
        var replace = Add(
            rows,
            """
            update ledger_head set size = $1, root = $2, frontier = $3, last_hash = $4, checkpoint = $5, recorded_at = $6
            where id = 1 and size = $7
            """)
            .With(head.Size).With(head.Root.ToArray()).With(head.Frontier).With(head.LastHash.ToArray())
            .With(head.Checkpoint).With(head.RecordedAtMicros).With(read.Size);
        Add(rows, "insert into ledger_checkpoint(size, note) values ($1, $2)").With(head.Size).With(head.Checkpoint);
        rows.ExecuteNonQuery();
        if (replace.RecordsAffected != 1)
        {
            throw new LedgerIntegrityException($"The head moved from size {read.Size} while it was locked.");
        }
    }

    private static NpgsqlBatchCommand Add(NpgsqlBatch batch, string sql)
    {
#pragma warning disable CA2100 // Only constants of this file come here.
        var command = new NpgsqlBatchCommand(sql);
#pragma warning restore CA2100
        batch.BatchCommands.Add(command);
        return command;
    }

    private List<ReadOnlyMemory<byte>> ReadPartialTiles(long size)
    {
        var tiles = new List<ReadOnlyMemory<byte>>
        {
            ReadDigests(
                "select hash from ledger_entry where seq >= $1 order by seq", TileLayout.FullTiles(0, size) << 8, null),
        };
        for (short level = 0; TileLayout.FullTiles(level, size) > 0; level++)
        {
            tiles.Add(ReadDigests(
                "select root from ledger_tile where idx >= $1 and level = $2 order by idx",
                TileLayout.FullTiles(level + 1, size) << 8,
                level));
        }

        return tiles;
    }

    private static void Append(MemoryStream digests, byte[] digest) => digests.Write(digest);

    private ReadOnlyMemory<byte> ReadDigests(string sql, long from, short? level)
    {
#pragma warning disable CA2100 // Only constants of this file come here.
        using var command = new NpgsqlCommand(sql, writer);
#pragma warning restore CA2100
        command.Parameters.Add(new() { Value = from });
        if (level is { } value)
        {
            command.Parameters.Add(new() { Value = value });
        }

        using var reader = command.ExecuteReader();
        var digests = new MemoryStream();
        while (reader.Read())
        {
            Append(digests, reader.Bytes(0));
        }

        return digests.ToArray();
    }
}

/// <summary>Positional parameters and columns without the noise.</summary>
internal static class NpgsqlShorthand
{
    /// <summary>A bytea of the current row, which has been read whole: nothing is waited for.</summary>
    public static byte[] Bytes(this NpgsqlDataReader reader, int column) => reader.GetFieldValue<byte[]>(column);

    public static NpgsqlBatchCommand With<T>(this NpgsqlBatchCommand command, T value)
    {
        command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
        return command;
    }
}
