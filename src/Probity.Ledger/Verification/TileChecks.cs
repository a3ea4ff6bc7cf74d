using Probity.Ledger.Merkle;
using Probity.Ledger.Tiles;

namespace Probity.Ledger.Verification;

/// <summary>
/// The stored tiles as witnesses: level 0 gives the leaf hash of each place, the levels above and all stored roots are
/// compared with the tree as its tiles become full.
/// </summary>
internal sealed class TileChecks(
    IAuditedLog log, AuditNotes notes, TreeHypotheses tree, CancellationToken cancellationToken) : IAsyncDisposable
{
    private readonly TileCursor?[] _cursors = new TileCursor?[TileLayout.Levels];

    // Two, because the roots of a tile are compared when the next one has already been loaded.
    private AuditedTile? _current;
    private AuditedTile? _before;
    private long _currentIndex = -1;

    public long Count => _cursors.Sum(c => c?.Count ?? 0);

    public bool Has(long place) => !log.HasTiles || place / TilePath.FullWidth == _currentIndex;

    public async ValueTask LoadAsync(long place)
    {
        var index = place / TilePath.FullWidth;
        _before = index == _currentIndex + 1 ? _current : null;
        _currentIndex = index;
        _current = await Cursor(0).AtAsync(index).ConfigureAwait(false);
    }

    public Digest? LeafAt(long place)
    {
        var at = (int)(place % TilePath.FullWidth) * Digest.Length;
        return _current is { } tile && tile.Hashes.Length >= at + Digest.Length
            ? Digest.From(tile.Hashes.Span.Slice(at, Digest.Length))
            : null;
    }

    /// <summary>Compares the tiles that have become full in the tree with the stored ones.</summary>
    public async ValueTask CompareCompletedAsync()
    {
        foreach (var tile in tree.TakeCompleted())
        {
            if (log.HasTiles)
            {
                Compare(tile, await StoredAsync(tile.Level, tile.Index).ConfigureAwait(false));
            }
        }
    }

    /// <summary>Compares the partial tiles and finds tiles that no entry explains.</summary>
    public async ValueTask EndAsync(long size)
    {
        for (var level = 0; log.HasTiles && level < TileLayout.Levels; level++)
        {
            var full = TileLayout.FullTiles(level, size);
            if (log.HasPartialTiles && notes.BlindFrom is null && tree.Size == size)
            {
                await ComparePartialAsync(level, full).ConfigureAwait(false);
            }

            var cursor = Cursor(level);
            await cursor.EndAsync(log.HasPartialTiles ? full : full - 1).ConfigureAwait(false);
            if (cursor.Stray is { } stray)
            {
                Note(level, stray, Hypothesis.None, "stray", null, null);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var cursor in _cursors)
        {
            if (cursor is not null)
            {
                await cursor.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private async ValueTask<AuditedTile?> StoredAsync(int level, long index)
    {
        if (level > 0)
        {
            return await Cursor(level).AtAsync(index).ConfigureAwait(false);
        }

        return index == _currentIndex ? _current : _before;
    }

    private void Compare(TreeHypotheses.TileHypotheses tile, AuditedTile? stored)
    {
        var expected = tile.Forms[0];
        if (stored is not { } found)
        {
            Note(tile.Level, tile.Index, Hypothesis.None, "missing", null, null);
            return;
        }

        var fits = tile.Where(t => found.Hashes.Span.SequenceEqual(t.Hashes.Span));
        if (fits != Hypothesis.All && (tile.Level > 0 || found.Hashes.Length != expected.Hashes.Length))
        {
            NoteHashes(tile.Level, tile.Index, fits, expected.Hashes.Span, found.Hashes.Span);
        }

        if (!found.StoredRoot.IsEmpty)
        {
            var rootFits = tile.Where(t => t.Root.Bytes.SequenceEqual(found.StoredRoot.Span));
            if (rootFits != Hypothesis.All)
            {
                Note(tile.Level, tile.Index, rootFits, "root", expected.Root.ToString(),
                    Convert.ToHexStringLower(found.StoredRoot.Span));
            }
        }
    }

    private async ValueTask ComparePartialAsync(int level, long index)
    {
        var expected = tree.Tree(Hypothesis.Majority).PartialTile(level);
        var stored = level == 0 && index == _currentIndex ? _current : await Cursor(level).AtAsync(index).ConfigureAwait(false);
        if (stored is null)
        {
            if (!expected.IsEmpty)
            {
                Note(level, index, Hypothesis.None, "missing", null, null);
            }

            return;
        }

        var fits = tree.Where(t => t.PartialTile(level).Span.SequenceEqual(stored.Value.Hashes.Span));
        if (fits != Hypothesis.All && (level > 0 || stored.Value.Hashes.Length != expected.Length))
        {
            NoteHashes(level, index, fits, expected.Span, stored.Value.Hashes.Span);
        }
    }

    private void NoteHashes(int level, long index, Hypothesis fits, ReadOnlySpan<byte> expected, ReadOnlySpan<byte> found)
    {
        var at = expected.CommonPrefixLength(found) / Digest.Length;
        var first = ((index * TilePath.FullWidth) + at) * Span(level);
        notes.Tiles.Add(new TileRecord(level, index, first, first + Span(level) - 1, fits, "hash",
            Hex(expected, at), Hex(found, at), notes.LastGood));
    }

    private void Note(int level, long index, Hypothesis fits, string fault, string? expected, string? actual)
    {
        var first = index * TilePath.FullWidth * Span(level);
        notes.Tiles.Add(new TileRecord(level, index, first, first + (TilePath.FullWidth * Span(level)) - 1, fits, fault,
            expected, actual, notes.LastGood));
    }

    /// <summary>Entries under one hash of a level.</summary>
    private static long Span(int level) => 1L << (8 * level);

    private static string? Hex(ReadOnlySpan<byte> hashes, int at) => hashes.Length >= (at + 1) * Digest.Length
        ? Convert.ToHexStringLower(hashes.Slice(at * Digest.Length, Digest.Length))
        : null;

    private TileCursor Cursor(int level) => _cursors[level] ??= new TileCursor(
        log.ReadTilesAsync(level, cancellationToken).GetAsyncEnumerator(cancellationToken));
}
