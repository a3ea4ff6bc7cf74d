using System.Runtime.InteropServices;

namespace Probity.Server.AuditTrail.Query.Segments;

/// <summary>One page as stored: its first term, which is its key within the segment, and its body.</summary>
internal readonly record struct SegmentPage(byte[] FirstTerm, byte[] Body);

/// <summary>
/// Writes terms, given in ascending order, to pages. A body is a sequence of: bytes shared with the term before,
/// bytes of its own, those bytes, length of the posting, posting.
/// </summary>
internal sealed class SegmentPageWriter
{
    /// <summary>
    /// Small enough that a page stays inside a row on both stores: four rows to an 8 KiB block, no overflow chain in
    /// SQLite and no TOAST in PostgreSQL. Only a bitmap of a frequent term can be larger.
    /// </summary>
    private const int PageBytes = 1800;

    private readonly List<SegmentPage> _pages = [];
    private readonly List<byte> _body = new(PageBytes * 2);
    private readonly List<byte> _posting = new(64);
    private readonly byte[] _previous = new byte[Terms.MaxBytes];
    private int _previousLength;
    private byte[] _first = [];

    public void Add(ReadOnlySpan<byte> term, ReadOnlySpan<ushort> offsets)
    {
        _posting.Clear();
        Posting.Write(_posting, offsets);
        if (_body.Count > 0 && _body.Count + term.Length + _posting.Count + 6 > PageBytes)
        {
            ClosePage();
        }

        if (_body.Count == 0)
        {
            _first = term.ToArray();
            _previousLength = 0;
        }

        var shared = term.CommonPrefixLength(_previous.AsSpan(0, _previousLength));
        Varint.Write(_body, (ulong)shared);
        Varint.Write(_body, (ulong)(term.Length - shared));
        _body.AddRange(term[shared..]);
        Varint.Write(_body, (ulong)_posting.Count);
        _body.AddRange(CollectionsMarshal.AsSpan(_posting));
        term[shared..].CopyTo(_previous.AsSpan(shared));
        _previousLength = term.Length;
    }

    public List<SegmentPage> Finish()
    {
        if (_body.Count > 0)
        {
            ClosePage();
        }

        return _pages;
    }

    private void ClosePage()
    {
        _pages.Add(new SegmentPage(_first, [.. _body]));
        _body.Clear();
    }
}

/// <summary>Reads the terms of one page in order.</summary>
internal ref struct SegmentPageReader(ReadOnlySpan<byte> body, Span<byte> buffer)
{
    private readonly ReadOnlySpan<byte> _body = body;
    private readonly Span<byte> _buffer = buffer;
    private int _at;
    private int _length;

    /// <summary>The current term; overwritten by <see cref="Next"/>.</summary>
    public readonly ReadOnlySpan<byte> Term => _buffer[.._length];

    public ReadOnlySpan<byte> Posting { get; private set; }

    public bool Next()
    {
        if (_at == _body.Length)
        {
            return false;
        }

        var shared = (int)Varint.Read(_body, ref _at);
        var own = (int)Varint.Read(_body, ref _at);
        _body.Slice(_at, own).CopyTo(_buffer[shared..]);
        _length = shared + own;
        _at += own;
        var posting = (int)Varint.Read(_body, ref _at);
        Posting = _body.Slice(_at, posting);
        _at += posting;
        return true;
    }
}
