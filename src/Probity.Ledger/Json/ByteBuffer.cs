using System.Buffers;
using System.Runtime.CompilerServices;

namespace Probity.Ledger.Json;

/// <summary>
/// Bytes that grow at their end and are used again and again. A buffer writer like that of the library, but one whose
/// calls go straight to it: an entry is written in some sixty pieces, most of a few bytes. Not thread safe.
/// </summary>
/// <param name="capacity">Bytes it has room for at first; at least 1.</param>
public sealed class ByteBuffer(int capacity) : IBufferWriter<byte>
{
    private byte[] _bytes = new byte[capacity];

    /// <summary>Gets how many bytes have been written.</summary>
    public int WrittenCount { get; private set; }

    /// <summary>Gets how many bytes it has room for until it grows.</summary>
    public int Capacity => _bytes.Length;

    /// <summary>Gets what has been written; valid until more is written.</summary>
    public ReadOnlySpan<byte> WrittenSpan => _bytes.AsSpan(0, WrittenCount);

    /// <summary>Writes bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(scoped ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > _bytes.Length - WrittenCount)
        {
            Grow(bytes.Length);
        }

        bytes.CopyTo(_bytes.AsSpan(WrittenCount));
        WrittenCount += bytes.Length;
    }

    /// <summary>Writes one byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(byte value)
    {
        if (WrittenCount == _bytes.Length)
        {
            Grow(1);
        }

        _bytes[WrittenCount++] = value;
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsSpan(WrittenCount);
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsMemory(WrittenCount);
    }

    /// <inheritdoc/>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _bytes.Length - WrittenCount);
        WrittenCount += count;
    }

    /// <summary>Forgets what was written; the bytes stay in memory until they are written over.</summary>
    public void ResetWrittenCount() => WrittenCount = 0;

    /// <summary>Forgets what was written and overwrites it with zeros.</summary>
    public void Clear()
    {
        _bytes.AsSpan(0, WrittenCount).Clear();
        WrittenCount = 0;
    }

    private void Reserve(int sizeHint)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        sizeHint = Math.Max(sizeHint, 1); // A buffer writer never gives an empty span.
        if (sizeHint > _bytes.Length - WrittenCount)
        {
            Grow(sizeHint);
        }
    }

    private void Grow(int more)
    {
        var needed = checked(WrittenCount + more);
        var former = _bytes;
        Array.Resize(ref _bytes, Math.Max(needed, (int)Math.Min(2L * _bytes.Length, Array.MaxLength)));
        Array.Clear(former); // May have held what is about to be encrypted.
    }
}
