using System.Diagnostics;
using System.Numerics;
using System.Text.Json.Nodes;

namespace Probity.Hammer.Load;

/// <summary>
/// Counts durations in buckets of less than 1.6 % width, in constant memory: 64 buckets per power of two of
/// microseconds. Not thread safe; each connection has its own and they are added up at the end.
/// </summary>
internal sealed class LatencyHistogram
{
    private const int SubBits = 6;
    private const int Powers = 40;
    private readonly long[] _counts = new long[Powers << SubBits];
    private long _maxMicroseconds;

    public long Count { get; private set; }

    public void Record(long startTimestamp, long endTimestamp)
    {
        var microseconds = Math.Max(0, (endTimestamp - startTimestamp) * 1_000_000 / Stopwatch.Frequency);
        _counts[BucketOf(microseconds)]++;
        _maxMicroseconds = Math.Max(_maxMicroseconds, microseconds);
        Count++;
    }

    public void Add(LatencyHistogram other)
    {
        for (var i = 0; i < _counts.Length; i++)
        {
            _counts[i] += other._counts[i];
        }

        Count += other.Count;
        _maxMicroseconds = Math.Max(_maxMicroseconds, other._maxMicroseconds);
    }

    /// <summary>The upper edge of the bucket that holds this share of the durations, in milliseconds; 0 when empty.</summary>
    public double PercentileMs(double share)
    {
        var rank = (long)Math.Ceiling(share * Count);
        long seen = 0;
        for (var bucket = 0; bucket < _counts.Length && Count > 0; bucket++)
        {
            seen += _counts[bucket];
            if (seen >= rank)
            {
                return Math.Min(UpperEdge(bucket), _maxMicroseconds) / 1000.0;
            }
        }

        return _maxMicroseconds / 1000.0;
    }

    public JsonObject ToJson() => new()
    {
        ["p50"] = PercentileMs(0.50),
        ["p95"] = PercentileMs(0.95),
        ["p99"] = PercentileMs(0.99),
        ["max"] = _maxMicroseconds / 1000.0,
    };

    private static int BucketOf(long microseconds)
    {
        var shift = Math.Max(0, BitOperations.Log2((ulong)microseconds | 1) - SubBits);
        var bucket = (shift << SubBits) + (int)(microseconds >> shift);
        return Math.Min(bucket, (Powers << SubBits) - 1);
    }

    // Up to 127 a bucket is one microsecond; above, the shift is one less than the bucket's row, whose values
    // run from 64 to 127 before shifting.
    private static long UpperEdge(int bucket)
    {
        if (bucket < 2 << SubBits)
        {
            return bucket;
        }

        var shift = (bucket >> SubBits) - 1;
        return (((long)(bucket - (shift << SubBits)) + 1) << shift) - 1;
    }
}
