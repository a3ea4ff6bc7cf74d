using System.Numerics;

namespace Probity.Ledger.Merkle;

/// <summary>
/// The right edge of the tree: the roots of the perfect subtrees that a tree of this size is made of, largest first.
/// It is all that is needed to append and to compute the root, at most 63 digests. Not thread safe.
/// Source: RFC 6962 §2.1; "compact range" in transparency-dev/merkle.
/// </summary>
public sealed class Frontier
{
    private const int TileHeight = 8;

    private readonly List<Digest> _roots;

    /// <summary>The frontier of an empty tree.</summary>
    public Frontier() : this(0, [])
    {
    }

    private Frontier(long size, List<Digest> roots)
    {
        Size = size;
        _roots = roots;
    }

    /// <summary>Entries in the tree, 0 or more.</summary>
    public long Size { get; private set; }

    /// <summary>The subtree roots, largest subtree first; as many as <see cref="Size"/> has one bits.</summary>
    public IReadOnlyList<Digest> Roots => _roots;

    /// <summary>A frontier of roots already computed, largest subtree first.</summary>
    /// <exception cref="FormatException">There is not one root per one bit of the size.</exception>
    internal static Frontier Of(long size, IEnumerable<Digest> roots)
    {
        var frontier = new Frontier(size, [.. roots]);
        return frontier._roots.Count == BitOperations.PopCount((ulong)size)
            ? frontier
            : throw new FormatException($"A frontier of size {size} does not have {frontier._roots.Count} roots.");
    }

    /// <summary>Adds the next leaf.</summary>
    public void Append(in Digest leaf) => Append(leaf, []);

    /// <summary>
    /// Adds the next leaf and hands out the roots of the 256-wide tiles that it completes, which are nodes on its way
    /// up: of heights 8, 16, 24 and so on.
    /// </summary>
    /// <returns>
    /// How many tiles are complete, one per level from 0; no more are written than there is room for.
    /// </returns>
    internal int Append(in Digest leaf, Span<Digest> tileRoots) => Append(leaf, 0, tileRoots);

    /// <summary>As above, for the root of a perfect subtree of the next leaves.</summary>
    /// <param name="root">The subtree's root; a leaf at height 0.</param>
    /// <param name="height">Its height, at most 8; the size is a multiple of its leaves.</param>
    /// <param name="tileRoots">Takes the roots of the tiles that it completes.</param>
    internal int Append(in Digest root, int height, Span<Digest> tileRoots)
    {
        var leaves = 1L << height;
        ArgumentOutOfRangeException.ThrowIfNotEqual(Size & (leaves - 1), 0);
        var node = root;
        Complete(node, height, tileRoots);
        for (var size = Size >> height; (size & 1) == 1; size >>= 1)
        {
            node = MerkleHash.Node(_roots[^1], node);
            _roots.RemoveAt(_roots.Count - 1);
            Complete(node, ++height, tileRoots);
        }

        _roots.Add(node);
        Size += leaves;
        return Math.Min(height / TileHeight, tileRoots.Length);
    }

    private static void Complete(in Digest node, int height, Span<Digest> tileRoots)
    {
        if (height > 0 && height % TileHeight == 0 && height / TileHeight <= tileRoots.Length)
        {
            tileRoots[(height / TileHeight) - 1] = node;
        }
    }

    /// <summary>The root hash of the tree; <see cref="MerkleHash.Empty"/> at size 0.</summary>
    public Digest Root()
    {
        if (_roots.Count == 0)
        {
            return MerkleHash.Empty;
        }

        var root = _roots[^1];
        for (var i = _roots.Count - 2; i >= 0; i--)
        {
            root = MerkleHash.Node(_roots[i], root);
        }

        return root;
    }

    /// <summary>An independent copy.</summary>
    public Frontier Clone() => new(Size, [.. _roots]);

    /// <summary>The subtree roots one after another, 32 bytes each, as stored in the head row.</summary>
    public byte[] Encode()
    {
        var bytes = new byte[_roots.Count * Digest.Length];
        for (var i = 0; i < _roots.Count; i++)
        {
            _roots[i].CopyTo(bytes.AsSpan(i * Digest.Length));
        }

        return bytes;
    }

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    /// <exception cref="FormatException">The bytes do not hold one digest per one bit of the size.</exception>
    public static Frontier Decode(long size, ReadOnlySpan<byte> bytes)
    {
        if (size < 0 || bytes.Length != BitOperations.PopCount((ulong)size) * Digest.Length)
        {
            throw new FormatException($"A frontier of size {size} does not have {bytes.Length} bytes.");
        }

        var roots = new List<Digest>(64);
        for (var i = 0; i < bytes.Length; i += Digest.Length)
        {
            roots.Add(Digest.From(bytes.Slice(i, Digest.Length)));
        }

        return new Frontier(size, roots);
    }
}
