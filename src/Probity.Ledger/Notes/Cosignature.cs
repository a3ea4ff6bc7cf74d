using System.Buffers.Binary;
using System.Globalization;

namespace Probity.Ledger.Notes;

/// <summary>
/// The signed form of a cosignature. Source: C2SP tlog-cosignature, Format and Ed25519 signed message.
/// </summary>
internal static class Cosignature
{
    public const int TimestampBytes = sizeof(ulong);

    /// <summary>The header and time lines, then the whole note text with its final newline.</summary>
    public static byte[] Message(long unixSeconds, ReadOnlySpan<byte> checkpointText)
    {
        var head = string.Create(CultureInfo.InvariantCulture, $"cosignature/v1\ntime {unixSeconds}\n");
        return [.. Canonical.Utf8.GetBytes(head), .. checkpointText];
    }

    /// <summary>
    /// Verifies timestamp and signature; a timestamp above 2^63 − 1 is refused as the standard demands.
    /// </summary>
    public static bool Verifies(VerifierKey key, ReadOnlySpan<byte> text, ReadOnlySpan<byte> blob, out long unixSeconds)
    {
        unixSeconds = 0;
        if (blob.Length != TimestampBytes + Ed25519Key.SignatureBytes)
        {
            return false;
        }

        unixSeconds = BinaryPrimitives.ReadInt64BigEndian(blob);
        return unixSeconds >= 0 && key.VerifiesEd25519(Message(unixSeconds, text), blob[TimestampBytes..]);
    }
}
