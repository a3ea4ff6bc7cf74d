using System.IO.Compression;

namespace Probity.Server.Monitoring.Messages;

/// <summary>Originals inside entries: zlib (RFC 1950) of the exact bytes.</summary>
internal static class MessagePacking
{
    /// <summary>Compresses an original.</summary>
    public static byte[] Pack(ReadOnlySpan<byte> message)
    {
        var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            zlib.Write(message);
        }

        return packed.ToArray();
    }

    /// <summary>Gives an original back.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or larger than any message.</exception>
    public static byte[] Unpack(byte[] packed)
    {
        using var zlib = new ZLibStream(new MemoryStream(packed, writable: false), CompressionMode.Decompress);
        var message = new byte[MessageReader.MaxBytes + 1];
        var length = zlib.ReadAtLeast(message, message.Length, throwOnEndOfStream: false);
        return length <= MessageReader.MaxBytes
            ? message[..length]
            : throw new InvalidDataException("The original is larger than any message.");
    }
}
