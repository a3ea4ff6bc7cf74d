using System.IO.Compression;
using ZstdSharp;

namespace Probity.Server.Monitoring.Decisions;

/// <summary>
/// Records inside entries, packed, since entries are kept for years and a record repeats itself: Zstandard (RFC 8878),
/// whose tables are made for the size of what is packed; zlib (RFC 1950) in entries of before. What is compared and
/// shown is the record; how it was compressed does not matter. Thread safe.
/// </summary>
internal static class RecordPacking
{
    /// <summary>The largest record that is read back: far above what rules within their bounds can fill.</summary>
    public const int MaxBytes = 1 << 20;

    /// <summary>More than most records come to, packed; more is rented for the others.</summary>
    private const int Usual = 8_192;

    // Made once for each thread: making one costs as much as packing.
    [ThreadStatic]
    private static Compressor? t_compressor;

    [ThreadStatic]
    private static Decompressor? t_decompressor;

    private static ReadOnlySpan<byte> ZstandardMagic => [0x28, 0xB5, 0x2F, 0xFD];

    /// <summary>Compresses a record.</summary>
    public static byte[] Pack(ReadOnlySpan<byte> record)
    {
        var compressor = t_compressor ??= new Compressor();
        var bound = Compressor.GetCompressBound(record.Length);
        Span<byte> packed = bound <= Usual ? stackalloc byte[Usual] : new byte[bound];
        return packed[..compressor.Wrap(record, packed)].ToArray();
    }

    /// <summary>Gives a record back.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or larger than any record.</exception>
    public static byte[] Unpack(byte[] packed)
    {
        if (!packed.AsSpan().StartsWith(ZstandardMagic))
        {
            return UnpackZlib(packed);
        }

        try
        {
            return (t_decompressor ??= new Decompressor()).Unwrap(packed, MaxBytes).ToArray();
        }
        catch (ZstdException damaged)
        {
            throw new InvalidDataException("The record is damaged, or larger than any record.", damaged);
        }
    }

    private static byte[] UnpackZlib(byte[] packed)
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
