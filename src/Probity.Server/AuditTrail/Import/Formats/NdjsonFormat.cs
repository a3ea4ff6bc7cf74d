using System.Text.Json;
using Probity.Server.AuditTrail.Import.Reading;

namespace Probity.Server.AuditTrail.Import.Formats;

/// <summary>Our own events on the wire, passed through as they are.</summary>
/// <remarks>
/// An event with neither source nor external id would be taken in again by every repeated run, so it gets the hash of
/// its text as its id; one without a time also gets its line, since two equal lines may then well be two events.
/// </remarks>
internal sealed class NdjsonFormat : MappedFormat
{
    public override string Name => "ndjson";

    public override bool Recognises(JsonElement sourceEvent)
        => sourceEvent.Text("action") is not null
            && (sourceEvent.Text("actor", "id") is not null
                || (sourceEvent.Text("actor") is not null && sourceEvent.Text("occurred_at") is not null));

    protected override ReadOnlyMemory<byte> ToWire(JsonElement sourceEvent, JsonSlice slice, bool repeatsNames)
    {
        if (repeatsNames)
        {
            throw new SourceRefusedException(
                SourceRefusal.Syntax("a member name is repeated, and an event of ours has one meaning only."));
        }

        _ = sourceEvent.Required("action");
        RequireActor(sourceEvent);
        if (sourceEvent.Text("occurred_at") is not null)
        {
            _ = sourceEvent.RequiredTime("occurred_at");
        }

        return !sourceEvent.TryGetProperty("external_id", out _) && !sourceEvent.TryGetProperty("source", out _)
            ? WithId(sourceEvent, slice)
            : slice.Text.ToArray();
    }

    protected override EventDraft Map(JsonElement sourceEvent, ReadOnlySpan<byte> text)
        => throw new NotSupportedException("Our own events are passed through, not mapped.");

    /// <summary>An object with an id, or the id itself, as the API takes it.</summary>
    private static void RequireActor(JsonElement sourceEvent)
    {
        switch (sourceEvent.At("actor").ValueKind)
        {
            case JsonValueKind.String:
                _ = sourceEvent.Required("actor");
                break;
            case JsonValueKind.Object:
                _ = sourceEvent.Required("actor", "id");
                break;
            default:
                throw new SourceRefusedException(SourceRefusal.Missing("actor"));
        }
    }

    /// <summary>Splices source and id in behind the opening brace; nothing else of the text changes.</summary>
    private static byte[] WithId(JsonElement sourceEvent, JsonSlice slice)
    {
        var id = TextHash(slice.Text.Span);
        if (sourceEvent.Text("occurred_at") is null)
        {
            id = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{id}:{slice.Line}");
        }

        var members = System.Text.Encoding.UTF8.GetBytes($"{{\"source\":\"ndjson\",\"external_id\":\"{id}\",");
        return [.. members, .. slice.Text.Span[1..]];
    }
}
