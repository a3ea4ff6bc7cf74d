using Probity.Ledger.Tiles;
using Xunit;

namespace Probity.Tests.Tiles;

public sealed class TileLayoutTests
{
    [Fact]
    public void A_tree_of_256_has_a_full_tile_and_one_hash_above() =>
        Assert.Equal(["tile/0/000", "tile/1/000.p/1"], TileLayout.HashTiles(256).Select(t => t.ToString()));

    [Fact]
    public void The_empty_tree_has_no_tiles()
    {
        Assert.Empty(TileLayout.HashTiles(0));
        Assert.Empty(TileLayout.EntryBundles(0));
    }

    [Theory]
    [InlineData(0, 0, 70_000, 256)]
    [InlineData(0, 273, 70_000, 112)]
    [InlineData(0, 274, 70_000, 0)]
    [InlineData(1, 1, 70_000, 17)]
    [InlineData(2, 0, 70_000, 1)]
    [InlineData(3, 0, 70_000, 0)]
    [InlineData(8, 0, 70_000, 0)]
    [InlineData(63, 0, long.MaxValue, 0)]
    [InlineData(7, 0, long.MaxValue, 127)]
    [InlineData(TilePath.Entries, 273, 70_000, 112)]
    public void Widths_follow_from_the_size(int level, long index, long size, int width) =>
        Assert.Equal(width, TileLayout.Width(level, index, size));
}
