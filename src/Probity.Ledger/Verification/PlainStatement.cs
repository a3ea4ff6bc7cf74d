using System.Text;
using System.Text.Json;

namespace Probity.Ledger.Verification;

/// <summary>
/// Entries of ours whose <c>data</c> stands in clear, so that a verifier without keys reads what they state. Pure.
/// </summary>
internal static class PlainStatement
{
    /// <summary>How the canonical bytes of an entry of a type end, and those of no other entry can.</summary>
    public static byte[] EndOf(string type) => Encoding.ASCII.GetBytes($"\"type\":\"{type}\",\"v\":1}}");

    /// <summary>What an entry states; null when it ends otherwise or states it in another form.</summary>
    public static T? TryRead<T>(ReadOnlySpan<byte> entry, ReadOnlySpan<byte> end, Func<JsonElement, T> read)
        where T : class
    {
        if (!entry.EndsWith(end))
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(entry.ToArray());
            return read(document.RootElement);
        }
        catch (Exception malformed) when (
            malformed is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return null;
        }
    }

    /// <summary>Who agreed, each once.</summary>
    public static IReadOnlyList<string> Approvers(JsonElement data) =>
    [
        .. data.GetProperty("approvers"u8).EnumerateArray()
            .Select(approver => approver.GetProperty("id"u8).GetString() ?? "").Distinct(StringComparer.Ordinal),
    ];
}
