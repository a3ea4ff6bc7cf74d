using System.Buffers;

namespace Probity.Ledger.Json;

/// <summary>
/// Writes canonical JSON (RFC 8785 §3.2) into the memory of a buffer writer, which it asks for in large pieces.
/// </summary>
internal ref struct CanonicalWriter
{
    private const int StackBytes = 256;

    private readonly IBufferWriter<byte> _to;
    private Span<byte> _span;
    private int _written;

    public CanonicalWriter(IBufferWriter<byte> to, int sizeHint)
    {
        _to = to;
        _span = to.GetSpan(sizeHint);
    }

    /// <summary>Writes the value at an index of a tape, and hands over what is written.</summary>
    public void WriteTape(ReadOnlySpan<byte> json, ReadOnlySpan<JsonToken> tokens, int index)
    {
        WriteToken(json, tokens, index);
        Flush();
    }

    /// <summary>Writes a string with the escapes of RFC 8785 §3.2.2.2, of text that is valid UTF-8.</summary>
    public void WriteString(scoped ReadOnlySpan<byte> text)
    {
        Write((byte)'"');
        while (true)
        {
            var plain = JsonText.IndexOfSpecial(text, 0);
            Write(text[..plain]);
            if (plain == text.Length)
            {
                break;
            }

            WriteEscape(text[plain]);
            text = text[(plain + 1)..];
        }

        Write((byte)'"');
    }

    public void WriteNumber(double value)
    {
        Span<byte> printed = stackalloc byte[JsonNumber.MaxLength];
        Write(printed[..JsonNumber.Format(value, printed)]);
    }

    /// <summary>Hands over what is written.</summary>
    public void Flush()
    {
        _to.Advance(_written);
        _written = 0;
        _span = default;
    }

    private void WriteToken(ReadOnlySpan<byte> json, ReadOnlySpan<JsonToken> tokens, int index)
    {
        ref readonly var token = ref tokens[index];
        if (token.Has(TokenFlags.Canonical))
        {
            Write(token.Raw(json));
            return;
        }

        switch (token.Kind)
        {
            case TokenKind.Object:
                WriteObject(json, tokens, index);
                break;
            case TokenKind.Array:
                WriteArray(json, tokens, index);
                break;
            case TokenKind.Number:
                WriteNumber(JsonNumber.ToDouble(token.Raw(json)));
                break;
            default:
                WriteEscaped(token.Content(json));
                break;
        }
    }

    private void WriteObject(ReadOnlySpan<byte> json, ReadOnlySpan<JsonToken> tokens, int index)
    {
        Write((byte)'{');
        var first = tokens[index].Link;
        for (var name = first; name != 0; name = tokens[name].Link)
        {
            if (name != first)
            {
                Write((byte)',');
            }

            WriteToken(json, tokens, name);
            Write((byte)':');
            WriteToken(json, tokens, name + 1);
        }

        Write((byte)'}');
    }

    private void WriteArray(ReadOnlySpan<byte> json, ReadOnlySpan<JsonToken> tokens, int index)
    {
        Write((byte)'[');
        var end = tokens[index].Next;
        for (var at = index + 1; at < end; at = tokens[at].Next)
        {
            if (at != index + 1)
            {
                Write((byte)',');
            }

            WriteToken(json, tokens, at);
        }

        Write((byte)']');
    }

    /// <summary>Writes a string that was sent with escapes other than the shortest.</summary>
    private void WriteEscaped(ReadOnlySpan<byte> content)
    {
        if (content.Length > StackBytes)
        {
            var rented = ArrayPool<byte>.Shared.Rent(content.Length);
            WriteString(rented.AsSpan(0, JsonText.Unescape(content, rented)));
            ArrayPool<byte>.Shared.Return(rented, clearArray: true);
            return;
        }

        Span<byte> plain = stackalloc byte[StackBytes];
        WriteString(plain[..JsonText.Unescape(content, plain)]);
    }

    private void WriteEscape(byte value)
    {
        var letter = JsonText.ShortEscape(value);
        if (letter != 0)
        {
            Write([(byte)'\\', letter]);
            return;
        }

        var low = value & 0xF;
        Write(
        [
            (byte)'\\', (byte)'u', (byte)'0', (byte)'0', (byte)('0' + (value >> 4)),
            (byte)(low < 10 ? '0' + low : 'a' + low - 10),
        ]);
    }

    private void Write(byte value)
    {
        if ((uint)_written >= (uint)_span.Length)
        {
            Grow(1);
        }

        _span[_written] = value;
        _written++;
    }

    private void Write(scoped ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > _span.Length - _written)
        {
            Grow(bytes.Length);
        }

        bytes.CopyTo(_span[_written..]);
        _written += bytes.Length;
    }

    private void Grow(int sizeHint)
    {
        Flush();
        _span = _to.GetSpan(sizeHint);
    }
}
