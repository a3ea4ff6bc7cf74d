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
    private const int Batch = 512; // With 1 KB entries half a megabyte, which stays in a processor's own cache.
    private const int TileBatch = 128;
    private readonly ILedgerStore _store;
    private readonly AuditedHead? _head;
    private readonly long _size;

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
        await foreach (var batch in BelowZeroAsync(cancellationToken))
        {
            yield return batch;
        }

        // The head may have been altered to any size; there is nothing to read beyond the last row.
        var rows = await _store.ReadLastRowAsync(cancellationToken) is { } last and >= 0 ? last + 1 : 0;
        var end = Math.Min(Math.Max(_size, 0), rows);
        for (var first = 0L; first < end; first += Batch)
        {
            var (from, to) = (first, Math.Min(first + Batch, end));
            yield return _store.CanScanRawEntries
                ? AuditedBatch.ToScan((int)(to - from), take => _store.ScanRawEntries(from, to, take), ReadAsync)
                : AuditedBatch.ToRead(ReadAsync);

            async Task<AuditedBatch> ReadAsync()
            {
                var read = await _store.ReadRawEntriesAsync(from, to, Batch, cancellationToken);
                return read.Count == to - from
                    ? BatchOf(read)
                    : new AuditedBatch(await WithPurgedAsync(read.Entries, from, to, cancellationToken), read);
            }
        }

        // Beyond our size: grown since, if a head read now covers it; else nobody signed for it.
        yield return new AuditedBatch(
            await UncoveredAsync(await SizeNowAsync(cancellationToken), cancellationToken));
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

    /// <summary>
    /// Rows with the places of purged entries among them, each with the leaf hash that the tile keeps; a gap that no
    /// purge
    /// names stays a gap.
    /// </summary>
    private async Task<AuditedEntry[]> WithPurgedAsync(
        ReadOnlyMemory<AuditedEntry> rows, long first, long end, CancellationToken cancellationToken)
    {
        var all = rows.ToArray().ToList();
        var there = all.Select(row => row.Row).ToHashSet();
        var (index, hashes) = (-1L, default(ReadOnlyMemory<byte>));
        foreach (var (from, until, _) in await _store.ReadPurgedAsync(first, end - 1, cancellationToken))
        {
            for (var seq = Math.Max(from, first); seq <= Math.Min(until, end - 1); seq++)
            {
                if (there.Contains(seq))
                {
                    continue;
                }

                if (index != seq / TilePath.FullWidth)
                {
                    index = seq / TilePath.FullWidth;
                    hashes = (await _store.ReadTilesAsync(
                        [new TilePath(0, index, TilePath.FullWidth)], cancellationToken))[0] ?? default;
                }

                var at = (int)(seq % TilePath.FullWidth) * Digest.Length;
                all.Add(new AuditedEntry(seq, hashes.Length < at + Digest.Length ? default
                    : hashes.Slice(at, Digest.Length), default));
            }
        }

        return [.. all.OrderBy(row => row.Row)];
    }

    private static AuditedBatch BatchOf(RawRows rows) => new(rows.Entries, rows);

    /// <summary>Rows with numbers that no log gives; read in turn, since nothing bounds them.</summary>
    private async IAsyncEnumerable<AuditedBatch> BelowZeroAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var next = long.MinValue;
        while (true)
        {
            var rows = await _store.ReadRawEntriesAsync(next, 0, Batch, cancellationToken);
            if (rows.Count == 0)
            {
                rows.Dispose();
                yield break;
            }

            next = rows.Entries.Span[^1].Row + 1;
            yield return BatchOf(rows);
        }
    }

    private async Task<long> SizeNowAsync(CancellationToken cancellationToken) =>
        (await _store.ReadRawHeadAsync(cancellationToken))?.Size ?? 0;

    private async Task<AuditedEntry[]> UncoveredAsync(long known, CancellationToken cancellationToken)
    {
        var rows = await _store.ReadRawEntriesAsync(
            Math.Max(0, Math.Max(known, _size)), long.MaxValue, Batch, cancellationToken);
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
