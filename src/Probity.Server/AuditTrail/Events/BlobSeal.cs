using System.Buffers;
using System.Security.Cryptography;
using Probity.Ledger.Json;
using Probity.Ledger.Merkle;
using Probity.Server.AuditTrail.Append;
using Probity.Server.Keys;

namespace Probity.Server.AuditTrail.Events;

/// <summary>
/// The stored form of a blob: nonce (12), ciphertext, tag (16), bound to canonical JSON of [log, "blob", field, key].
/// With encryption off it is the plain bytes and the key is empty. Its address is the SHA-256 of what is stored.
/// </summary>
internal static class BlobSeal
{
    /// <summary>Seals under a key that the caller rented; in clear with null.</summary>
    public static BlobContent Seal(string origin, string field, ReadOnlySpan<byte> plain, ISealingKey? key)
    {
        if (key is null)
        {
            return Address("", plain.ToArray());
        }

        var content = new byte[IFieldCipher.NonceBytes + plain.Length + IFieldCipher.TagBytes];
        key.Seal(
            Aad(origin, field, key.Id),
            plain,
            content.AsSpan(0, IFieldCipher.NonceBytes),
            content.AsSpan(IFieldCipher.NonceBytes));
        return Address(key.Id, content);
    }

    public static byte[] Open(string origin, string field, string keyId, ReadOnlySpan<byte> content, IFieldCipher cipher)
    {
        if (keyId.Length == 0)
        {
            return content.ToArray();
        }

        var plain = new byte[content.Length - IFieldCipher.NonceBytes - IFieldCipher.TagBytes];
        cipher.Open(
            keyId,
            Aad(origin, field, keyId),
            content[..IFieldCipher.NonceBytes],
            content[IFieldCipher.NonceBytes..],
            plain);
        return plain;
    }

    private static BlobContent Address(string key, byte[] content) =>
        new(Digest.From(SHA256.HashData(content)), key, content);

    private static byte[] Aad(string origin, string field, string key)
    {
        var aad = new ArrayBufferWriter<byte>();
        aad.Write("["u8);
        CanonicalJson.WriteString(aad, origin);
        aad.Write(",\"blob\","u8);
        CanonicalJson.WriteString(aad, field);
        aad.Write(","u8);
        CanonicalJson.WriteString(aad, key);
        aad.Write("]"u8);
        return aad.WrittenSpan.ToArray();
    }
}
