using System.Buffers;
using System.Buffers.Binary;

namespace Probity.Ledger.Tiles;

/// <summary>
/// Up to 256 consecutive entries, each after its length as two bytes, big-endian. Source: C2SP tlog-tiles, Log entries.
/// An entry of no bytes stands for one that was purged: its leaf hash is in the tile alone. That is ours.
/// </summary>
public static class EntryBundle
{
    /// <summary>The most bytes an entry can have in a bundle: 65,535.</summary>
    public const int MaxEntryBytes = ushort.MaxValue;

    /// <summary>Writes one entry after those already written.</summary>
    /// <exception cref="ArgumentException">The entry has more than 65,535 bytes.</exception>
    public static void Write(IBufferWriter<byte> to, ReadOnlySpan<byte> entry)
    {
        ArgumentNullException.ThrowIfNull(to);
        if (entry.Length > MaxEntryBytes)
        {
            throw new ArgumentException(
                $"An entry has at most {MaxEntryBytes} bytes, not {entry.Length}.", nameof(entry));
        }

        var span = to.GetSpan(sizeof(ushort) + entry.Length);
        BinaryPrimitives.WriteUInt16BigEndian(span, (ushort)entry.Length);
        entry.CopyTo(span[sizeof(ushort)..]);
        to.Advance(sizeof(ushort) + entry.Length);
    }

    /// <summary>Writes a bundle of 1 to 256 entries.</summary>
    /// <exception cref="ArgumentException">There are none or too many, or one has more than 65,535 bytes.</exception>
    public static byte[] Write(IReadOnlyList<ReadOnlyMemory<byte>> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        if (entries.Count is < 1 or > TilePath.FullWidth)
        {
            throw new ArgumentException($"A bundle has 1 to 256 entries, not {entries.Count}.", nameof(entries));
        }

        var bundle = new ArrayBufferWriter<byte>(Math.Max(1, entries.Sum(e => sizeof(ushort) + e.Length)));
        foreach (var entry in entries)
        {
            Write(bundle, entry.Span);
        }

        return bundle.WrittenSpan.ToArray();
    }

    /// <summary>The entries of a bundle, as slices of it, in their order.</summary>
    /// <param name="bundle">The whole bundle.</param>
    /// <param name="width">Entries the bundle must have, 1 to 256: the width in its path.</param>
    /// <exception cref="FormatException">The bundle ends early, or goes on after that many entries.</exception>
    public static IReadOnlyList<ReadOnlyMemory<byte>> Read(ReadOnlyMemory<byte> bundle, int width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(width, TilePath.FullWidth);
        var entries = new ReadOnlyMemory<byte>[width];
        for (var i = 0; i < width; i++)
        {
            entries[i] = Take(ref bundle);
        }

        return bundle.IsEmpty
            ? entries
            : throw new FormatException($"The bundle goes on for {bundle.Length} bytes after {width} entries.");
    }

    private static ReadOnlyMemory<byte> Take(ref ReadOnlyMemory<byte> bundle)
    {
        if (bundle.Length >= sizeof(ushort))
        {
            var end = sizeof(ushort) + BinaryPrimitives.ReadUInt16BigEndian(bundle.Span);
            if (end <= bundle.Length)
            {
                var entry = bundle[sizeof(ushort)..end];
                bundle = bundle[end..];
                return entry;
            }
        }

        throw new FormatException("The bundle ends within an entry.");
    }
}
