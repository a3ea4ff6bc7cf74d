using System.Runtime.InteropServices;
using System.Text.Json;
using Probity.Server.AuditTrail.Query;
using Probity.Server.AuditTrail.Query.Filters;
using Probity.Server.AuditTrail.Reading;

namespace Probity.Server.AuditTrail.Indexing;

/// <summary>
/// Reads from canonical entries what the search index keeps of them. Filters match members that are stored in clear;
/// sealed ones are found by their words. Reuses its memory, so it is not thread safe.
/// </summary>
internal sealed class EventIndexer
{
    private readonly SealedMembers _sealed;
    private readonly SealedMember _addSealed;
    private readonly TokenSet _words;
    private readonly List<FieldValue> _values = new(16);

    public EventIndexer(TextTokens tokens, SealedMembers @sealed)
    {
        (_words, _sealed) = (new TokenSet(tokens), @sealed);
        _addSealed = (_, value) => _words.Add(value);
    }

    /// <summary>Reads one entry. A sealed entry has few members and yields few values.</summary>
    /// <exception cref="KeyNotFoundException">The entry has no seq or no recorded_at.</exception>
    /// <exception cref="FormatException">recorded_at is no RFC 3339 instant.</exception>
    public IndexedEvent Read(ReadOnlyMemory<byte> body)
    {
        using var document = JsonDocument.Parse(body);
        var entry = document.RootElement;
        var recordedAt = Instant(entry, "recorded_at"u8)
            ?? throw new FormatException("The entry's recorded_at is no RFC 3339 instant.");
        ReadValues(entry);
        ReadWords(entry);
        return new IndexedEvent(
            entry.GetProperty("seq"u8).GetInt64(),
            recordedAt,
            Instant(entry, "occurred_at"u8) ?? recordedAt,
            EventIds.TryParse(Text(entry, "id"u8) ?? "", out var id) ? id : null,
            [.. _values],
            _words.ToArray());
    }

    private void ReadValues(JsonElement entry)
    {
        _values.Clear();
        Add(FilterField.Action, entry, "action"u8);
        Add(FilterField.Type, entry, "type"u8);
        Add(FilterField.Outcome, entry, "outcome"u8);
        Add(FilterField.Source, entry, "source"u8);
        Add(FilterField.ExternalId, entry, "external_id"u8);
        var actor = Member(entry, "actor"u8);
        Add(FilterField.ActorId, actor, "id"u8);
        Add(FilterField.ActorType, actor, "type"u8);
        Add(FilterField.Role, actor, "role"u8);
        Add(FilterField.Session, actor, "session"u8);
        Add(FilterField.OnBehalfOf, Member(actor, "on_behalf_of"u8), "id"u8);
        var context = Member(entry, "context"u8);
        Add(FilterField.Service, context, "service"u8);
        Add(FilterField.RequestId, context, "request_id"u8);
        Add(FilterField.TraceId, context, "trace_id"u8);
        var reason = Member(entry, "reason"u8);
        Add(FilterField.Case, reason, "case"u8);
        Add(FilterField.Ticket, reason, "ticket"u8);
        foreach (var target in Items(Member(entry, "targets"u8)))
        {
            Add(FilterField.TargetId, target, "id"u8);
            Add(FilterField.TargetType, target, "type"u8);
        }
    }

    private void ReadWords(JsonElement entry)
    {
        _words.Clear();
        foreach (var member in entry.EnumerateObject())
        {
            if (IsText(JsonMarshal.GetRawUtf8PropertyName(member)))
            {
                _words.Add(member.Value);
            }
        }

        _sealed.Open(entry, _addSealed);
    }

    /// <summary>Whether a member is a value to filter by or text to search.</summary>
    private static bool IsText(ReadOnlySpan<byte> name) =>
        !(name.SequenceEqual("blobs"u8) || name.SequenceEqual("enc"u8) || name.SequenceEqual("id"u8)
            || name.SequenceEqual("log"u8) || name.SequenceEqual("occurred_at"u8) || name.SequenceEqual("prev"u8)
            || name.SequenceEqual("recorded_at"u8) || name.SequenceEqual("seq"u8) || name.SequenceEqual("v"u8));

    private void Add(FilterField field, JsonElement owner, ReadOnlySpan<byte> name)
    {
        if (Text(owner, name) is { Length: > 0 } text)
        {
            _values.Add(new FieldValue(field, text));
        }
    }

    private static JsonElement Member(JsonElement owner, ReadOnlySpan<byte> name) =>
        owner.ValueKind == JsonValueKind.Object && owner.TryGetProperty(name, out var value) ? value : default;

    private static string? Text(JsonElement owner, ReadOnlySpan<byte> name) =>
        Member(owner, name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    private static JsonElement.ArrayEnumerator Items(JsonElement array) =>
        array.ValueKind == JsonValueKind.Array ? array.EnumerateArray() : default;

    private static long? Instant(JsonElement owner, ReadOnlySpan<byte> name) =>
        Text(owner, name) is { } text && Instants.TryParse(text, out var instant)
            ? Instants.ToMicroseconds(instant)
            : null;
}
