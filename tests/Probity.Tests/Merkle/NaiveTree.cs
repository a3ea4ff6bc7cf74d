using Probity.Ledger.Merkle;

namespace Probity.Tests.Merkle;

/// <summary>
/// RFC 6962 §2.1 written down word for word, without any of the product's shortcuts: slow and obvious.
/// </summary>
internal static class NaiveTree
{
    public static Digest Root(ReadOnlySpan<Digest> leaves)
    {
        if (leaves.Length == 0)
        {
            return MerkleHash.Empty;
        }

        if (leaves.Length == 1)
        {
            return leaves[0];
        }

        var k = Split(leaves.Length);
        return MerkleHash.Node(Root(leaves[..k]), Root(leaves[k..]));
    }

    public static List<Digest> Path(int m, ReadOnlySpan<Digest> leaves)
    {
        if (leaves.Length == 1)
        {
            return [];
        }

        var k = Split(leaves.Length);
        return m < k ? [.. Path(m, leaves[..k]), Root(leaves[k..])] : [.. Path(m - k, leaves[k..]), Root(leaves[..k])];
    }

    public static List<Digest> Proof(int m, ReadOnlySpan<Digest> leaves) => SubProof(m, leaves, true);

    public static Digest[] Leaves(int count) =>
        [.. Enumerable.Range(0, count).Select(i => MerkleHash.Leaf(BitConverter.GetBytes(i)))];

    private static List<Digest> SubProof(int m, ReadOnlySpan<Digest> leaves, bool whole)
    {
        if (m == leaves.Length)
        {
            return whole ? [] : [Root(leaves)];
        }

        var k = Split(leaves.Length);
        return m <= k
            ? [.. SubProof(m, leaves[..k], whole), Root(leaves[k..])]
            : [.. SubProof(m - k, leaves[k..], false), Root(leaves[..k])];
    }

    private static int Split(int n)
    {
        var k = 1;
        while (k * 2 < n)
        {
            k *= 2;
        }

        return k;
    }
}
