using System.Security.Cryptography;

namespace Probity.Server.Keys;

/// <summary>
/// A key in memory: pinned, so that the garbage collector leaves no copies, and zeroed when disposed or, if forgotten,
/// when collected.
/// </summary>
internal sealed class SecretBytes : IDisposable
{
    private readonly byte[] _bytes;
    private bool _disposed;

    /// <param name="length">Bytes; all zero until written.</param>
    public SecretBytes(int length) => _bytes = GC.AllocateArray<byte>(length, pinned: true);

    ~SecretBytes() => CryptographicOperations.ZeroMemory(_bytes);

    /// <summary>The bytes. The span must not outlive the object.</summary>
    /// <exception cref="ObjectDisposedException">The key was zeroed.</exception>
    public Span<byte> Span
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _bytes;
        }
    }

    /// <summary>A copy of a key.</summary>
    public static SecretBytes CopyOf(ReadOnlySpan<byte> key)
    {
        var copy = new SecretBytes(key.Length);
        key.CopyTo(copy._bytes);
        return copy;
    }

    /// <summary>A new random key.</summary>
    public static SecretBytes Random(int length)
    {
        var key = new SecretBytes(length);
        RandomNumberGenerator.Fill(key._bytes);
        return key;
    }

    public void Dispose()
    {
        _disposed = true;
        CryptographicOperations.ZeroMemory(_bytes);
        GC.SuppressFinalize(this);
    }
}
