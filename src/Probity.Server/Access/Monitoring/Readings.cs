using System.Globalization;
using System.Text.Json.Nodes;

namespace Probity.Server.Access.Monitoring;

/// <summary>One read, or one refusal, as an entry tells it.</summary>
internal sealed record Reading
{
    public required long Seq { get; init; }

    public required string EntryId { get; init; }

    public required string Type { get; init; }

    public required string ActorType { get; init; }

    public required string ActorId { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>How many records were read.</summary>
    public required long Records { get; init; }

    /// <summary>Digests of what was read.</summary>
    public required IReadOnlyList<string> Subjects { get; init; }

    /// <summary>The compartment that was read; null for none.</summary>
    public string? Compartment { get; init; }

    public bool IsDenied => Type == AccessEvents.Denied;
}

/// <summary>Which entries are reads.</summary>
internal static class Readings
{
    /// <summary>The types of entries that tell of a read. Modules to the right name theirs <c>….read</c> or <c>….searched</c>.</summary>
    public static bool IsReading(string type) => type.StartsWith("probity.", StringComparison.Ordinal)
        && (type == AccessEvents.Denied || type.EndsWith(".read", StringComparison.Ordinal) || type.EndsWith("_read", StringComparison.Ordinal)
            || type.EndsWith(".searched", StringComparison.Ordinal) || type.EndsWith(".exported", StringComparison.Ordinal)
            || type.EndsWith(".streamed", StringComparison.Ordinal));

    /// <summary>Reads an opened entry; what the entry does not say is left out, not guessed.</summary>
    public static Reading Of(long seq, JsonObject entry)
    {
        var data = entry["data"] as JsonObject;
        return new Reading
        {
            Seq = seq,
            EntryId = entry["id"]!.GetValue<string>(),
            Type = entry["type"]!.GetValue<string>(),
            ActorType = entry["actor"]?["type"]?.GetValue<string>() ?? "",
            ActorId = entry["actor"]?["id"]?.GetValue<string>() ?? "",
            At = DateTimeOffset.Parse(entry["recorded_at"]!.GetValue<string>(), CultureInfo.InvariantCulture),
            Records = data?["count"]?.GetValue<long>() ?? 1,
            Subjects = data?["subjects"] is JsonArray subjects ? [.. subjects.Select(s => s!.GetValue<string>())] : [],
            Compartment = data?["compartment"]?.GetValue<string>(),
        };
    }
}
