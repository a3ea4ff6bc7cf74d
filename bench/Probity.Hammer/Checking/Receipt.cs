using System.Text.Json;
using Probity.Ledger.Merkle;

namespace Probity.Hammer.Checking;

/// <summary>What the server acknowledged.</summary>
/// <param name="Id">The id of the event.</param>
/// <param name="Seq">Its place in the log.</param>
/// <param name="Hash">Its leaf hash.</param>
/// <param name="Checkpoint">The signed checkpoint, or null where the answer carries none for this line.</param>
internal sealed record Receipt(string Id, long Seq, Digest Hash, string? Checkpoint)
{
    /// <summary>Reads the answer of a single post, one element of a batch, or one line of an ingest.</summary>
    /// <exception cref="HammerException">A member is missing or malformed.</exception>
    public static Receipt Parse(ReadOnlyMemory<byte> json)
    {
        using var document = Document(json);
        return Of(document.RootElement, null);
    }

    /// <summary>Reads the answer of a batch: its receipts share one checkpoint.</summary>
    public static IReadOnlyList<Receipt> ParseBatch(ReadOnlyMemory<byte> json)
    {
        using var document = Document(json);
        var checkpoint = TextOf(document.RootElement, "checkpoint");
        return document.RootElement.TryGetProperty("events", out var events) && events.ValueKind == JsonValueKind.Array
            ? [.. events.EnumerateArray().Select(item => Of(item, checkpoint))]
            : throw new HammerException("A batch answer has no events.");
    }

    private static Receipt Of(JsonElement item, string? checkpoint)
    {
        var id = TextOf(item, "id") ?? throw new HammerException("A receipt has no id.");
        var hash = TextOf(item, "hash") ?? throw new HammerException("A receipt has no hash.");
        return item.TryGetProperty("seq", out var seq) && seq.TryGetInt64(out var number)
            ? new Receipt(id, number, DigestOf(hash), TextOf(item, "checkpoint") ?? checkpoint)
            : throw new HammerException("A receipt has no seq.");
    }

    private static Digest DigestOf(string hex)
    {
        try
        {
            return Digest.FromHex(hex);
        }
        catch (FormatException malformed)
        {
            throw new HammerException("A receipt's hash is not a digest.", malformed);
        }
    }

    private static string? TextOf(JsonElement item, string name) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty(name, out var value)
            && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private static JsonDocument Document(ReadOnlyMemory<byte> json)
    {
        try
        {
            return JsonDocument.Parse(json);
        }
        catch (JsonException malformed)
        {
            throw new HammerException("A receipt is not JSON.", malformed);
        }
    }
}
