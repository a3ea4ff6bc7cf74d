using System.Buffers.Text;
using Probity.Ledger.Merkle;

namespace Probity.Ledger.Entries;

/// <summary>
/// An entry that is finished but for what only the sequencer knows: <c>prev</c>, <c>recorded_at</c> and <c>seq</c> are
/// spliced into their places in canonical order, so nothing is serialised under the lock. Immutable.
/// </summary>
public sealed class EntryTemplate
{
    internal const string PrevOpen = "\"prev\":\"";
    internal const string RecordedAtOpen = "\"recorded_at\":\"";
    internal const string SeqOpen = "\",\"seq\":";
    private const int HexLength = Digest.Length * 2;
    private const int MaxSeqDigits = 19;

    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly int _prevAt;
    private readonly int _recordedAtAt;

    internal EntryTemplate(ReadOnlyMemory<byte> bytes, int prevAt, int recordedAtAt)
    {
        _bytes = bytes;
        _prevAt = prevAt;
        _recordedAtAt = recordedAtAt;
    }

    /// <summary>Bytes of the finished entry with the longest possible sequence number.</summary>
    public int MaxLength => _bytes.Length + HexLength + EntryFormat.TimestampLength + MaxSeqDigits;

    /// <summary>Writes the finished entry and returns its length.</summary>
    /// <param name="destination">At least <see cref="MaxLength"/> bytes.</param>
    /// <param name="seq">The entry's index in the log, from 0.</param>
    /// <param name="prev">The leaf hash of the entry before it; 32 zero bytes for the first.</param>
    /// <param name="recordedAtMicros">Microseconds since the epoch, the server's clock.</param>
    public int Splice(Span<byte> destination, long seq, in Digest prev, long recordedAtMicros)
    {
        Span<byte> recordedAt = stackalloc byte[EntryFormat.TimestampLength];
        Timestamp.Write(recordedAtMicros, recordedAt);
        return Splice(destination, seq, prev, recordedAt);
    }

    /// <summary>As above, with the time as text: all entries of a batch have the same.</summary>
    internal int Splice(Span<byte> destination, long seq, in Digest prev, ReadOnlySpan<byte> recordedAt)
    {
        var source = _bytes.Span;
        source[.._prevAt].CopyTo(destination);
        var at = _prevAt;
        Convert.TryToHexStringLower(prev.Bytes, destination[at..], out _);
        at += HexLength;

        source[_prevAt.._recordedAtAt].CopyTo(destination[at..]);
        at += _recordedAtAt - _prevAt;
        recordedAt.CopyTo(destination[at..]);
        at += EntryFormat.TimestampLength;

        var seqAt = _recordedAtAt + SeqOpen.Length;
        source[_recordedAtAt..seqAt].CopyTo(destination[at..]);
        at += SeqOpen.Length;
        Utf8Formatter.TryFormat(seq, destination[at..], out var digits);
        at += digits;

        source[seqAt..].CopyTo(destination[at..]);
        return at + source.Length - seqAt;
    }
}
