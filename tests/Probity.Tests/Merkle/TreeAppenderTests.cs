using Probity.Ledger.Merkle;
using Probity.Ledger.Tiles;
using Xunit;

namespace Probity.Tests.Merkle;

public sealed class TreeAppenderTests
{
    private const int Size = 66_000;

    private static readonly Digest[] s_leaves = NaiveTree.Leaves(Size);

    [Fact]
    public void Completed_tiles_carry_the_root_that_the_tile_above_holds()
    {
        var appender = Appended(Size);

        var tiles = appender.TakeCompleted();

        Assert.Equal(257 + 1, tiles.Count);
        Assert.All(tiles, t => Assert.Equal(TileHashes.Root(t.Hashes.Span), t.Root));
        Assert.Equal(Enumerable.Range(0, 257).Select(i => (long)i),
            tiles.Where(t => t.Level == 0).Select(t => t.Index));
        Assert.Equal((1, 0L), Assert.Single(tiles, t => t.Level == 1) is var top ? (top.Level, top.Index) : default);
        Assert.Empty(appender.TakeCompleted());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(511)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(65_793)]
    public void Restored_appender_goes_on_as_if_it_had_never_stopped(int size)
    {
        var before = Appended(size);
        _ = before.TakeCompleted();

        var after = TreeAppender.Restore(size, PartialTiles(before));

        Assert.Equal(before.Root(), after.Root());
        Assert.Equal(before.CopyFrontier().Encode(), after.CopyFrontier().Encode());
        foreach (var leaf in s_leaves.Skip(size).Take(300))
        {
            before.Append(leaf);
            after.Append(leaf);
        }

        Assert.Equal(before.Root(), after.Root());
        Assert.Equal(before.TakeCompleted().Select(Shown), after.TakeCompleted().Select(Shown));
        Assert.Equal(PartialTiles(before).Select(Hex), PartialTiles(after).Select(Hex));
    }

    [Fact]
    public void Restoring_from_a_tile_of_another_width_is_refused()
    {
        var tiles = PartialTiles(Appended(300));

        Assert.Throws<FormatException>(() => TreeAppender.Restore(301, tiles));
        Assert.Throws<FormatException>(() => TreeAppender.Restore(300, tiles[..1]));
        Assert.Throws<FormatException>(() => TreeAppender.Restore(256, tiles));
    }

    [Fact]
    public void A_clone_is_not_touched_by_appends_to_the_original()
    {
        var appender = Appended(300);
        var clone = appender.Clone();
        var root = clone.Root();

        foreach (var leaf in s_leaves.Skip(300).Take(300))
        {
            appender.Append(leaf);
        }

        Assert.Equal(root, clone.Root());
        Assert.Single(clone.TakeCompleted());
        Assert.Equal(Hex(Appended(300).PartialTile(0)), Hex(clone.PartialTile(0)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100)]
    [InlineData(256)]
    [InlineData(257)]
    public void Leaves_that_wait_give_the_tree_that_single_appends_give(int between)
    {
        var appender = new TreeAppender();
        var eager = new Frontier();
        var tiles = new List<CompletedTile>();
        for (var i = 0; i < 700; i++)
        {
            appender.Append(s_leaves[i]);
            eager.Append(s_leaves[i]);
            Assert.Equal(i + 1, appender.Size);
            if (i % between == 0)
            {
                Assert.Equal(eager.Root(), appender.Root());
                Assert.Equal(Hex(eager.Encode()), Hex(appender.CopyFrontier().Encode()));
                tiles.AddRange(appender.TakeCompleted());
            }
        }

        tiles.AddRange(appender.TakeCompleted());
        Assert.Equal(eager.Root(), appender.Root());
        Assert.Equal([(0, 0L), (0, 1L)], tiles.Select(tile => (tile.Level, tile.Index)));
        Assert.All(tiles, tile => Assert.Equal(TileHashes.Root(tile.Hashes.Span), tile.Root));
    }

    [Fact]
    public void Pairs_hashed_together_are_those_hashed_alone_also_in_place()
    {
        for (var pairs = 0; pairs <= 40; pairs++)
        {
            var children = s_leaves.Take(2 * pairs).SelectMany(leaf => leaf.Bytes.ToArray()).ToArray();
            var alone = Enumerable.Range(0, pairs)
                .SelectMany(i => MerkleHash.Node(s_leaves[2 * i], s_leaves[(2 * i) + 1]).Bytes.ToArray()).ToArray();

            NodeHasher.Hash(children, children);

            Assert.Equal(Hex(alone), Hex(children.AsMemory(0, alone.Length)));
        }
    }

    [Fact]
    public void Full_tile_root_is_refused_for_other_widths()
    {
        Assert.Throws<ArgumentException>(() => TileHashes.Root(new byte[8160]));
        Assert.Throws<ArgumentException>(() => TileHashes.SubtreeRoot(new byte[96]));
        Assert.Throws<ArgumentException>(() => TileHashes.SubtreeRoot([]));
        Assert.Throws<ArgumentException>(() => TileHashes.SubtreeRoot(new byte[16384]));
    }

    private static TreeAppender Appended(int size)
    {
        var appender = new TreeAppender();
        foreach (var leaf in s_leaves.AsSpan(0, size))
        {
            appender.Append(leaf);
        }

        return appender;
    }

    private static ReadOnlyMemory<byte>[] PartialTiles(TreeAppender appender) =>
        [.. Enumerable.Range(0, TileLayout.Levels)
            .Select(l => (ReadOnlyMemory<byte>)appender.PartialTile(l).ToArray())];

    private static string Shown(CompletedTile tile) => $"{tile.Level}/{tile.Index} {tile.Root} {Hex(tile.Hashes)}";

    private static string Hex(ReadOnlyMemory<byte> bytes) => Convert.ToHexStringLower(bytes.Span);
}
