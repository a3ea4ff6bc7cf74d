using System.Text.Json;

namespace Probity.Server.Custody.Retention;

/// <summary>What retention and holds ask of an entry; all of it stands in the entry's clear part.</summary>
internal sealed record PurgeFacts(
    long Seq, string Type, string Action, DateTimeOffset RecordedAt, IReadOnlyList<(string Type, string Id)> People,
        string? Case,
    IReadOnlyList<string> Blobs)
{
    public static PurgeFacts Read(long seq, ReadOnlyMemory<byte> body)
    {
        using var document = JsonDocument.Parse(body);
        var entry = document.RootElement;
        var people = new List<(string, string)>(4);
        if (entry.TryGetProperty("actor"u8, out var actor))
        {
            Add(people, actor);
            if (actor.TryGetProperty("on_behalf_of"u8, out var behalf))
            {
                Add(people, behalf);
            }
        }

        if (entry.TryGetProperty("targets"u8, out var targets))
        {
            foreach (var target in targets.EnumerateArray())
            {
                Add(people, target);
            }
        }

        return new PurgeFacts(
            seq, Text(entry, "type"u8) ?? "", Text(entry, "action"u8)
                ?? "", entry.GetProperty("recorded_at"u8).GetDateTimeOffset(),
            people, entry.TryGetProperty("reason"u8, out var reason) ? Text(reason, "case"u8) : null, BlobsOf(entry));
    }

    private static void Add(List<(string, string)> people, JsonElement who) =>
        people.Add((Text(who, "type"u8) ?? "user", Text(who, "id"u8) ?? ""));

    private static string? Text(JsonElement owner, ReadOnlySpan<byte> name) =>
        owner.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    // Content in clear may be shared by entries that stay, so only what has a key of its own is named.
    private static IReadOnlyList<string> BlobsOf(JsonElement entry) => entry.TryGetProperty("blobs"u8, out var blobs)
        ? [.. blobs.EnumerateArray().Where(b => Text(b, "key"u8) is { Length: > 0 })
            .Select(b => Text(b, "sha256"u8) ?? "")]
        : [];
}
