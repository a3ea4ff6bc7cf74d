using System.Runtime.InteropServices;
using Probity.Server.Storage;

namespace Probity.Server.AuditTrail.Query.Segments;

/// <summary>Merges neighbouring segments into one that covers the same events.</summary>
internal static class SegmentMerge
{
    /// <summary>
    /// How many of the newest segments to merge, given all in order; 0 for none. Rule: the newest
    /// <see cref="Segment.MergeFactor"/> or more that are no larger than the newest one's size class.
    /// </summary>
    public static int Due(IReadOnlyList<Segment> segments)
    {
        if (segments.Count == 0 || segments[^1].IsFull)
        {
            return 0;
        }

        var level = segments[^1].Level;
        var run = 0;
        var events = 0;
        while (run < segments.Count
            && segments[^(run + 1)] is { IsFull: false } next
            && next.Level <= level
            && (run == 0 || next.To == segments[^run].From)
            && events + next.Count <= Segment.MaxEvents)
        {
            events += next.Count;
            run++;
        }

        return run >= Segment.MergeFactor || (run > 1 && events >= Segment.FullEvents) ? run : 0;
    }

    /// <param name="id">Id of the merged segment.</param>
    /// <param name="parts">Neighbours in ascending order.</param>
    public static SegmentImage Merge(long id, IReadOnlyList<SegmentImage> parts)
    {
        var (first, last) = (parts[0].Head, parts[^1].Head);
        var head = new Segment(
            id,
            first.From,
            last.To,
            parts.Min(part => part.Head.MinRecorded),
            parts.Max(part => part.Head.MaxRecorded),
            parts.Min(part => part.Head.MinOccurred),
            parts.Max(part => part.Head.MaxOccurred));
        var times = parts.Select(part => SegmentTimes.Decode(part.Times, part.Head.Count)).ToList();
        var merged = new SegmentTimes(
            [.. times.SelectMany(part => part.Recorded)], [.. times.SelectMany(part => part.Occurred)]);
        return new SegmentImage(head, merged.Encode(), MergePages(first.From, parts));
    }

    private static List<SegmentPage> MergePages(long from, IReadOnlyList<SegmentImage> parts)
    {
        var cursors = parts.Select(part => new Cursor(part, (int)(part.Head.From - from))).ToList();
        var pages = new SegmentPageWriter();
        var offsets = new List<ushort>();
        var term = new byte[Terms.MaxBytes];
        cursors.RemoveAll(cursor => !cursor.Next());
        while (cursors.Count > 0)
        {
            var least = cursors[0].Term;
            foreach (var cursor in cursors)
            {
                least = cursor.Term.SequenceCompareTo(least) < 0 ? cursor.Term : least;
            }

            least.CopyTo(term);
            var current = term.AsSpan(0, least.Length);
            offsets.Clear();
            Take(cursors, current, offsets); // cursors stand in ascending order, so the offsets come out ascending
            pages.Add(current, CollectionsMarshal.AsSpan(offsets));
            OwnThread.Breathe();
        }

        return pages.Finish();
    }

    private static void Take(List<Cursor> cursors, ReadOnlySpan<byte> term, List<ushort> offsets)
    {
        for (var i = 0; i < cursors.Count;)
        {
            var cursor = cursors[i];
            if (cursor.Term.SequenceEqual(term))
            {
                Posting.AppendTo(offsets, cursor.Posting, cursor.Shift);
                if (!cursor.Next())
                {
                    cursors.RemoveAt(i);
                    continue;
                }
            }

            i++;
        }
    }

    /// <summary>Walks the terms of all pages of one segment; a class, as a ref struct cannot be in a list.</summary>
    private sealed class Cursor(SegmentImage part, int shift)
    {
        private readonly byte[] _term = new byte[Terms.MaxBytes];
        private int _page;
        private int _at;
        private int _length;
        private int _postingStart;
        private int _postingLength;

        public int Shift => shift;

        public ReadOnlySpan<byte> Term => _term.AsSpan(0, _length);

        public ReadOnlySpan<byte> Posting => part.Pages[_page].Body.AsSpan(_postingStart, _postingLength);

        public bool Next()
        {
            if (_page < part.Pages.Count && _at == part.Pages[_page].Body.Length)
            {
                _page++;
                _at = 0;
            }

            if (_page == part.Pages.Count)
            {
                return false;
            }

            ReadOnlySpan<byte> body = part.Pages[_page].Body;
            var shared = (int)Varint.Read(body, ref _at);
            var own = (int)Varint.Read(body, ref _at);
            body.Slice(_at, own).CopyTo(_term.AsSpan(shared));
            _length = shared + own;
            _at += own;
            _postingLength = (int)Varint.Read(body, ref _at);
            _postingStart = _at;
            _at += _postingLength;
            return true;
        }
    }
}
