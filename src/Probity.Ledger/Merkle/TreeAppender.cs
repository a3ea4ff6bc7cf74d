using System.Numerics;
using Probity.Ledger.Tiles;

namespace Probity.Ledger.Merkle;

/// <summary>
/// Appends leaves and gives out each hash tile as it becomes full. It keeps the frontier and the partial tile of every
/// level, at most 64 KiB. One node is hashed per leaf on average: the root of a full tile is a node that the frontier
/// makes anyway. Leaves wait in their tile until it is full or something is asked, since many nodes are hashed faster
/// together. Not thread safe; a batch that fails to commit is undone by going back to a <see cref="Clone"/>.
/// Source: C2SP tlog-tiles, Merkle Tree.
/// </summary>
public sealed class TreeAppender
{
    private const int TileBytes = TilePath.FullWidth * Digest.Length;

    private readonly Frontier _frontier;
    private readonly byte[]?[] _partial = new byte[TileLayout.Levels][];
    private List<CompletedTile> _completed = [];
    private int _waiting; // leaves of the partial tile of level 0 that the frontier has not taken yet

    /// <summary>An appender to the empty tree.</summary>
    public TreeAppender() => _frontier = new Frontier();

    private TreeAppender(Frontier frontier) => _frontier = frontier;

    /// <summary>Leaves in the tree, 0 or more.</summary>
    public long Size => _frontier.Size + _waiting;

    /// <summary>The root at <see cref="Size"/>.</summary>
    public Digest Root()
    {
        TakeWaiting();
        return _frontier.Root();
    }

    /// <summary>A copy of the frontier, to be stored with the head.</summary>
    public Frontier CopyFrontier()
    {
        TakeWaiting();
        return _frontier.Clone();
    }

    /// <summary>
    /// Continues a stored tree. The frontier is computed anew from the tiles, so that it can be compared with the
    /// stored one.
    /// </summary>
    /// <param name="size">Leaves in the tree.</param>
    /// <param name="partialTiles">
    /// The hashes of the partial tile of level 0, 1, 2 …, empty where the level has none; levels left out at the end
    /// have none. The partial tile of level 0 holds leaf hashes, those above hold the roots of full tiles below.
    /// </param>
    /// <exception cref="FormatException">A tile does not have the width that a tree of this size has there.</exception>
    public static TreeAppender Restore(long size, IReadOnlyList<ReadOnlyMemory<byte>> partialTiles)
    {
        ArgumentNullException.ThrowIfNull(partialTiles);
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        var roots = new List<Digest>();
        for (var level = TileLayout.Levels - 1; level >= 0; level--)
        {
            var tile = level < partialTiles.Count ? partialTiles[level].Span : [];
            AddSubtreeRoots(Checked(tile, level, size), roots);
        }

        var appender = new TreeAppender(Frontier.Of(size, roots));
        for (var level = 0; level < partialTiles.Count && level < TileLayout.Levels; level++)
        {
            if (!partialTiles[level].IsEmpty)
            {
                partialTiles[level].CopyTo(appender.Buffer(level));
            }
        }

        return appender;
    }

    /// <summary>Adds the next leaf; tiles that it makes full wait for <see cref="TakeCompleted"/>.</summary>
    public void Append(in Digest leaf)
    {
        var offset = (int)(Size % TilePath.FullWidth) * Digest.Length;
        leaf.CopyTo(Buffer(0).AsSpan(offset));
        _waiting++;
        if (Size % TilePath.FullWidth == 0)
        {
            TakeWaiting();
        }
    }

    /// <summary>The tiles that became full since the last call, lower level before higher at the same size.</summary>
    public IReadOnlyList<CompletedTile> TakeCompleted()
    {
        var completed = _completed;
        _completed = [];
        return completed;
    }

    /// <summary>
    /// The hashes of a level's partial tile, empty when it has none. The memory is overwritten by later appends.
    /// </summary>
    public ReadOnlyMemory<byte> PartialTile(int level)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(level);
        var width = TileLayout.PartialWidth(level, Size);
        return width == 0 ? default : Buffer(level).AsMemory(0, width * Digest.Length);
    }

    /// <summary>An independent copy, with the completed tiles not yet taken.</summary>
    public TreeAppender Clone()
    {
        var copy = new TreeAppender(_frontier.Clone()) { _completed = [.. _completed], _waiting = _waiting };
        for (var level = 0; level < _partial.Length; level++)
        {
            copy._partial[level] = (byte[]?)_partial[level]?.Clone();
        }

        return copy;
    }

    /// <summary>Hands waiting leaves to the frontier, in perfect subtrees as large as their places allow.</summary>
    private void TakeWaiting()
    {
        Span<Digest> tileRoots = stackalloc Digest[TileLayout.Levels];
        while (_waiting > 0)
        {
            var at = (int)(_frontier.Size % TilePath.FullWidth);
            var height = Math.Min(
                BitOperations.Log2((uint)_waiting), BitOperations.TrailingZeroCount(at | TilePath.FullWidth));
            var width = 1 << height;
            var root = TileHashes.SubtreeRoot(Buffer(0).AsSpan(at * Digest.Length, width * Digest.Length));
            _waiting -= width;
            var full = _frontier.Append(root, height, tileRoots);
            for (var level = 0; level < full; level++)
            {
                Complete(level, tileRoots[level]);
            }
        }
    }

    private void Complete(int level, in Digest root)
    {
        // The buffer goes out with the tile; the next hash at this level starts a new one.
        var tiles = TileLayout.FullTiles(level, Size);
        _completed.Add(new CompletedTile(level, tiles - 1, root, Buffer(level)));
        _partial[level] = null;
        if (level + 1 < TileLayout.Levels)
        {
            var offset = (int)((tiles - 1) % TilePath.FullWidth) * Digest.Length;
            root.CopyTo(Buffer(level + 1).AsSpan(offset));
        }
    }

    private byte[] Buffer(int level) => _partial[level] ??= new byte[TileBytes];

    private static ReadOnlySpan<byte> Checked(ReadOnlySpan<byte> tile, int level, long size)
    {
        var width = TileLayout.PartialWidth(level, size);
        return tile.Length == width * Digest.Length
            ? tile
            : throw new FormatException(
                $"A tree of {size} has {width} hashes in the partial tile of level {level}, not {tile.Length} bytes.");
    }

    /// <summary>
    /// The perfect subtrees of a partial tile, one per one bit of its width, are roots of the frontier.
    /// </summary>
    private static void AddSubtreeRoots(ReadOnlySpan<byte> tile, List<Digest> roots)
    {
        for (var bytes = TileBytes / 2; !tile.IsEmpty; bytes /= 2)
        {
            if (tile.Length >= bytes)
            {
                roots.Add(TileHashes.SubtreeRoot(tile[..bytes]));
                tile = tile[bytes..];
            }
        }
    }
}

/// <summary>A full hash tile, ready to be stored. It never changes again.</summary>
/// <param name="Level">The tile level, 0 for leaf hashes.</param>
/// <param name="Index">The tile's index within the level.</param>
/// <param name="Root">The root over the tile: its hash in the tile above.</param>
/// <param name="Hashes">The 256 hashes, 8,192 bytes, owned by the receiver.</param>
public readonly record struct CompletedTile(int Level, long Index, Digest Root, ReadOnlyMemory<byte> Hashes);
