using System.Buffers.Binary;
using System.Text;

namespace Probity.Server.Monitoring.Packs;

/// <summary>
/// Reads what a <see cref="BinaryWriter"/> wrote, from memory and at any place. What is not there is told as
/// <see cref="InvalidDataException"/>.
/// </summary>
/// <param name="content">What was written.</param>
/// <param name="at">Where it begins to read.</param>
internal ref struct PackReader(ReadOnlySpan<byte> content, int at)
{
    private readonly ReadOnlySpan<byte> _content = content;

    /// <summary>Where it stands.</summary>
    public int At { get; private set; } = at;

    public byte Byte() => Bytes(1)[0];

    public bool Bool() => Byte() != 0;

    public int Int() => unchecked((int)Long());

    /// <summary>Seven bits a byte, the low ones first.</summary>
    public long Long()
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Byte();
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return unchecked((long)value);
            }
        }

        throw new InvalidDataException("A number of a pack has no end.");
    }

    public long Fixed() => BinaryPrimitives.ReadInt64LittleEndian(Bytes(sizeof(long)));

    public decimal Decimal()
    {
        var bytes = Bytes(sizeof(decimal));
        Span<int> parts = stackalloc int[sizeof(decimal) / sizeof(int)];
        for (var i = 0; i < parts.Length; i++)
        {
            parts[i] = BinaryPrimitives.ReadInt32LittleEndian(bytes[(i * sizeof(int))..]);
        }

        return new decimal(parts);
    }

    /// <summary>A text as it stands there.</summary>
    public ReadOnlySpan<byte> Utf8()
    {
        var length = Int();
        return length >= 0 ? Bytes(length) : throw new InvalidDataException("A text of a pack has no length.");
    }

    public string Text() => Encoding.UTF8.GetString(Utf8());

    private ReadOnlySpan<byte> Bytes(int count)
    {
        if (count > _content.Length - At)
        {
            throw new InvalidDataException("A pack ends before its steps do.");
        }

        var bytes = _content.Slice(At, count);
        At += count;
        return bytes;
    }
}
