using System.Buffers;
using System.Buffers.Text;
using Probity.Ledger.Json;
using Probity.Monitoring.Evaluation;

namespace Probity.Monitoring.Decisions;

/// <summary>
/// Writes canonical JSON member by member. The caller gives members in the order of RFC 8785 and names of plain ASCII;
/// tests hold every record against the canonical form. Used again for the next record; not thread safe.
/// </summary>
internal sealed class RecordWriter : IBufferWriter<byte>
{
    private const int LongestNumber = 20;
    private const int LongestValue = 64;

    private byte[] _to = new byte[4_096];
    private int _length;
    private bool _needsComma;

    public ReadOnlyMemory<byte> Bytes => _to.AsSpan(0, _length).ToArray();

    /// <summary>Begins anew.</summary>
    public void Reset()
    {
        _length = 0;
        _needsComma = false;
    }

    public void Advance(int count) => _length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Need(Math.Max(sizeHint, 1));
        return _to.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Need(Math.Max(sizeHint, 1));
        return _to.AsSpan(_length);
    }

    public void BeginObject() => Begin((byte)'{');

    public void BeginObject(string name)
    {
        Name(name);
        Begin((byte)'{');
    }

    public void EndObject() => End((byte)'}');

    public void BeginArray() => Begin((byte)'[');

    public void BeginArray(string name)
    {
        Name(name);
        Begin((byte)'[');
    }

    public void EndArray() => End((byte)']');

    public void Text(string name, string value)
    {
        Name(name);
        Text(value);
    }

    public void Text(string value)
    {
        Comma();
        var to = GetSpan(value.Length + 2);
        if (TryWritePlain(value, to[1..]))
        {
            (to[0], to[value.Length + 1]) = ((byte)'"', (byte)'"');
            _length += value.Length + 2;
        }
        else
        {
            CanonicalJson.WriteString(this, value);
        }

        _needsComma = true;
    }

    /// <summary>Writes a value as its text.</summary>
    public void Text(in Value value)
    {
        Comma();
        var to = GetSpan(LongestValue);
        var length = value.WriteTo(to[1..]);
        if (length < 0)
        {
            CanonicalJson.WriteString(this, value.ToString());
        }
        else
        {
            (to[0], to[length + 1]) = ((byte)'"', (byte)'"');
            Advance(length + 2);
        }

        _needsComma = true;
    }

    /// <summary>Writes text that is known to be printable ASCII without quotes and backslashes.</summary>
    public void Plain(ReadOnlySpan<byte> text)
    {
        Comma();
        var to = GetSpan(text.Length + 2);
        to[0] = (byte)'"';
        text.CopyTo(to[1..]);
        to[text.Length + 1] = (byte)'"';
        Advance(text.Length + 2);
        _needsComma = true;
    }

    public void Whole(string name, long value)
    {
        Name(name);
        Whole(value);
    }

    public void Whole(long value)
    {
        Comma();
        Utf8Formatter.TryFormat(value, GetSpan(LongestNumber), out var written);
        Advance(written);
        _needsComma = true;
    }

    public void Truth(string name, bool value)
    {
        Name(name);
        Truth(value);
    }

    public void Truth(bool value) => Literal(value ? "true"u8 : "false"u8);

    public void Null() => Literal("null"u8);

    private void Literal(ReadOnlySpan<byte> word)
    {
        Comma();
        word.CopyTo(GetSpan(word.Length));
        _length += word.Length;
        _needsComma = true;
    }

    private void Begin(byte open)
    {
        Comma();
        Byte(open);
        _needsComma = false;
    }

    private void End(byte close)
    {
        Byte(close);
        _needsComma = true;
    }

    private void Name(string name)
    {
        Comma();
        var to = GetSpan(name.Length + 3);
        to[0] = (byte)'"';
        for (var i = 0; i < name.Length; i++)
        {
            to[i + 1] = (byte)name[i];
        }

        to[name.Length + 1] = (byte)'"';
        to[name.Length + 2] = (byte)':';
        _length += name.Length + 3;
        _needsComma = false;
    }

    // Most texts need no escape: printable ASCII without quote and backslash is copied.
    private static bool TryWritePlain(string text, Span<byte> to)
    {
        for (var i = 0; i < text.Length; i++)
        {
            var letter = text[i];
            if (letter is < ' ' or > '~' or '"' or '\\')
            {
                return false;
            }

            to[i] = (byte)letter;
        }

        return true;
    }

    private void Comma()
    {
        if (_needsComma)
        {
            Byte((byte)',');
            _needsComma = false;
        }
    }

    private void Byte(byte value)
    {
        Need(1);
        _to[_length++] = value;
    }

    private void Need(int count)
    {
        if (_to.Length - _length < count)
        {
            Array.Resize(ref _to, Math.Max(_to.Length * 2, _length + count));
        }
    }
}
