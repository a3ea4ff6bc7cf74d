using Probity.Ledger.Tiles;

namespace Probity.Ledger.Merkle;

/// <summary>
/// Computes roots and proofs of a tree, at its size and at every smaller one, from its tiles. Each call reads a tile at
/// most once and hashes only what its answer needs. It believes the tiles: compare a root with a signed checkpoint, or
/// verify a proof, before trusting the answer. Thread safe when the tile reader is.
/// Source: RFC 6962 §2.1; C2SP tlog-tiles.
/// </summary>
public sealed class TreeReader
{
    private readonly ITileReader _tiles;

    /// <summary>A reader of a tree whose tiles exist up to <paramref name="size"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The size is negative.</exception>
    public TreeReader(ITileReader tiles, long size)
    {
        ArgumentNullException.ThrowIfNull(tiles);
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        _tiles = tiles;
        Size = size;
    }

    /// <summary>
    /// The size whose tiles are read. Partial tiles are asked for with their width at this size, also for answers about
    /// smaller trees: those widths are sure to exist when a checkpoint of this size was published.
    /// </summary>
    public long Size { get; }

    /// <summary>The root of the tree at a size from 0 to <see cref="Size"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The size is outside.</exception>
    /// <exception cref="InvalidDataException">A tile does not have the width asked for.</exception>
    public async Task<Digest> RootAsync(long size, CancellationToken cancellationToken = default)
    {
        RefuseOutside(size);
        return size == 0
            ? MerkleHash.Empty
            : (await HashAsync([new SubtreeRange(0, size)], cancellationToken).ConfigureAwait(false))[0];
    }

    /// <summary>The inclusion proof of an index in the tree at a size: sibling first, root's child last.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not 0 ≤ index &lt; size ≤ <see cref="Size"/>.</exception>
    /// <exception cref="InvalidDataException">A tile does not have the width asked for.</exception>
    public async Task<IReadOnlyList<Digest>> InclusionAsync(
        long index, long size, CancellationToken cancellationToken = default)
    {
        RefuseOutside(size);
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, size);
        return await HashAsync(SubtreeRange.Inclusion(index, size), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// The proof that the tree at one size begins the tree at another; empty from 0 and between equals.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Not 0 ≤ size1 ≤ size2 ≤ <see cref="Size"/>.</exception>
    /// <exception cref="InvalidDataException">A tile does not have the width asked for.</exception>
    public async Task<IReadOnlyList<Digest>> ConsistencyAsync(
        long size1, long size2, CancellationToken cancellationToken = default)
    {
        RefuseOutside(size2);
        ArgumentOutOfRangeException.ThrowIfNegative(size1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size1, size2);
        return size1 == 0 || size1 == size2
            ? []
            : await HashAsync(SubtreeRange.Consistency(size1, size2), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The frontier of the tree at a size, from which it can be continued.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The size is outside.</exception>
    /// <exception cref="InvalidDataException">A tile does not have the width asked for.</exception>
    public async Task<Frontier> FrontierAsync(long size, CancellationToken cancellationToken = default)
    {
        RefuseOutside(size);
        var perfect = new SubtreeRange(0, size).PerfectSubtrees().ToArray();
        var tiles = await ReadAsync(perfect, cancellationToken).ConfigureAwait(false);
        return Frontier.Of(size, perfect.Select(s => Root(s, tiles)));
    }

    private async Task<Digest[]> HashAsync(List<SubtreeRange> ranges, CancellationToken cancellationToken)
    {
        var perfect = ranges.ConvertAll(r => r.PerfectSubtrees().ToArray());
        var tiles = await ReadAsync(perfect.SelectMany(s => s), cancellationToken).ConfigureAwait(false);
        return [.. perfect.Select(subtrees => Fold(subtrees, tiles))];
    }

    private async Task<Dictionary<(int Level, long Index), ReadOnlyMemory<byte>>> ReadAsync(
        IEnumerable<Subtree> subtrees, CancellationToken cancellationToken)
    {
        var paths = subtrees.Select(subtree => (Level: subtree.TileLevel, Index: subtree.TileIndex)).Distinct()
            .Select(tile => new TilePath(tile.Level, tile.Index, TileLayout.Width(tile.Level, tile.Index, Size)))
            .ToArray();
        var read = await _tiles.ReadTilesAsync(paths, cancellationToken).ConfigureAwait(false);
        var tiles = new Dictionary<(int Level, long Index), ReadOnlyMemory<byte>>(paths.Length);
        for (var i = 0; i < paths.Length; i++)
        {
            RefuseOtherWidth(paths[i], read[i]);
            tiles.Add((paths[i].Level, paths[i].Index), read[i]);
        }

        return tiles;
    }

    private static void RefuseOtherWidth(TilePath path, ReadOnlyMemory<byte> tile)
    {
        if (tile.Length != path.Width * Digest.Length)
        {
            throw new InvalidDataException($"{path} has {tile.Length} bytes instead of {path.Width * Digest.Length}.");
        }
    }

    private static Digest Fold(Subtree[] subtrees, Dictionary<(int Level, long Index), ReadOnlyMemory<byte>> tiles)
    {
        var node = Root(subtrees[^1], tiles);
        for (var i = subtrees.Length - 2; i >= 0; i--)
        {
            node = MerkleHash.Node(Root(subtrees[i], tiles), node);
        }

        return node;
    }

    private static Digest Root(Subtree subtree, Dictionary<(int Level, long Index), ReadOnlyMemory<byte>> tiles)
    {
        var tile = tiles[(subtree.TileLevel, subtree.TileIndex)].Span;
        return TileHashes.SubtreeRoot(tile.Slice(subtree.Offset * Digest.Length, subtree.Count * Digest.Length));
    }

    private void RefuseOutside(long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, Size);
    }
}
