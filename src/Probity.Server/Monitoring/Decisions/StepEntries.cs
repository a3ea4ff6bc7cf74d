using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Probity.Monitoring;
using Probity.Server.Access;
using Probity.Server.AuditTrail.Events;
using Probity.Server.Monitoring.Input;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Monitoring.Decisions;

/// <summary>Writes steps as entries, and reads them back from opened ones.</summary>
internal static class StepEntries
{
    /// <summary>A buffer that one large entry has made larger is not kept.</summary>
    private const int MostKept = 1 << 18;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? t_data;

    private static readonly JsonWriterOptions s_writing = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>
    /// The entry of a decision. Its targets are the customers: one alone owns the content (decision 0016).
    /// </summary>
    public static EntryDraft Decided(
        AccessEntry entry, string entryId, string transactionId, Transaction transaction, PartyFacts facts,
        Decision decision, MessageOrigin? origin = null) =>
        Draft(Short(entry), MonitoringEvents.Decided, "monitoring.decide", Targets(transaction, transactionId), json =>
        {
            if (decision.Alert is { } alert)
            {
                json.WriteString("alert_rule", alert.Rule);
            }

            if (facts != PartyFacts.None)
            {
                json.WritePropertyName("facts");
                FactsJson.Write(json, facts);
            }

            if (origin is not null)
            {
                json.WriteStartObject("message");
                json.WriteString("entry", origin.EntryId);
                json.WriteString("place", origin.Place);
                json.WriteEndObject();
            }

            json.WriteNumber("number", decision.Number);
            json.WriteString("outcome", Outcomes.Wire(decision.Outcome));
            json.WriteBase64String("record", RecordPacking.Pack(decision.Record.Span));
            json.WriteNumber("score", (int)decimal.Round(decision.Score * 1_000_000));
            json.WritePropertyName("transaction");
            TransactionJson.Write(json, transaction);
        }, entryId);

    /// <summary>The entry of a reversal.</summary>
    public static EntryDraft Reversed(
        AccessEntry entry, string transactionId, Transaction transaction, long number, string reason) =>
        Draft(entry with { Reason = new EntryReason { Text = reason } }, MonitoringEvents.Reversed,
            "monitoring.reverse", Targets(transaction, transactionId), json =>
            {
                json.WriteString("id", transaction.Key.Id);
                json.WriteNumber("number", number);
                json.WriteString("source", transaction.Key.Source);
            });

    /// <summary>The entry of an exchange of rules.</summary>
    public static EntryDraft Activated(AccessEntry entry, long number, ActiveRules rules) =>
        Draft(entry, MonitoringEvents.RulesActivated, "monitoring.rules.activate",
            [new EntryTarget("monitoring_rule_set", rules.RuleSetId)], json =>
            {
                Write(json, rules);
                json.WriteNumber("number", number);
                json.WriteString("owasp", "system_configuration_changed");
            });

    /// <summary>Any other entry of monitoring.</summary>
    public static EntryDraft Draft(
        AccessEntry entry, string type, string action, IReadOnlyList<EntryTarget> targets,
        Action<Utf8JsonWriter> members, string? id = null)
    {
        var buffer = t_data ??= new ArrayBufferWriter<byte>(8_192);
        buffer.Clear(); // Also what one that failed has left.
        using (var json = new Utf8JsonWriter(buffer, s_writing))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        var data = buffer.WrittenSpan.ToArray();
        buffer.Clear(); // Has held plain values.
        t_data = buffer.Capacity <= MostKept ? buffer : null;
        return new EntryDraft
        {
            Id = id ?? EntryIds.New(entry.Time.GetUtcNow()),
            Type = type,
            Action = action,
            Actor = entry.Actor,
            Targets = targets,
            Reason = entry.Reason,
            Context = entry.Context,
            DataUtf8 = data,
        };
    }

    /// <summary>Reads the step of an opened entry.</summary>
    /// <param name="head">What its entry says of it.</param>
    /// <param name="data">Its data; null when it cannot be opened, and the step has the number 0 then.</param>
    public static Step Read(in StepHead head, JsonElement? data)
    {
        if (data is not { } json)
        {
            return new Step.Erased(0) { Seq = head.Seq, RecordedAt = head.RecordedAt, ContentKey = head.ContentKey };
        }

        return head.Type switch
        {
            MonitoringEvents.Decided => new Step.Decided(
                json.GetProperty("number").GetInt64(),
                TransactionJson.Read(json.GetProperty("transaction")),
                head.WithRecord && json.TryGetProperty("facts", out var facts) ? FactsJson.Read(facts)
                    : PartyFacts.None,
                head.WithRecord ? RecordPacking.Unpack(json.GetProperty("record").GetBytesFromBase64()) : [])
            {
                Seq = head.Seq, RecordedAt = head.RecordedAt, ContentKey = head.ContentKey,
            },
            MonitoringEvents.Reversed => new Step.Reversed(
                json.GetProperty("number").GetInt64(),
                new TransactionKey(Text(json, "source"), Text(json, "id")))
            {
                Seq = head.Seq, RecordedAt = head.RecordedAt, ContentKey = head.ContentKey,
            },
            MonitoringEvents.RulesActivated => new Step.Activated(json.GetProperty("number").GetInt64(), Rules(json))
            {
                Seq = head.Seq, RecordedAt = head.RecordedAt, ContentKey = head.ContentKey,
            },
            _ => throw new ArgumentOutOfRangeException(nameof(head), head.Type, "This is no step."),
        };
    }

    /// <summary>An exchange of rules as text.</summary>
    public static string Text(ActiveRules rules)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, s_writing))
        {
            json.WriteStartObject();
            Write(json, rules);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Reads what <see cref="Text(ActiveRules)"/> wrote.</summary>
    public static ActiveRules Rules(string text)
    {
        using var json = JsonDocument.Parse(text);
        return Rules(json.RootElement);
    }

    private static void Write(Utf8JsonWriter json, ActiveRules rules)
    {
        json.WriteString("book", rules.Book);
        json.WriteString("digest", rules.Digest);
        json.WriteStartArray("documents");
        foreach (var document in rules.Documents)
        {
            json.WriteStartArray();
            json.WriteStringValue(document.Origin);
            json.WriteStringValue(document.Sha256);
            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteStartObject("options");
        json.WriteString("high_rating_score", Exact(rules.Options.HighRatingScore));
        if (rules.Options.HomeJurisdiction is { } home)
        {
            json.WriteString("home_jurisdiction", home);
        }

        json.WriteString("risk_threshold", Exact(rules.Options.RiskThreshold));
        json.WriteEndObject();
        json.WriteString("rule_set", rules.RuleSetId);
    }

    private static ActiveRules Rules(JsonElement json)
    {
        var options = json.GetProperty("options");
        return new ActiveRules(
            Text(json, "rule_set"),
            Text(json, "digest"),
            [.. json.GetProperty("documents").EnumerateArray()
                .Select(item => new StoredDocument(item[0].GetString()!, item[1].GetString()!))],
            Text(json, "book"),
            new MonitoringOptions
            {
                HighRatingScore = InputText.Number(Text(options, "high_rating_score"), "/options"),
                HomeJurisdiction = options.TryGetProperty("home_jurisdiction", out var home) ? home.GetString() : null,
                RiskThreshold = InputText.Number(Text(options, "risk_threshold"), "/options"),
            });
    }

    private static EntryTarget[] Targets(Transaction transaction, string transactionId) =>
        [.. new[] { transaction.Debtor.Customer, transaction.Creditor.Customer }.OfType<string>().Distinct()
            .Select(customer => new EntryTarget("customer", customer))
            .Append(new EntryTarget("transaction", transactionId))];

    // Thousands a second come from one caller: the key says who it is, its name and agent stand in its own entries.
    private static AccessEntry Short(AccessEntry entry) => entry with
    {
        Actor = new EntryActor(entry.Actor.Type, entry.Actor.Id),
        Context = entry.Context?.TraceId is { } trace ? new EntryContext { TraceId = trace } : null,
    };

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;

    private static string Exact(decimal value) => value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Where in which message a transaction came.</summary>
/// <param name="EntryId">The entry that keeps the original, or its first part.</param>
/// <param name="Place">XPath or JSON Pointer in it.</param>
internal sealed record MessageOrigin(string EntryId, string Place);
