using System.Numerics;

namespace Probity.Ledger.Merkle;

/// <summary>
/// Verifies that a tree is a prefix of a larger one. Pure and thread safe. Source: RFC 6962 §2.1.2, with the
/// verification of RFC 9162 §2.1.4.2 in the closed form of transparency-dev/merkle.
/// </summary>
public static class ConsistencyProof
{
    /// <summary>Hashes in the only acceptable proof between two sizes; 0 from size 0 and between equal sizes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not 0 ≤ size1 ≤ size2.</exception>
    public static int Length(long size1, long size2)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size1, size2);
        return size1 == 0 || size1 == size2 ? 0 : Shape.Of((ulong)size1, (ulong)size2).Length;
    }

    /// <summary>
    /// Whether the proof shows that the tree of <paramref name="size2"/> with <paramref name="root2"/> begins with the
    /// tree of <paramref name="size1"/> with <paramref name="root1"/>. Equal sizes need equal roots and an empty proof.
    /// False from size 0 to a larger size: such a proof says nothing, and what to do with the empty tree is for the
    /// caller to decide, as <c>CheckpointConsistency</c> does.
    /// </summary>
    public static bool Verify(long size1, long size2, Digest root1, Digest root2, IReadOnlyList<Digest> proof)
    {
        ArgumentNullException.ThrowIfNull(proof);
        return size1 >= 0 && size2 >= 0 && Verify((ulong)size1, (ulong)size2, root1, root2, proof);
    }

    /// <summary>The same over the whole range of the published probes.</summary>
    internal static bool Verify(ulong size1, ulong size2, Digest root1, Digest root2, IReadOnlyList<Digest> proof)
    {
        if (size1 == size2)
        {
            return proof.Count == 0 && root1 == root2;
        }

        if (size1 == 0 || size1 > size2)
        {
            return false;
        }

        var shape = Shape.Of(size1, size2);
        if (proof.Count != shape.Length)
        {
            return false;
        }

        // A perfect older tree is a node of the newer one: its root is where the path starts, and is not sent.
        var seed = shape.Start == 0 ? root1 : proof[0];
        var older = ProofPath.FoldInnerLeft(seed, proof, shape.Start, shape.Inner, shape.Path);
        var newer = ProofPath.FoldInner(seed, proof, shape.Start, shape.Inner, shape.Path);
        var border = shape.Start + shape.Inner;
        return ProofPath.FoldRight(older, proof, border) == root1 && ProofPath.FoldRight(newer, proof, border) == root2;
    }

    /// <summary>
    /// A consistency proof is the inclusion proof, in the newer tree, of the older tree's last perfect subtree.
    /// </summary>
    private readonly record struct Shape(int Start, int Inner, int Border, ulong Path)
    {
        public int Length => Start + Inner + Border;

        public static Shape Of(ulong size1, ulong size2)
        {
            var last = size1 - 1;
            var height = BitOperations.TrailingZeroCount(size1);
            var start = BitOperations.IsPow2(size1) ? 0 : 1;
            return new Shape(start, InclusionProof.Inner(last, size2) - height,
                InclusionProof.Border(last, size2), last >> height);
        }
    }
}
