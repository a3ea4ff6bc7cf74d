using Probity.Ledger.Merkle;
using Probity.Ledger.Tiles;
using Xunit;

namespace Probity.Tests.Merkle;

/// <summary>The tree of 70,000 entries that C2SP tlog-tiles works through: three levels of tiles.</summary>
public sealed class ThreeLevelTreeTests
{
    private const int Size = 70_000;

    private static readonly Digest[] s_leaves = NaiveTree.Leaves(Size);
    private static readonly MemoryTiles s_tiles = new(s_leaves);

    // Level by level bottom-up: an independent way to the hash of any perfect subtree.
    private static readonly Digest[][] s_perfect = PerfectSubtrees();

    [Fact]
    public void Tiles_are_as_many_and_as_wide_as_the_standard_says()
    {
        var tiles = TileLayout.HashTiles(Size).ToArray();

        Assert.Equal(273, tiles.Count(t => t is { Level: 0, Width: 256 }));
        Assert.Equal(new TilePath(0, 273, 112), Assert.Single(tiles, t => t.Level == 0 && t.IsPartial));
        Assert.Equal(new TilePath(1, 0, 256), Assert.Single(tiles, t => t is { Level: 1, Width: 256 }));
        Assert.Equal(new TilePath(1, 1, 17), Assert.Single(tiles, t => t.Level == 1 && t.IsPartial));
        Assert.Equal(new TilePath(2, 0, 1), Assert.Single(tiles, t => t.Level == 2));
        Assert.Equal(273 + 1 + 1 + 1 + 1, tiles.Length);
        Assert.Equal(274, TileLayout.EntryBundles(Size).Count());
    }

    [Fact]
    public void Every_tile_holds_the_hashes_that_the_standard_defines()
    {
        foreach (var path in TileLayout.HashTiles(Size))
        {
            var tile = s_tiles.Tile(path);
            Assert.Equal(path.Width * Digest.Length, tile.Length);
            for (var i = 0; i < path.Width; i++)
            {
                Assert.Equal(s_perfect[8 * path.Level][(path.Index * 256) + i],
                    Digest.From(tile.Span.Slice(i * Digest.Length, Digest.Length)));
            }
        }
    }

    [Theory]
    [InlineData(0, 70_000)]
    [InlineData(69_999, 70_000)]
    [InlineData(65_535, 65_536)]
    [InlineData(65_535, 65_537)]
    [InlineData(65_536, 65_537)]
    [InlineData(12_345, 69_888)]
    [InlineData(255, 256)]
    [InlineData(0, 1)]
    [InlineData(40_000, 69_377)]
    public async Task Inclusion_proofs_equal_the_brute_force_ones(int index, int size)
    {
        var proof = await new TreeReader(s_tiles, Size).InclusionAsync(index, size);

        Assert.Equal(NaiveTree.Path(index, s_leaves.AsSpan(0, size)), proof);
        Assert.True(InclusionProof.Verify(
            index, size, s_leaves[index], proof, NaiveTree.Root(s_leaves.AsSpan(0, size))));
    }

    [Theory]
    [InlineData(1, 70_000)]
    [InlineData(69_999, 70_000)]
    [InlineData(256, 65_536)]
    [InlineData(257, 65_537)]
    [InlineData(65_536, 70_000)]
    [InlineData(65_537, 70_000)]
    [InlineData(30_000, 69_888)]
    [InlineData(70_000, 70_000)]
    [InlineData(0, 70_000)]
    public async Task Consistency_proofs_equal_the_brute_force_ones(int size1, int size2)
    {
        var proof = await new TreeReader(s_tiles, Size).ConsistencyAsync(size1, size2);

        Assert.Equal(size1 == 0 ? [] : NaiveTree.Proof(size1, s_leaves.AsSpan(0, size2)), proof);
        Assert.Equal(size1 != 0, ConsistencyProof.Verify(size1, size2,
            NaiveTree.Root(s_leaves.AsSpan(0, size1)), NaiveTree.Root(s_leaves.AsSpan(0, size2)), proof));
    }

    [Fact]
    public async Task A_proof_reads_every_tile_once_and_no_more_than_its_path()
    {
        var tiles = new MemoryTiles(s_leaves);

        await new TreeReader(tiles, Size).InclusionAsync(12_345, Size);

        Assert.Equal(tiles.Reads.Distinct(), tiles.Reads);
        Assert.Equal(
            [
                "tile/0/048", "tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17",
            ],
            tiles.Reads.Select(t => t.ToString()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_tile_of_the_wrong_width_is_not_used()
    {
        var reader = new TreeReader(new ShortTiles(), Size);

        await Assert.ThrowsAsync<InvalidDataException>(() => reader.RootAsync(Size));
    }

    [Fact]
    public async Task Questions_outside_the_tree_are_refused()
    {
        var reader = new TreeReader(s_tiles, Size);

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => reader.RootAsync(Size + 1));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => reader.InclusionAsync(5, 5));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => reader.InclusionAsync(-1, 5));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => reader.ConsistencyAsync(6, 5));
        Assert.Equal(MerkleHash.Empty, await reader.RootAsync(0));
    }

    private static Digest[][] PerfectSubtrees()
    {
        var levels = new List<Digest[]> { s_leaves };
        while (levels[^1].Length > 1)
        {
            levels.Add([.. levels[^1].Chunk(2).Where(p => p.Length == 2).Select(p => MerkleHash.Node(p[0], p[1]))]);
        }

        return [.. levels];
    }

    private sealed class ShortTiles : ITileReader
    {
        public ValueTask<ReadOnlyMemory<byte>> ReadTileAsync(
            int level, long index, int width, CancellationToken cancellationToken) =>
            ValueTask.FromResult<ReadOnlyMemory<byte>>(new byte[(width - 1) * Digest.Length]);
    }
}
