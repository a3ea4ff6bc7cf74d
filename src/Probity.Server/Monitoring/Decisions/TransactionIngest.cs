using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using Probity.Contracts.Problems;
using Probity.Server.Access;
using Probity.Server.AuditTrail.Api;
using Probity.Server.AuditTrail.Append;
using Probity.Server.Hosting.Problems;
using Probity.Server.Monitoring.Messages;

namespace Probity.Server.Monitoring.Decisions;

/// <summary>
/// <c>POST /transactions:ingest</c>: one transaction a line in, one answer a line out, in order. A line that is refused
/// does not hold up the others. A line may be a message in the JSON of Tazama. A body of XML, or of JSON over several
/// lines, is one message of ISO 20022. Bounded: lines under way, bytes of a line, bytes of a body.
/// </summary>
internal sealed class TransactionIngest(IngestLine ingest, MessageDesk messages, TimeProvider time)
{
    public const long MaxBodyBytes = 64L << 20;
    private const long MaxDecodedBytes = 1L << 30;
    private const int UnderWay = 1_024;
    private const int LookedAt = 4_096;

    public async Task RunAsync(HttpContext http)
    {
        var entry = AccessEntry.Of(http, http.RequireCaller(), time);
        var lines = PipeReader.Create(
            RequestBody.Decoded(http.Request), new StreamPipeReaderOptions(bufferSize: 65_536));
        if (await IsOneMessageAsync(lines, http.RequestAborted))
        {
            await MessageAsync(http, lines, entry);
            return;
        }

        var source = MessageEndpoints.Source(http, false);
        http.Response.ContentType = "application/x-ndjson";
        var waiting = new Queue<(long Line, Task<Action<Utf8JsonWriter>> Answer)>();
        var (number, decoded, isSkipping) = (0L, 0L, false);
        while (true)
        {
            var read = await lines.ReadAsync(http.RequestAborted);
            var buffer = read.Buffer;
            while (TryTake(ref buffer, read.IsCompleted, out var line))
            {
                number++;
                decoded += line.Length + 1;
                if (!isSkipping && !IsBlank(line))
                {
                    var bytes = line.ToArray();
                    if (IngestLine.IsReversal(bytes))
                    {
                        await WriteAsync(http, waiting, 0); // What it takes back, and all before it, is judged first.
                    }

                    waiting.Enqueue((number, ingest.AskAsync(bytes, source, entry, http.RequestAborted)));
                    if (IngestLine.IsReversal(bytes))
                    {
                        await WriteAsync(http, waiting, 0);
                    }
                }

                isSkipping = false;
                await WriteAsync(http, waiting, UnderWay);
            }

            if (buffer.Length > TransactionEndpoints.MaxBytes)
            {
                if (!isSkipping)
                {
                    waiting.Enqueue((number + 1, Task.FromException<Action<Utf8JsonWriter>>(TooLong())));
                }

                isSkipping = true;
                decoded += buffer.Length;
                buffer = buffer.Slice(buffer.End);
            }

            if (decoded > MaxDecodedBytes)
            {
                waiting.Enqueue((number + 1, Task.FromException<Action<Utf8JsonWriter>>(TooLong())));
                break;
            }

            if (read.IsCompleted)
            {
                break;
            }

            lines.AdvanceTo(buffer.Start, buffer.End);
        }

        await WriteAsync(http, waiting, 0);
        await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
    }

    private async Task MessageAsync(HttpContext http, PipeReader body, AccessEntry entry)
    {
        var read = await body.ReadAtLeastAsync(MessageReader.MaxBytes + 1, http.RequestAborted);
        if (read.Buffer.Length > MessageReader.MaxBytes)
        {
            throw new ProblemException(
                ErrorCodes.RequestBodyTooLarge, $"A message has at most {MessageReader.MaxBytes} bytes.");
        }

        var message = read.Buffer.ToArray();
        var answer = await messages.TakeAsync(
            message, MessageEndpoints.Source(http, MessageReader.IsXml(message)), entry, http.RequestAborted);
        await MessageEndpoints.WriteAsync(http, answer);
    }

    // XML begins with <; JSON that is written over several lines has a first line that goes on.
    private static async Task<bool> IsOneMessageAsync(PipeReader body, CancellationToken cancellationToken)
    {
        byte[] start;
        while (true)
        {
            var read = await body.ReadAsync(cancellationToken);
            start = read.Buffer.Slice(0, Math.Min(read.Buffer.Length, LookedAt)).ToArray();
            var isEnough = read.IsCompleted || start.Length == LookedAt || start.Contains((byte)'\n');
            body.AdvanceTo(read.Buffer.Start, isEnough ? read.Buffer.Start : read.Buffer.End);
            if (isEnough)
            {
                break;
            }
        }

        if (MessageReader.IsXml(start))
        {
            return true;
        }

        var text = start.AsSpan().TrimStart("\ufeff \t\r\n"u8);
        var end = text.IndexOf((byte)'\n');
        return end > 0
            && text[..end].TrimEnd(" \t\r"u8) is [(byte)'{', ..] and [.., (byte)'{' or (byte)',' or (byte)'['];
    }

    private static async Task WriteAsync(
        HttpContext http, Queue<(long Line, Task<Action<Utf8JsonWriter>> Answer)> waiting, int most)
    {
        while (waiting.Count > most)
        {
            var (line, answer) = waiting.Dequeue();
            await ((Task)answer).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Write(http, line, answer);
            if (http.Response.BodyWriter.UnflushedBytes > 32_768)
            {
                await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
            }
        }
    }

    private static void Write(HttpContext http, long line, Task<Action<Utf8JsonWriter>> answer)
    {
        using (var json = new Utf8JsonWriter(http.Response.BodyWriter))
        {
            json.WriteStartObject();
            json.WriteNumber("line", line);
            if (answer.IsCompletedSuccessfully)
            {
                answer.Result(json);
            }
            else
            {
                Write(json, answer.Exception?.InnerException);
            }

            json.WriteEndObject();
        }

        http.Response.BodyWriter.Write("\n"u8);
    }

    /// <summary>Writes why a line was not kept.</summary>
    public static void Write(Utf8JsonWriter json, Exception? fault)
    {
        var problem = fault as ProblemException;
        json.WriteString("status", problem is null ? "failed" : "refused");
        json.WriteString("code", problem?.Code.Code
            ?? (fault as LedgerUnavailableException)?.Code ?? ErrorCodes.ServerUnexpected.Code);
        json.WriteString(
            "detail", problem?.Detail ?? problem?.Code.Title ?? "Nothing of the line was kept. Send it again.");
        if (problem?.Faults is { Count: > 0 } faults)
        {
            json.WriteStartArray("errors");
            foreach (var item in faults)
            {
                json.WriteStartObject();
                json.WriteString("pointer", item.Pointer);
                json.WriteString("code", item.Code);
                json.WriteString("detail", item.Detail);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }
    }

    private static ProblemException TooLong() => new(
        ErrorCodes.RequestBodyTooLarge,
        $"A line has at most {TransactionEndpoints.MaxBytes} bytes, a body {MaxDecodedBytes}.");

    private static bool TryTake(ref ReadOnlySequence<byte> buffer, bool isLast, out ReadOnlySequence<byte> line)
    {
        if (buffer.PositionOf((byte)'\n') is { } end)
        {
            line = buffer.Slice(0, end);
            buffer = buffer.Slice(buffer.GetPosition(1, end));
            return true;
        }

        line = buffer;
        if (!isLast || buffer.IsEmpty)
        {
            return false;
        }

        buffer = buffer.Slice(buffer.End);
        return true;
    }

    private static bool IsBlank(in ReadOnlySequence<byte> line)
    {
        foreach (var part in line)
        {
            if (part.Span.ContainsAnyExcept(" \t\r"u8))
            {
                return false;
            }
        }

        return true;
    }
}
