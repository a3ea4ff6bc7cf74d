namespace Probity.Server.AuditTrail.Query.Segments;

/// <summary>
/// The two times of each event of a segment, packed: recorded as the difference to the event before, occurred as
/// the difference to recorded. A number without an event repeats its neighbour.
/// </summary>
internal readonly record struct SegmentTimes(long[] Recorded, long[] Occurred)
{
    public byte[] Encode()
    {
        var bytes = new List<byte>(Recorded.Length * 6);
        long previous = 0;
        for (var i = 0; i < Recorded.Length; i++)
        {
            Varint.WriteSigned(bytes, Recorded[i] - previous);
            Varint.WriteSigned(bytes, Occurred[i] - Recorded[i]);
            previous = Recorded[i];
        }

        return [.. bytes];
    }

    public static SegmentTimes Decode(ReadOnlySpan<byte> bytes, int count)
    {
        var times = new SegmentTimes(new long[count], new long[count]);
        var at = 0;
        long previous = 0;
        for (var i = 0; i < count; i++)
        {
            times.Recorded[i] = previous += Varint.ReadSigned(bytes, ref at);
            times.Occurred[i] = previous + Varint.ReadSigned(bytes, ref at);
        }

        return times;
    }
}
