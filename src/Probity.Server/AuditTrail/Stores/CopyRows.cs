using System.Buffers;
using System.Buffers.Binary;
using Npgsql;
using Probity.Ledger.Entries;
using Probity.Ledger.Merkle;

namespace Probity.Server.AuditTrail.Stores;

/// <summary>
/// The entries of a batch as one binary COPY, laid out at once: the driver's own writer decides anew for every value how
/// to write it, which costs more than the value. Source: PostgreSQL 13 documentation, COPY, "Binary Format".
/// </summary>
internal static class CopyRows
{
    private const int ColumnCount = 3;
    private const int RowOverhead = sizeof(short) + (ColumnCount * sizeof(int)) + sizeof(long) + Digest.Length;

    /// <summary>Signature, no flags, no header extension.</summary>
    private static readonly byte[] s_header = [.. "PGCOPY\n"u8, 0xFF, .. "\r\n\0"u8, 0, 0, 0, 0, 0, 0, 0, 0];

    public static void Write(NpgsqlConnection writer, SequencedBatch batch)
    {
        var rented = ArrayPool<byte>.Shared.Rent(
            s_header.Length + (batch.Entries.Count * RowOverhead) + batch.Bytes.Length + sizeof(short));
        try
        {
            var length = Lay(batch, rented);
            using var copy = writer.BeginRawBinaryCopy(
                "copy ledger_entry(seq, hash, body) from stdin (format binary)");
            copy.Write(rented.AsSpan(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private static int Lay(SequencedBatch batch, Span<byte> to)
    {
        s_header.CopyTo(to);
        var at = s_header.Length;
        for (var i = 0; i < batch.Entries.Count; i++)
        {
            at += Lay(batch.FirstSeq + i, batch.Entries[i].Hash, batch.Body(i).Span, to[at..]);
        }

        BinaryPrimitives.WriteInt16BigEndian(to[at..], -1);
        return at + sizeof(short);
    }

    private static int Lay(long seq, in Digest hash, ReadOnlySpan<byte> body, Span<byte> to)
    {
        BinaryPrimitives.WriteInt16BigEndian(to, ColumnCount);
        BinaryPrimitives.WriteInt32BigEndian(to[2..], sizeof(long));
        BinaryPrimitives.WriteInt64BigEndian(to[6..], seq);
        BinaryPrimitives.WriteInt32BigEndian(to[14..], Digest.Length);
        hash.CopyTo(to[18..]);
        BinaryPrimitives.WriteInt32BigEndian(to[50..], body.Length);
        body.CopyTo(to[RowOverhead..]);
        return RowOverhead + body.Length;
    }
}
