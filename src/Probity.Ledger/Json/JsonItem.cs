using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Probity.Ledger.Json;

/// <summary>
/// One value of a <see cref="JsonTape"/>, usable until the tape is disposed. Nothing here allocates but what returns a
/// <see cref="string"/>. The default has <see cref="Kind"/> <see cref="JsonValueKind.Undefined"/> and nothing else.
/// </summary>
public readonly struct JsonItem
{
    private readonly JsonTape? _tape;
    private readonly int _index;

    internal JsonItem(JsonTape tape, int index)
    {
        _tape = tape;
        _index = index;
    }

    /// <summary>Gets what the value is; a member name is a string.</summary>
    public JsonValueKind Kind => _tape is null ? JsonValueKind.Undefined : (JsonValueKind)KindOf[(int)Token.Kind];

    /// <summary>Gets the bytes of the value as they were sent, quotes and brackets included.</summary>
    public ReadOnlySpan<byte> Raw => Token.Raw(Tape.Json);

    /// <summary>Gets the offset of the value in bytes from the start of the text.</summary>
    public int ByteOffset => Token.Start;

    /// <summary>
    /// Gets the JSON Pointer (RFC 6901) to the value, or to the member whose name this is. For messages: slow.
    /// </summary>
    [SuppressMessage("Naming", "CA1720", Justification = "The field's word: RFC 6901 calls it a JSON Pointer.")]
    public string Pointer => JsonPointer.To(Tape.Json, Tape.Tokens, _index);

    /// <summary>Gets whether the bytes of the value are its canonical form (RFC 8785 §3) as they stand.</summary>
    public bool IsCanonical => Token.Has(TokenFlags.Canonical);

    /// <summary>Gets the number of elements or members.</summary>
    /// <remarks>An object counts them each time.</remarks>
    /// <exception cref="InvalidOperationException">The value is neither array nor object.</exception>
    public int Count
    {
        get
        {
            if (Token.Kind == TokenKind.Array)
            {
                return Token.Link;
            }

            var count = 0;
            foreach (var _ in EnumerateObject())
            {
                count++;
            }

            return count;
        }
    }

    /// <summary>Gets the most bytes that <see cref="CopyUnescapedUtf8"/> writes.</summary>
    /// <exception cref="InvalidOperationException">The value is not a string.</exception>
    public int MaxUnescapedLength => TextToken.Length - 2;

    /// <summary>What each <see cref="TokenKind"/> is; a name is a string.</summary>
    private static ReadOnlySpan<byte> KindOf =>
    [
        (byte)JsonValueKind.Null, (byte)JsonValueKind.False, (byte)JsonValueKind.True, (byte)JsonValueKind.Number,
        (byte)JsonValueKind.String, (byte)JsonValueKind.String, (byte)JsonValueKind.Array, (byte)JsonValueKind.Object,
    ];

    private JsonTape Tape => _tape ?? throw new InvalidOperationException("The item is the default; it is no value.");

    private ref readonly JsonToken Token => ref Tape[_index];

    private ref readonly JsonToken TextToken
    {
        get
        {
            ref readonly var token = ref Token;
            if (token.Kind is not (TokenKind.String or TokenKind.Name))
            {
                throw NotA("string");
            }

            return ref token;
        }
    }

    /// <summary>Finds a member by its name.</summary>
    /// <param name="name">The name, unescaped, in UTF-8.</param>
    /// <param name="value">The value of the member, or the default.</param>
    /// <returns>Whether the value is an object that has the member.</returns>
    public bool TryGet(ReadOnlySpan<byte> name, out JsonItem value)
    {
        value = default;
        if (_tape is null || Token.Kind != TokenKind.Object)
        {
            return false;
        }

        var json = _tape.Json;
        var tokens = _tape.Tokens;
        var end = tokens[_index].Next;
        for (var at = _index + 1; at < end; at = tokens[at + 1].Next)
        {
            if (JsonText.Says(tokens[at], json, name))
            {
                value = new JsonItem(_tape, at + 1);
                return true;
            }
        }

        return false;
    }

    /// <summary>Lists the members in the order of the text.</summary>
    /// <exception cref="InvalidOperationException">The value is not an object.</exception>
    public ObjectEnumerator EnumerateObject()
        => Token.Kind == TokenKind.Object ? new ObjectEnumerator(Tape, _index) : throw NotA("object");

    /// <summary>Lists the elements in the order of the text.</summary>
    /// <exception cref="InvalidOperationException">The value is not an array.</exception>
    public ArrayEnumerator EnumerateArray()
        => Token.Kind == TokenKind.Array ? new ArrayEnumerator(Tape, _index) : throw NotA("array");

    /// <summary>Whether the value is a string, or a name, that stands for exactly this text.</summary>
    /// <param name="text">Unescaped UTF-8.</param>
    public bool ValueEquals(ReadOnlySpan<byte> text)
        => Token.Kind is TokenKind.String or TokenKind.Name && JsonText.Says(Token, Tape.Json, text);

    /// <summary>Returns the text of a string.</summary>
    /// <exception cref="InvalidOperationException">The value is not a string.</exception>
    public string GetString()
    {
        if (TryGetUnescaped(out var plain))
        {
            return Encoding.UTF8.GetString(plain);
        }

        var rented = ArrayPool<byte>.Shared.Rent(MaxUnescapedLength);
        var text = Encoding.UTF8.GetString(rented, 0, CopyUnescapedUtf8(rented));
        ArrayPool<byte>.Shared.Return(rented, clearArray: true);
        return text;
    }

    /// <summary>Gets the text of a string in place, when it was sent without escapes.</summary>
    /// <param name="text">The text in UTF-8, or empty.</param>
    /// <returns>False when there are escapes: use <see cref="CopyUnescapedUtf8"/>.</returns>
    /// <exception cref="InvalidOperationException">The value is not a string.</exception>
    public bool TryGetUnescaped(out ReadOnlySpan<byte> text)
    {
        ref readonly var token = ref TextToken;
        var isPlain = !token.Has(TokenFlags.Escaped);
        text = isPlain ? token.Content(Tape.Json) : default;
        return isPlain;
    }

    /// <summary>Writes the text of a string in UTF-8.</summary>
    /// <param name="to">At least <see cref="MaxUnescapedLength"/> bytes.</param>
    /// <returns>The number of bytes written.</returns>
    /// <exception cref="InvalidOperationException">The value is not a string.</exception>
    /// <exception cref="ArgumentException">The destination is shorter than that.</exception>
    public int CopyUnescapedUtf8(Span<byte> to)
    {
        var content = TextToken.Content(Tape.Json);
        if (to.Length < content.Length)
        {
            throw new ArgumentException("The destination is shorter than MaxUnescapedLength.", nameof(to));
        }

        return JsonText.Unescape(content, to);
    }

    /// <summary>Gets a number that is an integer, in any spelling: 1, 1.0 and 1e0.</summary>
    /// <param name="value">The integer, within ±(2^53-1); or 0.</param>
    /// <returns>Whether the value is such a number.</returns>
    public bool TryGetInt64(out long value)
    {
        value = 0;
        if (_tape is null || Token.Kind != TokenKind.Number)
        {
            return false;
        }

        return Token.Has(TokenFlags.Integer)
            ? long.TryParse(Raw, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value)
            : JsonNumber.TryToInt64(Raw, out value);
    }

    /// <summary>Returns a number that is an integer, in any spelling, within ±(2^53-1).</summary>
    /// <exception cref="InvalidOperationException">The value is not such a number.</exception>
    public long GetInt64() => TryGetInt64(out var value) ? value : throw NotA("integer");

    /// <summary>Returns a number as the double that keeps it.</summary>
    /// <exception cref="InvalidOperationException">The value is not a number.</exception>
    public double GetDouble() => Token.Kind == TokenKind.Number ? JsonNumber.ToDouble(Raw) : throw NotA("number");

    /// <summary>Writes the canonical form of the value (RFC 8785 §3.2).</summary>
    public void WriteCanonical(IBufferWriter<byte> to)
    {
        ArgumentNullException.ThrowIfNull(to);
        new CanonicalWriter(to, Token.Length).WriteTape(Tape.Json, Tape.Tokens, _index);
    }

    /// <summary>Writes the canonical form of the value (RFC 8785 §3.2).</summary>
    public void WriteCanonical(ByteBuffer to)
    {
        ArgumentNullException.ThrowIfNull(to);
        ref readonly var token = ref Token;
        if (token.Has(TokenFlags.Canonical))
        {
            to.Write(token.Raw(Tape.Json));
        }
        else
        {
            new CanonicalWriter(to, token.Length).WriteTape(Tape.Json, Tape.Tokens, _index);
        }
    }

    /// <summary>Returns the bytes of the value as they were sent.</summary>
    public override string ToString() => _tape is null ? string.Empty : Encoding.UTF8.GetString(Raw);

    private InvalidOperationException NotA(string kind)
        => new($"The value at '{Pointer}' is not of kind {kind} but {Kind}; ask for Kind first.");

    /// <summary>Steps through the members of an object.</summary>
    public struct ObjectEnumerator
    {
        private readonly JsonTape _tape;
        private readonly int _end;
        private int _next;

        internal ObjectEnumerator(JsonTape tape, int index)
        {
            _tape = tape;
            _end = tape[index].Next;
            _next = index + 1;
            Current = default;
        }

        /// <summary>Gets the member stepped to.</summary>
        public JsonMember Current { get; private set; }

        /// <summary>Returns itself, for <c>foreach</c>.</summary>
        public readonly ObjectEnumerator GetEnumerator() => this;

        /// <summary>Steps to the next member; false when there is none.</summary>
        public bool MoveNext()
        {
            if (_next >= _end)
            {
                return false;
            }

            Current = new JsonMember(new JsonItem(_tape, _next), new JsonItem(_tape, _next + 1));
            _next = _tape[_next + 1].Next;
            return true;
        }
    }

    /// <summary>Steps through the elements of an array.</summary>
    public struct ArrayEnumerator
    {
        private readonly JsonTape _tape;
        private readonly int _end;
        private int _next;

        internal ArrayEnumerator(JsonTape tape, int index)
        {
            _tape = tape;
            _end = tape[index].Next;
            _next = index + 1;
            Current = default;
        }

        /// <summary>Gets the element stepped to.</summary>
        public JsonItem Current { get; private set; }

        /// <summary>Returns itself, for <c>foreach</c>.</summary>
        public readonly ArrayEnumerator GetEnumerator() => this;

        /// <summary>Steps to the next element; false when there is none.</summary>
        public bool MoveNext()
        {
            if (_next >= _end)
            {
                return false;
            }

            Current = new JsonItem(_tape, _next);
            _next = _tape[_next].Next;
            return true;
        }
    }
}
