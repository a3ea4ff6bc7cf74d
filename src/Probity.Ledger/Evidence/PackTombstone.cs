using System.Globalization;
using System.Text;
using System.Text.Json;
using Probity.Ledger.Merkle;

namespace Probity.Ledger.Evidence;

/// <summary>
/// What stands in a pack for an entry that was purged when its time was over: enough to prove that something was there,
/// and to find the entry that says who agreed that it goes. Immutable.
/// </summary>
/// <param name="Seq">The number of the purged entry, 0 or more.</param>
/// <param name="Leaf">Its leaf hash, which the tree keeps.</param>
/// <param name="PurgedBy">The number of the purge entry that names it, higher than its own.</param>
public sealed record PackTombstone(long Seq, Digest Leaf, long PurgedBy)
{
    /// <summary>The most bytes of one in its only spelling.</summary>
    internal const int MaxBytes = 160;

    /// <summary>Canonical JSON (RFC 8785), so that one tombstone has one spelling.</summary>
    internal byte[] Encode() => Encoding.ASCII.GetBytes(string.Create(
        CultureInfo.InvariantCulture, $"{{\"leaf\":\"{Leaf}\",\"purged_by\":{PurgedBy},\"seq\":{Seq}}}"));

    /// <summary>Reads one; anything but the canonical form is refused.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    internal static PackTombstone Decode(byte[] bytes, string name)
    {
        try
        {
            using var json = JsonDocument.Parse(bytes);
            var root = json.RootElement;
            var read = new PackTombstone(
                root.GetProperty("seq"u8).GetInt64(),
                Digest.From(Convert.FromHexString(root.GetProperty("leaf"u8).GetString() ?? string.Empty)),
                root.GetProperty("purged_by"u8).GetInt64());
            if (read.Encode().AsSpan().SequenceEqual(bytes))
            {
                return read;
            }
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or FormatException
            or InvalidOperationException or ArgumentException)
        {
            throw new InvalidDataException($"{name} cannot be read: {e.Message}", e);
        }

        throw new InvalidDataException($"{name} is not the canonical form of a tombstone.");
    }
}
