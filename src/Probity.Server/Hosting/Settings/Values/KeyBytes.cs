using System.Security.Cryptography;

namespace Probity.Server.Hosting.Settings.Values;

/// <summary>The bytes of a secret. Printing it shows nothing of them.</summary>
internal sealed class KeyBytes
{
    private readonly byte[] _bytes;

    public KeyBytes(ReadOnlySpan<byte> bytes) => _bytes = bytes.ToArray();

    /// <summary>Something to tell the operator about this key; null when there is nothing.</summary>
    public string? Caution { get; init; }

    public ReadOnlySpan<byte> Bytes => _bytes;

    public bool IsSame(KeyBytes other) => CryptographicOperations.FixedTimeEquals(_bytes, other._bytes);

    public override string ToString() => "****";
}
