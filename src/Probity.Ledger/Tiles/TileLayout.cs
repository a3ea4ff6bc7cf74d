namespace Probity.Ledger.Tiles;

/// <summary>
/// Which tiles a tree of a given size is made of. Pure. Source: C2SP tlog-tiles, Merkle Tree and Partial Tiles.
/// </summary>
public static class TileLayout
{
    /// <summary>Levels that a tree of up to 2^63 − 1 entries can have: 8, numbered 0 to 7.</summary>
    public const int Levels = 8;

    private const int LevelBits = 8;

    /// <summary>Hashes at a level, in full and partial tiles: floor(size / 256^level); entries at level -1.</summary>
    public static long HashesAt(int level, long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        ArgumentOutOfRangeException.ThrowIfLessThan(level, TilePath.Entries);

        // A shift by 64 or more would wrap round to a shift by less.
        return level >= Levels ? 0 : size >> (LevelBits * Math.Max(level, 0));
    }

    /// <summary>Full tiles at a level; their indexes are 0 up to one less than this.</summary>
    public static long FullTiles(int level, long size) => HashesAt(level, size) / TilePath.FullWidth;

    /// <summary>Hashes in the partial tile at a level, 1 to 255, or 0 when there is none.</summary>
    public static int PartialWidth(int level, long size) => (int)(HashesAt(level, size) % TilePath.FullWidth);

    /// <summary>The width of a tile in a tree of this size: 256 when full, 0 when the tree has no such tile.</summary>
    public static int Width(int level, long index, long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        var full = FullTiles(level, size);
        if (index < full)
        {
            return TilePath.FullWidth;
        }

        return index == full ? PartialWidth(level, size) : 0;
    }

    /// <summary>Every hash tile of a tree of this size, level by level, the partial tile of a level last.</summary>
    public static IEnumerable<TilePath> HashTiles(long size)
    {
        for (var level = 0; HashesAt(level, size) > 0; level++)
        {
            foreach (var tile in TilesAt(level, size))
            {
                yield return tile;
            }
        }
    }

    /// <summary>Every entry bundle of a log of this size, the partial one last.</summary>
    public static IEnumerable<TilePath> EntryBundles(long size) => TilesAt(TilePath.Entries, size);

    private static IEnumerable<TilePath> TilesAt(int level, long size)
    {
        var full = FullTiles(level, size);
        for (var index = 0L; index < full; index++)
        {
            yield return new TilePath(level, index, TilePath.FullWidth);
        }

        if (PartialWidth(level, size) is > 0 and var width)
        {
            yield return new TilePath(level, full, width);
        }
    }
}
