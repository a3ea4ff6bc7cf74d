using System.Text;
using Probity.Ledger.Verification;
using Xunit;

namespace Probity.Tests.Verification;

public sealed class EntryScannerTests
{
    private const string Zeros = "0000000000000000000000000000000000000000000000000000000000000000";
    private const string Tail = $$"""
        "log":"l","prev":"{{Zeros}}","seq":7,"type":"event","v":1}
        """;

    [Theory]
    [InlineData("""{"action":"x",""")]
    [InlineData("""{"action":"a\",\"seq\":9,\"v\":2}",""")]
    [InlineData("""{"action":"\\","data":{"seq":9,"v":2,"log":"other"},""")]
    [InlineData("""{"action":"\\\\\"},","data":[{"seq":9},[["}]",{"prev":"x"}]]],""")]
    [InlineData("""{"action":"{[","blobs":[],"data":"]}",""")]
    public void Members_of_the_entry_are_found_and_look_alikes_are_not(string start)
    {
        for (var pad = 0; pad < 130; pad++)
        {
            // Shifted over every offset of a block, so that each feature meets a block's edge.
            var body = start.Replace("\"action\":\"", "\"action\":\"" + new string('p', pad), StringComparison.Ordinal) + Tail;

            var found = Scan(body);

            Assert.True(found.IsReadable, body);
            Assert.Equal(7, found.Seq);
            Assert.Equal(default, found.Prev);
            Assert.True(found.HasPrev);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("{\"log\":\"l\"")]
    [InlineData("""{"log":"l","prev":"0","seq":7,"v":1}""")]
    [InlineData($$"""{"a\u0063":"x","log":"l","prev":"{{Zeros}}","seq":7,"v":1}""")]
    [InlineData($$"""{"log":"l","prev":"{{Zeros}}","seq":07,"v":1}""")]
    [InlineData($$"""{"log":"l","prev":"{{Zeros}}","seq":-7,"v":1}""")]
    [InlineData($$"""{"log":"l","prev":"{{Zeros}}","seq":7,"v":2}""")]
    [InlineData($$"""{"log":"m","prev":"{{Zeros}}","seq":7,"v":1}""")]
    [InlineData($$"""{"log":"l","prev":"{{Zeros}}","seq":7,"seq":8,"v":1}""")]
    [InlineData($$"""{"log":"l","prev":"{{Zeros}}","v":1,"seq":7}""")]
    [InlineData($$"""{"log":"l","prev":"{{Zeros}}","seq":7,"v":1} """)]
    [InlineData("{\"log\":\"l\",\"prev\":\"" + Zeros + "\",\"seq\":7,\"v\":1}}")]
    [InlineData($$"""{"log":"l","prev":"{{Zeros}}","seq":7,"v":1""")]
    [InlineData($$"""{"log":"l","prev":"{{Zeros}}","seq":7,"v":1]""")]
    [InlineData("{\"data\":{\"log\":\"l\",\"prev\":\"" + Zeros + "\",\"seq\":7,\"v\":1}}")]
    [InlineData($$"""{"l\u006fg":"l","prev":"{{Zeros}}","seq":7,"v":1}""")]
    public void What_is_not_an_entry_of_this_log_is_not_readable(string body) => Assert.False(Scan(body).IsReadable);

    [Fact]
    public void Blobs_are_found_at_top_level_only()
    {
        var found = Scan("""{"blobs":[{"length":5}],"data":{"blobs":[1]},""" + Tail);

        Assert.Equal((9, 14), (found.BlobsStart, found.BlobsLength));
        Assert.Equal(0, Scan("""{"data":{"blobs":[1]},""" + Tail).BlobsLength);
    }

    [Fact]
    public void Scanning_allocates_nothing()
    {
        var scanner = new EntryScanner("l");
        var body = Encoding.UTF8.GetBytes("""{"action":"x","data":{"a":"b"},""" + Tail);
        scanner.Scan(body);
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var i = 0; i < 1000; i++)
        {
            scanner.Scan(body);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static ScannedEntry Scan(string body) => new EntryScanner("l").Scan(Encoding.UTF8.GetBytes(body));
}
