using Probity.Server.AuditTrail.Query.Filters;

namespace Probity.Server.AuditTrail.Query.Segments;

/// <summary>
/// Runs one filter over the segments, newest first, and stops when the page is full. Every condition becomes a set
/// of bits, so AND, OR and NOT cost the same for rare and for frequent values.
/// </summary>
internal sealed class SegmentQuery
{
    /// <summary>Pages of this many segments are fetched together at most; the first fetch is for one.</summary>
    private const int MaxChunk = 64;

    private readonly ISegmentSession _session;
    private readonly FilterNode _root;
    private readonly FilterNode _marked;
    private readonly List<byte[]> _terms = [Terms.Everything.ToArray()];
    private readonly Dictionary<FilterNode, int> _termOf = [];

    public SegmentQuery(ISegmentSession session, FilterNode root, TextTokens tokens, FilterNode? marked = null)
    {
        _session = session;
        _root = root;
        _marked = marked ?? new OrNode([]);
        CollectTerms(root, tokens);
        CollectTerms(_marked, tokens);
    }

    /// <summary>Matches below <paramref name="before"/>, newest first, at most <paramref name="limit"/>.</summary>
    public async Task<List<long>> RunAsync(
        IReadOnlyList<Segment> segments, long before, int limit, CancellationToken cancellationToken)
    {
        var matches = new List<long>(Math.Min(limit, 1024));
        var candidates = segments.Where(segment => segment.From < before && MayMatch(_root, segment)).Reverse().ToList();
        var chunk = 1;
        for (var start = 0; start < candidates.Count && matches.Count < limit; start += chunk, chunk = Math.Min(chunk * 2, MaxChunk))
        {
            var part = candidates.GetRange(start, Math.Min(chunk, candidates.Count - start));
            var pages = await _session.FindPagesAsync(part, _terms, cancellationToken);
            for (var i = 0; i < part.Count && matches.Count < limit; i++)
            {
                var scope = new Scope(part[i], pages, i * _terms.Count);
                var bits = await EvaluateAsync(_root, scope, cancellationToken);
                var last = (int)Math.Min(before - 1 - part[i].From, bits.Length - 1);
                matches.AddRange(bits.Descending(last).Take(limit - matches.Count).Select(offset => scope.Segment.From + offset));
            }
        }

        return matches;
    }

    /// <summary>Counts the matches of the segments into buckets of time.</summary>
    public async Task CountAsync(
        IReadOnlyList<Segment> segments, SegmentTimeline timeline, CancellationToken cancellationToken)
    {
        var candidates = segments.Where(segment => MayMatch(_root, segment)).ToList();
        for (var start = 0; start < candidates.Count; start += MaxChunk)
        {
            var part = candidates.GetRange(start, Math.Min(MaxChunk, candidates.Count - start));
            var pages = await _session.FindPagesAsync(part, _terms, cancellationToken);
            for (var i = 0; i < part.Count; i++)
            {
                await CountAsync(new Scope(part[i], pages, i * _terms.Count), timeline, cancellationToken);
            }
        }
    }

    private async Task CountAsync(Scope scope, SegmentTimeline timeline, CancellationToken cancellationToken)
    {
        var matches = await EvaluateAsync(_root, scope, cancellationToken);
        if (matches.IsEmpty)
        {
            return;
        }

        var marked = await EvaluateAsync(_marked, scope, cancellationToken);
        marked.And(matches);
        if (timeline.IsWithinOneBucket(scope.Segment))
        {
            timeline.AddWhole(scope.Segment, matches, marked);
            return;
        }

        var times = SegmentTimes.Decode(
            await _session.ReadTimesAsync(scope.Segment, cancellationToken), scope.Segment.Count);
        timeline.Add(times.Recorded, matches, marked);
    }

    private void CollectTerms(FilterNode node, TextTokens tokens)
    {
        switch (node)
        {
            case AndNode and:
                CollectAll(and.Children);
                break;
            case OrNode or:
                CollectAll(or.Children);
                break;
            case NotNode not:
                CollectTerms(not.Child, tokens);
                break;
            case ValueNode { Field: FilterField.Id } id when EventIds.TryParse(id.Value, out var uuid):
                AddTerm(node, Terms.OfId(uuid));
                break;
            case ValueNode value:
                AddTerm(node, Terms.Of(value.Field, value.Value));
                break;
            case WordNode word:
                AddTerm(node, Terms.OfWord(tokens.Hash(word.Word)));
                break;
            case PresentNode present:
                AddTerm(node, Terms.OfPresence(present.Field));
                break;
            default:
                break; // ranges and prefixes read their own pages
        }

        void CollectAll(IReadOnlyList<FilterNode> children)
        {
            foreach (var child in children)
            {
                CollectTerms(child, tokens);
            }
        }
    }

    private void AddTerm(FilterNode node, byte[] term)
    {
        if (_termOf.TryAdd(node, _terms.Count))
        {
            _terms.Add(term);
        }
    }

    /// <summary>Whether the bounds of a segment leave room for a match.</summary>
    private static bool MayMatch(FilterNode node, Segment segment) => node switch
    {
        AndNode and => and.Children.All(child => MayMatch(child, segment)),
        OrNode or => or.Children.Any(child => MayMatch(child, segment)),
        RangeNode range => Overlap(range, segment) != Coverage.None,
        _ => true,
    };

    private async ValueTask<EventBits> EvaluateAsync(FilterNode node, Scope scope, CancellationToken cancellationToken)
    {
        switch (node)
        {
            case AndNode and:
                return await AllAsync(and.Children, scope, cancellationToken);
            case OrNode or:
                var any = new EventBits(scope.Segment.Count);
                foreach (var child in or.Children)
                {
                    any.Or(await EvaluateAsync(child, scope, cancellationToken));
                }

                return any;
            case NotNode not:
                var rest = scope.Bits(0, _terms[0]);
                rest.AndNot(await EvaluateAsync(not.Child, scope, cancellationToken));
                return rest;
            case RangeNode range:
                return await RangeAsync(range, scope, cancellationToken);
            case PrefixNode prefix:
                return await PrefixAsync(prefix, scope, cancellationToken);
            default:
                var term = _termOf[node];
                return scope.Bits(term, _terms[term]);
        }
    }

    /// <summary>The cheap conditions first; when nothing is left the dear ones are not read.</summary>
    private async ValueTask<EventBits> AllAsync(
        IReadOnlyList<FilterNode> children, Scope scope, CancellationToken cancellationToken)
    {
        EventBits? all = null;
        foreach (var child in children.OrderBy(Cost))
        {
            if (all is null)
            {
                all = await EvaluateAsync(child, scope, cancellationToken);
            }
            else
            {
                all.And(await EvaluateAsync(child, scope, cancellationToken));
            }

            if (all.IsEmpty)
            {
                return all;
            }
        }

        return all ?? scope.Bits(0, _terms[0]);
    }

    private static int Cost(FilterNode node) => node switch
    {
        PrefixNode => 4,
        RangeNode { Field: FilterField.Seq } => 1,
        RangeNode => 3,
        AndNode and => and.Children.Select(Cost).DefaultIfEmpty().Max(),
        OrNode or => or.Children.Select(Cost).DefaultIfEmpty().Max(),
        NotNode not => Cost(not.Child),
        _ => 0,
    };

    private async ValueTask<EventBits> RangeAsync(RangeNode range, Scope scope, CancellationToken cancellationToken)
    {
        var segment = scope.Segment;
        var coverage = Overlap(range, segment);
        if (coverage == Coverage.All)
        {
            return scope.Bits(0, _terms[0]);
        }

        var bits = new EventBits(segment.Count);
        if (coverage == Coverage.None)
        {
            return bits;
        }

        if (range.Field == FilterField.Seq)
        {
            bits.SetRange(
                (int)(Math.Max(range.From, segment.From) - segment.From),
                (int)(Math.Min(range.To, segment.To - 1) - segment.From));
        }
        else
        {
            await AddTimesAsync(bits, range, segment, cancellationToken);
        }

        bits.And(scope.Bits(0, _terms[0]));
        return bits;
    }

    private async ValueTask AddTimesAsync(
        EventBits bits, RangeNode range, Segment segment, CancellationToken cancellationToken)
    {
        var times = SegmentTimes.Decode(await _session.ReadTimesAsync(segment, cancellationToken), segment.Count);
        var values = range.Field == FilterField.RecordedAt ? times.Recorded : times.Occurred;
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] >= range.From && values[i] <= range.To)
            {
                bits.Set(i);
            }
        }
    }

    private async ValueTask<EventBits> PrefixAsync(PrefixNode prefix, Scope scope, CancellationToken cancellationToken)
    {
        var from = Terms.OfPrefix(prefix.Field, prefix.Prefix);
        byte[] to = [.. from, 0xFF]; // no UTF-8 text has this byte
        var bits = new EventBits(scope.Segment.Count);
        foreach (var body in await _session.ReadPagesAsync(scope.Segment, from, to, cancellationToken))
        {
            AddPrefixed(bits, body, from);
        }

        return bits;
    }

    private static void AddPrefixed(EventBits bits, byte[] body, ReadOnlySpan<byte> prefix)
    {
        var page = new SegmentPageReader(body, stackalloc byte[Terms.MaxBytes]);
        while (page.Next())
        {
            if (page.Term.StartsWith(prefix))
            {
                Posting.AddTo(bits, page.Posting);
            }
        }
    }

    private static Coverage Overlap(RangeNode range, Segment segment)
    {
        var (least, most) = range.Field switch
        {
            FilterField.Seq => (segment.From, segment.To - 1),
            FilterField.RecordedAt => (segment.MinRecorded, segment.MaxRecorded),
            _ => (segment.MinOccurred, segment.MaxOccurred),
        };
        if (most < range.From || least > range.To)
        {
            return Coverage.None;
        }

        return range.From <= least && most <= range.To ? Coverage.All : Coverage.Some;
    }

    private enum Coverage
    {
        None,
        Some,
        All,
    }

    /// <summary>One segment with the pages fetched for it.</summary>
    private sealed record Scope(Segment Segment, byte[]?[] Pages, int FirstPage)
    {
        public EventBits Bits(int term, ReadOnlySpan<byte> value)
        {
            var bits = new EventBits(Segment.Count);
            var page = new SegmentPageReader(Pages[FirstPage + term], stackalloc byte[Terms.MaxBytes]);
            while (page.Next())
            {
                var order = page.Term.SequenceCompareTo(value);
                if (order == 0)
                {
                    Posting.AddTo(bits, page.Posting);
                }

                if (order >= 0)
                {
                    break;
                }
            }

            return bits;
        }
    }
}
