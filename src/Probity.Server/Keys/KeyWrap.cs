using System.Security.Cryptography;
using System.Text;

namespace Probity.Server.Keys;

/// <summary>
/// A key encrypted under another: nonce (12), ciphertext, tag (16) of AES-256-GCM, bound to the wrapped key's id, kind
/// and wrapping key, so that a row put in another's place does not open. Source: NIST SP 800-38D; the form is ours and
/// frozen.
/// </summary>
internal static class KeyWrap
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    public static byte[] Wrap(ReadOnlySpan<byte> wrappingKey, ReadOnlySpan<byte> key, string id, string kind, string by)
    {
        Span<byte> nonce = stackalloc byte[NonceBytes];
        RandomNumberGenerator.Fill(nonce);
        return Wrap(wrappingKey, key, id, kind, by, nonce);
    }

    /// <summary>Wraps under a given nonce: for frozen examples only, since a nonce serves once.</summary>
    internal static byte[] Wrap(
        ReadOnlySpan<byte> wrappingKey, ReadOnlySpan<byte> key, string id, string kind, string by,
        ReadOnlySpan<byte> nonce)
    {
        var wrapped = new byte[NonceBytes + key.Length + TagBytes];
        nonce.CopyTo(wrapped);
        using var aes = new AesGcm(wrappingKey, TagBytes);
        aes.Encrypt(
            nonce,
            key,
            wrapped.AsSpan(NonceBytes, key.Length),
            wrapped.AsSpan(NonceBytes + key.Length),
            Aad(id, kind, by));
        return wrapped;
    }

    /// <summary>The key, in a pinned array that the caller zeroes when it is done.</summary>
    /// <exception cref="CryptographicException">Another wrapping key, or the row was altered or moved.</exception>
    public static byte[] Unwrap(
        ReadOnlySpan<byte> wrappingKey, ReadOnlySpan<byte> wrapped, string id, string kind, string by)
    {
        if (wrapped.Length <= NonceBytes + TagBytes)
        {
            throw new CryptographicException("A wrapped key is longer than its nonce and tag.");
        }

        // Pinned, so that the garbage collector leaves no copies of it behind.
        var key = GC.AllocateArray<byte>(wrapped.Length - NonceBytes - TagBytes, pinned: true);
        using var aes = new AesGcm(wrappingKey, TagBytes);
        aes.Decrypt(
            wrapped[..NonceBytes],
            wrapped.Slice(NonceBytes, key.Length),
            wrapped[(NonceBytes + key.Length)..],
            key,
            Aad(id, kind, by));
        return key;
    }

    /// <summary>What a wrapped key is bound to.</summary>
    public static byte[] Aad(string id, string kind, string by) =>
        Encoding.UTF8.GetBytes($"probity-key-v1|{id}|{kind}|{by}");
}
