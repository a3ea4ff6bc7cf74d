using System.Buffers.Binary;
using System.Text;
using Probity.Ledger.Merkle;
using Probity.Server.AuditTrail.Append;

namespace Probity.Server.AuditTrail.Stores;

/// <summary>
/// The stored form of an idempotent answer: for each entry seq (8), duplicate (1), hash (32), id length (1), id; then
/// the checkpoint's UTF-8. Integers big endian; the entry count (4) comes first.
/// </summary>
internal static class PlacesFormat
{
    private const int FixedBytes = 8 + 1 + Digest.Length + 1;

    public static byte[] Encode(AppendResult.Committed answer)
    {
        using var stream = new MemoryStream();
        Span<byte> fixedPart = stackalloc byte[FixedBytes];
        BinaryPrimitives.WriteInt32BigEndian(fixedPart, answer.Places.Count);
        stream.Write(fixedPart[..4]);
        foreach (var place in answer.Places)
        {
            BinaryPrimitives.WriteInt64BigEndian(fixedPart, place.Seq);
            fixedPart[8] = place.Duplicate ? (byte)1 : (byte)0;
            place.Hash.CopyTo(fixedPart[9..]);
            fixedPart[^1] = (byte)place.Id.Length;
            stream.Write(fixedPart);
            stream.Write(Encoding.ASCII.GetBytes(place.Id));
        }

        stream.Write(Encoding.UTF8.GetBytes(answer.Checkpoint));
        return stream.ToArray();
    }

    public static AppendResult.Committed Decode(ReadOnlySpan<byte> bytes)
    {
        var places = new EntryPlace[BinaryPrimitives.ReadInt32BigEndian(bytes)];
        var rest = bytes[4..];
        for (var i = 0; i < places.Length; i++)
        {
            var idLength = rest[FixedBytes - 1];
            places[i] = new EntryPlace(
                Encoding.ASCII.GetString(rest.Slice(FixedBytes, idLength)),
                BinaryPrimitives.ReadInt64BigEndian(rest),
                Digest.From(rest.Slice(9, Digest.Length)),
                rest[8] == 1);
            rest = rest[(FixedBytes + idLength)..];
        }

        return new AppendResult.Committed(places, Encoding.UTF8.GetString(rest), Replayed: true);
    }
}
