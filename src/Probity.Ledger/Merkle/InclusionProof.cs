using System.Numerics;

namespace Probity.Ledger.Merkle;

/// <summary>
/// Verifies that a leaf is at an index of a tree, from the hashes beside its path to the root. Pure and thread safe.
/// Source: RFC 6962 §2.1.1, with the verification of RFC 9162 §2.1.3.2 in the closed form of transparency-dev/merkle.
/// </summary>
public static class InclusionProof
{
    /// <summary>
    /// Hashes in the only acceptable proof for an index of a tree of this size.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The index is not within 0 and size − 1.</exception>
    public static int Length(long index, long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, size);
        return Inner((ulong)index, (ulong)size) + Border((ulong)index, (ulong)size);
    }

    /// <summary>
    /// Whether the proof leads from the leaf to the root. False for an index outside the tree, so for every index of
    /// the empty tree, and for a proof of any other length than <see cref="Length"/>.
    /// </summary>
    /// <param name="index">The leaf's index, from 0.</param>
    /// <param name="size">The tree's size.</param>
    /// <param name="leaf">The leaf hash.</param>
    /// <param name="proof">The path, from the leaf's sibling to the root's child.</param>
    /// <param name="root">The root that is trusted at that size.</param>
    public static bool Verify(long index, long size, Digest leaf, IReadOnlyList<Digest> proof, Digest root)
    {
        ArgumentNullException.ThrowIfNull(proof);
        return index >= 0 && size >= 0 && Verify((ulong)index, (ulong)size, leaf, proof, root);
    }

    /// <summary>The same over the whole range of the published probes.</summary>
    internal static bool Verify(ulong index, ulong size, Digest leaf, IReadOnlyList<Digest> proof, Digest root)
    {
        if (index >= size)
        {
            return false;
        }

        var inner = Inner(index, size);
        if (proof.Count != inner + Border(index, size))
        {
            return false;
        }

        var node = ProofPath.FoldInner(leaf, proof, 0, inner, index);
        return ProofPath.FoldRight(node, proof, inner) == root;
    }

    /// <summary>Levels on which the path is below the point where it meets the path of the last leaf.</summary>
    internal static int Inner(ulong index, ulong size) => 64 - BitOperations.LeadingZeroCount(index ^ (size - 1));

    /// <summary>Levels above that point on which there is a sibling, always on the left.</summary>
    internal static int Border(ulong index, ulong size)
    {
        var inner = Inner(index, size);
        return inner == 64 ? 0 : BitOperations.PopCount(index >> inner);
    }
}
