using System.Security.Cryptography;

namespace Probity.Server.Keys;

/// <summary>
/// Encrypts fields and blobs: AES-256-GCM with random 96-bit nonces. At the bound of 2^25 encryptions a key, the
/// chance that two nonces meet is below 2^-47; NIST allows 2^-32. Source: NIST SP 800-38D section 8.3. Thread safe.
/// </summary>
internal static class FieldCipher
{
    public const int NonceBytes = 12;

    public const int TagBytes = 16;

    // The system's generator costs about 300 ns a call; a thread fetches 256 nonces at a time.
    private const int StockBytes = 256 * NonceBytes;

    [ThreadStatic]
    private static byte[]? t_stock;

    [ThreadStatic]
    private static int t_left;

    /// <summary>Encrypts under a fresh nonce and counts one use of the key.</summary>
    /// <param name="key">The current key of the ring.</param>
    /// <param name="associatedData">What the ciphertext belongs to; not encrypted, but needed to decrypt.</param>
    /// <param name="plaintext">May be empty.</param>
    /// <param name="nonce">Receives 12 bytes.</param>
    /// <param name="ciphertextAndTag">Receives the ciphertext and 16 bytes of tag; exactly that long.</param>
    /// <exception cref="KeysException">keys.exhausted: take the current key from the ring again.</exception>
    public static void Encrypt(
        DataKey key, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> plaintext, Span<byte> nonce,
        Span<byte> ciphertextAndTag)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(ciphertextAndTag.Length, plaintext.Length + TagBytes);
        key.CountUse();
        NextNonce(nonce);
        var cipher = key.Rent();
        try
        {
            cipher.Encrypt(nonce, plaintext, ciphertextAndTag[..plaintext.Length], ciphertextAndTag[plaintext.Length..],
                associatedData);
        }
        finally
        {
            key.Return(cipher);
        }
    }

    /// <summary>Decrypts into <paramref name="plaintext"/>, which is exactly 16 bytes shorter than the input.</summary>
    /// <exception cref="KeysException">
    /// keys.decrypt_failed: ciphertext, nonce, associated data or key is not what was encrypted.
    /// </exception>
    public static void Decrypt(
        DataKey key, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> ciphertextAndTag,
        Span<byte> plaintext)
    {
        if (ciphertextAndTag.Length < TagBytes || nonce.Length != NonceBytes)
        {
            throw DecryptFailed(key);
        }

        var cipher = key.Rent();
        try
        {
            cipher.Decrypt(nonce, ciphertextAndTag[..^TagBytes], ciphertextAndTag[^TagBytes..], plaintext, associatedData);
        }
        catch (AuthenticationTagMismatchException)
        {
            throw DecryptFailed(key);
        }
        finally
        {
            key.Return(cipher);
        }
    }

    private static void NextNonce(Span<byte> nonce)
    {
        var stock = t_stock ??= new byte[StockBytes];
        if (t_left == 0)
        {
            RandomNumberGenerator.Fill(stock);
            t_left = StockBytes;
        }

        stock.AsSpan(StockBytes - t_left, NonceBytes).CopyTo(nonce);
        t_left -= NonceBytes;
    }

    private static KeysException DecryptFailed(DataKey key) => new(KeysException.DecryptFailed,
        $"A value does not decrypt under key {key.Id}: it was changed, or belongs to another entry or key.");
}
