using System.Buffers;
using System.Globalization;
using System.Text;
using Probity.Ledger.Json;

namespace Probity.Monitoring.Decisions;

/// <summary>
/// Writes canonical JSON member by member. The caller gives members in the order of RFC 8785; tests hold every record
/// against the canonical form.
/// </summary>
internal sealed class RecordWriter
{
    private readonly ArrayBufferWriter<byte> _to = new(2_048);
    private bool _needsComma;

    public ReadOnlyMemory<byte> Bytes => _to.WrittenMemory.ToArray();

    public void Object(Action members) => Nest('{', '}', members);

    public void Array(string name, Action elements)
    {
        Name(name);
        Nest('[', ']', elements);
    }

    public void Array(Action elements) => Nest('[', ']', elements);

    public void Object(string name, Action members)
    {
        Name(name);
        Nest('{', '}', members);
    }

    public void Text(string name, string value)
    {
        Name(name);
        CanonicalJson.WriteString(_to, value);
        _needsComma = true;
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
        Raw(value.ToString(CultureInfo.InvariantCulture));
        _needsComma = true;
    }

    public void Whole(long value)
    {
        Comma();
        Raw(value.ToString(CultureInfo.InvariantCulture));
        _needsComma = true;
    }

    public void Null()
    {
        Comma();
        Raw("null");
        _needsComma = true;
    }

    public void Truth(string name, bool value)
    {
        Name(name);
        Raw(value ? "true" : "false");
        _needsComma = true;
    }

    public void Truth(bool value)
    {
        Comma();
        Raw(value ? "true" : "false");
        _needsComma = true;
    }

    private void Nest(char open, char close, Action inside)
    {
        Comma();
        Raw(open.ToString());
        _needsComma = false;
        inside();
        Raw(close.ToString());
        _needsComma = true;
    }

    private void Name(string name)
    {
        Comma();
        CanonicalJson.WriteString(_to, name);
        Raw(":");
        _needsComma = false;
    }

    private void Comma()
    {
        if (_needsComma)
        {
            Raw(",");
            _needsComma = false;
        }
    }

    private void Raw(string ascii) => Encoding.ASCII.GetBytes(ascii, _to);
}
