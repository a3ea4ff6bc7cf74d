namespace Probity.Server.AuditTrail.Query.Segments;

/// <summary>
/// An immutable part of the index that covers a run of sequence numbers. Bounds of the two times let a query pass
/// over a segment without reading it.
/// </summary>
/// <param name="Id">Never used again, also after the segment was merged into a larger one.</param>
/// <param name="From">First sequence number covered.</param>
/// <param name="To">First sequence number no longer covered.</param>
/// <param name="MinRecorded">Earliest recorded_at, microseconds since 1970.</param>
/// <param name="MaxRecorded">Latest recorded_at.</param>
/// <param name="MinOccurred">Earliest occurred_at.</param>
/// <param name="MaxOccurred">Latest occurred_at.</param>
internal sealed record Segment(
    long Id, long From, long To, long MinRecorded, long MaxRecorded, long MinOccurred, long MaxOccurred)
{
    /// <summary>Offsets are 16 bits.</summary>
    public const int MaxEvents = 65_536;

    /// <summary>A segment this large is final.</summary>
    public const int FullEvents = 32_768;

    /// <summary>Segments of a size that are merged into one: each event is rewritten at most five times.</summary>
    public const int MergeFactor = 8;

    private const int FullLevel = 5;

    public int Count => (int)(To - From);

    /// <summary>Size class: powers of <see cref="MergeFactor"/>.</summary>
    public int Level => Count >= FullEvents ? FullLevel : int.Log2(Count) / 3;

    public bool IsFull => Level == FullLevel;
}

/// <summary>A segment with everything that is stored of it.</summary>
/// <param name="Head">What is known without reading it.</param>
/// <param name="Times">For each number covered: recorded and occurred, as <see cref="SegmentTimes"/> writes them.</param>
/// <param name="Pages">All terms, in order.</param>
internal sealed record SegmentImage(Segment Head, byte[] Times, IReadOnlyList<SegmentPage> Pages);
