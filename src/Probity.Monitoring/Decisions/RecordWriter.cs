using System.Buffers;
using System.Globalization;
using System.Text;
using Probity.Ledger.Json;

namespace Probity.Monitoring.Decisions;

/// <summary>
/// Writes canonical JSON member by member. The caller gives members in the order of RFC 8785 and names of plain ASCII;
/// tests hold every record against the canonical form. Used again for the next record; not thread safe.
/// </summary>
internal sealed class RecordWriter
{
    private const int LongestNumber = 20;

    private readonly ArrayBufferWriter<byte> _to = new(4_096);
    private bool _needsComma;

    public ReadOnlyMemory<byte> Bytes => _to.WrittenMemory.ToArray();

    /// <summary>Begins anew.</summary>
    public void Reset()
    {
        _to.ResetWrittenCount();
        _needsComma = false;
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
        CanonicalJson.WriteString(_to, value);
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
        value.TryFormat(_to.GetSpan(LongestNumber), out var written, default, CultureInfo.InvariantCulture);
        _to.Advance(written);
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
        _to.Write(word);
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
        var to = _to.GetSpan(name.Length + 3);
        to[0] = (byte)'"';
        Encoding.ASCII.GetBytes(name, to[1..]);
        to[name.Length + 1] = (byte)'"';
        to[name.Length + 2] = (byte)':';
        _to.Advance(name.Length + 3);
        _needsComma = false;
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
        _to.GetSpan(1)[0] = value;
        _to.Advance(1);
    }
}
