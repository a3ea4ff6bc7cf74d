namespace Probity.Server.AuditTrail.Query.Segments;

/// <summary>
/// The events of a segment that have a term, as stored: ascending offsets in the smallest of three forms. First
/// byte 0: differences; 1: first and length of one run; 2: first byte and bitmap.
/// </summary>
internal static class Posting
{
    private const byte Differences = 0;
    private const byte Run = 1;
    private const byte Bitmap = 2;

    public static void Write(List<byte> to, ReadOnlySpan<ushort> offsets)
    {
        var (first, last) = (offsets[0], offsets[^1]);
        if (last - first + 1 == offsets.Length && offsets.Length > 1)
        {
            to.Add(Run);
            Varint.Write(to, first);
            Varint.Write(to, (ulong)offsets.Length);
            return;
        }

        var bitmapBytes = (last >> 3) - (first >> 3) + 1;
        if (bitmapBytes < offsets.Length)
        {
            WriteBitmap(to, offsets, first >> 3, bitmapBytes);
            return;
        }

        to.Add(Differences);
        var previous = 0;
        foreach (var offset in offsets)
        {
            Varint.Write(to, (ulong)(offset - previous));
            previous = offset;
        }
    }

    private static void WriteBitmap(List<byte> to, ReadOnlySpan<ushort> offsets, int firstByte, int bytes)
    {
        to.Add(Bitmap);
        Varint.Write(to, (ulong)firstByte);
        var start = to.Count;
        System.Runtime.InteropServices.CollectionsMarshal.SetCount(to, start + bytes);
        var bitmap = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(to)[start..];
        bitmap.Clear();
        foreach (var offset in offsets)
        {
            bitmap[(offset >> 3) - firstByte] |= (byte)(1 << (offset & 7));
        }
    }

    /// <summary>Adds the events of a posting to a set.</summary>
    public static void AddTo(EventBits bits, ReadOnlySpan<byte> posting)
    {
        var at = 1;
        switch (posting[0])
        {
            case Run:
                var first = (int)Varint.Read(posting, ref at);
                bits.SetRange(first, first + (int)Varint.Read(posting, ref at) - 1);
                break;
            case Bitmap:
                var firstByte = (int)Varint.Read(posting, ref at);
                bits.SetBytes(firstByte, posting[at..]);
                break;
            default:
                for (var offset = 0; at < posting.Length;)
                {
                    offset += (int)Varint.Read(posting, ref at);
                    bits.Set(offset);
                }

                break;
        }
    }

    /// <summary>Appends the offsets of a posting, each moved by <paramref name="shift"/>, in ascending order.</summary>
    public static void AppendTo(List<ushort> offsets, ReadOnlySpan<byte> posting, int shift)
    {
        var at = 1;
        switch (posting[0])
        {
            case Run:
                var first = (int)Varint.Read(posting, ref at) + shift;
                for (var left = (int)Varint.Read(posting, ref at); left > 0; left--)
                {
                    offsets.Add((ushort)first++);
                }

                break;
            case Bitmap:
                var bit = ((int)Varint.Read(posting, ref at) * 8) + shift;
                foreach (var bits in posting[at..])
                {
                    for (var rest = (uint)bits; rest != 0; rest &= rest - 1)
                    {
                        offsets.Add((ushort)(bit + System.Numerics.BitOperations.TrailingZeroCount(rest)));
                    }

                    bit += 8;
                }

                break;
            default:
                for (var offset = shift; at < posting.Length;)
                {
                    offset += (int)Varint.Read(posting, ref at);
                    offsets.Add((ushort)offset);
                }

                break;
        }
    }
}
