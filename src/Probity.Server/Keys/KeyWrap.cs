using System.Security.Cryptography;
using System.Text;

namespace Probity.Server.Keys;

/// <summary>
/// A key wrapped under another: <c>1 || nonce (12) || ciphertext || tag (16)</c>, AES-256-GCM with the associated data
/// <c>id|kind|1</c>, so that a wrapped key opens only in the row it was made for. The first byte is the version of
/// this form. Source: NIST SP 800-38D; the form is ours and frozen.
/// </summary>
internal static class KeyWrap
{
    /// <summary>Bytes of every key that is wrapped: 32.</summary>
    public const int KeyBytes = 32;

    /// <summary>Bytes of a wrapped key: 61.</summary>
    public const int WrappedBytes = 1 + NonceBytes + KeyBytes + TagBytes;

    /// <summary>The algorithm's name in the row.</summary>
    public const string Algorithm = "A256GCM";

    private const byte Version = 1;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    /// <summary>Wraps a key under a fresh random nonce.</summary>
    public static byte[] Wrap(ReadOnlySpan<byte> wrapping, string id, string kind, ReadOnlySpan<byte> key)
    {
        Span<byte> nonce = stackalloc byte[NonceBytes];
        RandomNumberGenerator.Fill(nonce);
        return Wrap(wrapping, id, kind, key, nonce);
    }

    /// <summary>Wraps a key under the nonce given; for frozen examples only, since a nonce serves once.</summary>
    public static byte[] Wrap(
        ReadOnlySpan<byte> wrapping, string id, string kind, ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, KeyBytes);
        var wrapped = new byte[WrappedBytes];
        wrapped[0] = Version;
        nonce.CopyTo(wrapped.AsSpan(1, NonceBytes));
        using var cipher = new AesGcm(wrapping, TagBytes);
        cipher.Encrypt(nonce, key, wrapped.AsSpan(1 + NonceBytes, KeyBytes), wrapped.AsSpan(^TagBytes..),
            AssociatedData(id, kind));
        return wrapped;
    }

    /// <summary>Opens a wrapped key; false when it was made for another row or under another key, or was changed.</summary>
    public static bool TryUnwrap(
        ReadOnlySpan<byte> wrapping, string id, string kind, ReadOnlySpan<byte> wrapped, Span<byte> key)
    {
        if (wrapped.Length != WrappedBytes || wrapped[0] != Version)
        {
            return false;
        }

        using var cipher = new AesGcm(wrapping, TagBytes);
        try
        {
            cipher.Decrypt(wrapped.Slice(1, NonceBytes), wrapped.Slice(1 + NonceBytes, KeyBytes), wrapped[^TagBytes..],
                key, AssociatedData(id, kind));
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    private static byte[] AssociatedData(string id, string kind) => Encoding.UTF8.GetBytes($"{id}|{kind}|{Version:D}");
}
