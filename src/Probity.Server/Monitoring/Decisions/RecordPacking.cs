using System.IO.Compression;

namespace Probity.Server.Monitoring.Decisions;

/// <summary>
/// Records inside entries: zlib (RFC 1950), since entries are kept for years and a record repeats itself. What is
/// compared and shown is the record; how well it was compressed does not matter.
/// </summary>
internal static class RecordPacking
{
    /// <summary>The largest record that is read back: far above what rules within their bounds can fill.</summary>
    public const int MaxBytes = 1 << 20;

    /// <summary>Compresses a record.</summary>
    public static byte[] Pack(ReadOnlySpan<byte> record)
    {
        var packed = new MemoryStream(1_024);
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            zlib.Write(record);
        }

        return packed.ToArray();
    }

    /// <summary>Gives a record back.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or larger than any record.</exception>
    public static byte[] Unpack(byte[] packed)
    {
        using var zlib = new ZLibStream(new MemoryStream(packed, writable: false), CompressionMode.Decompress);
        var record = new MemoryStream(4_096);
        var buffer = new byte[4_096];
        int read;
        while ((read = zlib.Read(buffer)) > 0)
        {
            record.Write(buffer, 0, read);
            if (record.Length > MaxBytes)
            {
                throw new InvalidDataException("The record is larger than any record.");
            }
        }

        return record.ToArray();
    }
}
