using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;
using Probity.Ledger.Entries;
using Probity.Ledger.Merkle;

namespace Probity.Ledger.Verification;

/// <summary>
/// Finds the members of an entry that tie it to its place in the log without parsing the rest of it. It goes from
/// member to member by where each value ends (<see cref="ValueEnd"/>), so a look-alike inside a string or a nested
/// object is never taken for a member of the entry. Top-level names must ascend as RFC 8785 §3.2.3 orders them, so each
/// can be there only once. Thread safe.
/// </summary>
internal sealed class EntryScanner
{
    private const byte Quote = (byte)'"';
    private const byte Escape = (byte)'\\';

    private static readonly KnownMember[] s_known = [.. Enum.GetValues<EntryMember>()
        .Where(member => member is not (EntryMember.None or EntryMember.End))
        .Select(member => new KnownMember(member))];

    /// <summary>The log's name, and the names it had before.</summary>
    private readonly byte[][] _logs;

    /// <param name="origin">The log's name.</param>
    /// <param name="formers">Names it may have had before; at most 254.</param>
    public EntryScanner(string origin, IReadOnlyList<string>? formers = null) =>
        _logs = [Quoted(origin), .. (formers ?? []).Take(byte.MaxValue - 1).Select(Quoted)];

    /// <summary>Scans one entry. Of a body that is no entry, what was found before the fault is returned.</summary>
    public ScannedEntry Scan(ReadOnlySpan<byte> body)
    {
        var found = new ScannedEntry { Seq = ScannedEntry.NoSeq };
        if (body.Length < 2 || body[0] != '{')
        {
            return found;
        }

        var names = new Names();
        var marks = Marks.None;
        for (var start = 1; ;)
        {
            var value = start + names.Next(body, start, out var member);
            var end = value > start ? ValueEnd.Find(body, value) : -1;
            if (end <= value)
            {
                return found;
            }

            marks |= Keep(member, body[value..end], value, ref found);
            if (body[end] != ',')
            {
                found.IsReadable = body[end] == '}' && end == body.Length - 1 && marks == Marks.All;
                return found;
            }

            start = end + 1;
        }
    }

    private Marks Keep(EntryMember member, ReadOnlySpan<byte> value, int start, ref ScannedEntry found)
    {
        switch (member)
        {
            case EntryMember.V:
                return value.Length == 1 && value[0] == '1' ? Marks.Version : Marks.None;
            case EntryMember.Log:
                return value.SequenceEqual(_logs[0]) || IsFormer(value, ref found) ? Marks.Log : Marks.None;
            case EntryMember.Seq when TrySeq(value, out var seq):
                found.Seq = seq;
                return Marks.Seq;
            case EntryMember.Prev when TryPrev(value, out found.Prev):
                found.HasPrev = true;
                return Marks.Prev;
            case EntryMember.Blobs:
                (found.BlobsStart, found.BlobsLength) = (start, value.Length);
                return Marks.None;
            default:
                return Marks.None;
        }
    }

    private bool IsFormer(ReadOnlySpan<byte> value, ref ScannedEntry found)
    {
        for (var i = 1; i < _logs.Length; i++)
        {
            if (value.SequenceEqual(_logs[i]))
            {
                found.Log = (byte)i;
                return true;
            }
        }

        return false;
    }

    private static bool TrySeq(ReadOnlySpan<byte> value, out long seq) =>
        Utf8Parser.TryParse(value, out seq, out var read) && read == value.Length
        && value[0] is >= (byte)'0' and <= (byte)'9' && (value.Length == 1 || value[0] != '0');

    private static bool TryPrev(ReadOnlySpan<byte> value, out Digest prev)
    {
        Span<byte> bytes = stackalloc byte[Digest.Length];
        prev = default;
        if (value.Length != (2 * Digest.Length) + 2 || value[0] != Quote || value.ContainsAnyInRange((byte)'A', (byte)'F')
            || Convert.FromHexString(value[1..^1], bytes, out _, out _) != OperationStatus.Done)
        {
            return false;
        }

        prev = Digest.From(bytes);
        return true;
    }

    // Origins have no control characters, so these two are all that RFC 8785 escapes in them.
    private static byte[] Quoted(string origin) => Encoding.UTF8.GetBytes(
        '"' + origin.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + '"');

    /// <summary>A member of the format: the first and last eight bytes of its quoted name and colon.</summary>
    private readonly struct KnownMember
    {
        private readonly ulong _first;
        private readonly ulong _mask;
        private readonly ulong _last;

        public KnownMember(EntryMember member)
        {
            Member = member;
            var name = EntryMembers.Prefix(member);
            Length = name.Length;
            Span<byte> bytes = stackalloc byte[Math.Max(Length, sizeof(ulong))];
            bytes.Clear();
            name.CopyTo(bytes);
            _first = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            _mask = ulong.MaxValue >> (8 * Math.Max(0, sizeof(ulong) - Length));
            _last = BinaryPrimitives.ReadUInt64LittleEndian(bytes[^sizeof(ulong)..]);
        }

        public EntryMember Member { get; }

        /// <summary>Bytes of the quoted name and its colon, 4 to 16.</summary>
        public int Length { get; }

        /// <summary>Whether the member begins a text.</summary>
        /// <param name="text">The text.</param>
        /// <param name="first">Its first eight bytes; 0 stands for those that are not there.</param>
        public bool Begins(ReadOnlySpan<byte> text, ulong first) => ((first ^ _first) & _mask) == 0
            && (Length <= sizeof(ulong) || (text.Length >= Length
                && BinaryPrimitives.ReadUInt64LittleEndian(text[(Length - sizeof(ulong))..]) == _last));
    }

    /// <summary>The names of the entry's members as they come.</summary>
    private struct Names
    {
        private int _start;
        private int _length;

        /// <summary>The first of the format's members that may still come.</summary>
        private int _known;

        /// <summary>Whether a member has been met that is not one of the format's, in their order.</summary>
        private bool _hasStranger;

        /// <summary>
        /// The bytes of the next name with its quotes and colon; 0 when there is none, or when it does not come after
        /// the one before.
        /// </summary>
        /// <param name="body">The entry.</param>
        /// <param name="start">Where the member begins.</param>
        /// <param name="member">Which it is; <see cref="EntryMember.None"/> when it is none of the format's.</param>
        public int Next(ReadOnlySpan<byte> body, int start, out EntryMember member)
        {
            var length = !_hasStranger && TryKnown(body, start, out member) ? s_known[_known++].Length
                : Any(body, body[start..], out member);
            (_start, _length) = (start + 1, length - 3); // Without the quotes and the colon.
            return length;
        }

        /// <summary>Whether one of the format's own members begins here, after those before: so they ascend.</summary>
        private bool TryKnown(ReadOnlySpan<byte> body, int start, out EntryMember member)
        {
            member = EntryMember.None;
            if (body.Length < sizeof(ulong))
            {
                return false;
            }

            // The last eight bytes are read from where they are whole, and what lies before the place is shifted out.
            var text = body[start..];
            var before = Math.Max(0, sizeof(ulong) - text.Length);
            var first = BinaryPrimitives.ReadUInt64LittleEndian(body[(start - before)..]) >> (8 * before);
            for (var i = _known; i < s_known.Length; i++)
            {
                if (s_known[i].Begins(text, first))
                {
                    (_known, member) = (i, s_known[i].Member);
                    return true;
                }
            }

            return false;
        }

        /// <summary>As above, whatever its name; the order of names is looked at from here on.</summary>
        private int Any(ReadOnlySpan<byte> body, ReadOnlySpan<byte> text, out EntryMember member)
        {
            _hasStranger = true;
            member = EntryMember.None;
            var length = text.Length > 1 && text[0] == Quote ? text[1..].IndexOf(Quote) : -1;
            if (length <= 0 || length + 2 >= text.Length || text[length + 2] != ':')
            {
                return 0;
            }

            // A name with an escape is none of ours; leaving it out costs nothing and closes the door to look-alikes.
            var name = text.Slice(1, length);
            if (name.Contains(Escape) || name.SequenceCompareTo(body.Slice(_start, _length)) <= 0)
            {
                return 0;
            }

            foreach (ref readonly var known in s_known.AsSpan())
            {
                if (text.StartsWith(EntryMembers.Prefix(known.Member)))
                {
                    member = known.Member;
                }
            }

            return length + 3;
        }
    }

    [Flags]
    private enum Marks
    {
        None = 0,
        Log = 1,
        Prev = 2,
        Seq = 4,
        Version = 8,
        All = Log | Prev | Seq | Version,
    }
}

/// <summary>What <see cref="EntryScanner"/> found.</summary>
internal struct ScannedEntry
{
    public const long NoSeq = -1;

    /// <summary>The entry's own number, or <see cref="NoSeq"/>.</summary>
    public long Seq;

    /// <summary>The leaf hash of the entry before it, if <see cref="HasPrev"/>.</summary>
    public Digest Prev;

    public bool HasPrev;

    /// <summary>Which name the entry gives the log: 0 the present one, n the n-th former one.</summary>
    public byte Log;

    /// <summary>Whether the body is an object of version 1 that names this log and has its own number and link.</summary>
    public bool IsReadable;

    /// <summary>Where the value of <c>blobs</c> begins; meaningful when <see cref="BlobsLength"/> is not 0.</summary>
    public int BlobsStart;

    public int BlobsLength;
}
