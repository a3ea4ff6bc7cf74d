using Probity.Ledger.Merkle;
using Probity.Ledger.Tiles;
using Xunit;

namespace Probity.Tests.Merkle;

/// <summary>
/// A tree of 2^63 − 1 equal leaves, which needs no memory: where arithmetic would overflow, it does so here.
/// </summary>
public sealed class LargestTreeTests
{
    private const long Size = long.MaxValue;

    private static readonly Digest s_leaf = MerkleHash.Leaf("same"u8);
    private static readonly TreeReader s_reader = new(new EqualTiles(), Size);

    public static TheoryData<long> Places =>
        [0L, 1L, 255L, 256L, (1L << 40) - 1, 1L << 40, 1L << 62, (1L << 62) - 1, Size - 256, Size - 2, Size - 1];

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Inclusion_is_proved_at_every_height(long index)
    {
        var proof = await s_reader.InclusionAsync(index, Size);

        Assert.InRange(proof.Count, 62, 63);
        Assert.True(InclusionProof.Verify(index, Size, s_leaf, proof, await s_reader.RootAsync(Size)));
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Consistency_is_proved_at_every_height(long last)
    {
        var proof = await s_reader.ConsistencyAsync(last + 1, Size);

        Assert.True(ConsistencyProof.Verify(
            last + 1, Size, await s_reader.RootAsync(last + 1), await s_reader.RootAsync(Size), proof));
    }

    [Fact]
    public async Task An_appender_restored_at_the_largest_size_but_one_reaches_the_same_root()
    {
        var tiles = Enumerable.Range(0, TileLayout.Levels)
            .Select(level => EqualTiles.Tile(level, TileLayout.PartialWidth(level, Size - 1))).ToArray();
        var appender = TreeAppender.Restore(Size - 1, tiles);

        appender.Append(s_leaf);

        Assert.Equal(await s_reader.RootAsync(Size), appender.Root());
        Assert.Throws<OverflowException>(() => appender.Append(s_leaf));
    }

    private sealed class EqualTiles : ITileReader
    {
        private static readonly Digest[] s_hashes = Hashes();

        public static ReadOnlyMemory<byte> Tile(int level, int width)
        {
            var tile = new byte[width * Digest.Length];
            for (var i = 0; i < width; i++)
            {
                s_hashes[level].CopyTo(tile.AsSpan(i * Digest.Length));
            }

            return tile;
        }

        public ValueTask<ReadOnlyMemory<byte>> ReadTileAsync(
            int level, long index, int width, CancellationToken cancellationToken) =>
            ValueTask.FromResult(Tile(level, width));

        private static Digest[] Hashes()
        {
            var hashes = new Digest[TileLayout.Levels];
            var node = s_leaf;
            for (var height = 0; height < 8 * TileLayout.Levels; height++)
            {
                if (height % 8 == 0)
                {
                    hashes[height / 8] = node;
                }

                node = MerkleHash.Node(node, node);
            }

            return hashes;
        }
    }
}
