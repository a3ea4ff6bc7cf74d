using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Probity.Server.AuditTrail.Query.Filters;
using Probity.Server.Storage;

namespace Probity.Server.AuditTrail.Query.Segments;

/// <summary>
/// Makes one segment of a batch of events: lists (term, event), sorts, writes pages. The lists are rented: they are of
/// the size that only a full collection frees, and there are several segments a second.
/// </summary>
internal sealed class SegmentBuilder : IDisposable
{
    private readonly long _from;
    private readonly long[] _recorded;
    private readonly long[] _occurred;
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(1 << 16);
    private int _used;
    private Occurrence[] _occurrences = ArrayPool<Occurrence>.Shared.Rent(1 << 12);
    private int _count;

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

    /// <summary>Gives the lists back, without what was in them.</summary>
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes, clearArray: true);
        ArrayPool<Occurrence>.Shared.Return(_occurrences);
    }

    private static void Grow<T>(ref T[] list)
    {
        var larger = ArrayPool<T>.Shared.Rent(list.Length * 2);
        list.CopyTo(larger, 0);
        ArrayPool<T>.Shared.Return(list, clearArray: true);
        list = larger;
    }

    private void Add(IndexedEvent item)
    {
        var offset = (ushort)(item.Seq - _from);
        _recorded[offset] = item.RecordedAt;
        _occurred[offset] = item.OccurredAt;
        (_present[0] ??= []).Add(offset);
        if (item.Id is { } id)
        {
            AddTerm(Room(17), offset, Terms.WriteId(_bytes.AsSpan(_used), id));
        }

        ulong present = 0;
        foreach (var (field, value) in item.Values)
        {
            AddTerm(Room(Terms.MaxBytes), offset, Terms.Write(_bytes.AsSpan(_used), field, value));
            present |= 1UL << (int)field;
        }

        foreach (var token in item.TextTokens)
        {
            AddTerm(Room(9), offset, Terms.WriteWord(_bytes.AsSpan(_used), token));
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

    private int Room(int bytes)
    {
        if (_used + bytes > _bytes.Length)
        {
            Grow(ref _bytes);
        }

        return _used;
    }

    private void AddTerm(int start, ushort offset, int length)
    {
        if (_count == _occurrences.Length)
        {
            Grow(ref _occurrences);
        }

        _used += length;
        _occurrences[_count++] = new Occurrence(HeadOf(_bytes.AsSpan(start, length)), start, (ushort)length, offset);
    }

    /// <summary>The first 8 bytes as a number, so that most comparisons of the sort look at nothing else.</summary>
    private static ulong HeadOf(ReadOnlySpan<byte> term)
    {
        Span<byte> head = stackalloc byte[sizeof(ulong)];
        head.Clear();
        term[..Math.Min(term.Length, sizeof(ulong))].CopyTo(head);
        return BinaryPrimitives.ReadUInt64BigEndian(head);
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
        var sorted = _occurrences.AsSpan(0, _count);
        sorted.Sort(new ByTermThenOffset(_bytes));
        var pages = new SegmentPageWriter();
        if (_present[0] is { } everything)
        {
            pages.Add(Terms.Everything, CollectionsMarshal.AsSpan(everything)); // the least of all terms
        }

        var offsets = new List<ushort>();
        for (var i = 0; i < sorted.Length;)
        {
            var term = TermOf(sorted[i]);
            offsets.Clear();
            for (; i < sorted.Length && TermOf(sorted[i]).SequenceEqual(term); i++)
            {
                if (offsets.Count == 0 || offsets[^1] != sorted[i].Offset)
                {
                    offsets.Add(sorted[i].Offset);
                }
            }

            pages.Add(term, CollectionsMarshal.AsSpan(offsets));
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

    private ReadOnlySpan<byte> TermOf(Occurrence occurrence) => _bytes.AsSpan(occurrence.Start, occurrence.Length);

    private readonly record struct Occurrence(ulong Head, int Start, ushort Length, ushort Offset);

    private readonly struct ByTermThenOffset(byte[] bytes) : IComparer<Occurrence>
    {
        public int Compare(Occurrence x, Occurrence y)
        {
            if (x.Head != y.Head)
            {
                return x.Head < y.Head ? -1 : 1;
            }

            var order = bytes.AsSpan(x.Start, x.Length).SequenceCompareTo(bytes.AsSpan(y.Start, y.Length));
            return order != 0 ? order : x.Offset.CompareTo(y.Offset);
        }
    }
}
