using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Probity.Hammer.Checking;
using Probity.Hammer.Http;

namespace Probity.Hammer.Load;

/// <summary>One connection that streams lines in and reads a result per line out, both at once.</summary>
internal sealed class IngestLoad(LoadContext context, int connection)
{
    // 100,000 lines of 501 bytes stay below the 64 MiB that one request may have.
    private const int LinesPerRequest = 100_000;
    private const int LinesPerSend = 128;
    private const int LineBytes = EventTemplate.EventBytes + 1;
    private readonly EventTemplate _template = new(context.Run, connection, context.Options.Flag("external-id"));
    private long _number;
    private long _results;
    private bool _summarised;

    public ReceiptSample Sample { get; } = context.NewSample();

    public LatencyHistogram Latencies { get; } = new();

    public async Task RunAsync(int lines, CancellationToken cancellationToken)
    {
        using var raw = new RawConnection(context.Target);
        try
        {
            for (var left = lines; left > 0; left -= LinesPerRequest)
            {
                var count = Math.Min(left, LinesPerRequest);
                var start = Stopwatch.GetTimestamp();
                var socket = await raw.ConnectAsync(cancellationToken);
                _results = 0;
                _summarised = false;
                await Task.WhenAll(
                    Task.Run(() => SendAsync(socket, count, cancellationToken), cancellationToken),
                    Task.Run(() => ReceiveAsync(socket, cancellationToken), cancellationToken));
                Latencies.Record(start, Stopwatch.GetTimestamp());
                if (_results != count || !_summarised)
                {
                    context.Answers.AddError("ingest answer with missing results", count - _results);
                }
            }
        }
        catch (SocketException broken)
        {
            context.Answers.AddError(broken);
        }
    }

    private async Task SendAsync(Socket socket, int lines, CancellationToken cancellationToken)
    {
        var head = RequestBytes.PostHead(
            context.Target, "/api/v1/events:ingest", context.Key, "application/x-ndjson", (long)lines * LineBytes);
        await SendAllAsync(socket, head, cancellationToken);
        var block = NewBlock();
        for (var sent = 0; sent < lines; sent += LinesPerSend)
        {
            var count = Math.Min(LinesPerSend, lines - sent);
            for (var i = 0; i < count; i++)
            {
                _template.WriteNumber(_number++, block.AsSpan(i * LineBytes));
            }

            await SendAllAsync(socket, block.AsMemory(0, count * LineBytes), cancellationToken);
        }
    }

    private byte[] NewBlock()
    {
        var block = new byte[LinesPerSend * LineBytes];
        for (var i = 0; i < LinesPerSend; i++)
        {
            _template.Write(0, block.AsSpan(i * LineBytes));
            block[((i + 1) * LineBytes) - 1] = (byte)'\n';
        }

        return block;
    }

    private static async Task SendAllAsync(Socket socket, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None, cancellationToken)..];
        }
    }

    private async Task ReceiveAsync(Socket socket, CancellationToken cancellationToken)
    {
        await using var body = new ChunkedBody(socket);
        var status = await body.ReadHeadAsync(cancellationToken);
        if (status != 200)
        {
            context.Answers.AddError(new RawAnswer(status, await body.ReadAllAsync(cancellationToken)));
            return;
        }

        await foreach (var line in body.ReadLinesAsync(cancellationToken))
        {
            Take(line.Span);
        }
    }

    private void Take(ReadOnlySpan<byte> line)
    {
        if (line.StartsWith("{\"summary\":"u8))
        {
            _summarised = true;
            return;
        }

        _results++;
        if (line.IndexOf("\"hash\":\""u8) < 0)
        {
            context.Answers.AddError("line refused: " + CodeOf(line));
        }
        else if (line.IndexOf("\"duplicate\""u8) >= 0)
        {
            context.Answers.AddError("line taken for a duplicate");
        }
        else
        {
            context.Answers.AddCreated();
            Sample.Offer(line);
        }
    }

    private static string CodeOf(ReadOnlySpan<byte> line)
    {
        try
        {
            using var json = JsonDocument.Parse(Encoding.UTF8.GetString(line));
            return json.RootElement.TryGetProperty("problem", out var problem)
                && problem.TryGetProperty("code", out var code)
                ? code.ToString()
                : "without a code";
        }
        catch (JsonException)
        {
            return "not JSON";
        }
    }
}
