using System.IO.Compression;
using System.Text;
using Probity.Server.Monitoring.Decisions;
using Xunit;

namespace Probity.Server.Tests.Monitoring;

public sealed class RecordPackingTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1_000)]
    [InlineData(100_000)]
    [InlineData(RecordPacking.MaxBytes)]
    public void A_record_comes_back_to_the_byte(int bytes)
    {
        var record = Record(bytes);

        Assert.Equal(record, RecordPacking.Unpack(RecordPacking.Pack(record)));
    }

    [Fact]
    public void A_record_of_the_usual_size_takes_less_than_half_of_it() =>
        Assert.True(RecordPacking.Pack(Record(1_000)).Length < 500);

    [Fact]
    public void Records_of_entries_of_before_are_read()
    {
        var record = Record(1_000);

        Assert.Equal(record, RecordPacking.Unpack(Zlib(record)));
    }

    [Fact]
    public void A_record_that_is_cut_off_or_too_large_is_refused()
    {
        var packed = RecordPacking.Pack(Record(1_000));
        var large = Record(RecordPacking.MaxBytes + 1);

        Assert.Throws<InvalidDataException>(() => RecordPacking.Unpack(packed[..^5]));
        Assert.Throws<InvalidDataException>(() => RecordPacking.Unpack(RecordPacking.Pack(large)));
        Assert.Throws<InvalidDataException>(() => RecordPacking.Unpack(Zlib(large)));
    }

    private static byte[] Record(int bytes)
    {
        var text = new StringBuilder();
        for (var i = 0; text.Length < bytes; i++)
        {
            text.Append("{\"aggregate\":\"sum of wires of account in 24 h\",\"value\":\"").Append(i * 7_919 % 10_007)
                .Append("\"},");
        }

        return Encoding.ASCII.GetBytes(text.ToString(0, bytes));
    }

    private static byte[] Zlib(byte[] record)
    {
        var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal))
        {
            zlib.Write(record);
        }

        return packed.ToArray();
    }
}
