using Probity.Server.AuditTrail.Query.Filters;

namespace Probity.Server.AuditTrail.Query;

/// <summary>What to count over time.</summary>
/// <param name="Filter">Which events.</param>
/// <param name="Marked">Which of them are counted a second time, such as those that failed.</param>
/// <param name="Buckets">How many spans of equal length, 1 to <see cref="MaxBuckets"/>.</param>
/// <param name="From">The first microsecond counted; null for where the index begins.</param>
/// <param name="To">The last microsecond counted; null for where it ends.</param>
internal sealed record TimelineQuery(EventFilter Filter, FilterNode Marked, int Buckets, long? From = null, long? To = null)
{
    public const int MaxBuckets = 240;
}

/// <summary>How many events were recorded when.</summary>
/// <param name="From">The first microsecond of the first bucket.</param>
/// <param name="BucketMicros">How long each bucket is.</param>
/// <param name="Counts">Matches of each bucket, oldest first.</param>
/// <param name="Marked">How many of them are marked.</param>
/// <param name="IsWhole">False when the span has more segments than are read for one answer; then the oldest are missing.</param>
/// <remarks>Public because a component takes it: Razor components are public, and so are the types of their parameters.</remarks>
public sealed record EventTimeline(
    long From, long BucketMicros, IReadOnlyList<long> Counts, IReadOnlyList<long> Marked, bool IsWhole)
{
    public static EventTimeline Empty { get; } = new(0, 1, [], [], true);
}

/// <summary>A value of a field and how often it was met where it was looked for.</summary>
internal sealed record ValueCount(string Value, long Count);
