using Probity.Ledger.Tiles;

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

    /// <summary>
    /// Several tiles of one tree, in the order asked for, each as <see cref="ReadTileAsync"/> gives it. A reader whose
    /// every question travels overrides this, so that a proof costs one journey; by default they are read in turn.
    /// </summary>
    /// <param name="tiles">The tiles wanted, none of them of entries; at most some dozens.</param>
    /// <param name="cancellationToken">Ends the wait for a store or a server.</param>
    async ValueTask<IReadOnlyList<ReadOnlyMemory<byte>>> ReadTilesAsync(
        IReadOnlyList<TilePath> tiles, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(tiles);
        var read = new ReadOnlyMemory<byte>[tiles.Count];
        for (var i = 0; i < read.Length; i++)
        {
            read[i] = await ReadTileAsync(tiles[i].Level, tiles[i].Index, tiles[i].Width, cancellationToken)
                .ConfigureAwait(false);
        }

        return read;
    }
}
