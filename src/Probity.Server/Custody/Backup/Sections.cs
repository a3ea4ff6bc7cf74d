using System.Buffers.Binary;
using System.Text;

namespace Probity.Server.Custody.Backup;

/// <summary>
/// The parts inside a backup: a name and its bytes, in blocks that each begin with their length; a block of no bytes
/// ends a
/// part, a name of no bytes the whole.
/// </summary>
internal static class Sections
{
    private const int BlockBytes = 256 * 1024;

    public static async Task WriteAsync(Stream to, string name, Stream content, CancellationToken cancellationToken)
    {
        WriteBlock(to, Encoding.UTF8.GetBytes(name));
        var buffer = new byte[BlockBytes];
        for (var read = await content.ReadAsync(buffer, cancellationToken); read > 0;
             read = await content.ReadAsync(buffer, cancellationToken))
        {
            WriteBlock(to, buffer.AsSpan(0, read));
        }

        WriteBlock(to, []);
    }

    public static void End(Stream to) => WriteBlock(to, []);

    /// <summary>Hands each part over: its name, and what gives its blocks one after the other, null at the
    /// end.</summary>
    public static async Task ReadAsync(Stream from, Func<string, Func<byte[]?>, Task> take)
    {
        while (ReadBlock(from) is { } name)
        {
            var isOver = false;
            byte[]? Next()
            {
                if (isOver)
                {
                    return null;
                }

                var block = ReadBlock(from);
                isOver = block is null;
                return block;
            }

            await take(Encoding.UTF8.GetString(name), Next);
            while (Next() is not null)
            {
                // What the taker left.
            }
        }
    }

    private static void WriteBlock(Stream to, ReadOnlySpan<byte> bytes)
    {
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
        to.Write(length);
        to.Write(bytes);
    }

    private static byte[]? ReadBlock(Stream from)
    {
        Span<byte> prefix = stackalloc byte[4];
        from.ReadExactly(prefix);
        var length = BinaryPrimitives.ReadInt32BigEndian(prefix);
        if (length is < 0 or > BlockBytes)
        {
            throw new InvalidDataException("The backup is damaged.");
        }

        if (length == 0)
        {
            return null;
        }

        var bytes = new byte[length];
        from.ReadExactly(bytes);
        return bytes;
    }
}
