using CsCheck;
using Probity.Ledger.Tiles;
using Xunit;

namespace Probity.Tests.Tiles;

public sealed class EntryBundleTests
{
    [Fact]
    public void Bundle_bytes_are_frozen() =>
        Assert.Equal("00036f6e65" + "0000" + "00057468726565",
            Convert.ToHexStringLower(EntryBundle.Write(["one"u8.ToArray(), Array.Empty<byte>(), "three"u8.ToArray()])));

    [Fact]
    public void Reading_gives_what_was_written() =>
        Gen.Byte.Array[0, 600].List[1, 256].Sample(entries =>
        {
            var bundle = EntryBundle.Write([.. entries.Select(e => (ReadOnlyMemory<byte>)e)]);
            Assert.Equal(entries, EntryBundle.Read(bundle, entries.Count).Select(e => e.ToArray()));
        }, iter: 30);

    [Fact]
    public void The_longest_entry_fits_and_one_byte_more_is_refused()
    {
        var longest = new byte[EntryBundle.MaxEntryBytes];

        Assert.Equal(longest, EntryBundle.Read(EntryBundle.Write([longest]), 1)[0].ToArray());
        Assert.Throws<ArgumentException>(() => EntryBundle.Write([new byte[EntryBundle.MaxEntryBytes + 1]]));
    }

    [Theory]
    [InlineData("00036f6e65", 2)]
    [InlineData("00036f6e6500", 1)]
    [InlineData("00036f6e6500", 2)]
    [InlineData("00046f6e65", 1)]
    [InlineData("00036f6e650000", 1)]
    [InlineData("00", 1)]
    [InlineData("", 1)]
    public void A_bundle_of_another_width_or_length_is_refused(string hex, int width) =>
        Assert.Throws<FormatException>(() => EntryBundle.Read(Convert.FromHexString(hex), width));

    [Fact]
    public void Empty_and_overfull_bundles_are_not_written()
    {
        Assert.Throws<ArgumentException>(() => EntryBundle.Write([]));
        Assert.Throws<ArgumentException>(() => EntryBundle.Write(new ReadOnlyMemory<byte>[257]));
    }
}
