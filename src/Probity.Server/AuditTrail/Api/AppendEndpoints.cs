using System.Text.Encodings.Web;
using System.Text.Json;
using Probity.Ledger.Json;
using Probity.Server.AuditTrail.Append;
using Probity.Server.AuditTrail.Events;
using Probity.Server.AuditTrail.Schemas;

namespace Probity.Server.AuditTrail.Api;

/// <summary>Taking in events: one, an atomic batch, or a stream.</summary>
internal sealed class AppendEndpoints(
    LedgerWriter writer, EventPreparer preparer, EventSchemas schemas, Idempotency idempotency, LogIdentity log)
{
    public const int MaxBatch = 1_000;
    private const int MaxBatchBytes = 16 * 1024 * 1024;
    private static readonly JsonLimits s_eventLimits = new(EventShape.MaxEventBytes);
    private static readonly JsonWriterOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonLimits s_batchLimits = new(MaxBatchBytes);

    /// <summary>POST /events.</summary>
    public async Task CreateAsync(HttpContext http)
    {
        using var body = await RequestBody.ReadAsync(
            http.Request, EventShape.MaxEventBytes, "event.too_large", http.RequestAborted);
        using var turn = idempotency.Begin(http.Request, Caller(http), body.Memory.Span);
        var result = await AppendAsync([PrepareOne(body.Memory)], turn);
        var place = result.Places[0];
        http.Response.StatusCode = place.Duplicate ? StatusCodes.Status200OK : StatusCodes.Status201Created;
        http.Response.Headers.Location = "/api/v1/events/" + place.Id;
        await WriteAsync(http, result, ReceiptJson.WriteSingle);
    }

    /// <summary>POST /events:batchCreate.</summary>
    public async Task CreateBatchAsync(HttpContext http)
    {
        using var body = await RequestBody.ReadAsync(
            http.Request, MaxBatchBytes, "request.body_too_large", http.RequestAborted);
        using var turn = idempotency.Begin(http.Request, Caller(http), body.Memory.Span);
        var result = await AppendAsync(PrepareMany(body.Memory), turn);
        http.Response.StatusCode = StatusCodes.Status201Created;
        await WriteAsync(http, result, ReceiptJson.WriteBatch);
    }

    private PreparedEntry PrepareOne(ReadOnlyMemory<byte> json)
    {
        using var tape = JsonTape.Parse(json, s_eventLimits);
        schemas.Check(tape.Root);
        return preparer.Prepare(tape.Root);
    }

    private List<PreparedEntry> PrepareMany(ReadOnlyMemory<byte> json)
    {
        using var tape = JsonTape.Parse(json, s_batchLimits);
        var list = tape.Root.TryGet("events"u8, out var events) ? events : tape.Root;
        if (list.Kind != JsonValueKind.Array || list.Count is 0 or > MaxBatch)
        {
            throw new RefusedException(
                "event.bad_field", list.Pointer, $"Send 1 to {MaxBatch} events as {{\"events\": […]}}.");
        }

        RefuseOtherMembers(tape.Root);
        var entries = new List<PreparedEntry>(list.Count);
        var external = new HashSet<UInt128>();
        foreach (var item in list.EnumerateArray())
        {
            if (item.Raw.Length > EventShape.MaxEventBytes)
            {
                throw new RefusedException(
                    "event.too_large", item.Pointer, $"An event has {EventShape.MaxEventBytes} bytes at most.");
            }

            schemas.Check(item);
            var entry = preparer.Prepare(item);
            if (entry.External is { } key && !external.Add(Stores.BatchPlan.KeyOf(key.Key)))
            {
                throw new RefusedException(
                    "event.external_id_reused", item.Pointer, "The same source and external_id come twice.");
            }

            entries.Add(entry);
        }

        return entries;
    }

    private static void RefuseOtherMembers(JsonItem root)
    {
        if (root.Kind != JsonValueKind.Object)
        {
            return;
        }

        foreach (var member in root.EnumerateObject())
        {
            if (!member.NameEquals("events"u8))
            {
                throw new RefusedException(
                    "event.unknown_field", member.Value.Pointer, "There is no such field here; known is events.");
            }
        }
    }

    private async Task<AppendResult.Committed> AppendAsync(List<PreparedEntry> entries, Idempotency.Turn? turn) =>
        await writer.AppendAsync(new AppendRequest(entries, turn?.Key)) switch
        {
            AppendResult.Committed committed => committed,
            AppendResult.KeyReused => throw new RefusedException(
                "idempotency.mismatch", "", "This Idempotency-Key came before with another request. Use a new key."),
            AppendResult.ExternalIdReused reused => throw ReusedId(reused),
            var other => throw new InvalidOperationException($"Unexpected result {other}."),
        };

    internal static RefusedException ReusedId(AppendResult.ExternalIdReused reused) => new(
        "event.external_id_reused",
        "/external_id",
        "This source and external_id were recorded before with other content "
        + (reused.Seq < 0 ? "(a moment ago)." : $"(entry {reused.Seq})."));

    private async Task WriteAsync(
        HttpContext http, AppendResult.Committed result, Action<Utf8JsonWriter, string, AppendResult.Committed> write)
    {
        if (result.Replayed)
        {
            http.Response.Headers["Idempotency-Replayed"] = "true";
        }

        http.Response.ContentType = "application/json";
        await using (var json = new Utf8JsonWriter(http.Response.BodyWriter, s_json))
        {
            write(json, log.Origin, result);
        }

        await http.Response.BodyWriter.FlushAsync(CancellationToken.None);
    }

    internal static string Caller(HttpContext http) => http.User.Identity?.Name ?? "";
}
