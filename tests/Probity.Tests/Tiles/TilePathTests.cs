using CsCheck;
using Probity.Ledger.Tiles;
using Xunit;

namespace Probity.Tests.Tiles;

public sealed class TilePathTests
{
    [Theory]
    [InlineData("tile/0/000", 0, 0, 256)]
    [InlineData("tile/0/x001/x234/067", 0, 1_234_067, 256)]
    [InlineData("tile/0/273.p/112", 0, 273, 112)]
    [InlineData("tile/63/999", 63, 999, 256)]
    [InlineData("tile/1/x001/000.p/1", 1, 1000, 1)]
    [InlineData("tile/entries/x010/000.p/255", TilePath.Entries, 10_000, 255)]
    [InlineData("tile/7/x009/x223/x372/x036/x854/x775/807", 7, long.MaxValue, 256)]
    public void Paths_are_read_and_written_in_their_one_form(string text, int level, long index, int width)
    {
        var path = new TilePath(level, index, width);

        Assert.Equal(path, TilePath.Parse(text));
        Assert.Equal(text, path.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("tile")]
    [InlineData("tile/")]
    [InlineData("tile/0")]
    [InlineData("tile/0/")]
    [InlineData("/tile/0/000")]
    [InlineData("tile/0/000/")]
    [InlineData("Tile/0/000")]
    [InlineData("tile/00/000")]
    [InlineData("tile/01/000")]
    [InlineData("tile/64/000")]
    [InlineData("tile/-1/000")]
    [InlineData("tile/+1/000")]
    [InlineData("tile/ 1/000")]
    [InlineData("tile/256/000")]
    [InlineData("tile/0/0")]
    [InlineData("tile/0/00")]
    [InlineData("tile/0/0000")]
    [InlineData("tile/0/1234")]
    [InlineData("tile/0/x001")]
    [InlineData("tile/0/x000/000")]
    [InlineData("tile/0/x000/x001/000")]
    [InlineData("tile/0/001/000")]
    [InlineData("tile/0/x001/x000")]
    [InlineData("tile/0/X001/000")]
    [InlineData("tile/0/x01/000")]
    [InlineData("tile/0/x0011/000")]
    [InlineData("tile/0/x001//000")]
    [InlineData("tile/0/x-01/000")]
    [InlineData("tile/0/٠٠١")]
    [InlineData("tile/0/000.p")]
    [InlineData("tile/0/000.p/")]
    [InlineData("tile/0/000.p/0")]
    [InlineData("tile/0/000.p/256")]
    [InlineData("tile/0/000.p/01")]
    [InlineData("tile/0/000.p/1/")]
    [InlineData("tile/0/000.p/1.p/1")]
    [InlineData("tile/0/000.P/1")]
    [InlineData("tile/0/x001.p/1/000")]
    [InlineData("tile/0.p/1/000")]
    [InlineData("tile/entries")]
    [InlineData("tile/entries/")]
    [InlineData("tile/entry/000")]
    [InlineData("tile/data/000")]
    [InlineData("tile/0/000\n")]
    [InlineData("tile/0/../000")]
    [InlineData("tile/0/x009/x223/x372/x036/x854/x775/808")]
    [InlineData("tile/0/x999/x999/x999/x999/x999/x999/999")]
    [InlineData("tile/0/x001/x000/x000/x000/x000/x000/x000/000")]
    public void Anything_else_is_refused(string? text)
    {
        Assert.False(TilePath.TryParse(text, out _));
        Assert.Throws<FormatException>(() => TilePath.Parse(text ?? ""));
    }

    [Theory]
    [InlineData(-2, 0, 1)]
    [InlineData(64, 0, 1)]
    [InlineData(0, -1, 1)]
    [InlineData(0, 0, 0)]
    [InlineData(0, 0, 257)]
    public void Places_that_do_not_exist_cannot_be_made(int level, long index, int width) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new TilePath(level, index, width));

    [Fact]
    public void Writing_and_reading_gives_the_same_path() =>
        Gen.Select(Gen.Int[-1, 63], Gen.Long[0, long.MaxValue], Gen.Int[1, 256])
            .Select((level, index, width) => new TilePath(level, index, width))
            .Sample(path => TilePath.Parse(path.ToString()) == path);

    [Fact]
    public void A_text_that_is_read_is_written_again_as_it_was() =>
        Gen.Select(Gen.Char["0123x/.p"].Array[1, 14], Gen.OneOf(Gen.Const("0"), Gen.Const("1"), Gen.Const("entries")))
            .Select((tail, level) => $"tile/{level}/{new string(tail)}")
            .Sample(text => !TilePath.TryParse(text, out var path) || path.ToString() == text, iter: 20_000);
}
