using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Probity.Contracts.Problems;
using Probity.Server.Access;
using Probity.Server.AuditTrail.Api;
using Probity.Server.AuditTrail.Reading;
using Probity.Server.Hosting.Problems;
using Probity.Server.Monitoring.Decisions;

namespace Probity.Server.Monitoring.Messages;

/// <summary>Payment messages over the API: what became of one, and the original of a transaction.</summary>
internal static class MessageEndpoints
{
    private const string Tag = "monitoring";
    private const string XmlSource = "iso20022";
    private const string JsonSource = "tazama";
    private const int MaxSource = 64;

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/transactions/{id}/original", OriginalAsync)
            .RequiresPermission(Permission.ReadTransactions).Records(MonitoringEvents.Read)
            .WithName("getTransactionOriginal")
            .WithSummary("The payment message a transaction came in, to the byte; its place in it in Probity-Place")
            .WithTags(Tag);

    /// <summary>The system that a message's transactions are named after: <c>?source=</c>, else its form.</summary>
    /// <exception cref="ProblemException">request.malformed.</exception>
    public static string Source(HttpContext http, bool isXml) =>
        http.Request.Query["source"].ToString() switch
        {
            "" => isXml ? XmlSource : JsonSource,
            { Length: <= MaxSource } source => source,
            _ => throw new ProblemException(
                ErrorCodes.RequestMalformed, $"source has 1 to {MaxSource} characters."),
        };

    /// <summary>Answers with what became of a message.</summary>
    public static async Task WriteAsync(HttpContext http, MessageAnswer answer)
    {
        http.Response.ContentType = "application/json; charset=utf-8";
        await using var json = new Utf8JsonWriter(http.Response.BodyWriter, new JsonWriterOptions
        {
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // An answer is JSON, never part of a page.
        });
        json.WriteStartObject();
        Write(json, answer);
        json.WriteEndObject();
        await json.FlushAsync(http.RequestAborted);
    }

    /// <summary>Writes the members of what became of a message.</summary>
    public static void Write(Utf8JsonWriter json, MessageAnswer answer)
    {
        json.WriteString("status", "message");
        json.WriteString("message", answer.Message.Name);
        json.WriteString("message_id", answer.Message.Id);
        json.WriteStartArray("transactions");
        foreach (var outcome in answer.Outcomes)
        {
            json.WriteStartObject();
            json.WriteString("place", outcome.Place);
            json.WriteString("status", outcome.Status);
            json.WriteString("id", outcome.Answer.TransactionId);
            json.WriteNumber("number", outcome.Answer.Number);
            if (outcome.Answer.Decision is { } decision)
            {
                json.WriteString("outcome", Outcomes.Wire(decision.Outcome));
                json.WriteNumber("score", decision.Score);
                if (decision.Alert is { } alert)
                {
                    json.WriteString("alert_rule", alert.Rule);
                }
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static async Task OriginalAsync(
        HttpContext http, string id, TransactionLibrary library, EventFinder finder, EntryOpener opener,
        ReadRecorder reads)
    {
        var stored = await library.FindAsync(id, http.RequestAborted);
        var data = stored.Data ?? throw new ProblemException(ErrorCodes.MonitoringErased);
        var origin = data["message"] ?? throw new ProblemException(ErrorCodes.MonitoringNoOriginal);
        await reads.RecordAsync(
            http, MonitoringEvents.Read, "monitoring.transaction.original", new() { ["count"] = 1 }, [id]);
        var first = await DataAsync(origin["entry"]!.GetValue<string>(), finder, opener, http.RequestAborted);
        var texts = new List<string>();
        foreach (var part in first["parts"]!.AsArray())
        {
            var told = await DataAsync(part!.GetValue<string>(), finder, opener, http.RequestAborted);
            texts.Add(told["text"]!.GetValue<string>());
        }

        var original = MessageDesk.Original(texts);
        http.Response.ContentType = MessageReader.IsXml(original) ? "application/xml" : "application/json";
        http.Response.Headers["Probity-Place"] = Uri.EscapeDataString(origin["place"]!.GetValue<string>());
        http.Response.Headers.ContentDisposition = "attachment";
        await http.Response.BodyWriter.WriteAsync(original, http.RequestAborted);
    }

    private static async Task<JsonNode> DataAsync(
        string entry, EventFinder finder, EntryOpener opener, CancellationToken cancellationToken)
    {
        var stored = await finder.FindAsync(entry, cancellationToken);
        var opened = await opener.OpenAsync(stored.Body, withBlobs: true, cancellationToken);
        return opened.Json["data"] ?? throw new ProblemException(ErrorCodes.MonitoringErased);
    }
}
