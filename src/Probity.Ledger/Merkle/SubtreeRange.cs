using System.Numerics;

namespace Probity.Ledger.Merkle;

/// <summary>
/// Entries <c>[Begin, End)</c> whose root is one hash of a proof. As RFC 6962 splits a tree at the largest power of
/// two, Begin is a multiple of the largest perfect subtree within.
/// </summary>
internal readonly record struct SubtreeRange(long Begin, long End)
{
    /// <summary>The hashes of an inclusion proof, from the leaf's sibling upward. Source: RFC 6962 §2.1.1.</summary>
    public static List<SubtreeRange> Inclusion(long index, long size)
    {
        var path = new List<SubtreeRange>();
        var tree = new SubtreeRange(0, size);
        while (tree.End - tree.Begin > 1)
        {
            var split = tree.Split();
            path.Add(index < split ? new SubtreeRange(split, tree.End) : new SubtreeRange(tree.Begin, split));
            tree = index < split ? new SubtreeRange(tree.Begin, split) : new SubtreeRange(split, tree.End);
        }

        path.Reverse();
        return path;
    }

    /// <summary>The hashes of a consistency proof, 0 &lt; size1 &lt; size2. Source: RFC 6962 §2.1.2.</summary>
    public static List<SubtreeRange> Consistency(long size1, long size2)
    {
        var path = new List<SubtreeRange>();
        var tree = new SubtreeRange(0, size2);
        while (tree.End != size1)
        {
            var split = tree.Split();
            path.Add(size1 <= split ? new SubtreeRange(split, tree.End) : new SubtreeRange(tree.Begin, split));
            tree = size1 <= split ? new SubtreeRange(tree.Begin, split) : new SubtreeRange(split, tree.End);
        }

        // The older tree itself is known to the verifier and is sent only where it is not the whole.
        if (tree.Begin != 0)
        {
            path.Add(tree);
        }

        path.Reverse();
        return path;
    }

    /// <summary>The perfect subtrees of the range, largest and leftmost first.</summary>
    public IEnumerable<Subtree> PerfectSubtrees()
    {
        for (var begin = Begin; begin < End;)
        {
            var height = BitOperations.Log2((ulong)(End - begin));
            yield return new Subtree(height, begin >> height);
            begin += 1L << height;
        }
    }

    private long Split() => Begin + (1L << BitOperations.Log2((ulong)(End - Begin - 1)));
}

/// <summary>A perfect subtree of 2^Height entries, the Index-th of its height.</summary>
internal readonly record struct Subtree(int Height, long Index)
{
    private const int LevelBits = 8;

    /// <summary>The level whose hashes, up to 128 of them in one tile, make up the subtree.</summary>
    public int TileLevel => Height / LevelBits;

    /// <summary>The tile of that level which holds them.</summary>
    public long TileIndex => Index >> (LevelBits - InTile);

    /// <summary>Where its hashes begin in the tile, counted in hashes.</summary>
    public int Offset => (int)((Index << InTile) & byte.MaxValue);

    /// <summary>How many hashes of the tile it spans.</summary>
    public int Count => 1 << InTile;

    private int InTile => Height % LevelBits;
}
