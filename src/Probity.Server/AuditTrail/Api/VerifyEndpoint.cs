using System.Text.Json.Nodes;
using Probity.Ledger.Json;
using Probity.Ledger.Verification;
using Probity.Server.AuditTrail.Events;
using Probity.Server.AuditTrail.Reading;
using Probity.Server.AuditTrail.Verification;

namespace Probity.Server.AuditTrail.Api;

/// <summary>POST /ledger:verify: reads everything that is stored and derives it anew, now.</summary>
internal sealed class VerifyEndpoint(
    BackgroundVerifier verifier, RowAudit rows, LedgerReader reader, LogIdentity log) : IDisposable
{
    private const string EventStream = "text/event-stream";
    private static readonly TimeSpan s_betweenProgress = TimeSpan.FromMilliseconds(200);
    private const int MaxBodyBytes = 1 << 20;
    private readonly SemaphoreSlim _one = new(1, 1);

    /// <summary>The report; to a caller that accepts an event stream, how far it is first.</summary>
    public async Task VerifyAsync(HttpContext http)
    {
        using var body = await RequestBody.ReadAsync(
            http.Request, MaxBodyBytes, "request.body_too_large", http.RequestAborted);
        var (outside, withRows) = Read(body.Memory);
        if (!await _one.WaitAsync(0, http.RequestAborted))
        {
            throw new RefusedException("ledger.verify_running", "", "A verification is running. Wait for it.");
        }

        try
        {
            if (http.Request.Headers.Accept.ToString().Contains(EventStream, StringComparison.OrdinalIgnoreCase))
            {
                await StreamAsync(http, outside, withRows);
                return;
            }

            var report = await verifier.VerifyAsync(outside, bounded: false, null, http.RequestAborted);
            await http.Response.WriteAsJsonAsync(await AnswerAsync(report, withRows, http), http.RequestAborted);
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private async Task StreamAsync(HttpContext http, List<string> outside, bool withRows)
    {
        http.Response.ContentType = EventStream;
        var size = (await reader.HeadAsync(http.RequestAborted)).Size;
        var progress = new Latest();
        var verification = verifier.VerifyAsync(outside, bounded: false, progress, http.RequestAborted);
        while (!verification.IsCompleted)
        {
            await SendAsync(http, "progress", new JsonObject { ["entries"] = progress.Entries, ["of"] = size });
            await Task.WhenAny(verification, Task.Delay(s_betweenProgress, http.RequestAborted));
        }

        await SendAsync(http, "report", await AnswerAsync(await verification, withRows, http));
    }

    private async Task<JsonObject> AnswerAsync(AuditReport report, bool withRows, HttpContext http)
    {
        var answer = ReportJson.Of(report, log.Origin);
        if (withRows)
        {
            (await rows.RunAsync(null, http.RequestAborted)).AddTo(answer);
        }

        return answer;
    }

    private static async Task SendAsync(HttpContext http, string name, JsonObject data)
    {
        await http.Response.WriteAsync($"event: {name}\ndata: {data.ToJsonString(EventJson.Options)}\n\n", http.RequestAborted);
        await http.Response.Body.FlushAsync(http.RequestAborted);
    }

    private static (List<string> Outside, bool WithRows) Read(ReadOnlyMemory<byte> body)
    {
        if (body.Length == 0)
        {
            return ([], false);
        }

        using var tape = JsonTape.Parse(body, new JsonLimits(MaxBodyBytes));
        var withRows = false;
        if (tape.Root.TryGet("rows"u8, out var rows))
        {
            withRows = rows.Kind is System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False
                ? rows.Kind == System.Text.Json.JsonValueKind.True
                : throw new RefusedException("request.bad_field", rows.Pointer, "rows is true or false.");
        }

        return (Outside(tape), withRows);
    }

    private static List<string> Outside(JsonTape tape)
    {
        var notes = new List<string>();
        if (!tape.Root.TryGet("checkpoints"u8, out var checkpoints)
            || checkpoints.Kind != System.Text.Json.JsonValueKind.Array)
        {
            return notes;
        }

        foreach (var checkpoint in checkpoints.EnumerateArray())
        {
            notes.Add(checkpoint.Kind == System.Text.Json.JsonValueKind.String
                ? checkpoint.GetString()
                : throw new RefusedException("request.bad_field", checkpoint.Pointer, "A checkpoint is a signed note."));
        }

        return notes;
    }
}

/// <summary>How many entries have been read; only the newest number matters.</summary>
internal sealed class Latest : IProgress<long>
{
    private long _entries;

    public long Entries => Volatile.Read(ref _entries);

    public void Report(long value) => Volatile.Write(ref _entries, value);
}

/// <summary>An audit's report as JSON.</summary>
internal static class ReportJson
{
    public static JsonObject Of(AuditReport report, string origin) => new()
    {
        ["sound"] = report.IsSound,
        ["log"] = origin,
        ["entries"] = report.Counts.Entries,
        ["entry_bytes"] = report.Counts.EntryBytes,
        ["tiles"] = report.Counts.Tiles,
        ["checkpoints"] = report.Counts.Checkpoints,
        ["blobs"] = report.Counts.Blobs,
        ["seconds"] = Math.Round(report.Duration.TotalSeconds, 3),
        ["last_good_checkpoint"] = Good(report.LastGood),
        ["purged"] = new JsonArray([.. report.Purged.Take(MaxPurged).Select(purged => (JsonNode)Of(purged))]),
        ["purged_entries"] = report.Purged.Sum(purged => purged.Last - purged.First + 1),
        ["continuations"] = new JsonArray([.. report.Continuations.Select(c => (JsonNode)Of(c))]),
        ["recovery_keys"] = new JsonArray([.. report.RecoveryKeys.Select(k => (JsonNode)Of(k))]),
        ["findings"] = new JsonArray([.. report.Findings.Select(finding => (JsonNode)Of(finding))]),
    };

    /// <summary>Runs of purged entries that are listed; all are counted.</summary>
    private const int MaxPurged = 1_000;

    private static JsonObject Of(PurgedRange purged) => new()
    {
        ["first_seq"] = purged.First,
        ["last_seq"] = purged.Last,
        ["entry"] = purged.EntryId,
        ["entry_seq"] = purged.EntrySeq,
        ["recorded_at"] = purged.RecordedAt,
        ["approvers"] = new JsonArray([.. purged.Approvers.Select(id => (JsonNode)id)]),
    };

    private static JsonObject Of(LogContinuation continuation) => new()
    {
        ["former_origin"] = continuation.FormerOrigin,
        ["entry"] = continuation.EntryId,
        ["entry_seq"] = continuation.EntrySeq,
        ["recorded_at"] = continuation.RecordedAt,
        ["signed"] = continuation.IsSigned,
        ["first_lost_seq"] = continuation.EntrySeq,
        ["last_lost_seq"] = continuation.CheckpointSize - 1,
        ["approvers"] = new JsonArray([.. continuation.Approvers.Select(id => (JsonNode)id)]),
    };

    private static JsonObject Of(RecoveryKey key) => new()
    {
        ["person"] = key.Person,
        ["key"] = key.Key.ToString(),
        ["entry_seq"] = key.EntrySeq,
    };

    private static JsonObject Of(Finding finding) => new()
    {
        ["kind"] = Name(finding.Kind),
        ["first_seq"] = finding.FirstSeq,
        ["last_seq"] = finding.LastSeq,
        ["where"] = finding.Where,
        ["detail"] = finding.Detail,
        ["expected"] = finding.Expected,
        ["actual"] = finding.Actual,
        ["last_good_checkpoint"] = Good(finding.LastGood),
        ["affected"] = finding.Affected,
    };

    public static string Name(FindingKind kind) =>
        System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(kind.ToString());

    private static JsonObject? Good(GoodCheckpoint? good) =>
        good is null ? null : new JsonObject { ["size"] = good.Size, ["root"] = good.Root.ToBase64() };
}
