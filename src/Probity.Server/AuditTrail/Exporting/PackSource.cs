using System.Runtime.CompilerServices;
using System.Text.Json;
using Probity.Ledger.Entries;
using Probity.Ledger.Evidence;
using Probity.Ledger.Merkle;
using Probity.Ledger.Notes;
using Probity.Ledger.Tiles;
using Probity.Server.AuditTrail.Api;
using Probity.Server.AuditTrail.Query;
using Probity.Server.AuditTrail.Reading;
using Probity.Server.AuditTrail.Stores;

namespace Probity.Server.AuditTrail.Exporting;

/// <summary>
/// What an evidence pack holds, in order: entries with their proofs, the tombstones of those that were purged, and the
/// purge entries that the tombstones name even where they lie behind the part asked for. One pack each; not thread
/// safe.
/// </summary>
internal sealed class PackSource(ILedgerStore store, LedgerReader reader, EntryOpener opener, ISearchIndex index)
{
    private readonly LedgerTiles _tiles = new(store);
    private readonly Dictionary<string, long> _purgeEntries = new(StringComparer.Ordinal);
    private (long End, string Note, TreeReader Tree)? _prover;
    private (long Index, ReadOnlyMemory<byte> Hashes) _tile = (-1, default);

    /// <summary>The contents of a pack of a part of the log.</summary>
    /// <param name="part">The part, its end set. With a filter there are no tombstones: nothing of a purged entry is
    /// left that a filter could match.</param>
    /// <param name="head">The head whose checkpoint proves what it covers.</param>
    /// <param name="entries">The entries of the part that are there, ascending.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async IAsyncEnumerable<PackEntry> ReadAsync(
        ExportOrder part, LogHead head, IAsyncEnumerable<StoredEntry> entries,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (next, end) = (part.From, part.To ?? head.Size);
        var isWhole = string.IsNullOrEmpty(part.Filter);
        await foreach (var entry in entries.WithCancellation(cancellationToken))
        {
            for (; isWhole && next < entry.Seq; next++)
            {
                yield return await TombstoneAsync(next, end, head, cancellationToken);
            }

            next = entry.Seq + 1;
            yield return await EntryAsync(entry, head, cancellationToken);
        }

        for (; isWhole && next < end; next++)
        {
            yield return await TombstoneAsync(next, end, head, cancellationToken);
        }

        foreach (var seq in _purgeEntries.Values.Where(seq => seq >= end).Order())
        {
            var entry = await reader.EntryAsync(seq, cancellationToken)
                ?? throw new InvalidDataException($"The purge entry {seq} is not stored.");
            yield return await EntryAsync(entry, head, cancellationToken);
        }
    }

    /// <summary>The checkpoint with which a former origin ended.</summary>
    public async Task<string> NoteAsync(long size, CancellationToken cancellationToken) =>
        await reader.NoteAsync(size, cancellationToken)
        ?? throw new InvalidDataException($"The last checkpoint of a former origin, of size {size}, is not stored.");

    private async Task<PackEntry> EntryAsync(StoredEntry entry, LogHead head, CancellationToken cancellationToken)
    {
        var proof = await ProveAsync(entry.Seq, head, cancellationToken);
        var opened = await opener.OpenAsync(entry.Body, withBlobs: true, cancellationToken);
        var view = JsonSerializer.SerializeToUtf8Bytes(EventView.Of(entry, opened), EventJson.Options);
        return new PackEntry(entry.Seq, entry.Body, proof, view);
    }

    private IReadOnlyList<PurgedRun> _runs = [];
    private int _run;
    private long _runsUntil;

    private async Task<PackEntry> TombstoneAsync(long seq, long end, LogHead head, CancellationToken cancellationToken)
    {
        if (seq >= _runsUntil)
        {
            // A tile's worth at a time, so that a log of any length needs little memory.
            _runsUntil = Math.Min(end, ((seq / TilePath.FullWidth) + 1) * TilePath.FullWidth);
            (_runs, _run) = (await store.ReadPurgedAsync(seq, _runsUntil - 1, cancellationToken), 0);
        }

        while (_run < _runs.Count && _runs[_run].Last < seq)
        {
            _run++;
        }

        if (_run == _runs.Count || _runs[_run].First > seq)
        {
            throw new InvalidDataException($"Entry {seq} is missing and no purge entry names it; verify the ledger.");
        }

        var by = await PurgeEntryAsync(_runs[_run].EntryId, head, cancellationToken);
        var leaf = await LeafAsync(seq, cancellationToken);
        return PackEntry.Purged(new PackTombstone(seq, leaf, by), await ProveAsync(seq, head, cancellationToken));
    }

    private async Task<long> PurgeEntryAsync(string id, LogHead head, CancellationToken cancellationToken)
    {
        if (!_purgeEntries.TryGetValue(id, out var seq))
        {
            seq = await index.FindSeqAsync(id, cancellationToken) ?? long.MaxValue;
            if (seq >= head.Size)
            {
                throw new InvalidDataException(
                    "A purge is running, or the search index is behind it; make the pack again.");
            }

            _purgeEntries.Add(id, seq);
        }

        return seq;
    }

    /// <summary>The leaf hash of a purged entry, which lies in a full tile.</summary>
    private async Task<Digest> LeafAsync(long seq, CancellationToken cancellationToken)
    {
        var tile = seq / TilePath.FullWidth;
        if (tile != _tile.Index)
        {
            _tile = (tile, await _tiles.ReadTileAsync(0, tile, TilePath.FullWidth, cancellationToken));
        }

        return Digest.From(_tile.Hashes.Span.Slice((int)(seq % TilePath.FullWidth) * Digest.Length, Digest.Length));
    }

    /// <summary>The proof under the origin that the entry names: that of a former one by its last checkpoint.</summary>
    private async Task<TlogProof> ProveAsync(long seq, LogHead head, CancellationToken cancellationToken)
    {
        var end = await reader.EndOfOriginAsync(seq, cancellationToken) ?? head.Size;
        if (_prover is not { } prover || prover.End != end)
        {
            var note = end == head.Size ? head.Checkpoint : await NoteAsync(end, cancellationToken);
            _prover = prover = (end, note, new TreeReader(_tiles, end));
        }

        return new TlogProof(seq, await prover.Tree.InclusionAsync(seq, prover.End, cancellationToken), prover.Note);
    }
}
