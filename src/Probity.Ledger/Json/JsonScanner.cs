using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Probity.Ledger.Json;

/// <summary>
/// Reads one JSON text (RFC 8259) in one pass onto a tape, without recursion, and refuses what the ledger cannot keep.
/// The text must be valid UTF-8.
/// </summary>
/// <remarks>A parser: longer than other files, as its rules refer to each other.</remarks>
internal ref struct JsonScanner
{
    /// <summary>2^53 has 16 digits; every integer of fewer digits is safe.</summary>
    private const int AlwaysSafeDigits = 15;

    private readonly ReadOnlySpan<byte> _json;
    private readonly int _maxDepth;
    private readonly bool _isStrict;
    private JsonToken[] _tokens;
    private int _count;
    private int _at;
    private int _depth;

    /// <summary>The innermost open array or object, or -1.</summary>
    private int _container;

    /// <summary>
    /// The last place where the text differs from its canonical form so far. An array or object is canonical exactly
    /// when it starts after it.
    /// </summary>
    private int _dirtyAt;

    /// <param name="json">The text.</param>
    /// <param name="maxDepth">Most levels.</param>
    /// <param name="isStrict">
    /// Whether NUL and numbers that a double does not keep are refused; else RFC 8785 as it stands.
    /// </param>
    public JsonScanner(ReadOnlySpan<byte> json, int maxDepth, bool isStrict)
    {
        _json = json;
        _maxDepth = maxDepth;
        _isStrict = isStrict;
        _tokens = ArrayPool<JsonToken>.Shared.Rent(Math.Max(64, json.Length / 8));
        _container = -1;
        _dirtyAt = -1;
    }

    /// <summary>The tape, rented; the caller gives it back.</summary>
    public readonly JsonToken[] Tokens => _tokens;

    public readonly int Count => _count;

    public void Run()
    {
        ReadValue();
        while (_container >= 0)
        {
            ReadNext();
        }

        if (Peek() >= 0)
        {
            RefuseSyntax("The text goes on after its end; send one JSON value.");
        }
    }

    /// <summary>In an open array or object: closes it, or reads one element or member.</summary>
    private void ReadNext()
    {
        ref readonly var open = ref _tokens[_container];
        var isObject = open.Kind == TokenKind.Object;
        var next = Peek();
        if (next == (isObject ? '}' : ']'))
        {
            Close();
            return;
        }

        if (open.Link > 0)
        {
            if (next != ',')
            {
                RefuseSyntax(isObject ? "A comma or '}' belongs here." : "A comma or ']' belongs here.");
            }

            _at++;
        }

        var container = _container;
        if (isObject)
        {
            ReadName();
        }

        ReadValue();
        _tokens[container].Link++;
    }

    private void ReadName()
    {
        if (Peek() != '"')
        {
            RefuseSyntax("A member name in double quotes belongs here; remove a trailing comma or comment.");
        }

        ReadString(TokenKind.Name);
        if (Peek() != ':')
        {
            RefuseSyntax("A colon belongs after the member name.");
        }

        _at++;
    }

    private void ReadValue()
    {
        switch (Peek())
        {
            case '"':
                ReadString(TokenKind.String);
                break;
            case '{':
                Open(TokenKind.Object);
                break;
            case '[':
                Open(TokenKind.Array);
                break;
            case 't':
                ReadLiteral("true"u8, TokenKind.True);
                break;
            case 'f':
                ReadLiteral("false"u8, TokenKind.False);
                break;
            case 'n':
                ReadLiteral("null"u8, TokenKind.Null);
                break;
            case '-' or (>= '0' and <= '9'):
                ReadNumber();
                break;
            case -1:
                RefuseSyntax("The text ends where a value belongs; send it whole.");
                break;
            default:
                RefuseSyntax("A value belongs here: object, array, string in double quotes, number, true, false or null.");
                break;
        }
    }

    private void Open(TokenKind kind)
    {
        if (_depth == _maxDepth)
        {
            RefuseDepth();
        }

        var index = _count;
        Append(kind, _at, 1, TokenFlags.None);
        _tokens[index].Next = _container;
        _container = index;
        _depth++;
        _at++;
    }

    private void Close()
    {
        var index = _container;
        ref var open = ref _tokens[index];
        var parent = open.Next;
        if (open.Kind == TokenKind.Object && open.Link > 0)
        {
            ChainMembers(index, open.Link);
        }

        _at++;
        open.Length = _at - open.Start;
        open.Next = _count;
        open.Flags = _dirtyAt < open.Start ? TokenFlags.Canonical : TokenFlags.None;
        _container = parent;
        _depth--;
    }

    private void ChainMembers(int index, int count)
    {
        if (count == 1)
        {
            _tokens[index].Link = index + 1;
            return;
        }

        var repeated = MemberOrder.Chain(_json, _tokens.AsSpan(0, _count), index, count, out var isInOrder);
        if (repeated > 0)
        {
            RefuseDuplicate(_tokens[repeated]);
        }

        if (!isInOrder)
        {
            _dirtyAt = _at;
        }
    }

    private void ReadLiteral(ReadOnlySpan<byte> literal, TokenKind kind)
    {
        if (!_json[_at..].StartsWith(literal))
        {
            RefuseSyntax("A value belongs here; the only words are true, false and null.");
        }

        Append(kind, _at, literal.Length, TokenFlags.Canonical);
        _at += literal.Length;
    }

    private void ReadString(TokenKind kind)
    {
        var start = _at;
        var flags = TokenFlags.Canonical;
        var at = start + 1;
        while (true)
        {
            at = JsonText.IndexOfSpecial(_json, at);
            if (at >= _json.Length)
            {
                RefuseSyntaxAt(start, "The string has no closing quote.");
            }

            if (_json[at] == (byte)'"')
            {
                break;
            }

            if (_json[at] != (byte)'\\')
            {
                RefuseControl(at);
            }

            flags |= TokenFlags.Escaped;
            at = ReadEscape(at, ref flags);
        }

        _at = at + 1;
        Append(kind, start, _at - start, flags);
        if ((flags & TokenFlags.Canonical) == 0)
        {
            _dirtyAt = start;
        }
    }

    /// <summary>Checks the escape at the backslash and returns the place behind it.</summary>
    private readonly int ReadEscape(int at, ref TokenFlags flags)
    {
        var letter = at + 1 < _json.Length ? _json[at + 1] : (byte)0;
        if (letter == (byte)'u')
        {
            return ReadUnicodeEscape(at, ref flags);
        }

        if (JsonText.FromShortEscape(letter) < 0)
        {
            RefuseSyntaxAt(
                at, "No such escape; the escapes are \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\u with four hexadecimal digits.");
        }

        if (letter == (byte)'/')
        {
            flags &= ~TokenFlags.Canonical;
        }

        return at + 2;
    }

    private readonly int ReadUnicodeEscape(int at, ref TokenFlags flags)
    {
        var unit = JsonText.Hex4(_json, at + 2);
        if (unit < 0)
        {
            RefuseSyntaxAt(at, "Four hexadecimal digits belong after \\u.");
        }

        if (unit == 0 && _isStrict)
        {
            Refuse(
                JsonRefusedException.Nul, at, "NUL (\\u0000) is not kept by databases and tools; remove it from the text.");
        }

        var end = at + 6;
        if (char.IsSurrogate((char)unit))
        {
            var isPair = char.IsHighSurrogate((char)unit)
                && end + 1 < _json.Length && _json[end] == (byte)'\\' && _json[end + 1] == (byte)'u'
                && JsonText.Hex4(_json, end + 2) is var low and >= 0 && char.IsLowSurrogate((char)low);
            if (!isPair)
            {
                Refuse(
                    JsonRefusedException.Utf8, at,
                    "Half of a surrogate pair is not a character; send both halves, or the character itself.");
            }

            end += 6;
        }

        var isShortest = unit < 0x20 && JsonText.ShortEscape((byte)unit) == 0
            && _json.Slice(at + 2, 4).IndexOfAnyInRange((byte)'A', (byte)'F') < 0;
        if (!isShortest)
        {
            flags &= ~TokenFlags.Canonical;
        }

        return end;
    }

    private void ReadNumber()
    {
        var start = _at;
        var at = _json[start] == (byte)'-' ? start + 1 : start;
        var integerStart = at;
        at = SkipDigits(at, "A digit belongs after the minus sign.");
        var digits = at - integerStart;
        if (digits > 1 && _json[integerStart] == (byte)'0')
        {
            RefuseSyntaxAt(start, "A number has no leading zero; remove it, or send a string.");
        }

        var isInteger = true;
        if (at < _json.Length && _json[at] == (byte)'.')
        {
            isInteger = false;
            at = SkipDigits(at + 1, "A digit belongs after the decimal point.");
        }

        if (at < _json.Length && (_json[at] | 0x20) == 'e')
        {
            isInteger = false;
            at++;
            at += at < _json.Length && _json[at] is (byte)'+' or (byte)'-' ? 1 : 0;
            at = SkipDigits(at, "A digit belongs in the exponent.");
        }

        var raw = _json[start..at];
        var isShort = isInteger && digits <= AlwaysSafeDigits && !raw.SequenceEqual("-0"u8);
        var verdict = isShort ? NumberVerdict.Canonical : JsonNumber.Judge(raw, _isStrict);
        if (verdict > NumberVerdict.Kept)
        {
            RefuseNumber(verdict);
        }

        _at = at;
        Append(TokenKind.Number, start, raw.Length, isShort ? TokenFlags.Integer : TokenFlags.None);
        if (verdict == NumberVerdict.Canonical)
        {
            _tokens[_count - 1].Flags |= TokenFlags.Canonical;
        }
        else
        {
            _dirtyAt = start;
        }
    }

    private readonly int SkipDigits(int at, string message)
    {
        var start = at;
        while (at < _json.Length && char.IsAsciiDigit((char)_json[at]))
        {
            at++;
        }

        if (at == start)
        {
            RefuseSyntaxAt(at, message);
        }

        return at;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Append(TokenKind kind, int start, int length, TokenFlags flags)
    {
        if (_count == _tokens.Length)
        {
            Grow();
        }

        ref var token = ref _tokens[_count];
        _count++;
        token.Start = start;
        token.Length = length;
        token.Next = _count;
        token.Link = 0;
        token.Kind = kind;
        token.Flags = flags;
    }

    private void Grow()
    {
        var larger = ArrayPool<JsonToken>.Shared.Rent(_tokens.Length * 2);
        _tokens.AsSpan(0, _count).CopyTo(larger);
        ArrayPool<JsonToken>.Shared.Return(_tokens);
        _tokens = larger;
    }

    /// <summary>The next byte that is not white space, or -1 at the end; moves to it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Peek()
    {
        var at = _at;
        if ((uint)at < (uint)_json.Length)
        {
            var next = _json[at];
            if (next > (byte)' ')
            {
                return next;
            }
        }

        return PeekOverSpace();
    }

    private int PeekOverSpace()
    {
        while (_at < _json.Length && _json[_at] is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r')
        {
            _dirtyAt = _at;
            _at++;
        }

        return _at < _json.Length ? _json[_at] : -1;
    }

    [DoesNotReturn]
    private readonly void RefuseControl(int at)
    {
        if (_json[at] == 0 && _isStrict)
        {
            Refuse(JsonRefusedException.Nul, at, "NUL is not kept by databases and tools; remove it from the text.");
        }

        RefuseSyntaxAt(at, "A control character in a string must be escaped, for example \\n or \\u0009.");
    }

    [DoesNotReturn]
    private readonly void RefuseDepth() => Refuse(
        JsonRefusedException.Depth, _at,
        $"More than {_maxDepth} arrays and objects inside each other; send it flatter.");

    [DoesNotReturn]
    private readonly void RefuseNumber(NumberVerdict verdict)
        => Refuse(JsonRefusedException.UnsafeNumber, _at, verdict switch
        {
            NumberVerdict.UnsafeInteger =>
                "An integer outside ±9007199254740991 changes in readers that use doubles; send it as a string.",
            NumberVerdict.UnsafeDecimal =>
                "A decimal with more digits than a double gives back changes in other readers; send it as a string.",
            _ => "The number is beyond the largest double; send it as a string.",
        });

    [DoesNotReturn]
    private readonly void RefuseDuplicate(in JsonToken name)
    {
        var pointer = JsonPointer.ToOpen(_json, _tokens, _container);
        throw new JsonRefusedException(
            JsonRefusedException.DuplicateKey,
            JsonPointer.AppendName(pointer, _json, name).ToString(),
            name.Start,
            "The object names this member twice; send it once.");
    }

    [DoesNotReturn]
    private readonly void RefuseSyntax(string message) => RefuseSyntaxAt(_at, message);

    [DoesNotReturn]
    private readonly void RefuseSyntaxAt(int at, string message) => Refuse(JsonRefusedException.Syntax, at, message);

    [DoesNotReturn]
    private readonly void Refuse(string code, int at, string message)
        => throw new JsonRefusedException(code, PointerHere(), at, message);

    /// <summary>The value that is being read, or the array or object around it when none is.</summary>
    private readonly string PointerHere()
    {
        if (_container < 0)
        {
            return string.Empty;
        }

        var pointer = JsonPointer.ToOpen(_json, _tokens, _container);
        ref readonly var last = ref _tokens[_count - 1];
        if (last.Kind == TokenKind.Name)
        {
            return JsonPointer.AppendName(pointer, _json, last).ToString();
        }

        // In an array the next byte tells an element that is at fault from a comma that is.
        var isElement = _tokens[_container].Kind == TokenKind.Array && _at < _json.Length && IsValueStart(_json[_at])
            && (_tokens[_container].Link == 0 || _json[.._at].TrimEnd(" \t\n\r"u8)[^1] == (byte)',');
        return (isElement ? JsonPointer.AppendIndex(pointer, _tokens[_container].Link) : pointer).ToString();
    }

    private static bool IsValueStart(byte value)
        => value is (byte)'"' or (byte)'-' or (byte)'[' or (byte)'{' or (byte)'t' or (byte)'f' or (byte)'n'
            or (>= (byte)'0' and <= (byte)'9');
}
