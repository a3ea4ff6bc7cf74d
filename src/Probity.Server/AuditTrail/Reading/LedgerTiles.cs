using Probity.Ledger.Merkle;
using Probity.Ledger.Tiles;
using Probity.Server.AuditTrail.Stores;

namespace Probity.Server.AuditTrail.Reading;

/// <summary>
/// Hash tiles of the stored log. Full tiles are stored; a partial one is put together from the leaf hashes behind the
/// last full tile, or from the roots of the full tiles one level down.
/// </summary>
internal sealed class LedgerTiles(ILedgerStore store) : ITileReader
{
    public async ValueTask<ReadOnlyMemory<byte>> ReadTileAsync(
        int level, long index, int width, CancellationToken cancellationToken) =>
        (await ReadTilesAsync([new TilePath(level, index, width)], cancellationToken))[0];

    public async ValueTask<IReadOnlyList<ReadOnlyMemory<byte>>> ReadTilesAsync(
        IReadOnlyList<TilePath> tiles, CancellationToken cancellationToken)
    {
        var stored = await store.ReadTilesAsync(tiles, cancellationToken);
        var read = new ReadOnlyMemory<byte>[tiles.Count];
        for (var i = 0; i < read.Length; i++)
        {
            read[i] = stored[i] is { } tile && tile.Length == tiles[i].Width * Digest.Length
                ? tile
                : await PutTogetherAsync(tiles[i], cancellationToken);
        }

        return read;
    }

    // A full tile that is gone; what it was made from is still there.
    private async Task<ReadOnlyMemory<byte>> PutTogetherAsync(TilePath tile, CancellationToken cancellationToken)
    {
        // Where entries were purged, the hashes of a former partial tile are in the full one that it has become.
        var full = new TilePath(tile.Level, tile.Index, TilePath.FullWidth);
        if (tile.Width < TilePath.FullWidth && (await store.ReadTilesAsync([full], cancellationToken))[0] is { } whole)
        {
            return whole[..(tile.Width * Digest.Length)];
        }

        var first = tile.Index * TilePath.FullWidth;
        var hashes = tile.Level == 0
            ? await store.ReadHashesAsync(first, tile.Width, cancellationToken)
            : await store.ReadTileRootsAsync(tile.Level - 1, first, tile.Width, cancellationToken);
        var bytes = new byte[hashes.Count * Digest.Length];
        for (var i = 0; i < hashes.Count; i++)
        {
            hashes[i].CopyTo(bytes.AsSpan(i * Digest.Length));
        }

        return bytes;
    }
}
