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
        int level, long index, int width, CancellationToken cancellationToken)
    {
        // What a partial tile is put together from is there in any case; a look for the full one would mostly be in vain.
        if (width == TilePath.FullWidth && await store.ReadTileAsync(level, index, cancellationToken) is { } full)
        {
            return full;
        }

        var first = index * TilePath.FullWidth;
        var hashes = level == 0
            ? await store.ReadHashesAsync(first, width, cancellationToken)
            : await store.ReadTileRootsAsync(level - 1, first, width, cancellationToken);
        if (hashes.Count < width && await store.ReadTileAsync(level, index, cancellationToken) is { } whole)
        {
            // Entries were purged; their hashes are in the tile that has been filled since.
            return whole[..(width * Digest.Length)];
        }

        var bytes = new byte[hashes.Count * Digest.Length];
        for (var i = 0; i < hashes.Count; i++)
        {
            hashes[i].CopyTo(bytes.AsSpan(i * Digest.Length));
        }

        return bytes;
    }
}
