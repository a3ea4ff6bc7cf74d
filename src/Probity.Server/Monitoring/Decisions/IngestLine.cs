using System.Text.Json;
using Probity.Contracts.Problems;
using Probity.Monitoring;
using Probity.Server.Access;
using Probity.Server.Hosting.Problems;
using Probity.Server.Monitoring.Input;
using Probity.Server.Monitoring.Messages;

namespace Probity.Server.Monitoring.Decisions;

/// <summary>
/// One line of an ingest: a transaction, a message in the JSON of Tazama, or
/// <c>{"reverse":{"source":…,"id":…,"reason":…}}</c>, which takes an earlier transaction back. Thread safe.
/// </summary>
internal sealed class IngestLine(DecisionDesk desk, MessageDesk messages, TransactionLibrary library)
{
    private const int MaxReason = 500;
    private static readonly JsonDocumentOptions s_reading = new() { AllowDuplicateProperties = false, MaxDepth = 40 };
    private static readonly string[] s_reversal = ["source", "id", "reason"];

    /// <summary>Whether a line takes something back, so that all before it must be judged first.</summary>
    public static bool IsReversal(ReadOnlySpan<byte> line) =>
        line.TrimStart(" \t"u8).StartsWith("{\"reverse\":"u8);

    /// <summary>Judges and keeps a line.</summary>
    /// <param name="line">One JSON document.</param>
    /// <param name="messageSource">The source of transactions of messages.</param>
    /// <param name="entry">Who sends it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Writes the members of the answer.</returns>
    /// <exception cref="ProblemException">It is refused; nothing of it was kept.</exception>
    public async Task<Action<Utf8JsonWriter>> AskAsync(
        byte[] line, string messageSource, AccessEntry entry, CancellationToken cancellationToken)
    {
        Transaction transaction;
        try
        {
            using var json = JsonDocument.Parse(line, s_reading);
            if (MessageJson.IsMessage(json.RootElement))
            {
                var told = await messages.TakeAsync(line, messageSource, entry, cancellationToken);
                return to => MessageEndpoints.Write(to, told);
            }

            if (json.RootElement.ValueKind == JsonValueKind.Object
                && json.RootElement.TryGetProperty("reverse", out var reversal))
            {
                var taken = await ReverseAsync(reversal, entry, cancellationToken);
                return to => Write(to, taken, taken.EntryId.Length == 0 ? "duplicate" : "reversed");
            }

            transaction = TransactionJson.Read(json.RootElement);
        }
        catch (JsonException)
        {
            throw new ProblemException(ErrorCodes.JsonSyntax);
        }
        catch (InputRefusedException refused)
        {
            throw Refusals.Of(refused.Faults);
        }

        var answer = await desk.AskAsync(new DecideJob(transaction, entry)).WaitAsync(cancellationToken);
        return to => Write(to, answer, answer.Decision is null ? "duplicate" : "decided");
    }

    private async Task<StepAnswer> ReverseAsync(
        JsonElement reversal, AccessEntry entry, CancellationToken cancellationToken)
    {
        string Member(string name) => reversal.ValueKind == JsonValueKind.Object
            && reversal.EnumerateObject().All(item => s_reversal.Contains(item.Name, StringComparer.Ordinal))
            && reversal.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            && value.GetString() is { Length: > 0 and <= MaxReason } text
                ? text
                : throw new InputRefusedException(
                    "/reverse/" + name, "monitoring.missing", "Give source, id and reason as texts, and nothing else.");
        var key = new TransactionKey(Member("source"), Member("id"));
        var reason = Member("reason");
        var numbers = await desk.AskAsync(new LookUpJob([key], entry)).WaitAsync(cancellationToken);
        var number = numbers[0] ?? throw new ProblemException(ErrorCodes.MonitoringTransactionNotFound);
        var known = await library.KnownAsync(number, cancellationToken)
            ?? throw new ProblemException(ErrorCodes.MonitoringErased);
        try
        {
            return await desk.AskAsync(new ReverseJob(known.Transaction, known.Id, number, reason, entry))
                .WaitAsync(cancellationToken);
        }
        catch (ProblemException again) when (again.Code == ErrorCodes.MonitoringAlreadyReversed)
        {
            return new StepAnswer(known.Id, number, null, "", null, null); // The same line again changes nothing.
        }
    }

    private static void Write(Utf8JsonWriter json, StepAnswer answer, string status)
    {
        json.WriteString("status", status);
        json.WriteString("id", answer.TransactionId);
        json.WriteNumber("number", answer.Number);
        if (answer.Decision is { } decision)
        {
            json.WriteString("outcome", Outcomes.Wire(decision.Outcome));
            json.WriteNumber("score", decision.Score);
            if (decision.Alert is { } alert)
            {
                json.WriteString("alert_rule", alert.Rule);
            }
        }
    }
}
