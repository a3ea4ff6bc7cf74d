using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Xunit;

namespace Probity.Server.Tests.AuditTrail.Api;

public abstract class IngestTests(RunningServer server)
{
    private const string Path = "/api/v1/events:ingest";

    [Fact]
    public async Task Good_and_bad_lines_each_have_their_result_in_order()
    {
        var size = await server.SizeAsync();

        var answer = await server.PostAsync(
            Path, $"{Event(0)}\n{{broken\n\n{Event(1)}\r\n\r\n{{\"action\":\"t\",\"actor\":{{\"id\":\"u\"}},\"x\":1}}\n[]\n{Event(2)}");

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal("application/x-ndjson", answer.Headers["Content-Type"]);
        var lines = answer.Lines;
        Assert.Equal([1, 2, 4, 6, 7, 8], lines.SkipLast(1).Select(line => line["line"]!.GetValue<int>()));
        Assert.Equal(
            ["accepted", "refused", "accepted", "refused", "refused", "accepted"],
            lines.SkipLast(1).Select(line => line["status"]!.GetValue<string>()));
        Assert.Equal("json.syntax", lines[1]["problem"]!["code"]!.GetValue<string>());
        Assert.Equal("/x", lines[3]["problem"]!["pointer"]!.GetValue<string>());
        Assert.Equal("event.bad_field", lines[4]["problem"]!["code"]!.GetValue<string>());
        IsSummary(lines[^1], accepted: 3, duplicate: 0, refused: 3);
        Assert.Equal(size + 3, await server.SizeAsync());
        Assert.Equal(["u-0", "u-1", "u-2"], (await server.EntriesFromAsync(size)).Select(e => e["actor"]!["id"]!.GetValue<string>()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("\r\n\r\n")]
    public async Task A_body_without_events_is_an_empty_summary(string body) =>
        IsSummary(Assert.Single((await server.PostAsync(Path, body)).Lines), 0, 0, 0);

    [Theory]
    [InlineData("gzip")]
    [InlineData("zstd")]
    public async Task Compressed_bodies_are_read(string encoding)
    {
        var size = await server.SizeAsync();

        var answer = await server.SendAsync(
            HttpMethod.Post, Path, Compress(encoding, Lines(0, 3_000)), null, ("Content-Encoding", encoding));

        IsSummary(answer.Lines[^1], 3_000, 0, 0);
        Assert.Equal(size + 3_000, await server.SizeAsync());
    }

    [Theory]
    [InlineData("gzip", true)]
    [InlineData("gzip", false)]
    [InlineData("zstd", true)]
    [InlineData("zstd", false)]
    public async Task A_broken_compressed_body_says_so_and_keeps_what_was_acknowledged(string encoding, bool isCut)
    {
        var size = await server.SizeAsync();
        var body = Compress(encoding, Lines(0, 20_000, noise: true));
        if (isCut)
        {
            body = body[..(body.Length / 2)];
        }
        else
        {
            body.AsSpan(body.Length / 2, 400).Fill(0xA5);
        }

        var answer = await server.SendAsync(HttpMethod.Post, Path, body, null, ("Content-Encoding", encoding));

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        var lines = answer.Lines;
        var accepted = lines.SkipLast(1).Count(line => line["status"]!.GetValue<string>() == "accepted");
        Assert.Contains(lines.SkipLast(1), line => line["problem"]?["code"]!.GetValue<string>() == "request.bad_encoding");
        Assert.Equal(accepted, lines[^1]["summary"]!["accepted"]!.GetValue<int>());
        Assert.Equal(size + accepted, await server.SizeAsync());
    }

    [Fact]
    public async Task A_body_of_no_compression_is_refused_as_a_whole()
    {
        var answer = await server.PostAsync(Path, Event(0), ("Content-Encoding", "gzip"));

        Assert.Equal("request.bad_encoding", answer.Lines[0]["problem"]!["code"]!.GetValue<string>());
        IsSummary(answer.Lines[^1], 0, 0, 1);
        (await server.PostAsync(Path, Event(0), ("Content-Encoding", "br"))).IsProblem(HttpStatusCode.BadRequest, "request.bad_encoding");
    }

    [Theory]
    [InlineData(262_145)]
    [InlineData(900_000)]
    [InlineData(5_000_000)]
    public async Task A_line_that_is_too_long_is_refused_alone(int length)
    {
        const string Start = """{"action":"t","actor":{"id":"u"},"data":{"v":" """;
        var longLine = Start.TrimEnd() + new string('x', length - Start.TrimEnd().Length - 3) + "\"}}";

        var answer = await server.PostAsync(Path, $"{Event(0)}\n{longLine}\n{Event(1)}\n{longLine}");

        var lines = answer.Lines;
        Assert.Equal([1, 2, 3, 4], lines.SkipLast(1).Select(line => line["line"]!.GetValue<int>()));
        Assert.Equal("event.too_large", lines[1]["problem"]!["code"]!.GetValue<string>());
        Assert.Contains("262144", lines[1]["problem"]!["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        IsSummary(lines[^1], 2, 0, 2);
    }

    [Fact]
    public async Task A_client_that_sends_all_before_it_reads_is_served()
    {
        const int Count = 20_000;
        var size = await server.SizeAsync();
        using var socket = new System.Net.Sockets.TcpClient();
        await socket.ConnectAsync(server.Url.Host, server.Url.Port, TestContext.Current.CancellationToken);
        await using var stream = socket.GetStream();
        var body = Lines(0, Count);

        await stream.WriteAsync(
            Encoding.ASCII.GetBytes(
                $"POST {Path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {server.Key}\r\nConnection: close\r\n"
                + $"Content-Type: application/x-ndjson\r\nContent-Length: {body.Length}\r\n\r\n"),
            TestContext.Current.CancellationToken);
        await stream.WriteAsync(body, TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromMinutes(2));
        using var reader = new StreamReader(stream);
        var text = await reader.ReadToEndAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromMinutes(2));

        Assert.StartsWith("HTTP/1.1 200", text, StringComparison.Ordinal);
        Assert.Contains("\"summary\":{\"lines\":20000,\"accepted\":20000,\"duplicate\":0,\"refused\":0}", text, StringComparison.Ordinal);
        Assert.Equal(size + Count, await server.SizeAsync());
    }

    [Fact]
    public async Task Results_come_in_the_order_of_the_lines()
    {
        var size = await server.SizeAsync();

        var answer = await server.SendAsync(HttpMethod.Post, Path, Lines(0, 5_000));

        var lines = answer.Lines.SkipLast(1).ToList();
        Assert.Equal(Enumerable.Range(1, 5_000), lines.Select(line => line["line"]!.GetValue<int>()));
        Assert.Equal(Enumerable.Range(0, 5_000).Select(n => size + n), lines.Select(line => line["seq"]!.GetValue<long>()));
    }

    [Fact]
    public async Task Duplicates_are_counted_within_a_body_and_across()
    {
        static string External(int id, int n) =>
            $$$"""{"action":"t","actor":{"id":"u"},"source":"ingest","external_id":"{{{id}}}","data":{"n":{{{n}}}}}""";
        var size = await server.SizeAsync();

        var first = await server.PostAsync(Path, string.Join('\n', External(1, 1), External(2, 1), External(1, 1), External(2, 2)));
        var second = await server.PostAsync(Path, string.Join('\n', External(1, 1), External(2, 2), External(3, 1)));

        Assert.Equal(
            ["accepted", "accepted", "duplicate", "refused"],
            first.Lines.SkipLast(1).Select(line => line["status"]!.GetValue<string>()));
        Assert.Equal("event.external_id_reused", first.Lines[3]["problem"]!["code"]!.GetValue<string>());
        Assert.Equal(first.Lines[0]["id"]!.GetValue<string>(), first.Lines[2]["id"]!.GetValue<string>());
        IsSummary(first.Lines[^1], 2, 1, 1);
        Assert.Equal(["duplicate", "refused", "accepted"], second.Lines.SkipLast(1).Select(line => line["status"]!.GetValue<string>()));
        IsSummary(second.Lines[^1], 1, 1, 1);
        Assert.Equal(size + 3, await server.SizeAsync());
    }

    private static void IsSummary(JsonNode line, int accepted, int duplicate, int refused) => Assert.Equal(
        $$$"""{"summary":{"lines":{{{accepted + duplicate + refused}}},"accepted":{{{accepted}}},"duplicate":{{{duplicate}}},"refused":{{{refused}}}}}""",
        line.ToJsonString());

    private static string Event(int number) => $$$"""{"action":"t","actor":{"id":"u-{{{number}}}"}}""";

    private static byte[] Lines(int first, int count, bool noise = false)
    {
        // Numbers that do not compress, the same in every run: a 64-bit linear congruential generator.
        var noiseState = 4711UL;
        ulong Noise() => noiseState = unchecked((noiseState * 6364136223846793005UL) + 1442695040888963407UL);
        var text = new StringBuilder();
        for (var n = first; n < first + count; n++)
        {
            text.Append(noise
                ? $$$"""{"action":"t","actor":{"id":"u-{{{n}}}","session":"{{{Noise()}}}{{{Noise()}}}"}}"""
                : Event(n)).Append('\n');
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static byte[] Compress(string encoding, byte[] body)
    {
        using var to = new MemoryStream();
        using (Stream compressor = encoding == "gzip"
            ? new GZipStream(to, CompressionLevel.Fastest, leaveOpen: true)
            : Zstd(to))
        {
            compressor.Write(body);
        }

        return to.ToArray();
    }

    /// <summary>With a checksum, as the zstd tool writes it: without one a damaged literal is a literal like any other.</summary>
    private static ZstdSharp.CompressionStream Zstd(Stream to)
    {
        var compressor = new ZstdSharp.CompressionStream(to, leaveOpen: true);
        compressor.SetParameter(ZstdSharp.Unsafe.ZSTD_cParameter.ZSTD_c_checksumFlag, 1);
        return compressor;
    }
}
