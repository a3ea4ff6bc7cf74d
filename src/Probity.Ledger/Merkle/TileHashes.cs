using System.Numerics;

namespace Probity.Ledger.Merkle;

/// <summary>The perfect subtrees within one tile. Pure and thread safe.</summary>
public static class TileHashes
{
    private const int MaxBytes = 256 * Digest.Length;

    /// <summary>The root of a full tile, which is its hash in the tile above: 255 nodes.</summary>
    /// <exception cref="ArgumentException">The tile is not 8,192 bytes.</exception>
    public static Digest Root(ReadOnlySpan<byte> tile)
    {
        if (tile.Length != MaxBytes)
        {
            throw new ArgumentException($"A full tile is {MaxBytes} bytes, not {tile.Length}.", nameof(tile));
        }

        return SubtreeRoot(tile);
    }

    /// <summary>The root over 1, 2, 4 … 256 consecutive hashes; the hash itself for one.</summary>
    /// <exception cref="ArgumentException">The number of hashes is no power of two up to 256.</exception>
    public static Digest SubtreeRoot(ReadOnlySpan<byte> hashes)
    {
        if (hashes.Length is 0 or > MaxBytes || hashes.Length % Digest.Length != 0
            || !BitOperations.IsPow2(hashes.Length / Digest.Length))
        {
            throw new ArgumentException("A subtree in a tile has 1, 2, 4 up to 256 hashes.", nameof(hashes));
        }

        if (hashes.Length == Digest.Length)
        {
            return Digest.From(hashes);
        }

        // Siblings lie side by side, so a level is hashed from where it stands into the front of the scratch space.
        Span<byte> scratch = stackalloc byte[MaxBytes / 2];
        scoped var level = hashes;
        while (level.Length > Digest.Length)
        {
            NodeHasher.Hash(level, scratch);
            level = scratch[..(level.Length / 2)];
        }

        return Digest.From(level);
    }
}
