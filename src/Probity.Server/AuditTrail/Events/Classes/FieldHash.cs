using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace Probity.Server.AuditTrail.Events.Classes;

/// <summary>
/// The stored form of a hashed value: <c>hmac:</c> and 32 hex digits, HMAC-SHA-256 (RFC 2104, cut to 128 bits as its
/// section 5 allows) of the canonical JSON of the value, under a key for each field that is derived from one of the
/// installation (HKDF, RFC 5869). Equal values of a field have equal hashes; without the key nobody can try values out.
/// Thread safe.
/// </summary>
internal sealed class FieldHash
{
    /// <summary>What a hashed value begins with.</summary>
    public const string Prefix = "hmac:";

    private const int Bytes = 16;
    private readonly byte[] _key;

    /// <param name="pointer">The pointer of the rule: the field.</param>
    /// <param name="installationKey">The installation's key.</param>
    public FieldHash(string pointer, byte[] installationKey) => _key = HKDF.DeriveKey(
        HashAlgorithmName.SHA256, installationKey, HMACSHA256.HashSizeInBytes, [],
        Encoding.UTF8.GetBytes("probity field hash v1 " + pointer));

    /// <summary>The stored form of a value.</summary>
    /// <param name="canonical">Its canonical JSON.</param>
    public string Of(ReadOnlySpan<byte> canonical)
    {
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, canonical, mac);
        return Prefix + Convert.ToHexStringLower(mac[..Bytes]);
    }

    /// <summary>The stored form of a text.</summary>
    public string OfText(string text)
    {
        var canonical = new ArrayBufferWriter<byte>();
        Probity.Ledger.Json.CanonicalJson.WriteString(canonical, text);
        return Of(canonical.WrittenSpan);
    }
}
