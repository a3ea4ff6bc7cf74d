using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Numerics;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Text;
using Probity.Ledger.Entries;
using Probity.Ledger.Merkle;

namespace Probity.Ledger.Verification;

/// <summary>
/// Finds the members of an entry that tie it to its place in the log without parsing the rest of it. Sixty-four bytes
/// are looked at together: bit masks tell which of them lie within strings and which brackets and commas do not, so a
/// look-alike inside a string or a nested object is never taken for a member of the entry. Top-level names must ascend as
/// RFC 8785 §3.2.3 orders them, so each can be there only once. Thread safe.
/// </summary>
/// <remarks>The masks are those of simdjson (Langdale and Lemire, "Parsing Gigabytes of JSON per Second", 2019, §3.1).</remarks>
internal sealed class EntryScanner
{
    private const byte Quote = (byte)'"';
    private const byte Escape = (byte)'\\';
    private const int BlockBytes = 64;

    // '[' and ']' differ from '{' and '}' in this bit alone, and no other characters become brackets by it.
    private const byte BraceBit = 0x20;

    private static readonly KnownMember[] s_known = [.. Enum.GetValues<EntryMember>()
        .Where(member => member is not (EntryMember.None or EntryMember.End))
        .Select(member => new KnownMember(member))];

    private readonly byte[] _log;

    public EntryScanner(string origin) => _log = Quoted(origin);

    /// <summary>Scans one entry. Of a body that is no entry, what was found before the fault is returned.</summary>
    public ScannedEntry Scan(ReadOnlySpan<byte> body)
    {
        var cursor = new Cursor { Found = new ScannedEntry { Seq = ScannedEntry.NoSeq }, MemberStart = 1 };
        if (body.Length < 2 || body[0] != '{')
        {
            return cursor.Found;
        }

        Span<byte> last = stackalloc byte[BlockBytes];
        for (var at = 0; at < body.Length && !cursor.IsDone; at += BlockBytes)
        {
            scoped var block = body[at..];
            if (block.Length < BlockBytes)
            {
                last.Clear();
                block.CopyTo(last);
                block = last;
            }

            ScanBlock(body, at, Vector512.Create(block), ref cursor);
        }

        return cursor.Found;
    }

    private void ScanBlock(ReadOnlySpan<byte> body, int at, Vector512<byte> block, ref Cursor cursor)
    {
        var escapes = Mask(block, Escape);
        var quotes = Mask(block, Quote);
        if ((escapes | quotes) == 0 && cursor is { Within: ulong.MaxValue, IsEscaped: false })
        {
            return; // The middle of a long string, most of it ciphertext.
        }

        if (escapes != 0 || cursor.IsEscaped)
        {
            cursor.HasEscapes = true;
            quotes &= ~Escaped(escapes, ref cursor);
        }

        // Each quote turns "within a string" over for all bytes after it: the running XOR of the quotes' bits.
        var within = RunningXor(quotes) ^ cursor.Within;
        cursor.Within = (within >> (BlockBytes - 1)) == 0 ? 0 : ulong.MaxValue;
        var braces = block | Vector512.Create(BraceBit);
        var opening = Mask(braces, (byte)'{') & ~within;
        var brackets = opening | (Mask(braces, (byte)'}') & ~within);
        var commas = Mask(block, (byte)',') & ~within;
        var left = ulong.MaxValue;
        while (true)
        {
            // Commas below the entry's own members tell nothing.
            var marks = (cursor.Depth == 1 ? brackets | commas : brackets) & left;
            if (marks == 0)
            {
                return;
            }

            var bit = marks & (~marks + 1);
            left &= ~(bit | (bit - 1));
            var position = at + BitOperations.TrailingZeroCount(marks);
            if ((opening & bit) != 0)
            {
                cursor.Depth++;
            }
            else if (cursor.Depth == 1 && !TryMember(body, position, ref cursor))
            {
                cursor.IsDone = true;
                return;
            }
            else if ((brackets & bit) != 0 && --cursor.Depth == 0)
            {
                cursor.Found.IsReadable = position == body.Length - 1 && cursor.Marks == Marks.All;
                cursor.IsDone = true;
                return;
            }
        }
    }

    /// <summary>Takes the top-level member that ends before a position.</summary>
    private bool TryMember(ReadOnlySpan<byte> body, int end, ref Cursor cursor)
    {
        if (cursor.HasStranger || !TryKnown(body, cursor.MemberStart, end, ref cursor.Known))
        {
            return TryAnyMember(body, end, ref cursor);
        }

        var known = s_known[cursor.Known++];
        var value = cursor.MemberStart + known.Length;
        if (known.IsKept)
        {
            var name = body.Slice(cursor.MemberStart + 1, known.Length - 3);
            Keep(name, body[value..end], value, ref cursor.Found, ref cursor.Marks);
        }

        (cursor.NameStart, cursor.NameLength) = (cursor.MemberStart + 1, known.Length - 3);
        cursor.MemberStart = end + 1;
        return true;
    }

    /// <summary>
    /// Whether one of the format's own members begins here, none before <paramref name="next"/>: so they ascend.
    /// </summary>
    private static bool TryKnown(ReadOnlySpan<byte> body, int start, int end, ref int next)
    {
        if (start > body.Length - sizeof(ulong))
        {
            return false;
        }

        var found = BinaryPrimitives.ReadUInt64LittleEndian(body[start..]);
        for (var i = next; i < s_known.Length; i++)
        {
            ref readonly var known = ref s_known[i];
            if (((found ^ known.Start) & known.Mask) == 0 && start + known.Length < end
                && body.Slice(start, known.Length).SequenceEqual(known.Prefix))
            {
                next = i;
                return true;
            }
        }

        return false;
    }

    /// <summary>As above, whatever its name; the order of names is looked at from here on.</summary>
    private bool TryAnyMember(ReadOnlySpan<byte> body, int end, ref Cursor cursor)
    {
        cursor.HasStranger = true;
        var member = body[cursor.MemberStart..end];
        if (member.Length < 4 || member[0] != Quote)
        {
            return false;
        }

        // A name with an escape is none of ours; leaving it out costs nothing and closes the door to look-alikes.
        var length = member[1..].IndexOf(Quote);
        var value = length + 3;
        if (length <= 0 || value >= member.Length || member[value - 1] != ':')
        {
            return false;
        }

        var name = member.Slice(1, length);
        if ((cursor.HasEscapes && name.Contains(Escape))
            || name.SequenceCompareTo(body.Slice(cursor.NameStart, cursor.NameLength)) <= 0)
        {
            return false;
        }

        Keep(name, member[value..], cursor.MemberStart + value, ref cursor.Found, ref cursor.Marks);
        (cursor.NameStart, cursor.NameLength) = (cursor.MemberStart + 1, length);
        cursor.MemberStart = end + 1;
        return true;
    }

    private static ulong Mask(Vector512<byte> block, byte value) =>
        Vector512.Equals(block, Vector512.Create(value)).ExtractMostSignificantBits();

    private static ulong RunningXor(ulong bits)
    {
        if (Pclmulqdq.IsSupported)
        {
            return Pclmulqdq.CarrylessMultiply(
                Vector128.CreateScalar(bits), Vector128<ulong>.AllBitsSet, 0).ToScalar();
        }

        bits ^= bits << 1;
        bits ^= bits << 2;
        bits ^= bits << 4;
        bits ^= bits << 8;
        bits ^= bits << 16;
        return bits ^ (bits << 32);
    }

    /// <summary>The bytes that a backslash before them escapes; a backslash that is itself escaped escapes nothing.</summary>
    private static ulong Escaped(ulong escapes, ref Cursor cursor)
    {
        var escaped = cursor.IsEscaped ? 1UL : 0;
        escapes &= ~escaped;
        cursor.IsEscaped = false;
        while (escapes != 0)
        {
            var at = BitOperations.TrailingZeroCount(escapes);
            if (at == BlockBytes - 1)
            {
                cursor.IsEscaped = true;
                break;
            }

            escaped |= 1UL << (at + 1);
            escapes &= ~(3UL << at);
        }

        return escaped;
    }

    private void Keep(
        ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, int start, ref ScannedEntry found, ref Marks marks)
    {
        switch (name.Length)
        {
            case 1 when name[0] == 'v':
                marks |= value.Length == 1 && value[0] == '1' ? Marks.Version : Marks.None;
                break;
            case 3 when name.SequenceEqual("log"u8):
                marks |= value.SequenceEqual(_log) ? Marks.Log : Marks.None;
                break;
            case 3 when name.SequenceEqual("seq"u8) && TrySeq(value, out var seq):
                found.Seq = seq;
                marks |= Marks.Seq;
                break;
            case 4 when name.SequenceEqual("prev"u8) && TryPrev(value, out found.Prev):
                found.HasPrev = true;
                marks |= Marks.Prev;
                break;
            case 5 when name.SequenceEqual("blobs"u8):
                found.BlobsStart = start;
                found.BlobsLength = value.Length;
                break;
        }
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

    /// <summary>A member of the format: its quoted name and colon, and their first eight bytes as a number.</summary>
    private readonly struct KnownMember
    {
        public KnownMember(EntryMember member)
        {
            Prefix = EntryMembers.Prefix(member).ToArray();
            Span<byte> start = stackalloc byte[sizeof(ulong)];
            start.Clear();
            var few = Math.Min(Prefix.Length, start.Length);
            Prefix.AsSpan(0, few).CopyTo(start);
            Start = BinaryPrimitives.ReadUInt64LittleEndian(start);
            Mask = ulong.MaxValue >> (8 * (start.Length - few));
            IsKept = member is EntryMember.Blobs or EntryMember.Log or EntryMember.Prev or EntryMember.Seq
                or EntryMember.V;
        }

        public byte[] Prefix { get; }

        public int Length => Prefix.Length;

        public ulong Start { get; }

        public ulong Mask { get; }

        /// <summary>Whether its value is looked at.</summary>
        public bool IsKept { get; }
    }

    private struct Cursor
    {
        public ScannedEntry Found;
        public Marks Marks;
        public int Depth;
        public int MemberStart;
        public int NameStart;
        public int NameLength;

        /// <summary>The first of the format's members that may still come.</summary>
        public int Known;

        /// <summary>Whether a member has been met that is not one of the format's, in their order.</summary>
        public bool HasStranger;

        /// <summary>All ones while the block begins within a string.</summary>
        public ulong Within;

        /// <summary>Whether the block's first byte is escaped by the last of the block before.</summary>
        public bool IsEscaped;

        /// <summary>Whether a backslash has been met.</summary>
        public bool HasEscapes;

        public bool IsDone;
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

    /// <summary>Whether the body is an object of version 1 that names this log and has its own number and link.</summary>
    public bool IsReadable;

    /// <summary>Where the value of <c>blobs</c> begins; meaningful when <see cref="BlobsLength"/> is not 0.</summary>
    public int BlobsStart;

    public int BlobsLength;
}
