using System.Text;
using Probity.Server.AuditTrail.Query.Filters;

namespace Probity.Server.AuditTrail.Query.Segments;

/// <summary>
/// What both stores share: batches become immutable segments, small neighbours are merged as they pile up, queries
/// walk the segments from the newest. A store brings transactions and rows only, so results cannot differ.
/// </summary>
internal abstract class SegmentedSearchIndex(TextTokens tokens) : ISearchIndex
{
    /// <summary>More than there can be segments that are not full.</summary>
    private const int Tail = 64;

    /// <summary>Segments that one count reads at most: 16 million events and more.</summary>
    private const int MaxCounted = 512;

    /// <summary>The newest events that values are looked for among; whole segments, so a few more.</summary>
    private const int ValueEvents = 12 * Segment.FullEvents;

    /// <summary>Distinct values that are counted at most; of a field with more the rest are not told.</summary>
    private const int MaxValues = 5_000;

    public async Task<long> ReadCursorAsync(CancellationToken cancellationToken)
    {
        await using var session = await BeginReadAsync(cancellationToken);
        return (await session.ReadCursorAsync(cancellationToken)).NextSeq;
    }

    public async Task ApplyAsync(
        IReadOnlyList<IndexedEvent> events, long nextSeq, CancellationToken cancellationToken)
    {
        CheckOrder(events, nextSeq);
        await using var session = await BeginWriteAsync(cancellationToken);
        var cursor = await session.ReadCursorAsync(cancellationToken);
        if (nextSeq <= cursor.NextSeq)
        {
            return;
        }

        var segments = await session.ReadSegmentsAsync(Tail, cancellationToken);
        var nextSegment = cursor.NextSegment;
        for (var from = cursor.NextSeq; from < nextSeq; from += Segment.FullEvents)
        {
            var to = Math.Min(nextSeq, from + Segment.FullEvents);
            var part = events.Where(item => item.Seq >= from && item.Seq < to).ToList();
            if (part.Count > 0)
            {
                var image = SegmentBuilder.Build(nextSegment++, from, to, part);
                await session.InsertAsync(image, cancellationToken);
                segments.Add(image.Head);
                nextSegment = await MergeAsync(session, segments, nextSegment, cancellationToken);
            }
        }

        await session.CommitAsync(new SegmentCursor(nextSeq, nextSegment));
    }

    public async Task<SearchPage> SearchAsync(SearchQuery query, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(query.PageSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(query.PageSize, PageSizes.Max);
        await using var session = await BeginReadAsync(cancellationToken);
        var cursor = await session.ReadCursorAsync(cancellationToken);
        var segments = await session.ReadSegmentsAsync(int.MaxValue, cancellationToken);
        var before = Math.Min(query.Before ?? long.MaxValue, cursor.NextSeq);
        var run = new SegmentQuery(session, query.Filter.Root, tokens);
        var matches = await run.RunAsync(segments, before, query.PageSize + 1, cancellationToken);
        if (matches.Count <= query.PageSize)
        {
            return new SearchPage(matches, cursor.NextSeq, null);
        }

        matches.RemoveAt(query.PageSize);
        return new SearchPage(matches, cursor.NextSeq, matches[^1]);
    }

    public async Task<EventTimeline> CountAsync(TimelineQuery query, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(query.Buckets);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(query.Buckets, TimelineQuery.MaxBuckets);
        await using var session = await BeginReadAsync(cancellationToken);
        var segments = await session.ReadSegmentsAsync(int.MaxValue, cancellationToken);
        if (segments.Count == 0)
        {
            return EventTimeline.Empty;
        }

        var from = query.From ?? segments.Min(s => s.MinRecorded);
        var to = Math.Max(from, query.To ?? segments.Max(s => s.MaxRecorded));
        var wanted = segments.Where(s => s.MaxRecorded >= from && s.MinRecorded <= to).ToList();
        var counted = wanted.Count <= MaxCounted ? wanted : wanted[^MaxCounted..];
        var timeline = new SegmentTimeline(from, ((to - from) / query.Buckets) + 1, query.Buckets);
        var run = new SegmentQuery(session, query.Filter.Root, tokens, query.Marked);
        await run.CountAsync(counted, timeline, cancellationToken);
        return timeline.Finish(counted.Count == wanted.Count);
    }

    public async Task<IReadOnlyList<ValueCount>> FindValuesAsync(
        FilterField field, string prefix, int limit, CancellationToken cancellationToken)
    {
        await using var session = await BeginReadAsync(cancellationToken);
        var first = Terms.OfPrefix(field, prefix);
        byte[] last = [.. first, 0xFF]; // no UTF-8 text has this byte
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        var segments = await session.ReadSegmentsAsync(Tail, cancellationToken);
        for (var (i, events) = (segments.Count - 1, 0); i >= 0 && events < ValueEvents; i--)
        {
            events += segments[i].Count;
            foreach (var body in await session.ReadPagesAsync(segments[i], first, last, cancellationToken))
            {
                AddValues(counts, body, first, segments[i].Count);
            }
        }

        return
        [
            .. counts.OrderByDescending(v => v.Value).ThenBy(v => v.Key, StringComparer.Ordinal).Take(limit)
                .Select(v => new ValueCount(v.Key, v.Value)),
        ];
    }

    public async Task<long?> FindSeqAsync(string id, CancellationToken cancellationToken)
    {
        if (!EventIds.TryParse(id, out _))
        {
            return null;
        }

        await using var session = await BeginReadAsync(cancellationToken);
        var segments = await session.ReadSegmentsAsync(int.MaxValue, cancellationToken);
        var run = new SegmentQuery(session, new ValueNode(FilterField.Id, id), tokens);
        var matches = await run.RunAsync(segments, long.MaxValue, 1, cancellationToken);
        return matches.Count == 0 ? null : matches[0];
    }

    /// <summary>
    /// Makes segments anew, each in one transaction: searches see the old one or the new one. One of which nothing is
    /// left goes. Returns how many were concerned.
    /// </summary>
    /// <param name="which">Picks them.</param>
    /// <param name="reread">Reads what is now in the log for one.</param>
    /// <param name="cancellationToken">Stops between two segments.</param>
    public async Task<int> RebuildAsync(
        Func<Segment, bool> which,
        Func<Segment, CancellationToken, Task<IReadOnlyList<IndexedEvent>>> reread,
        CancellationToken cancellationToken)
    {
        var (rebuilt, done) = (0, 0L);
        while (true)
        {
            await using var session = await BeginWriteAsync(cancellationToken);
            var segments = await session.ReadSegmentsAsync(int.MaxValue, cancellationToken);
            var next = segments.Find(segment => segment.From >= done && which(segment));
            if (next is null)
            {
                return rebuilt;
            }

            var events = await reread(next, cancellationToken);
            await session.DeleteAsync([next], cancellationToken);
            if (events.Count > 0)
            {
                await session.InsertAsync(SegmentBuilder.Build(next.Id, next.From, next.To, events), cancellationToken);
            }

            (rebuilt, done) = (rebuilt + 1, next.To);
            await session.CommitAsync(await session.ReadCursorAsync(cancellationToken));
        }
    }

    public async Task DropAsync(CancellationToken cancellationToken)
    {
        await using var session = await BeginWriteAsync(cancellationToken);
        await session.DropAsync(cancellationToken);
        await session.CommitAsync(default);
    }

    protected abstract ValueTask<ISegmentSession> BeginReadAsync(CancellationToken cancellationToken);

    /// <summary>Waits until no other write session is open, on any node.</summary>
    protected abstract ValueTask<ISegmentSession> BeginWriteAsync(CancellationToken cancellationToken);

    private static void AddValues(Dictionary<string, long> counts, byte[] body, ReadOnlySpan<byte> prefix, int segmentCount)
    {
        var page = new SegmentPageReader(body, stackalloc byte[Terms.MaxBytes]);
        while (page.Next())
        {
            // A term of full length holds a hash instead of the value's end.
            if (!page.Term.StartsWith(prefix) || page.Term.Length == Terms.MaxBytes || counts.Count >= MaxValues)
            {
                continue;
            }

            var value = Encoding.UTF8.GetString(page.Term[1..]);
            var bits = new EventBits(segmentCount);
            Posting.AddTo(bits, page.Posting);
            counts[value] = counts.GetValueOrDefault(value) + bits.Count;
        }
    }

    private static void CheckOrder(IReadOnlyList<IndexedEvent> events, long nextSeq)
    {
        for (var i = 0; i < events.Count; i++)
        {
            if (events[i].Seq >= nextSeq || (i > 0 && events[i].Seq <= events[i - 1].Seq))
            {
                throw new ArgumentException(
                    $"Event {events[i].Seq} is out of order, or not below the next number {nextSeq}.", nameof(events));
            }
        }
    }

    private static async Task<long> MergeAsync(
        ISegmentSession session, List<Segment> segments, long nextSegment, CancellationToken cancellationToken)
    {
        for (var run = SegmentMerge.Due(segments); run > 0; run = SegmentMerge.Due(segments))
        {
            var parts = segments.GetRange(segments.Count - run, run);
            var images = new List<SegmentImage>(run);
            foreach (var part in parts)
            {
                images.Add(await session.ReadImageAsync(part, cancellationToken));
            }

            var merged = SegmentMerge.Merge(nextSegment++, images);
            await session.DeleteAsync(parts, cancellationToken);
            await session.InsertAsync(merged, cancellationToken);
            segments.RemoveRange(segments.Count - run, run);
            segments.Add(merged.Head);
        }

        return nextSegment;
    }
}
