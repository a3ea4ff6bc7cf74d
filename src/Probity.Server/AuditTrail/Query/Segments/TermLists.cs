using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Probity.Server.AuditTrail.Query.Segments;

/// <summary>
/// Which events have which term, while a segment is built. Events share terms, so each is kept once, and only the
/// different ones are sorted. Everything is rented: it is of the size that only a full
/// collection frees, and there are several segments a second. Not thread safe.
/// </summary>
internal sealed class TermLists : IDisposable
{
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(1 << 16);
    private int _used;
    private Term[] _terms = ArrayPool<Term>.Shared.Rent(1 << 10);
    private int _count;
    private int[] _buckets = RentBuckets(1 << 11);
    private int _mask = (1 << 11) - 1;
    private Place[] _places = ArrayPool<Place>.Shared.Rent(1 << 12);
    private int _placeCount;

    /// <summary>How many different terms there are.</summary>
    public int Count => _count;

    /// <summary>Room to write the next term into, for <see cref="Add"/>.</summary>
    /// <param name="bytes">Its most bytes.</param>
    public Span<byte> Room(int bytes)
    {
        if (_used + bytes > _bytes.Length)
        {
            Grow(ref _bytes, _used);
        }

        return _bytes.AsSpan(_used);
    }

    /// <summary>Says that an event has the term that was written into <see cref="Room"/>; once more does no
    /// harm.</summary>
    /// <param name="length">The bytes of the term.</param>
    /// <param name="offset">The event, not before one that was added earlier.</param>
    public void Add(int length, ushort offset)
    {
        var bytes = _bytes.AsSpan(_used, length);
        var hash = HashOf(bytes);
        ref var term = ref Find(bytes, hash);
        if (Unsafe.IsNullRef(ref term))
        {
            term = ref New(bytes, hash);
        }
        else if (_places[term.Last].Offset == offset)
        {
            return;
        }

        if (_placeCount == _places.Length)
        {
            Grow(ref _places, _placeCount);
        }

        _places[_placeCount] = new Place(offset, -1);
        if (term.Last < 0)
        {
            term.First = _placeCount;
        }
        else
        {
            _places[term.Last].Next = _placeCount;
        }

        term.Last = _placeCount++;
    }

    /// <summary>Puts the terms in the order of their bytes; nothing is added afterwards.</summary>
    public void Sort() => _terms.AsSpan(0, _count).Sort(new ByBytes(_bytes));

    /// <summary>A term.</summary>
    /// <param name="place">Its place in the order.</param>
    public ReadOnlySpan<byte> TermAt(int place) => _bytes.AsSpan(_terms[place].Start, _terms[place].Length);

    /// <summary>Lists the events that have a term, in order.</summary>
    /// <param name="place">The place of the term in the order.</param>
    /// <param name="offsets">Takes them in place of what it has.</param>
    public void Read(int place, List<ushort> offsets)
    {
        offsets.Clear();
        for (var at = _terms[place].First; at >= 0; at = _places[at].Next)
        {
            offsets.Add(_places[at].Offset);
        }
    }

    /// <summary>Gives everything back, without what was in it.</summary>
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes, clearArray: true);
        ArrayPool<Term>.Shared.Return(_terms);
        ArrayPool<int>.Shared.Return(_buckets);
        ArrayPool<Place>.Shared.Return(_places);
    }

    // With a seed of the process: who chooses the words of events cannot choose what meets in a bucket.
    private static int HashOf(ReadOnlySpan<byte> term)
    {
        var hash = new HashCode();
        hash.AddBytes(term);
        return hash.ToHashCode();
    }

    private ref Term Find(ReadOnlySpan<byte> bytes, int hash)
    {
        for (var at = _buckets[hash & _mask]; at >= 0; at = _terms[at].Next)
        {
            ref var term = ref _terms[at];
            if (term.Hash == hash && bytes.SequenceEqual(_bytes.AsSpan(term.Start, term.Length)))
            {
                return ref term;
            }
        }

        return ref Unsafe.NullRef<Term>();
    }

    private ref Term New(ReadOnlySpan<byte> bytes, int hash)
    {
        if (_count == _terms.Length)
        {
            Grow(ref _terms, _count);
        }

        if (_count > _mask)
        {
            Spread();
        }

        ref var bucket = ref _buckets[hash & _mask];
        _terms[_count] = new Term
        {
            Head = HeadOf(bytes), Start = _used, Length = bytes.Length, Hash = hash,
            First = -1, Last = -1, Next = bucket,
        };
        bucket = _count;
        _used += bytes.Length;
        return ref _terms[_count++];
    }

    /// <summary>Twice as many buckets.</summary>
    private void Spread()
    {
        ArrayPool<int>.Shared.Return(_buckets);
        _mask = (_mask * 2) + 1;
        _buckets = RentBuckets(_mask + 1);
        for (var at = 0; at < _count; at++)
        {
            ref var bucket = ref _buckets[_terms[at].Hash & _mask];
            _terms[at].Next = bucket;
            bucket = at;
        }
    }

    private static int[] RentBuckets(int count)
    {
        var buckets = ArrayPool<int>.Shared.Rent(count);
        buckets.AsSpan(0, count).Fill(-1);
        return buckets;
    }

    private static void Grow<T>(ref T[] list, int used)
    {
        var larger = ArrayPool<T>.Shared.Rent(list.Length * 2);
        list.AsSpan(0, used).CopyTo(larger);
        ArrayPool<T>.Shared.Return(list, clearArray: true);
        list = larger;
    }

    /// <summary>The first 8 bytes as a number, so that most comparisons of the sort look at nothing else.</summary>
    private static ulong HeadOf(ReadOnlySpan<byte> term)
    {
        Span<byte> head = stackalloc byte[sizeof(ulong)];
        head.Clear();
        term[..Math.Min(term.Length, sizeof(ulong))].CopyTo(head);
        return BinaryPrimitives.ReadUInt64BigEndian(head);
    }

    [StructLayout(LayoutKind.Auto)]
    private struct Term
    {
        public ulong Head;
        public int Start; // of its bytes
        public int Length;
        public int Hash;
        public int First; // of its places; -1 for none
        public int Last;
        public int Next; // in its bucket; -1 for none
    }

    /// <summary>An event that has a term, and the next one that has it: -1 for none.</summary>
    private record struct Place(ushort Offset, int Next);

    private readonly struct ByBytes(byte[] bytes) : IComparer<Term>
    {
        public int Compare(Term x, Term y) => x.Head != y.Head
            ? x.Head < y.Head ? -1 : 1
            : bytes.AsSpan(x.Start, x.Length).SequenceCompareTo(bytes.AsSpan(y.Start, y.Length));
    }
}
