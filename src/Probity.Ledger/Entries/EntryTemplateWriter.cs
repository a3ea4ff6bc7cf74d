using System.Text;
using Probity.Ledger.Json;

namespace Probity.Ledger.Entries;

/// <summary>
/// Writes the members of an entry in canonical order and leaves the three places of <see cref="EntryTemplate"/> open.
/// The order is checked: a member written too late throws, because its bytes would not be RFC 8785. Not thread safe;
/// may be used again after <see cref="Finish"/>.
/// </summary>
public sealed class EntryTemplateWriter
{
    private static readonly byte[] s_prevOpen = Encoding.ASCII.GetBytes(EntryTemplate.PrevOpen);
    private static readonly byte[] s_recordedAtOpen = Encoding.ASCII.GetBytes(EntryTemplate.RecordedAtOpen);
    private static readonly byte[] s_seqOpen = Encoding.ASCII.GetBytes(EntryTemplate.SeqOpen);

    private readonly ByteBuffer _buffer = new(2048);
    private EntryMember _last;
    private int _prevAt;
    private int _recordedAtAt;

    /// <summary>Bytes written so far.</summary>
    public int Length => _buffer.WrittenCount;

    /// <summary>Opens a member: writes the separator and its name; the caller writes its canonical value.</summary>
    /// <exception cref="InvalidOperationException">The member does not come after the last one written.</exception>
    public ByteBuffer Member(EntryMember member)
    {
        if (member <= _last)
        {
            throw new InvalidOperationException($"Entry member {member} is written after {_last}; order is canonical.");
        }

        PassSplices(member);
        Separate();
        _buffer.Write(EntryMembers.Prefix(member));
        _last = member;
        return _buffer;
    }

    /// <summary>Closes the object and gives the template; the writer is empty afterwards.</summary>
    public EntryTemplate Finish()
    {
        PassSplices(EntryMember.End);
        _buffer.Write((byte)'}');
        var template = new EntryTemplate(_buffer.WrittenSpan.ToArray(), _prevAt, _recordedAtAt);
        Reset();
        return template;
    }

    /// <summary>Forgets what was written.</summary>
    public void Reset()
    {
        _buffer.ResetWrittenCount();
        _last = default;
        _prevAt = _recordedAtAt = 0;
    }

    private void PassSplices(EntryMember next)
    {
        if (_prevAt == 0 && next > EntryMember.Prev)
        {
            Separate();
            _buffer.Write(s_prevOpen);
            _prevAt = _buffer.WrittenCount;
            _buffer.Write((byte)'"');
        }

        if (_recordedAtAt == 0 && next > EntryMember.RecordedAt)
        {
            Separate();
            _buffer.Write(s_recordedAtOpen);
            _recordedAtAt = _buffer.WrittenCount;
            _buffer.Write(s_seqOpen);
        }
    }

    private void Separate() => _buffer.Write(_buffer.WrittenCount == 0 ? (byte)'{' : (byte)',');
}
