using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Probity.Server.AuditTrail.Query.Filters;

namespace Probity.Server.AuditTrail.Query.Segments;

/// <summary>
/// The keys of the index: one byte that names the field, then the value. Terms order as bytes, on both stores
/// alike, so that the terms with one prefix lie side by side.
/// </summary>
internal static class Terms
{
    /// <summary>A longer value is kept as its first bytes and a hash of the whole, so that a term stays short.</summary>
    private const int MaxValueBytes = 160;

    private const byte PresentCode = 0xFE;

    /// <summary>The term every event of a segment has: a segment may cover numbers whose entries are gone.</summary>
    public static ReadOnlySpan<byte> Everything => [0];

    /// <summary>Most bytes a term has.</summary>
    public const int MaxBytes = 1 + MaxValueBytes;

    public static byte[] Of(FilterField field, string value)
    {
        Span<byte> term = stackalloc byte[MaxBytes];
        return term[..Write(term, field, value)].ToArray();
    }

    public static int Write(Span<byte> term, FilterField field, string value)
    {
        term[0] = (byte)field;
        if (value.Length <= MaxValueBytes && Encoding.UTF8.TryGetBytes(value, term[1..MaxBytes], out var written))
        {
            return written + 1;
        }

        var utf8 = Encoding.UTF8.GetBytes(value);
        var kept = MaxValueBytes - SHA256.HashSizeInBytes;
        utf8.AsSpan(0, kept).CopyTo(term[1..]);
        SHA256.HashData(utf8, term[(1 + kept)..]);
        return MaxBytes;
    }

    public static byte[] OfPrefix(FilterField field, string prefix) => [(byte)field, .. Encoding.UTF8.GetBytes(prefix)];

    public static byte[] OfWord(long token)
    {
        var term = new byte[1 + sizeof(long)];
        WriteWord(term, token);
        return term;
    }

    public static int WriteWord(Span<byte> term, long token)
    {
        term[0] = (byte)FilterField.Text;
        BinaryPrimitives.WriteInt64BigEndian(term[1..], token);
        return 1 + sizeof(long);
    }

    public static byte[] OfId(Guid id)
    {
        var term = new byte[17];
        WriteId(term, id);
        return term;
    }

    public static int WriteId(Span<byte> term, Guid id)
    {
        term[0] = (byte)FilterField.Id;
        id.TryWriteBytes(term[1..], bigEndian: true, out _);
        return 17;
    }

    public static byte[] OfPresence(FilterField field) => [PresentCode, (byte)field];
}
