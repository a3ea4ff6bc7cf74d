using System.Text.Json;
using Probity.Ledger.Merkle;

namespace Probity.Ledger.Verification;

/// <summary>Reads the <c>blobs</c> member of an entry: objects with <c>sha256</c> and <c>length</c> of a ciphertext.</summary>
internal static class BlobReferences
{
    /// <summary>Adds what can be read; an element without a readable hash is left out, for the body itself is judged elsewhere.</summary>
    public static void Read(long seq, ReadOnlySpan<byte> array, List<BlobReference> to)
    {
        var reader = new Utf8JsonReader(array);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.StartObject && TryReadOne(ref reader, out var sha256, out var length))
                {
                    to.Add(new BlobReference(seq, sha256, length));
                }
            }
        }
        catch (JsonException)
        {
            // Such a body has been changed, which its hash shows.
        }
    }

    private static bool TryReadOne(ref Utf8JsonReader reader, out Digest sha256, out long length)
    {
        sha256 = default;
        length = -1;
        var hasHash = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("sha256"u8))
            {
                reader.Read();
                hasHash = reader.TokenType == JsonTokenType.String && TryHex(reader.GetString(), out sha256);
            }
            else if (reader.ValueTextEquals("length"u8))
            {
                reader.Read();
                length = reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var value) ? value : -1;
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        return hasHash;
    }

    private static bool TryHex(string? text, out Digest digest)
    {
        try
        {
            digest = Digest.FromHex(text);
            return true;
        }
        catch (FormatException)
        {
            digest = default;
            return false;
        }
    }
}
