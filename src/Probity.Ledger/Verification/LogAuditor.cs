using System.Buffers;
using System.Runtime.InteropServices;
using Probity.Ledger.Entries;
using Probity.Ledger.Merkle;

namespace Probity.Ledger.Verification;

/// <summary>
/// Re-derives a whole log from its stored bytes and says what, if anything, has been done to it. It believes nothing but
/// the trusted keys: entries are hashed anew, linked, numbered, rolled up into the tree, and compared with every stored
/// hash, tile, head and signed checkpoint. Where these disagree, signed checkpoints decide who is right, and where none
/// reaches, the majority of the witnesses. No I/O of its own. Thread safe.
/// </summary>
public static class LogAuditor
{
    /// <summary>Reads the log once, from its beginning to its end, in constant memory.</summary>
    /// <exception cref="ArgumentException">No trusted key bears the log's origin, so that nothing could be believed.</exception>
    /// <exception cref="IOException">The log cannot be read; exceptions of its reader pass through unchanged.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; nothing is known of the rest.</exception>
    public static async Task<AuditReport> AuditAsync(
        IAuditedLog log, AuditOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(log);
        ArgumentNullException.ThrowIfNull(options);
        var judge = new CheckpointJudge(log.Origin, options.TrustedKeys);
        if (!judge.HasLogKey)
        {
            throw new ArgumentException($"No trusted key bears the name {log.Origin}.", nameof(options));
        }

        var started = options.Time.GetTimestamp();
        var pass = new AuditPass(log, options, judge, cancellationToken);
        await using (pass.ConfigureAwait(false))
        {
            await pass.RunAsync().ConfigureAwait(false);
            return pass.Report(options.Time.GetElapsedTime(started));
        }
    }
}

/// <summary>One reading of a log.</summary>
internal sealed class AuditPass : IAsyncDisposable
{
    private const long MaxMicros = 253_402_300_799_999_999; // The last microsecond of the year 9999.

    /// <summary>A tile is full in the tree at the latest when its last place has two successors.</summary>
    private const int TilesDueWithin = 3;

    private readonly IAuditedLog _log;
    private readonly AuditOptions _options;
    private readonly CheckpointJudge _checkpointJudge;
    private readonly CancellationToken _cancellationToken;
    private readonly AuditNotes _notes = new();
    private readonly CheckpointCursor _checkpoints;
    private readonly TileChecks _tiles;
    private readonly SlotJudge _judge;
    private readonly List<Slot> _slots = [];
    private AuditedHead? _head;
    private JudgedCheckpoint? _headNote;
    private HeadVerdict? _headVerdict;
    private long _entries;
    private long _bytes;
    private long _blobs;
    private long _end;
    private readonly List<PurgeClaim> _claims = [];
    private readonly string[] _formers;
    private readonly OriginHistory _origins;
    private (long Seq, string RecordedAt)? _newest;

    public AuditPass(
        IAuditedLog log, AuditOptions options, CheckpointJudge checkpointJudge, CancellationToken cancellationToken)
    {
        _log = log;
        _options = options;
        _checkpointJudge = checkpointJudge;
        _cancellationToken = cancellationToken;
        _formers = OriginHistory.FormersOf(log.Origin, options.TrustedKeys);
        _origins = new OriginHistory(log.Origin, _formers);
        _checkpoints = new CheckpointCursor(
            log.ReadCheckpointsAsync(cancellationToken).GetAsyncEnumerator(cancellationToken),
            checkpointJudge, _notes, options.Parallelism);
        _judge = new SlotJudge(_notes, _checkpoints);
        _tiles = new TileChecks(log, _notes, _judge.Tree, cancellationToken);
    }

    public async Task RunAsync()
    {
        await ReadHeadAsync().ConfigureAwait(false);
        await _checkpoints.ReachAsync(0).ConfigureAwait(false);
        _judge.CompareIfDue();
        var aligner = new RowAligner(Math.Max(_notes.SignedSize, _head?.Size ?? 0));
        await ReadRowsAsync(aligner).ConfigureAwait(false);
        aligner.End(_slots);
        await TakeSlotsAsync(aligner.Place).ConfigureAwait(false);
        _end = aligner.Place;
        await CompleteTailAsync().ConfigureAwait(false);
        LetGoOfTheRest();
    }

    public AuditReport Report(TimeSpan duration)
    {
        var purged = PurgeExcuses.Take(_notes, _claims);
        var continuations = _origins.Judge(_notes);
        var findings = new Diagnosis(_notes, _headVerdict, _end).Findings();
        var counts = new AuditCounts(_entries, _bytes, _tiles.Count, _checkpoints.Count, _blobs,
            Math.Max(0, _end - _notes.Confirmed));
        var first = findings.Where(f => f.FirstSeq is not null).Select(f => f.LastGood).FirstOrDefault();
        var isAnyPlaced = findings.Any(f => f.FirstSeq is not null);
        return new AuditReport([.. findings.Take(AuditOptions.MaxFindings)],
            findings.Count > AuditOptions.MaxFindings || _notes.IsFull,
            isAnyPlaced ? first : _notes.LastGood, counts, duration)
        {
            Purged = purged,
            Continuations = continuations,
            RecoveryKeys = _origins.RecoveryKeysBefore(_end, _notes),
        };
    }

    public async ValueTask DisposeAsync()
    {
        await _checkpoints.DisposeAsync().ConfigureAwait(false);
        await _tiles.DisposeAsync().ConfigureAwait(false);
    }

    private async Task ReadHeadAsync()
    {
        _head = await _log.ReadHeadAsync(_cancellationToken).ConfigureAwait(false);
        if (_head?.Note is { } note)
        {
            _headNote = _checkpointJudge.Judge(CheckpointSource.Head, note);
            _checkpoints.Add(_headNote);
        }

        foreach (var outside in _options.OutsideCheckpoints ?? [])
        {
            _checkpoints.Add(_checkpointJudge.Judge(CheckpointSource.Outside, outside));
        }
    }

    /// <summary>Batches are hashed by as many workers as there are processors, and taken in their order.</summary>
    private Task ReadRowsAsync(RowAligner aligner)
    {
        var reader = new RowReader(_log.Origin, _formers, _options.Blobs is not null);
        return _options.Parallelism > 1 ? ReadRowsAheadAsync(aligner, reader) : ReadRowsInTurnAsync(aligner, reader);
    }

    /// <summary>
    /// The next batch is asked for when the last is done with, so that a log that paces itself sees all the work.
    /// </summary>
    private async Task ReadRowsInTurnAsync(RowAligner aligner, RowReader reader)
    {
        await foreach (var read in _log.ReadEntriesAsync(_cancellationToken).ConfigureAwait(false))
        {
            var hashing = Task.Run(() => HashedBatch.OfAsync(read, reader), CancellationToken.None);
            await TakeAsync(hashing, aligner).ConfigureAwait(false);
        }
    }

    private async Task ReadRowsAheadAsync(RowAligner aligner, RowReader reader)
    {
        using var workers = new BatchWorkers(_log, reader, _options.Parallelism);
        await workers.RunAsync(hashing => TakeAsync(hashing, aligner), _cancellationToken).ConfigureAwait(false);
    }

    private async Task TakeAsync(Task<HashedBatch> hashing, RowAligner aligner)
    {
        using var batch = await hashing.ConfigureAwait(false);
        if (!_notes.IsFull)
        {
            await TakeBatchAsync(batch, aligner).ConfigureAwait(false);
        }
    }

    private async Task TakeBatchAsync(HashedBatch batch, RowAligner aligner)
    {
        _entries += batch.Rows.Length - batch.Gone;
        _claims.AddRange(batch.Claims.Purges);
        _origins.Take(batch.Rows.Span, batch.Claims);
        _bytes += batch.Bytes;
        _newest = batch.Newest ?? _newest;
        aligner.Feed(batch.Rows.Span, _slots);
        await TakeSlotsAsync(aligner.Place).ConfigureAwait(false);
        foreach (var blob in batch.Blobs)
        {
            _blobs++;
            // Blobs are only read when there is a reader of them.
            if (await BlobChecks.CheckAsync(_options.Blobs!, blob, _notes.LastGood, _cancellationToken).ConfigureAwait(false)
                is { } finding)
            {
                _notes.Blobs.Add(finding);
            }
        }

        _options.Progress?.Report(_entries);
    }

    private async ValueTask TakeSlotsAsync(long upTo)
    {
        await _checkpoints.ReachAsync(upTo).ConfigureAwait(false);
        for (var i = 0; i < _slots.Count; i++)
        {
            i = TakeFilled(i);
            if (i == _slots.Count)
            {
                break;
            }

            switch (_slots[i].Kind)
            {
                case SlotKind.Extra:
                    var row = _slots[i].Row;
                    _notes.Add(new ExtraRow(_slots[i].Place, row.Seq, row.Row, row.Leaf, _notes.LastGood));
                    break;
                case SlotKind.Renumbered:
                    _notes.Renumbered.Add((_slots[i].Place, _slots[i].Row.Row));
                    break;
                case SlotKind.Missing:
                    await MissAsync(_slots[i].Place, _slots[i].Last).ConfigureAwait(false);
                    break;
                default:
                    await FillAsync(i).ConfigureAwait(false);
                    break;
            }
        }

        _slots.Clear();
    }

    /// <summary>Takes filled places while no tile has to be read or compared; returns the first left.</summary>
    private int TakeFilled(int i)
    {
        var slots = CollectionsMarshal.AsSpan(_slots);
        for (; i < slots.Length; i++)
        {
            ref readonly var slot = ref slots[i];
            if (slot.Kind != SlotKind.Filled || !_tiles.Has(slot.Place)
                || (slot.Place & byte.MaxValue) < TilesDueWithin)
            {
                break;
            }

            _judge.Take(slot, _tiles.LeafAt(slot.Place));
        }

        return i;
    }

    private async ValueTask FillAsync(int i)
    {
        var place = _slots[i].Place;
        if (!_tiles.Has(place))
        {
            await _tiles.LoadAsync(place).ConfigureAwait(false);
        }

        _judge.Take(CollectionsMarshal.AsSpan(_slots)[i], _tiles.LeafAt(place));
        if ((place & byte.MaxValue) < TilesDueWithin)
        {
            await _tiles.CompareCompletedAsync().ConfigureAwait(false);
        }
    }

    private async ValueTask MissAsync(long first, long last)
    {
        for (var place = first; place <= last; place++)
        {
            if (!_tiles.Has(place))
            {
                await _tiles.LoadAsync(place).ConfigureAwait(false);
            }

            _judge.Miss(place, _tiles.LeafAt(place));
            await _tiles.CompareCompletedAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Goes on over the places that are signed for but have no rows, as far as tiles tell their hashes.</summary>
    private async Task CompleteTailAsync()
    {
        await _checkpoints.ReachAsync(long.MaxValue).ConfigureAwait(false);
        if (_notes.IsFull)
        {
            // The pass ended early: rows that were not looked at are not missing.
            return;
        }

        var headHash = _head is { LastHash.Length: Digest.Length } ? Digest.From(_head.LastHash.Span) : (Digest?)null;
        if (_notes.SignedSize > _end)
        {
            await MissAsync(_end, _notes.SignedSize - 1).ConfigureAwait(false);
            headHash = null;
        }

        // A head that speaks of another size says nothing about the last row.
        _judge.End(_head?.Size == Math.Max(_end, 1) && _end > 0 ? headHash : null);
        await _tiles.CompareCompletedAsync().ConfigureAwait(false);
        await _tiles.EndAsync(Math.Max(_end, _notes.SignedSize)).ConfigureAwait(false);
        _headVerdict = _head is null ? null : HeadVerdict.Of(_head, _headNote, _log.Origin, _judge.Tree, _notes, _end) with
        {
            IsTimeRight = IsTimeRight(_head),
        };
    }

    /// <summary>Whether the head bears the time of the newest entry, where both are there to be compared.</summary>
    private bool IsTimeRight(AuditedHead head) =>
        head.RecordedAtMicros is not { } micros || _newest is not { } newest || newest.Seq + 1 != head.Size
        || (micros is >= 0 and <= MaxMicros && Timestamp.ToText(micros) == newest.RecordedAt);

    /// <summary>Checkpoints beyond everything there is cannot be compared; those kept outside show a rollback.</summary>
    private void LetGoOfTheRest()
    {
        while (_checkpoints.NextSize < long.MaxValue)
        {
            var judged = _checkpoints.Take();
            if (judged.Source == CheckpointSource.Outside && judged.Size > Math.Max(_end, _notes.SignedSize))
            {
                _notes.Beyond.Add(judged);
            }
        }
    }
}

/// <summary>The rows of a batch after hashing, in a rented array.</summary>
internal sealed class HashedBatch(RowReader reader, int most) : IDisposable
{
    private readonly RowFacts[] _rented = ArrayPool<RowFacts>.Shared.Rent(most);
    private readonly Digest[] _leaves = ArrayPool<Digest>.Shared.Rent(most);
    private LeafHasher? _hasher;
    private int _count;

    public ReadOnlyMemory<RowFacts> Rows => _rented.AsMemory(0, _count);

    public long Bytes { get; private set; }

    public List<BlobReference> Blobs { get; } = [];

    /// <summary>Purge entries of the batch, and those that continue the log under a new origin.</summary>
    public Claims Claims { get; } = new();

    /// <summary>Rows that only keep a place.</summary>
    public int Gone { get; private set; }

    /// <summary>Number and time of the batch's last entry; null when it cannot be read.</summary>
    public (long Seq, string RecordedAt)? Newest { get; private set; }

    /// <summary>Hashes a batch, read first where it has not been, and gives its memory back.</summary>
    public static async Task<HashedBatch> OfAsync(AuditedBatch batch, RowReader reader) =>
        (batch.Scan is { } scan ? Of(reader, batch.ScanCount, scan) : null)
        ?? await LoadAsync(batch, reader).ConfigureAwait(false);

    public void Dispose()
    {
        ArrayPool<RowFacts>.Shared.Return(_rented);
        ArrayPool<Digest>.Shared.Return(_leaves);
    }

    private static async Task<HashedBatch> LoadAsync(AuditedBatch batch, RowReader reader)
    {
        using var loaded = await batch.LoadAsync().ConfigureAwait(false);
        return Of(reader, loaded.Entries.Length, take => HandOver(loaded.Entries.Span, take))!; // All are there.
    }

    private static bool HandOver(ReadOnlySpan<AuditedEntry> entries, AuditedRowTaker take)
    {
        foreach (ref readonly var entry in entries)
        {
            take(entry.Row, entry.StoredHash.Span, entry.Body.Span);
        }

        return true;
    }

    /// <summary>Hashes rows as they are handed over; null when they were not all there.</summary>
    private static HashedBatch? Of(RowReader reader, int most, Func<AuditedRowTaker, bool> scan)
    {
        var hashed = new HashedBatch(reader, most);
        if (hashed.Hash(scan))
        {
            return hashed;
        }

        hashed.Dispose();
        return null;
    }

    private bool Hash(Func<AuditedRowTaker, bool> scan)
    {
        using var hasher = LeafHasher.Rent();
        _hasher = hasher;
        var isWhole = scan(Take);
        hasher.Finish(_leaves);
        _hasher = null;
        for (var i = 0; i < _count; i++)
        {
            _rented[i].Leaf = _rented[i].IsGone ? default : _leaves[i];
        }

        return isWhole;
    }

    private void Take(long row, ReadOnlySpan<byte> storedHash, ReadOnlySpan<byte> body)
    {
        ref var facts = ref _rented[_count];
        facts = default;
        Bytes += body.Length;
        if (body.IsEmpty)
        {
            (facts.Row, facts.Seq, facts.IsGone) = (row, row, true);
            Gone++;
        }
        else
        {
            reader.Read(row, storedHash, body, ref facts, Blobs);
            _hasher!.Add(body, _count, _leaves); // Rows are only taken while it is there.
            Claims.Read(body);
        }

        if (++_count == most)
        {
            Newest = TimeOf(body);
        }
    }

    private static (long Seq, string RecordedAt)? TimeOf(ReadOnlySpan<byte> body)
    {
        try
        {
            var header = EntryReader.ReadHeader(body);
            return (header.Seq, header.RecordedAt);
        }
        catch (FormatException)
        {
            return null; // Altered; the rows say so.
        }
    }
}
