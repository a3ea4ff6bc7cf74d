namespace Probity.Server.AuditTrail.Query.Segments;

/// <summary>Puts the matches of segments into buckets of time.</summary>
internal sealed class SegmentTimeline(long from, long bucketMicros, int buckets)
{
    private readonly long[] _counts = new long[buckets];
    private readonly long[] _marked = new long[buckets];

    /// <summary>Whether all events of the segment fall into one bucket, so that their times need not be read.</summary>
    public bool IsWithinOneBucket(Segment segment) =>
        BucketOf(segment.MinRecorded) is var bucket && bucket == BucketOf(segment.MaxRecorded) && bucket >= 0 && bucket < buckets;

    public void AddWhole(Segment segment, EventBits matches, EventBits marked)
    {
        var bucket = BucketOf(segment.MinRecorded);
        _counts[bucket] += matches.Count;
        _marked[bucket] += marked.Count;
    }

    public void Add(long[] recorded, EventBits matches, EventBits marked)
    {
        foreach (var offset in matches.Descending(matches.Length - 1))
        {
            var bucket = BucketOf(recorded[offset]);
            if (bucket >= 0 && bucket < buckets)
            {
                _counts[bucket]++;
                _marked[bucket] += marked[offset] ? 1 : 0;
            }
        }
    }

    public EventTimeline Finish(bool isWhole) => new(from, bucketMicros, _counts, _marked, isWhole);

    private int BucketOf(long at) => at < from ? -1 : (int)Math.Min((at - from) / bucketMicros, int.MaxValue);
}
