namespace Probity.Ledger.Merkle;

/// <summary>The two ways a proof is folded into a root; both proofs share them.</summary>
internal static class ProofPath
{
    /// <summary>
    /// Takes <paramref name="count"/> hashes, each on the side that the index's bit of that level gives.
    /// </summary>
    public static Digest FoldInner(Digest node, IReadOnlyList<Digest> proof, int start, int count, ulong index)
    {
        for (var i = 0; i < count; i++)
        {
            var sibling = proof[start + i];
            node = ((index >> i) & 1) == 0 ? MerkleHash.Node(node, sibling) : MerkleHash.Node(sibling, node);
        }

        return node;
    }

    /// <summary>
    /// Takes of <paramref name="count"/> hashes only those on the left: the same path in the smaller tree.
    /// </summary>
    public static Digest FoldInnerLeft(Digest node, IReadOnlyList<Digest> proof, int start, int count, ulong index)
    {
        for (var i = 0; i < count; i++)
        {
            if (((index >> i) & 1) == 1)
            {
                node = MerkleHash.Node(proof[start + i], node);
            }
        }

        return node;
    }

    /// <summary>Takes all remaining hashes, each on the left.</summary>
    public static Digest FoldRight(Digest node, IReadOnlyList<Digest> proof, int start)
    {
        for (var i = start; i < proof.Count; i++)
        {
            node = MerkleHash.Node(proof[i], node);
        }

        return node;
    }
}
