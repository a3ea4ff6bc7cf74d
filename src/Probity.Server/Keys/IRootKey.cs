using System.Security.Cryptography;

namespace Probity.Server.Keys;

/// <summary>
/// The seam to where the root key lives: a file or variable, or a device that never gives it away. It wraps
/// key-encryption keys and nothing else. Thread safe.
/// </summary>
internal interface IRootKey : IDisposable
{
    /// <summary>The id that stands for the root key wherever a wrapping key is named.</summary>
    const string Id = "root";

    /// <summary>"file" or "pkcs11", for people and metrics.</summary>
    string Provider { get; }

    /// <summary>16 hex digits that tell two root keys apart and say nothing of either.</summary>
    string Fingerprint { get; }

    /// <summary>Wraps a key, bound to its id and kind.</summary>
    byte[] Wrap(ReadOnlySpan<byte> key, string id, string kind);

    /// <summary>The key, in a pinned array that the caller zeroes when it is done.</summary>
    /// <exception cref="CryptographicException">Another root key, or the row was altered or moved.</exception>
    byte[] Unwrap(ReadOnlySpan<byte> wrapped, string id, string kind);
}

/// <summary>The root key in this process's memory, read from a file or a variable.</summary>
/// <param name="key">32 bytes, copied; the copy is zeroed on dispose.</param>
internal sealed class FileRootKey(ReadOnlySpan<byte> key) : IRootKey
{
    private readonly byte[] _key = Pinned(key);

    public string Provider => "file";

    public string Fingerprint { get; } = Convert.ToHexStringLower(
        HMACSHA256.HashData(key, "probity-root-fingerprint-v1"u8).AsSpan(0, 8));

    public byte[] Wrap(ReadOnlySpan<byte> plain, string id, string kind) =>
        KeyWrap.Wrap(_key, plain, id, kind, IRootKey.Id);

    public byte[] Unwrap(ReadOnlySpan<byte> wrapped, string id, string kind) =>
        KeyWrap.Unwrap(_key, wrapped, id, kind, IRootKey.Id);

    public void Dispose() => CryptographicOperations.ZeroMemory(_key);

    private static byte[] Pinned(ReadOnlySpan<byte> key)
    {
        if (key.Length != 32)
        {
            throw new ArgumentException("A root key has 32 bytes.", nameof(key));
        }

        var copy = GC.AllocateArray<byte>(key.Length, pinned: true);
        key.CopyTo(copy);
        return copy;
    }
}
