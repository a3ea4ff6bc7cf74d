namespace Probity.Ledger.Merkle;

/// <summary>What the partial tiles at the right edge of a tree consist of.</summary>
/// <param name="Size">Entries in the tree.</param>
/// <param name="Leaves">Leaf hashes of the partial level-0 tile: <c>Size mod 256</c> of them.</param>
/// <param name="TileRoots">
/// For each level from 0 on that has full tiles: the roots of those full tiles which the partial tile one level up
/// consists of.
/// </param>
public sealed record TreeTail(
    long Size, IReadOnlyList<Digest> Leaves, IReadOnlyList<IReadOnlyList<Digest>> TileRoots)
{
    /// <summary>Hashes in a full tile. Source: C2SP tlog-tiles, "Merkle Tree".</summary>
    public const int Width = 256;
}
