using System.Runtime.InteropServices;
using Probity.Server.AuditTrail.Query.Filters;
using Probity.Server.Storage;

namespace Probity.Server.AuditTrail.Query.Segments;

/// <summary>
/// Makes one segment of a batch of events: lists the events of each term, sorts the terms, writes pages.
/// </summary>
internal sealed class SegmentBuilder : IDisposable
{
    private readonly long _from;
    private readonly long[] _recorded;
    private readonly long[] _occurred;
    private readonly TermLists _terms = new();

    /// <summary>Events by field that is present; slot 0 is every event. Known in order, so not worth sorting.</summary>
    private readonly List<ushort>?[] _present = new List<ushort>?[64];

    private SegmentBuilder(long from, int count)
    {
        _from = from;
        _recorded = new long[count];
        _occurred = new long[count];
    }

    /// <summary>Builds the segment of the numbers from <paramref name="from"/> up to, not including, <paramref name="to"/>.</summary>
    public static SegmentImage Build(long id, long from, long to, IReadOnlyList<IndexedEvent> events)
    {
        using var builder = new SegmentBuilder(from, (int)(to - from));
        foreach (var item in events)
        {
            builder.Add(item);
            OwnThread.Breathe();
        }

        builder.FillGaps(events);
        return new SegmentImage(
            builder.Head(id, to),
            new SegmentTimes(builder._recorded, builder._occurred).Encode(),
            builder.WritePages());
    }

    public void Dispose() => _terms.Dispose();

    private void Add(IndexedEvent item)
    {
        var offset = (ushort)(item.Seq - _from);
        _recorded[offset] = item.RecordedAt;
        _occurred[offset] = item.OccurredAt;
        (_present[0] ??= []).Add(offset);
        if (item.Id is { } id)
        {
            _terms.Add(Terms.WriteId(_terms.Room(17), id), offset);
        }

        ulong present = 0;
        foreach (var (field, value) in item.Values)
        {
            _terms.Add(Terms.Write(_terms.Room(Terms.MaxBytes), field, value), offset);
            present |= 1UL << (int)field;
        }

        foreach (var token in item.TextTokens)
        {
            _terms.Add(Terms.WriteWord(_terms.Room(9), token), offset);
        }

        if (item.TextTokens.Count > 0)
        {
            present |= 1UL << (int)FilterField.Text;
        }

        for (; present != 0; present &= present - 1)
        {
            var field = (FilterField)System.Numerics.BitOperations.TrailingZeroCount(present);
            (_present[(int)field] ??= []).Add(offset);
        }
    }

    private void FillGaps(IReadOnlyList<IndexedEvent> events)
    {
        if (events.Count == _recorded.Length)
        {
            return;
        }

        var present = new EventBits(_recorded.Length);
        foreach (var item in events)
        {
            present.Set((int)(item.Seq - _from));
        }

        var (recorded, occurred) = events.Count > 0 ? (events[0].RecordedAt, events[0].OccurredAt) : (0L, 0L);
        for (var i = 0; i < _recorded.Length; i++)
        {
            if (!present[i])
            {
                (_recorded[i], _occurred[i]) = (recorded, occurred);
            }

            (recorded, occurred) = (_recorded[i], _occurred[i]);
        }
    }

    private Segment Head(long id, long to) =>
        new(id, _from, to, _recorded.Min(), _recorded.Max(), _occurred.Min(), _occurred.Max());

    private List<SegmentPage> WritePages()
    {
        _terms.Sort();
        var pages = new SegmentPageWriter();
        if (_present[0] is { } everything)
        {
            pages.Add(Terms.Everything, CollectionsMarshal.AsSpan(everything)); // the least of all terms
        }

        var offsets = new List<ushort>();
        for (var place = 0; place < _terms.Count; place++)
        {
            _terms.Read(place, offsets);
            pages.Add(_terms.TermAt(place), CollectionsMarshal.AsSpan(offsets));
            OwnThread.Breathe();
        }

        for (var field = 1; field < _present.Length; field++)
        {
            if (_present[field] is { } having)
            {
                pages.Add(Terms.OfPresence((FilterField)field), CollectionsMarshal.AsSpan(having)); // the greatest terms
            }
        }

        return pages.Finish();
    }
}
