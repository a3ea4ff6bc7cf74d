using System.Security.Cryptography;
using System.Text;

namespace Probity.Server.Keys;

/// <summary>
/// A key encrypted under another: nonce (12), ciphertext, tag (16) of AES-256-GCM, bound to the wrapped key's id, kind
/// and wrapping key, so that a row put in another's place does not open.
/// </summary>
internal static class KeyWrap
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    public static byte[] Wrap(ReadOnlySpan<byte> wrappingKey, ReadOnlySpan<byte> key, string id, string kind, string by)
    {
        var wrapped = new byte[NonceBytes + key.Length + TagBytes];
        RandomNumberGenerator.Fill(wrapped.AsSpan(0, NonceBytes));
        using var aes = new AesGcm(wrappingKey, TagBytes);
        aes.Encrypt(
            wrapped.AsSpan(0, NonceBytes),
            key,
            wrapped.AsSpan(NonceBytes, key.Length),
            wrapped.AsSpan(NonceBytes + key.Length),
            Aad(id, kind, by));
        return wrapped;
    }

    /// <exception cref="CryptographicException">Another wrapping key, or the row was altered or moved.</exception>
    public static byte[] Unwrap(
        ReadOnlySpan<byte> wrappingKey, ReadOnlySpan<byte> wrapped, string id, string kind, string by)
    {
        if (wrapped.Length <= NonceBytes + TagBytes)
        {
            throw new CryptographicException("A wrapped key is longer than its nonce and tag.");
        }

        var key = new byte[wrapped.Length - NonceBytes - TagBytes];
        using var aes = new AesGcm(wrappingKey, TagBytes);
        aes.Decrypt(
            wrapped[..NonceBytes],
            wrapped.Slice(NonceBytes, key.Length),
            wrapped[(NonceBytes + key.Length)..],
            key,
            Aad(id, kind, by));
        return key;
    }

    private static byte[] Aad(string id, string kind, string by) =>
        Encoding.UTF8.GetBytes($"probity-key-v1|{id}|{kind}|{by}");
}
