using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Probity.Ledger.Merkle;

namespace Probity.Ledger.Verification;

/// <summary>
/// Finds the members of an entry that tie it to its place in the log without parsing the rest of it. Strings are
/// skipped whole and nesting is counted, so a look-alike inside a string or a nested object is never taken for a member
/// of the entry. Top-level names must ascend as RFC 8785 §3.2.3 orders them, so each can be there only once.
/// Thread safe.
/// </summary>
internal sealed class EntryScanner
{
    private const byte Quote = (byte)'"';
    private const byte Escape = (byte)'\\';

    private static readonly SearchValues<byte> s_structure = SearchValues.Create("\"{}[]"u8);
    private static readonly SearchValues<byte> s_scalarEnd = SearchValues.Create(",}"u8);

    private readonly byte[] _log;

    public EntryScanner(string origin) => _log = Quoted(origin);

    /// <summary>Scans one entry. Of a body that is no entry, what was found before the fault is returned.</summary>
    public ScannedEntry Scan(ReadOnlySpan<byte> body)
    {
        var found = new ScannedEntry { Seq = ScannedEntry.NoSeq };
        if (body.Length < 2 || body[0] != '{')
        {
            return found;
        }

        var lastName = ReadOnlySpan<byte>.Empty;
        var marks = Marks.None;
        for (var at = 1; ;)
        {
            if (!TryName(body, ref at, out var name) || name.SequenceCompareTo(lastName) <= 0)
            {
                return found;
            }

            var start = at;
            if (!TrySkipValue(body, ref at))
            {
                return found;
            }

            Keep(name, body[start..at], start, ref found, ref marks);
            lastName = name;
            if (body[at] == '}')
            {
                found.IsReadable = at == body.Length - 1 && marks == Marks.All;
                return found;
            }

            at++;
        }
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

    private static bool TryName(ReadOnlySpan<byte> body, scoped ref int at, out ReadOnlySpan<byte> name)
    {
        name = default;
        if (at >= body.Length || body[at] != Quote)
        {
            return false;
        }

        // A name with an escape is none of ours; leaving it out costs nothing and closes the door to look-alikes.
        var length = body[(at + 1)..].IndexOfAny(Quote, Escape);
        var end = at + 1 + length;
        if (length <= 0 || body[end] != Quote || end + 2 >= body.Length || body[end + 1] != ':')
        {
            return false;
        }

        name = body[(at + 1)..end];
        at = end + 2;
        return true;
    }

    /// <summary>Moves behind a value, to the comma or brace that must follow it.</summary>
    private static bool TrySkipValue(ReadOnlySpan<byte> body, ref int at)
    {
        switch (body[at])
        {
            case Quote:
                if (!TrySkipString(body, ref at))
                {
                    return false;
                }

                break;
            case (byte)'{' or (byte)'[':
                if (!TrySkipNested(body, ref at))
                {
                    return false;
                }

                break;
            default:
                var length = body[at..].IndexOfAny(s_scalarEnd);
                if (length <= 0)
                {
                    return false;
                }

                at += length;
                break;
        }

        return at < body.Length && body[at] is (byte)',' or (byte)'}';
    }

    private static bool TrySkipNested(ReadOnlySpan<byte> body, ref int at)
    {
        for (var depth = 0; ;)
        {
            var next = body[at..].IndexOfAny(s_structure);
            if (next < 0)
            {
                return false;
            }

            at += next;
            if (body[at] == Quote)
            {
                if (!TrySkipString(body, ref at))
                {
                    return false;
                }

                continue;
            }

            depth += body[at] is (byte)'{' or (byte)'[' ? 1 : -1;
            at++;
            if (depth == 0)
            {
                return at < body.Length;
            }
        }
    }

    private static bool TrySkipString(ReadOnlySpan<byte> body, ref int at)
    {
        for (at++; at < body.Length;)
        {
            var next = body[at..].IndexOfAny(Quote, Escape);
            if (next < 0)
            {
                return false;
            }

            at += next + 1;
            if (body[at - 1] == Quote)
            {
                return at < body.Length;
            }

            at++;
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
