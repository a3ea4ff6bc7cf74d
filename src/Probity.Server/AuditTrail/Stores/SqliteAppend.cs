using Microsoft.Data.Sqlite;
using Probity.Ledger.Entries;
using Probity.Ledger.Merkle;
using Probity.Ledger.Tiles;
using Probity.Server.AuditTrail.Append;
using Probity.Server.Keys;
using Probity.Server.Storage;

namespace Probity.Server.AuditTrail.Stores;

/// <summary>The statements of one commit, prepared once on the writing connection. Used inside a transaction only.</summary>
internal sealed class SqliteAppend(SqliteConnection writer) : IDisposable
{
    internal const string SelectHead =
        "select origin, size, root, frontier, last_hash, checkpoint, recorded_at from ledger_head where id = 1";

    /// <summary>The version of the field classes, in words both stores understand.</summary>
    internal const string SelectClasses = "select coalesce(max(version), 0) from field_class";

    private readonly SqliteStatement _head = new(writer, SelectHead);
    private readonly SqliteStatement _classes = new(writer, SelectClasses);
    private readonly SqliteStatement _entry =
        new(writer, "insert into ledger_entry(seq, hash, body) values (?1, ?2, ?3)");
    private readonly SqliteStatement _tile =
        new(writer, "insert into ledger_tile(level, idx, root, hashes) values (?1, ?2, ?3, ?4)");
    private readonly SqliteStatement _checkpoint =
        new(writer, "insert into ledger_checkpoint(size, note) values (?1, ?2)");
    private readonly SqliteStatement _replaceHead = new(
        writer,
        """
        update ledger_head set size = ?1, root = ?2, frontier = ?3, last_hash = ?4, checkpoint = ?5, recorded_at = ?6
        where id = 1 and size = ?7
        """);
    private readonly SqliteStatement _findExternal = new(
        writer,
        """
        select x.fingerprint, x.seq, e.hash, e.body, substr(t.hashes, 1 + 32 * (x.seq % 256), 32)
        from ledger_external x left join ledger_entry e on e.seq = x.seq
        left join ledger_tile t on t.level = 0 and t.idx = x.seq / 256 and e.seq is null
        where x.key = ?1
        """);
    private readonly SqliteStatement _external =
        new(writer, "insert into ledger_external(key, seq, fingerprint) values (?1, ?2, ?3)");
    private readonly SqliteStatement _findAnswer =
        new(writer, "select request, places from ledger_idempotency where key = ?1");
    private readonly SqliteStatement _expire =
        new(writer, "delete from ledger_idempotency where recorded_at < ?1");
    private readonly SqliteStatement _answer = new(
        writer, "insert into ledger_idempotency(key, request, places, recorded_at) values (?1, ?2, ?3, ?4)");
    private readonly SqliteStatement _blob =
        new(writer, "insert into blob(sha256, key, content) values (?1, ?2, ?3) on conflict do nothing");
    private readonly SqliteStatement _key = new(
        writer,
        """
        insert into data_key(id, kind, wrapped_by, wrapped, algorithm, created_at, state, subject)
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) on conflict do nothing
        """);
    private readonly SqliteStatement _tail =
        new(writer, "select hash from ledger_entry where seq >= ?1 order by seq");
    private readonly SqliteStatement _roots =
        new(writer, "select root from ledger_tile where level = ?1 and idx >= ?2 order by idx");

    public bool IsOn(SqliteConnection connection) => ReferenceEquals(connection, writer);

    /// <summary>Keys that the last <see cref="Write"/> wrote: durable when its transaction is.</summary>
    public IReadOnlyList<SubjectKey> WrittenKeys { get; private set; } = [];

    public IReadOnlyList<AppendResult> Write(
        IReadOnlyList<AppendRequest> requests, Sequencer sequencer, long nowMicros)
    {
        var head = ReadHead(_head) ?? throw new LedgerIntegrityException("The head of the log is missing.");
        if (requests.Any(request => request.Idempotency is not null))
        {
            _expire.Bind(1, nowMicros - BatchPlan.AnswerLifeMicros).Execute();
        }

        var plan = BatchPlan.Make(requests, FindAnswer, FindExternal(BatchPlan.ExternalKeys(requests)), ReadClasses());
        WrittenKeys = plan.NewKeys;
        if (plan.Entries.Count == 0)
        {
            return plan.Answers(null, head);
        }

        sequencer.Continue(head, ReadPartialTiles);
        var batch = sequencer.Sequence(plan.Templates, nowMicros);
        plan.Number(batch);
        WriteKeys(plan);
        WriteEntries(plan, batch);
        WriteHead(head, batch);
        var answers = plan.Answers(batch, batch.Head);
        foreach (var (key, places) in plan.NewAnswers(answers))
        {
            _answer.Bind(1, key.Key).Bind(2, key.Request).Bind(3, places).Bind(4, batch.Head.RecordedAtMicros).Execute();
        }

        return answers;
    }

    public static LogHead? ReadHead(SqliteStatement select)
    {
        if (!select.Read())
        {
            return null;
        }

        var head = new LogHead(
            select.Text(0),
            select.Int64(1),
            Digest.From(select.Bytes(2)),
            select.Bytes(3).ToArray(),
            Digest.From(select.Bytes(4)),
            select.Text(5),
            select.Int64(6));
        select.Reset();
        return head;
    }

    public void Dispose()
    {
        foreach (var statement in (SqliteStatement[])
            [_head, _classes, _entry, _tile, _checkpoint, _replaceHead, _findExternal, _external, _findAnswer, _expire, _answer, _blob,
                _key, _tail, _roots])
        {
            statement.Dispose();
        }
    }

    private int ReadClasses()
    {
        var version = _classes.Read() ? (int)_classes.Int64(0) : 0;
        _classes.Reset();
        return version;
    }

    private void WriteKeys(BatchPlan plan)
    {
        foreach (var row in plan.NewKeys.Select(key => key.ToRow()))
        {
            // A subject's row is wrapped and names its subject.
            _key.Bind(1, row.Id).Bind(2, row.Kind).Bind(3, row.WrappedBy!).Bind(4, row.Wrapped!).Bind(5, row.Algorithm)
                .Bind(6, InstantConverter.ToMicroseconds(row.CreatedAt)).Bind(7, row.State).Bind(8, row.Subject!)
                    .Execute();
        }
    }

    private void WriteEntries(BatchPlan plan, SequencedBatch batch)
    {
        for (var i = 0; i < batch.Entries.Count; i++)
        {
            var seq = batch.FirstSeq + i;
            _entry.Bind(1, seq).Bind(2, batch.Entries[i].Hash).Bind(3, batch.Body(i).Span).Execute();
            if (plan.Entries[i].External is { } external)
            {
                _external.Bind(1, external.Key).Bind(2, seq).Bind(3, external.Fingerprint).Execute();
            }

            foreach (var blob in plan.Entries[i].Blobs)
            {
                _blob.Bind(1, blob.Sha256).Bind(2, blob.KeyId).Bind(3, blob.Content).Execute();
            }
        }

        foreach (var tile in batch.Tiles)
        {
            _tile.Bind(1, tile.Level).Bind(2, tile.Index).Bind(3, tile.Root).Bind(4, tile.Hashes.Span).Execute();
        }
    }

    private void WriteHead(LogHead read, SequencedBatch batch)
    {
        var head = batch.Head;
        var replaced = _replaceHead
            .Bind(1, head.Size).Bind(2, head.Root).Bind(3, head.Frontier.Span).Bind(4, head.LastHash)
            .Bind(5, head.Checkpoint).Bind(6, head.RecordedAtMicros).Bind(7, read.Size)
            .Execute();
        if (replaced != 1)
        {
            throw new LedgerIntegrityException($"The head moved from size {read.Size} while it was locked.");
        }

        _checkpoint.Bind(1, head.Size).Bind(2, head.Checkpoint).Execute();
    }

    private StoredAnswer? FindAnswer(byte[] key)
    {
        _findAnswer.Bind(1, key);
        if (!_findAnswer.Read())
        {
            return null;
        }

        var answer = new StoredAnswer(_findAnswer.Bytes(0).ToArray(), _findAnswer.Bytes(1).ToArray());
        _findAnswer.Reset();
        return answer;
    }

    private Dictionary<UInt128, KnownExternal> FindExternal(List<ExternalKey> keys)
    {
        var known = new Dictionary<UInt128, KnownExternal>();
        foreach (var key in keys)
        {
            if (_findExternal.Bind(1, key.Key).Read())
            {
                var seq = _findExternal.Int64(1);
                var body = _findExternal.Bytes(3);
                var place = body.IsEmpty
                    ? new EntryPlace(EntryPlace.PurgedId, seq, Digest.From(_findExternal.Bytes(4)), true)
                    : new EntryPlace(EntryReader.ReadId(body), seq, Digest.From(_findExternal.Bytes(2)), true);
                known[BatchPlan.KeyOf(key.Key)] = new KnownExternal(_findExternal.Int64(0), seq, place);
                _findExternal.Reset();
            }
        }

        return known;
    }

    /// <summary>The hashes of the partial tile of every level of a tree of <paramref name="size"/>.</summary>
    private List<ReadOnlyMemory<byte>> ReadPartialTiles(long size)
    {
        var tiles = new List<ReadOnlyMemory<byte>> { Collect(_tail.Bind(1, TileLayout.FullTiles(0, size) << 8)) };
        for (var level = 0; TileLayout.FullTiles(level, size) > 0; level++)
        {
            tiles.Add(Collect(_roots.Bind(1, level).Bind(2, TileLayout.FullTiles(level + 1, size) << 8)));
        }

        return tiles;
    }

    private static byte[] Collect(SqliteStatement select)
    {
        var digests = new MemoryStream();
        while (select.Read())
        {
            digests.Write(select.Bytes(0));
        }

        return digests.ToArray();
    }
}
