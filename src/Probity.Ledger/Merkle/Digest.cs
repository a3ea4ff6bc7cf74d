using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Probity.Ledger.Merkle;

/// <summary>
/// A SHA-256 value: a leaf hash, an interior node or a root of the tree. Immutable and comparable; the default
/// value is 32 zero bytes, which the ledger uses as the link of the first entry.
/// </summary>
[InlineArray(Digest.Length)]
public struct Digest : IEquatable<Digest>
{
    /// <summary>Bytes in a digest: 32.</summary>
    public const int Length = 32;

    private static readonly SearchValues<char> s_lowerHex = SearchValues.Create("0123456789abcdef");

    private byte _first;

    /// <summary>Copies a digest out of exactly 32 bytes.</summary>
    /// <exception cref="ArgumentException"><paramref name="bytes"/> is not 32 bytes long.</exception>
    public static Digest From(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Length)
        {
            throw new ArgumentException($"A digest is {Length} bytes, not {bytes.Length}.", nameof(bytes));
        }

        return MemoryMarshal.Read<Digest>(bytes);
    }

    /// <summary>Reads 64 lower-case hexadecimal digits.</summary>
    /// <exception cref="FormatException">The text is not 64 lower-case hexadecimal digits.</exception>
    public static Digest FromHex(ReadOnlySpan<char> hex)
    {
        if (hex.Length != Length * 2 || hex.ContainsAnyExcept(s_lowerHex))
        {
            throw new FormatException("A digest is written as 64 lower-case hexadecimal digits.");
        }

        return From(Convert.FromHexString(hex));
    }

    /// <summary>The digest's bytes, in place.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<byte> Bytes => this;

    /// <summary>Copies the bytes to <paramref name="destination"/>, which must hold at least 32.</summary>
    public readonly void CopyTo(Span<byte> destination) => ((ReadOnlySpan<byte>)this).CopyTo(destination);

    /// <summary>A new array with the 32 bytes.</summary>
    public readonly byte[] ToArray() => ((ReadOnlySpan<byte>)this).ToArray();

    /// <summary>Standard base64 with padding, as in C2SP notes and proofs.</summary>
    public readonly string ToBase64() => Convert.ToBase64String(this);

    /// <summary>64 lower-case hexadecimal digits.</summary>
    public override readonly string ToString() => Convert.ToHexStringLower(this);

    /// <inheritdoc/>
    public readonly bool Equals(Digest other) => ((ReadOnlySpan<byte>)this).SequenceEqual(other);

    /// <inheritdoc/>
    public override readonly bool Equals(object? obj) => obj is Digest other && Equals(other);

    /// <inheritdoc/>
    public override readonly int GetHashCode() => BinaryPrimitives.ReadInt32LittleEndian(this);

    /// <summary>Whether two digests hold the same bytes.</summary>
    public static bool operator ==(Digest left, Digest right) => left.Equals(right);

    /// <summary>Whether two digests differ in any byte.</summary>
    public static bool operator !=(Digest left, Digest right) => !left.Equals(right);
}
