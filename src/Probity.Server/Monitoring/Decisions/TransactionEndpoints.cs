using System.Text.Encodings.Web;
using System.Text.Json;
using Probity.Contracts.Problems;
using Probity.Monitoring;
using Probity.Server.Access;
using Probity.Server.AuditTrail.Api;
using Probity.Server.Hosting;
using Probity.Server.Hosting.Documentation;
using Probity.Server.Hosting.Problems;
using Probity.Server.Monitoring.Input;

namespace Probity.Server.Monitoring.Decisions;

/// <summary>Transactions over the API.</summary>
internal static class TransactionEndpoints
{
    /// <summary>The largest transaction.</summary>
    public const int MaxBytes = 64 * 1024;

    private const string Tag = "monitoring";
    private const int DefaultLimit = 100;
    private const int MaxReason = 500;

    private const string Example = """
        {"source":"core","id":"7001","occurred_at":"2026-03-02T15:00:00Z","amount":"10000.00","currency":"USD",
        "type":"wire","debtor":{"account":"ACC-1","customer":"cus-1","country":"US"},"creditor":{"account":"ACC-2"}}
        """;

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/transactions", DecideAsync)
            .RequiresPermission(Permission.SubmitTransactions).Records(MonitoringEvents.Decided).LimitsBody(MaxBytes)
            .WithName("submitTransaction")
            .WithSummary("Judge and keep a transaction: 201 with the decision, 200 when it was there already")
            .WithRequestExample(Example).WithTags(Tag);
        api.MapPost("/transactions:evaluate", EvaluateAsync)
            .RequiresPermission(Permission.SubmitTransactions).Records(MonitoringEvents.Evaluated).LimitsBody(MaxBytes)
            .WithName("evaluateTransaction").WithSummary("Judge a transaction and keep nothing of it")
            .WithRequestExample(Example).WithTags(Tag);
        api.MapPost("/transactions:ingest", (HttpContext http, TransactionIngest ingest) => ingest.RunAsync(http))
            .RequiresPermission(Permission.SubmitTransactions).Records(MonitoringEvents.Decided)
            .LimitsBody(TransactionIngest.MaxBodyBytes).DisableRequestTimeout()
            .WithName("ingestTransactions")
            .WithSummary("Judge and keep transactions, one JSON document a line, or one message of ISO 20022")
            .WithTags(Tag);
        api.MapGet("/transactions", ListAsync)
            .RequiresPermission(Permission.ReadTransactions).Records(MonitoringEvents.Read)
            .WithName("listTransactions")
            .WithSummary(
                "Transactions, the newest first; by `outcome`, `alerts`, `type`, `rule`, `shadow`, `from`, `to`")
            .WithTags(Tag);
        api.MapGet("/transactions/{id}", FindAsync)
            .RequiresPermission(Permission.ReadTransactions).Records(MonitoringEvents.Read)
            .WithName("getTransaction").WithSummary("A transaction, what was known of its parties, and the decision")
            .WithTags(Tag);
        api.MapGet("/transactions/{id}/decision", DecisionAsync)
            .RequiresPermission(Permission.ReadTransactions).Records(MonitoringEvents.Read)
            .WithName("getDecision").WithSummary("The record of the decision, canonical JSON to the byte")
            .WithTags(Tag);
        api.MapPost("/transactions/{id}:reverse", ReverseAsync)
            .RequiresPermission(Permission.SubmitTransactions).Records(MonitoringEvents.Reversed)
            .WithName("reverseTransaction").WithSummary("Say that a transaction was taken back: it counts no more")
            .WithRequestExample("""{"reason":"returned by the bank of the creditor"}""").WithTags(Tag);
    }

    private static async Task DecideAsync(
        HttpContext http, JsonElement body, DecisionDesk desk, TimeProvider time)
    {
        var transaction = Read(body);
        var entry = AccessEntry.Of(http, http.RequireCaller(), time);
        var answer = await desk.AskAsync(new DecideJob(transaction, entry)).WaitAsync(http.RequestAborted);
        http.Response.StatusCode = answer.Decision is null ? StatusCodes.Status200OK : StatusCodes.Status201Created;
        http.Response.Headers.Location = "/api/v1/transactions/" + answer.TransactionId;
        await WriteAsync(http, json => Write(json, answer));
    }

    private static async Task EvaluateAsync(
        HttpContext http, JsonElement body, DecisionDesk desk, TimeProvider time)
    {
        var transaction = Read(body);
        var entry = AccessEntry.Of(http, http.RequireCaller(), time);
        var decision = await desk.AskAsync(new EvaluateJob(transaction, entry)).WaitAsync(http.RequestAborted);
        await WriteAsync(http, json => Write(json, decision));
    }

    private static async Task ListAsync(
        HttpContext http, [AsParameters] TransactionQuery query, TransactionLibrary library, ReadRecorder reads)
    {
        var rows = await library.ListAsync(query.Filter(), query.Limit ?? DefaultLimit, http.RequestAborted);
        await reads.RecordAsync(http, MonitoringEvents.Read, "monitoring.transaction.list", new()
        {
            ["outcome"] = query.Outcome, ["alerts"] = query.Alerts, ["count"] = rows.Count,
            ["ids"] = ReadRecorder.Digest(rows.Select(row => row.TransactionId!)),
        });
        await WriteAsync(http, json =>
        {
            json.WriteStartArray("transactions");
            foreach (var row in rows)
            {
                json.WriteStartObject();
                Write(json, row);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            if (rows.Count > 0)
            {
                json.WriteNumber("next_before", rows[^1].Number);
            }
        });
    }

    private static async Task FindAsync(HttpContext http, string id, TransactionLibrary library, ReadRecorder reads)
    {
        var stored = await ReadAsync(http, id, library, reads);
        await WriteAsync(http, json =>
        {
            Write(json, stored.Row);
            json.WriteNumber("seq", stored.Seq);
            if (stored.ReversedBy is { } reversal)
            {
                json.WriteNumber("reversed_by", reversal);
            }

            json.WriteBoolean("is_erased", stored.Data is null);
            foreach (var name in (string[])["transaction", "facts"])
            {
                if (stored.Data?[name] is { } part)
                {
                    json.WritePropertyName(name);
                    part.WriteTo(json);
                }
            }

            if (stored.Record() is { } record)
            {
                json.WritePropertyName("decision");
                json.WriteRawValue(record, skipInputValidation: true);
            }
        });
    }

    private static async Task DecisionAsync(HttpContext http, string id, TransactionLibrary library, ReadRecorder reads)
    {
        var stored = await ReadAsync(http, id, library, reads);
        var record = stored.Record() ?? throw new ProblemException(ErrorCodes.MonitoringErased);

        http.Response.ContentType = "application/json; charset=utf-8";
        await http.Response.BodyWriter.WriteAsync(record, http.RequestAborted);
    }

    private static async Task ReverseAsync(
        HttpContext http, string id, ReverseTransaction body, TransactionLibrary library, DecisionDesk desk,
        TimeProvider time)
    {
        if (body.Reason is not { Length: > 0 and <= MaxReason })
        {
            throw new ProblemException(ErrorCodes.RequestMalformed, $"reason has 1 to {MaxReason} characters.");
        }

        var stored = await library.FindAsync(id, http.RequestAborted);
        if (stored.Data?["transaction"] is not { } kept)
        {
            throw new ProblemException(ErrorCodes.MonitoringErased);
        }

        var transaction = TransactionJson.Read(JsonSerializer.Deserialize<JsonElement>(kept));
        var entry = AccessEntry.Of(http, http.RequireCaller(), time);
        var answer = await desk.AskAsync(new ReverseJob(transaction, id, stored.Row.Number, body.Reason, entry))
            .WaitAsync(http.RequestAborted);
        await WriteAsync(http, json => Write(json, answer));
    }

    private static async Task<StoredTransaction> ReadAsync(
        HttpContext http, string id, TransactionLibrary library, ReadRecorder reads)
    {
        var stored = await library.FindAsync(id, http.RequestAborted);
        string?[] subjects = [Customer(stored, "debtor"), Customer(stored, "creditor"), id];
        await reads.RecordAsync(
            http, MonitoringEvents.Read, "monitoring.transaction.read", new() { ["count"] = 1 },
            subjects.OfType<string>());
        return stored;
    }

    private static string? Customer(StoredTransaction stored, string side) =>
        stored.Data?["transaction"]?[side]?["customer"]?.GetValue<string>();

    private static Transaction Read(JsonElement body)
    {
        try
        {
            return TransactionJson.Read(body);
        }
        catch (InputRefusedException refused)
        {
            throw Refusals.Of(refused.Faults);
        }
    }

    private static void Write(Utf8JsonWriter json, StepAnswer answer)
    {
        json.WriteString("id", answer.TransactionId);
        json.WriteNumber("number", answer.Number);
        json.WriteString(
            "status", answer.Decision is not null ? "decided" : answer.Seq is null ? "duplicate" : "reversed");
        json.WriteString("entry", answer.EntryId);
        if (answer.Decision is { } decision)
        {
            Write(json, decision);
        }

        if (answer is { Seq: { } seq, Checkpoint: { } checkpoint })
        {
            json.WriteNumber("seq", seq);
            json.WriteString("checkpoint", checkpoint);
        }
    }

    private static void Write(Utf8JsonWriter json, Decision decision)
    {
        json.WriteString("outcome", Outcomes.Wire(decision.Outcome));
        json.WriteNumber("score", decision.Score);
        json.WriteBoolean("alert", decision.Alert is not null);
        if (decision.Alert is { } alert)
        {
            json.WriteString("alert_rule", alert.Rule);
            json.WriteString("severity", alert.Severity.ToString().ToUpperInvariant());
            json.WriteBoolean("requires_documentation", alert.RequiresDocumentation);
        }

        json.WritePropertyName("decision");
        json.WriteRawValue(decision.Record.Span, skipInputValidation: true);
    }

    private static void Write(Utf8JsonWriter json, StepRow row)
    {
        json.WriteString("id", row.TransactionId);
        json.WriteNumber("number", row.Number);
        json.WriteString("entry", row.EntryId);
        json.WriteString("recorded_at", InputText.Wire(row.RecordedAt));
        json.WriteString("occurred_at", InputText.Wire(row.OccurredAt!.Value));
        json.WriteString("type", row.Type);
        json.WriteString("amount", row.Amount);
        json.WriteString("currency", row.Currency);
        json.WriteString("outcome", row.Outcome);
        json.WriteNumber("score", row.Score!.Value / 1_000_000m);
        if (row.AlertRule is not null)
        {
            json.WriteString("alert_rule", row.AlertRule);
        }

        if (row.ShadowRule is not null)
        {
            json.WriteString("shadow_rule", row.ShadowRule);
        }
    }

    private static async Task WriteAsync(HttpContext http, Action<Utf8JsonWriter> members)
    {
        http.Response.ContentType = "application/json; charset=utf-8";
        await using var json = new Utf8JsonWriter(http.Response.BodyWriter, new JsonWriterOptions
        {
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // An answer is JSON, never part of a page.
        });
        json.WriteStartObject();
        members(json);
        json.WriteEndObject();
        await json.FlushAsync(http.RequestAborted);
    }
}

/// <summary>Why a transaction was taken back.</summary>
internal sealed record ReverseTransaction(string? Reason);

/// <summary>Which transactions are listed.</summary>
internal sealed class TransactionQuery
{
    public string? Outcome { get; init; }

    public bool? Alerts { get; init; }

    public string? Type { get; init; }

    public string? Rule { get; init; }

    /// <summary>The rule in shadow for which one without an alert would have had one.</summary>
    public string? Shadow { get; init; }

    public DateTimeOffset? From { get; init; }

    public DateTimeOffset? To { get; init; }

    /// <summary>The number that the page before ended with.</summary>
    public long? Before { get; init; }

    public int? Limit { get; init; }

    /// <exception cref="ProblemException">request.malformed.</exception>
    public TransactionFilter Filter() =>
        Outcome is not (null or "approve" or "review" or "block") || Limit is < 1 or > TransactionLibrary.MostRows
            ? throw new ProblemException(
                ErrorCodes.RequestMalformed,
                $"outcome is approve, review or block; limit is 1 to {TransactionLibrary.MostRows}.")
            : new TransactionFilter
            {
                Outcome = Outcome, AlertsOnly = Alerts is true, Type = Type, Rule = Rule, Shadow = Shadow,
                From = From, To = To, Before = Before,
            };
}
