namespace Probity.Ledger.Merkle;

/// <summary>
/// The three hashes of the tree. Pure and thread safe. Source: RFC 6962 §2.1 (leaf 0x00, node 0x01), unchanged in
/// RFC 9162 §2.1.1.
/// </summary>
public static class MerkleHash
{
    internal const byte LeafPrefix = 0x00;
    private const byte NodePrefix = 0x01;

    /// <summary>The root of a tree without entries: SHA-256 of nothing.</summary>
    public static Digest Empty { get; } = Sha256.Hash([]);

    /// <summary>The leaf hash of an entry's exact bytes, which is also the link of the hash chain.</summary>
    public static Digest Leaf(ReadOnlySpan<byte> entry) => Sha256.Hash(LeafPrefix, entry);

    /// <summary>The hash of an interior node over its two children.</summary>
    public static Digest Node(in Digest left, in Digest right)
    {
        Span<byte> pair = stackalloc byte[2 * Digest.Length];
        left.CopyTo(pair);
        right.CopyTo(pair[Digest.Length..]);
        return Sha256.Hash(NodePrefix, pair);
    }
}
