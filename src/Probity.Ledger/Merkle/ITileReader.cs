namespace Probity.Ledger.Merkle;

/// <summary>
/// Gives the stored hashes of a tree, tile by tile, from a store, a file tree or another log's server.
/// </summary>
public interface ITileReader
{
    /// <summary>
    /// The first <paramref name="width"/> hashes of a tile, exactly width × 32 bytes; 256 for a full tile. Only tiles
    /// that exist at the reader's tree size are asked for, one call at a time.
    /// </summary>
    /// <param name="level">The tile level, 0 for leaf hashes.</param>
    /// <param name="index">The tile's index within the level.</param>
    /// <param name="width">Hashes wanted, 1 to 256.</param>
    /// <param name="cancellationToken">Ends the wait for a store or a server.</param>
    ValueTask<ReadOnlyMemory<byte>> ReadTileAsync(
        int level, long index, int width, CancellationToken cancellationToken);
}
