using System.Runtime.CompilerServices;
using Probity.Ledger.Merkle;
using Probity.Ledger.Tiles;
using Probity.Ledger.Verification;
using Probity.Server.AuditTrail.Stores;

namespace Probity.Server.AuditTrail.Verification;

/// <summary>
/// The stored log as the auditor reads it: rows as they are, nothing corrected, nothing skipped. The log may grow
/// meanwhile: the audit is of the size at which it began, and what a head that was read later covers is left for the
/// next one. No transaction stays open, so the longest audit never holds back the writer.
/// </summary>
internal sealed class StoredLog : IAuditedLog, IBlobReader
{
    private const int Batch = 2_048;
    private const int TileBatch = 128;
    private readonly ILedgerStore _store;
    private readonly AuditedHead? _head;
    private readonly long _size;
    private (long Index, ReadOnlyMemory<byte> Hashes) _tile = (-1, default);

    private StoredLog(ILedgerStore store, string origin, AuditedHead? head)
    {
        (_store, Origin, _head) = (store, origin, head);
        _size = head?.Size ?? 0;
    }

    public string Origin { get; }

    public bool HasTiles => true;

    public bool HasPartialTiles => false;

    /// <summary>Begins an audit at the present size.</summary>
    public static async Task<StoredLog> OpenAsync(
        ILedgerStore store, string origin, CancellationToken cancellationToken) =>
        new(store, origin, await store.ReadRawHeadAsync(cancellationToken));

    public ValueTask<AuditedHead?> ReadHeadAsync(CancellationToken cancellationToken) => new(_head);

    public async IAsyncEnumerable<AuditedBatch> ReadEntriesAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var next = long.MinValue;
        var expected = 0L;
        while (true)
        {
            var rows = await _store.ReadRawEntriesAsync(next, Batch, cancellationToken);
            if (rows.Count == 0)
            {
                yield break;
            }

            var last = rows.Entries.Span[^1].Row;
            if (last < _size)
            {
                yield return last - expected + 1 == rows.Count
                    ? new AuditedBatch(rows.Entries, rows)
                    : new AuditedBatch(await WithPurgedAsync(rows.Entries, expected, cancellationToken), rows);
                next = last + 1;
                expected = next;
                continue;
            }

            // Beyond our size: grown since, if a head read now covers it; else nobody signed for it.
            var known = await SizeNowAsync(cancellationToken);
            var rest = await UncoveredAsync(known, cancellationToken);
            yield return new AuditedBatch(
                (AuditedEntry[])[.. rows.Entries.ToArray().TakeWhile(row => row.Row < _size), .. rest]);
            yield break;
        }
    }

    public async IAsyncEnumerable<AuditedTile> ReadTilesAsync(
        int level, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var next = long.MinValue;
        var full = TileLayout.FullTiles(level, Math.Max(0, _size));
        while (true)
        {
            var tiles = await _store.ReadRawTilesAsync(level, next, TileBatch, cancellationToken);
            foreach (var tile in tiles)
            {
                if (tile.Index >= full
                    && tile.Index < TileLayout.FullTiles(level, Math.Max(0, await SizeNowAsync(cancellationToken))))
                {
                    yield break;
                }

                yield return tile;
                next = tile.Index + 1;
            }

            if (tiles.Count < TileBatch)
            {
                yield break;
            }
        }
    }

    public async IAsyncEnumerable<AuditedCheckpoint> ReadCheckpointsAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var next = long.MinValue;
        while (true)
        {
            var page = await _store.ReadCheckpointsAsync(next, Batch, cancellationToken);
            foreach (var checkpoint in page)
            {
                if (checkpoint.Size > _size && checkpoint.Size <= await SizeNowAsync(cancellationToken))
                {
                    yield break;
                }

                yield return new AuditedCheckpoint(checkpoint.Size, checkpoint.Note);
                next = checkpoint.Size + 1;
            }

            if (page.Count < Batch)
            {
                yield break;
            }
        }
    }

    public async ValueTask<Stream?> OpenAsync(Digest sha256, CancellationToken cancellationToken) =>
        await _store.ReadBlobAsync(sha256, cancellationToken) is { } content ? new MemoryStream(content, false) : null;

    /// <summary>Rows with the places of purged entries among them; a gap that no purge names stays a gap.</summary>
    private async Task<AuditedEntry[]> WithPurgedAsync(
        ReadOnlyMemory<AuditedEntry> rows, long expected, CancellationToken cancellationToken)
    {
        var all = new List<AuditedEntry>(rows.Length);
        for (var i = 0; i < rows.Length; i++)
        {
            var row = rows.Span[i];
            if (row.Row > expected)
            {
                await AddPurgedAsync(all, expected, row.Row - 1, cancellationToken);
            }

            all.Add(row);
            expected = row.Row + 1;
        }

        return [.. all];
    }

    private async Task AddPurgedAsync(List<AuditedEntry> to, long first, long last, CancellationToken cancellationToken)
    {
        foreach (var (from, until) in await _store.ReadPurgedAsync(first, last, cancellationToken))
        {
            for (var seq = Math.Max(from, first); seq <= Math.Min(until, last); seq++)
            {
                to.Add(new AuditedEntry(seq, await LeafAsync(seq, cancellationToken), default));
            }
        }
    }

    /// <summary>The leaf hash of a purged entry, which only the tile has; empty when that is not there.</summary>
    private async ValueTask<ReadOnlyMemory<byte>> LeafAsync(long seq, CancellationToken cancellationToken)
    {
        var index = seq / TilePath.FullWidth;
        if (_tile.Index != index)
        {
            _tile = (index, await _store.ReadTileAsync(0, index, cancellationToken) ?? default);
        }

        var at = (int)(seq % TilePath.FullWidth) * Digest.Length;
        return _tile.Hashes.Length >= at + Digest.Length ? _tile.Hashes.Slice(at, Digest.Length) : default;
    }

    private async Task<long> SizeNowAsync(CancellationToken cancellationToken) =>
        (await _store.ReadRawHeadAsync(cancellationToken))?.Size ?? 0;

    private async Task<AuditedEntry[]> UncoveredAsync(long known, CancellationToken cancellationToken)
    {
        var rows = await _store.ReadRawEntriesAsync(Math.Max(known, _size), Batch, cancellationToken);
        var rest = rows.Entries.ToArray();
        if (rest.Length == 0)
        {
            return rest;
        }

        // A commit may have come between the two reads; only what a third look still does not cover is left over.
        var later = await SizeNowAsync(cancellationToken);
        return Array.FindAll(rest, row => row.Row >= later);
    }
}
