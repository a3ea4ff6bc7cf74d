using System.Text.Json;
using Probity.Server.AuditTrail.Query.Filters;

namespace Probity.Server.AuditTrail.Query;

/// <summary>What the search index keeps of one entry. Immutable.</summary>
/// <param name="Seq">Sequence number of the entry.</param>
/// <param name="RecordedAt">Microseconds since 1970, by the server's clock.</param>
/// <param name="OccurredAt">Microseconds since 1970, as the source asserts; the recording where it asserts nothing.</param>
/// <param name="Id">The entry's id; null when it has a form the index does not know.</param>
/// <param name="Values">Exact values by field; a field may come more than once (targets).</param>
/// <param name="TextTokens">Keyed hashes of the words, distinct.</param>
internal sealed record IndexedEvent(
    long Seq,
    long RecordedAt,
    long OccurredAt,
    Guid? Id,
    IReadOnlyList<FieldValue> Values,
    IReadOnlyList<long> TextTokens)
{
    /// <summary>Members that are neither values to filter by nor text to search.</summary>
    private static readonly HashSet<string> s_notText = new(StringComparer.Ordinal)
    {
        "blobs", "enc", "id", "log", "occurred_at", "prev", "recorded_at", "seq", "v",
    };

    /// <summary>
    /// Reads a canonical entry whose encrypted fields have been put back in their places. A sealed entry has few
    /// members and yields few values.
    /// </summary>
    /// <exception cref="KeyNotFoundException">The entry has no seq or no recorded_at.</exception>
    /// <exception cref="FormatException">recorded_at is no RFC 3339 instant.</exception>
    public static IndexedEvent From(JsonElement entry, TextTokens tokens)
    {
        var recordedAt = Instant(entry, "recorded_at")
            ?? throw new FormatException("The entry's recorded_at is no RFC 3339 instant.");
        return new IndexedEvent(
            entry.GetProperty("seq").GetInt64(),
            recordedAt,
            Instant(entry, "occurred_at") ?? recordedAt,
            EventIds.TryParse(Text(entry, "id") ?? "", out var id) ? id : null,
            ValuesOf(entry),
            TokensOf(entry, tokens));
    }

    private static List<FieldValue> ValuesOf(JsonElement entry)
    {
        var values = new List<FieldValue>(16);
        Add(FilterField.Action, entry, "action");
        Add(FilterField.Type, entry, "type");
        Add(FilterField.Outcome, entry, "outcome");
        Add(FilterField.Source, entry, "source");
        Add(FilterField.ExternalId, entry, "external_id");
        var actor = Member(entry, "actor");
        Add(FilterField.ActorId, actor, "id");
        Add(FilterField.ActorType, actor, "type");
        Add(FilterField.Role, actor, "role");
        Add(FilterField.Session, actor, "session");
        Add(FilterField.OnBehalfOf, Member(actor, "on_behalf_of"), "id");
        var context = Member(entry, "context");
        Add(FilterField.Service, context, "service");
        Add(FilterField.RequestId, context, "request_id");
        Add(FilterField.TraceId, context, "trace_id");
        var reason = Member(entry, "reason");
        Add(FilterField.Case, reason, "case");
        Add(FilterField.Ticket, reason, "ticket");
        foreach (var target in Items(Member(entry, "targets")))
        {
            Add(FilterField.TargetId, target, "id");
            Add(FilterField.TargetType, target, "type");
        }

        return values;

        void Add(FilterField field, JsonElement owner, string name)
        {
            if (Text(owner, name) is { Length: > 0 } text)
            {
                values.Add(new FieldValue(field, text));
            }
        }
    }

    private static long[] TokensOf(JsonElement entry, TextTokens tokens)
    {
        var words = new TextTokens.WordSet();
        foreach (var member in entry.EnumerateObject())
        {
            if (!s_notText.Contains(member.Name))
            {
                Collect(member.Value, words);
            }
        }

        return [.. words.Words.Select(tokens.Hash).Distinct()];
    }

    private static void Collect(JsonElement value, TextTokens.WordSet words)
    {
        if (words.IsFull)
        {
            return;
        }

        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                words.Add(value.GetString() ?? "");
                break;
            case JsonValueKind.Number:
                words.Add(value.GetRawText());
                break;
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray())
                {
                    Collect(item, words);
                }

                break;
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject())
                {
                    Collect(member.Value, words);
                }

                break;
            default:
                break; // true, false and null carry no word
        }
    }

    private static JsonElement Member(JsonElement owner, string name) =>
        owner.ValueKind == JsonValueKind.Object && owner.TryGetProperty(name, out var value) ? value : default;

    private static string? Text(JsonElement owner, string name) =>
        Member(owner, name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    private static JsonElement.ArrayEnumerator Items(JsonElement array) =>
        array.ValueKind == JsonValueKind.Array ? array.EnumerateArray() : default;

    private static long? Instant(JsonElement owner, string name) =>
        Text(owner, name) is { } text && Instants.TryParse(text, out var instant)
            ? Instants.ToMicroseconds(instant)
            : null;
}

/// <summary>One exact value of one field.</summary>
internal readonly record struct FieldValue(FilterField Field, string Value);
