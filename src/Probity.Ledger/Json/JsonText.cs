using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;

namespace Probity.Ledger.Json;

/// <summary>
/// Strings of RFC 8259 §7 as bytes: where they end, what they say, and how RFC 8785 §3.2.2.2 prints them.
/// </summary>
internal static class JsonText
{
    private const int StackBytes = 256;

    /// <summary>
    /// Finds the next quote, backslash or control character; the length of the text when there is none.
    /// </summary>
    public static int IndexOfSpecial(ReadOnlySpan<byte> json, int at)
    {
        ref var first = ref MemoryMarshal.GetReference(json);
        while (at <= json.Length - Vector128<byte>.Count)
        {
            var block = Vector128.LoadUnsafe(ref first, (nuint)at);
            var special = Vector128.Equals(block, Vector128.Create((byte)'"'))
                | Vector128.Equals(block, Vector128.Create((byte)'\\'))
                | Vector128.LessThan(block, Vector128.Create((byte)' '));
            if (special != Vector128<byte>.Zero)
            {
                return at + BitOperations.TrailingZeroCount(special.ExtractMostSignificantBits());
            }

            at += Vector128<byte>.Count;
        }

        while (at < json.Length && !IsSpecial(json[at]))
        {
            at++;
        }

        return at;
    }

    /// <summary>Whether RFC 8785 §3.2.2.2 escapes the byte. DEL and all above it stay as they are.</summary>
    public static bool IsSpecial(byte value) => value is < 0x20 or (byte)'"' or (byte)'\\';

    /// <summary>The letter of a two-character escape, or 0 when the control character has only the \u form.</summary>
    public static byte ShortEscape(byte value) => value switch
    {
        (byte)'\b' => (byte)'b',
        (byte)'\t' => (byte)'t',
        (byte)'\n' => (byte)'n',
        (byte)'\f' => (byte)'f',
        (byte)'\r' => (byte)'r',
        (byte)'"' => (byte)'"',
        (byte)'\\' => (byte)'\\',
        _ => 0,
    };

    /// <summary>The byte that a two-character escape stands for, or -1 when there is no such escape.</summary>
    public static int FromShortEscape(byte letter) => letter switch
    {
        (byte)'b' => '\b',
        (byte)'t' => '\t',
        (byte)'n' => '\n',
        (byte)'f' => '\f',
        (byte)'r' => '\r',
        (byte)'"' or (byte)'\\' or (byte)'/' => letter,
        _ => -1,
    };

    /// <summary>Reads four hexadecimal digits, or -1 when they are not there.</summary>
    public static int Hex4(ReadOnlySpan<byte> json, int at)
    {
        if (at > json.Length - 4)
        {
            return -1;
        }

        var value = 0;
        foreach (var digit in json.Slice(at, 4))
        {
            if (!char.IsAsciiHexDigit((char)digit))
            {
                return -1;
            }

            value = (value << 4) | (digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10);
        }

        return value;
    }

    /// <summary>
    /// Writes the text that the content of a string stands for. The content has been checked by the scanner, and the
    /// destination is at least as long: unescaping never grows.
    /// </summary>
    public static int Unescape(ReadOnlySpan<byte> content, Span<byte> to)
    {
        var at = 0;
        var written = 0;
        while (at < content.Length)
        {
            var plain = content[at..].IndexOf((byte)'\\');
            plain = plain < 0 ? content.Length - at : plain;
            content.Slice(at, plain).CopyTo(to[written..]);
            at += plain;
            written += plain;
            if (at < content.Length)
            {
                written += UnescapeOne(content, ref at, to[written..]);
            }
        }

        return written;
    }

    /// <summary>Whether the string or name stands for exactly this text.</summary>
    public static bool Says(in JsonToken token, ReadOnlySpan<byte> json, ReadOnlySpan<byte> text)
    {
        var content = token.Content(json);
        if (!token.Has(TokenFlags.Escaped))
        {
            return content.SequenceEqual(text);
        }

        if (content.Length < text.Length)
        {
            return false;
        }

        byte[]? rented = null;
        var plain = content.Length <= StackBytes
            ? stackalloc byte[StackBytes]
            : rented = ArrayPool<byte>.Shared.Rent(content.Length);
        var same = plain[..Unescape(content, plain)].SequenceEqual(text);
        Return(rented);

        return same;
    }

    /// <summary>Orders two names by the UTF-16 code units of what they stand for (RFC 8785 §3.2.3).</summary>
    public static int Compare(ReadOnlySpan<byte> json, in JsonToken left, in JsonToken right)
    {
        if (!left.Has(TokenFlags.Escaped) && !right.Has(TokenFlags.Escaped))
        {
            return CompareUtf16Order(left.Content(json), right.Content(json));
        }

        var leftContent = left.Content(json);
        var rightContent = right.Content(json);
        var length = leftContent.Length + rightContent.Length;
        byte[]? rented = null;
        var plain = length <= StackBytes ? stackalloc byte[StackBytes] : rented = ArrayPool<byte>.Shared.Rent(length);
        var split = Unescape(leftContent, plain);
        var end = Unescape(rightContent, plain[split..]);
        var order = CompareUtf16Order(plain[..split], plain.Slice(split, end));
        Return(rented);

        return order;
    }

    /// <summary>
    /// Orders UTF-8 text by UTF-16 code units. That is the order of the bytes, but for U+E000 to U+FFFF (first byte 0xEE
    /// or 0xEF), which come after the surrogates of the code points beyond them (first byte 0xF0 to 0xF4).
    /// </summary>
    public static int CompareUtf16Order(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        var common = left.CommonPrefixLength(right);
        if (common == left.Length || common == right.Length)
        {
            return left.Length.CompareTo(right.Length);
        }

        var a = left[common];
        var b = right[common];
        return a >= 0xEE && b >= 0xEE && (a >= 0xF0) != (b >= 0xF0) ? b.CompareTo(a) : a.CompareTo(b);
    }

    private static int UnescapeOne(ReadOnlySpan<byte> content, ref int at, Span<byte> to)
    {
        var letter = content[at + 1];
        if (letter != 'u')
        {
            to[0] = (byte)FromShortEscape(letter);
            at += 2;
            return 1;
        }

        var unit = Hex4(content, at + 2);
        at += 6;
        if (!char.IsHighSurrogate((char)unit))
        {
            return new Rune((char)unit).EncodeToUtf8(to);
        }

        var low = Hex4(content, at + 2);
        at += 6;
        return new Rune((char)unit, (char)low).EncodeToUtf8(to);
    }

    private static void Return(byte[]? rented)
    {
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented, clearArray: true);
        }
    }
}
