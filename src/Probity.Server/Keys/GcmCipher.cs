using System.Security.Cryptography;

namespace Probity.Server.Keys;

/// <summary>
/// AES-256-GCM under one key: libsodium's where <see cref="SodiumGcm"/> is there, else the runtime's, which takes five
/// times as long for what a member of an event holds. Decision record 0081. Thread safe.
/// </summary>
internal sealed class GcmCipher : IDisposable
{
    private const int KeyBytes = 32;

    private readonly SodiumGcm? _sodium;
    private readonly AesGcm? _platform; // Takes one caller at a time.

    /// <param name="key">32 bytes. They are taken over: what becomes of the caller's changes nothing here.</param>
    /// <param name="isOnPlatform">Whether to stay with the runtime's.</param>
    /// <exception cref="ArgumentOutOfRangeException">The key has another length.</exception>
    public GcmCipher(ReadOnlySpan<byte> key, bool isOnPlatform = false)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, KeyBytes); // libsodium would read on behind it.
        if (SodiumGcm.IsThere && !isOnPlatform)
        {
            _sodium = new SodiumGcm(key);
        }
        else
        {
            _platform = new AesGcm(key, IFieldCipher.TagBytes);
        }
    }

    /// <summary>Encrypts; the tag follows the ciphertext.</summary>
    /// <exception cref="ObjectDisposedException">The key has been cleared.</exception>
    public void Encrypt(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> plain, Span<byte> ciphertextAndTag)
    {
        Check(nonce, ciphertextAndTag, plain);
        if (_sodium is not null)
        {
            _sodium.Encrypt(nonce, aad, plain, ciphertextAndTag);
            return;
        }

        lock (_platform!) // One of the two is there.
        {
            _platform.Encrypt(
                nonce, plain, ciphertextAndTag[..plain.Length], ciphertextAndTag[plain.Length..], aad);
        }
    }

    /// <summary>Decrypts what <see cref="Encrypt"/> made.</summary>
    /// <exception cref="ObjectDisposedException">The key has been cleared.</exception>
    /// <exception cref="CryptographicException">
    /// It was altered, moved, or belongs to another key; the plain text is cleared.
    /// </exception>
    public void Decrypt(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> ciphertextAndTag, Span<byte> plain)
    {
        Check(nonce, ciphertextAndTag, plain);
        if (_sodium is not null)
        {
            _sodium.Decrypt(nonce, aad, ciphertextAndTag, plain);
            return;
        }

        lock (_platform!) // One of the two is there.
        {
            _platform.Decrypt(
                nonce, ciphertextAndTag[..plain.Length], ciphertextAndTag[plain.Length..], plain, aad);
        }
    }

    /// <summary>Clears the key; one that is being used is cleared after that.</summary>
    public void Dispose()
    {
        _sodium?.Dispose();
        _platform?.Dispose();
    }

    private static void Check(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> sealedBytes, ReadOnlySpan<byte> plain)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(nonce.Length, IFieldCipher.NonceBytes);
        ArgumentOutOfRangeException.ThrowIfNotEqual(sealedBytes.Length, plain.Length + IFieldCipher.TagBytes);
    }
}
