using System.Buffers;
using System.IO.Pipelines;
using Probity.Ledger.Json;
using Probity.Server.AuditTrail.Append;
using Probity.Server.AuditTrail.Events;
using Probity.Server.AuditTrail.Schemas;

namespace Probity.Server.AuditTrail.Api;

/// <summary>
/// POST /events:ingest: NDJSON in, one result line out per line in, in order. Lines are prepared while the batch before
/// commits; memory does not grow with the body. A line that is refused does not hold up the others.
/// </summary>
internal sealed class IngestEndpoint(LedgerWriter writer, EventPreparer preparer, EventSchemas schemas, TimeProvider time)
{
    public const long MaxBodyBytes = 64L << 20;
    private const long MaxDecodedBytes = 1L << 30;
    private const int BatchLines = 1_000;
    private const int BatchesUnderWay = 4;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private static readonly JsonLimits s_limits = new(EventShape.MaxEventBytes);

    public async Task IngestAsync(HttpContext http)
    {
        var lines = PipeReader.Create(
            RequestBody.Decoded(http.Request), new StreamPipeReaderOptions(bufferSize: 64 * 1024));
        using var run = new IngestRun(http.Response);
        http.Response.ContentType = "application/x-ndjson";
        var underWay = new Queue<IngestBatch>();
        var batch = new IngestBatch();
        long decoded = 0, number = 0;
        var isSkipping = false;
        try
        {
            while (true)
            {
                var read = await lines.ReadAsync(http.RequestAborted);
                var buffer = read.Buffer;
                while (NextLine(ref buffer, read.IsCompleted, out var line))
                {
                    number++;
                    decoded += line.Length + 1;
                    if (isSkipping)
                    {
                        isSkipping = false; // The end of a line that has been refused.
                    }
                    else if (!IsBlank(line))
                    {
                        batch.Add(Prepare(line, number));
                    }

                    if (batch.Count >= BatchLines)
                    {
                        batch = await SendAsync(batch, underWay, run);
                    }
                }

                if (buffer.Length > EventShape.MaxEventBytes)
                {
                    if (!isSkipping)
                    {
                        batch.Add(TooLong(number + 1));
                    }

                    isSkipping = true;
                    decoded += buffer.Length;
                    buffer = buffer.Slice(buffer.End);
                }

                if (decoded > MaxDecodedBytes)
                {
                    batch.Add(LineOutcome.Refused(
                        number + 1,
                        "event.too_large",
                        "",
                        $"The body decodes to more than {MaxDecodedBytes} bytes; what follows was not read."));
                    break;
                }

                if (read.IsCompleted)
                {
                    break;
                }

                lines.AdvanceTo(buffer.Start, buffer.End);
            }
        }
        catch (Exception fault) when (RequestBody.IsUndecodable(fault))
        {
            batch.Add(LineOutcome.Refused(
                number + 1, "request.bad_encoding", "", "The body is not what Content-Encoding says; the lines before are in."));
        }

        await SendAsync(batch, underWay, run);
        while (underWay.Count > 0)
        {
            run.Write(await underWay.Dequeue().CompleteAsync());
        }

        await run.FinishAsync();
    }

    private static LineOutcome TooLong(long line) => LineOutcome.Refused(
        line, "event.too_large", "", $"The line has more than {EventShape.MaxEventBytes} bytes, which is the limit of an event.");

    private async Task<IngestBatch> SendAsync(IngestBatch batch, Queue<IngestBatch> underWay, IngestRun run)
    {
        if (batch.Count > 0)
        {
            await batch.SendAsync(AppendWithPatienceAsync);
            underWay.Enqueue(batch);
        }

        while (underWay.Count >= BatchesUnderWay || (underWay.TryPeek(out var oldest) && oldest.IsDone))
        {
            run.Write(await underWay.Dequeue().CompleteAsync());
        }

        return new IngestBatch();
    }

    /// <summary>A full queue is waited out here: the caller's stream is the queue.</summary>
    private async Task<Task<AppendResult>> AppendWithPatienceAsync(AppendRequest request)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            try
            {
                return writer.AppendAsync(request);
            }
            catch (LedgerUnavailableException full)
                when (full.Code == "ledger.queue_full" && time.GetElapsedTime(started) < s_patience)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), time);
            }
        }
    }

    private LineOutcome Prepare(ReadOnlySequence<byte> line, long number)
    {
        if (line.Length > EventShape.MaxEventBytes)
        {
            return TooLong(number);
        }

        var length = (int)line.Length;
        var rented = line.IsSingleSegment ? null : ArrayPool<byte>.Shared.Rent(length);
        try
        {
            ReadOnlyMemory<byte> json = line.First;
            if (rented is not null)
            {
                line.CopyTo(rented);
                json = rented.AsMemory(0, length);
            }

            using var tape = JsonTape.Parse(json, s_limits);
            schemas.Check(tape.Root);
            return LineOutcome.Prepared(number, preparer.Prepare(tape.Root));
        }
        catch (JsonRefusedException refused)
        {
            return LineOutcome.Refused(number, refused.Code, refused.Pointer, refused.Message);
        }
        catch (RefusedException refused)
        {
            return LineOutcome.Refused(number, refused.Code, refused.Pointer, refused.Message);
        }
        finally
        {
            if (rented is not null)
            {
                ArrayPool<byte>.Shared.Return(rented, clearArray: true);
            }
        }
    }

    private static bool IsBlank(in ReadOnlySequence<byte> line) =>
        line.Length <= 1 && (line.IsEmpty || line.FirstSpan[0] == '\r');

    /// <summary>Cuts the next line off; blank lines count as lines but hold no event.</summary>
    private static bool NextLine(ref ReadOnlySequence<byte> buffer, bool isLast, out ReadOnlySequence<byte> line)
    {
        var end = buffer.PositionOf((byte)'\n');
        if (end is { } at)
        {
            line = buffer.Slice(0, at);
            buffer = buffer.Slice(buffer.GetPosition(1, at));
            return true;
        }

        line = buffer;
        if (!isLast || buffer.IsEmpty || buffer.Length > EventShape.MaxEventBytes)
        {
            return false;
        }

        buffer = buffer.Slice(buffer.End);
        return true;
    }
}
