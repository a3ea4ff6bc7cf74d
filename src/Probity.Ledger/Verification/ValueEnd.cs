using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Probity.Ledger.Verification;

/// <summary>
/// Finds where a JSON value ends without parsing it. Sixty-four bytes are looked at together: bit masks tell which of
/// them lie within strings and which brackets and commas do not. Pure.
/// </summary>
/// <remarks>
/// The masks are those of simdjson (Langdale and Lemire, "Parsing Gigabytes of JSON per Second", 2019, §3.1).
/// </remarks>
internal static class ValueEnd
{
    private const int BlockBytes = 64;
    private const int HalfBytes = BlockBytes / 2;
    private const byte Quote = (byte)'"';
    private const byte Escape = (byte)'\\';

    // '[' and ']' differ from '{' and '}' in this bit alone, and no other characters become brackets by it.
    private const byte BraceBit = 0x20;

    /// <summary>Where the comma or bracket stands that follows a value; -1 when there is none.</summary>
    /// <param name="json">The text of an object or array, without white space around its values.</param>
    /// <param name="start">Where the value begins.</param>
    public static int Find(ReadOnlySpan<byte> json, int start)
    {
        if (start >= json.Length)
        {
            return -1;
        }

        var end = json[start] switch
        {
            Quote => AfterString(json, start + 1),
            (byte)'{' or (byte)'[' when json.Length < BlockBytes => AfterBracketsPadded(json, start),
            (byte)'{' or (byte)'[' => AfterBrackets(json, start),
            _ => AfterToken(json, start),
        };
        return end > start && end < json.Length && json[end] is (byte)',' or (byte)'}' or (byte)']' ? end : -1;
    }

    private static int AfterString(ReadOnlySpan<byte> json, int at)
    {
        while (at < json.Length && json[at..].IndexOfAny(Quote, Escape) is var found and >= 0)
        {
            at += found;
            if (json[at] == Quote)
            {
                return at + 1;
            }

            at += 2; // What a backslash stands before ends nothing.
        }

        return -1;
    }

    /// <summary>After a number, true, false or null.</summary>
    private static int AfterToken(ReadOnlySpan<byte> json, int at)
    {
        while (at < json.Length
            && json[at] is not ((byte)',' or (byte)'}' or (byte)']' or (byte)'{' or (byte)'[' or Quote))
        {
            at++;
        }

        return at;
    }

    private static int AfterBracketsPadded(ReadOnlySpan<byte> json, int start)
    {
        Span<byte> padded = stackalloc byte[BlockBytes];
        padded.Clear();
        json.CopyTo(padded);
        return AfterBrackets(padded, start);
    }

    private static int AfterBrackets(ReadOnlySpan<byte> json, int start)
    {
        var (depth, within, escaped) = (0, 0UL, 0UL);
        for (var at = start; at < json.Length; at += BlockBytes)
        {
            // The last block is read from where it is whole, and what lies before the place is shifted out.
            var before = Math.Max(0, at - (json.Length - BlockBytes));
            var block = json.Slice(at - before, BlockBytes);
            var escapes = Mask(block, Escape) >> before;
            var quotes = Mask(block, Quote) >> before;
            if ((escapes | quotes | escaped) == 0 && within != 0)
            {
                continue; // The middle of a long string, most of it ciphertext.
            }

            if ((escapes | escaped) != 0)
            {
                quotes &= ~Escaped(escapes, ref escaped);
            }

            // Each quote turns "within a string" over for all bytes after it: the running XOR of the quotes' bits.
            var inside = RunningXor(quotes) ^ within;
            within = unchecked((ulong)((long)inside >> (BlockBytes - 1))); // Its last bit, sixty-four times.
            var opening = (Mask(block, (byte)'{', BraceBit) >> before) & ~inside;
            var closing = (Mask(block, (byte)'}', BraceBit) >> before) & ~inside;
            for (; closing != 0; closing &= closing - 1)
            {
                var upTo = closing ^ (closing - 1); // The first that closes, and all before it.
                depth += BitOperations.PopCount(opening & upTo) - 1;
                if (depth <= 0)
                {
                    return at + BitOperations.TrailingZeroCount(closing) + 1;
                }

                opening &= ~upTo;
            }

            depth += BitOperations.PopCount(opening);
        }

        return -1;
    }

    /// <summary>Which of 64 bytes have a value, some bits set before they are compared.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mask(ReadOnlySpan<byte> block, byte value, byte set = 0) => Vector512.IsHardwareAccelerated
        ? Vector512.Equals(Vector512.Create(block) | Vector512.Create(set), Vector512.Create(value))
            .ExtractMostSignificantBits()
        : Half(block, value, set) | ((ulong)Half(block[HalfBytes..], value, set) << HalfBytes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Half(ReadOnlySpan<byte> block, byte value, byte set) =>
        Vector256.Equals(Vector256.Create(block) | Vector256.Create(set), Vector256.Create(value))
            .ExtractMostSignificantBits();

    private static ulong RunningXor(ulong bits)
    {
        if (Pclmulqdq.IsSupported)
        {
            return Pclmulqdq.CarrylessMultiply(
                Vector128.CreateScalar(bits), Vector128<ulong>.AllBitsSet, 0).ToScalar();
        }

        bits ^= bits << 1;
        bits ^= bits << 2;
        bits ^= bits << 4;
        bits ^= bits << 8;
        bits ^= bits << 16;
        return bits ^ (bits << 32);
    }

    /// <summary>
    /// The bytes that a backslash before them escapes; a backslash that is itself escaped escapes nothing. The
    /// subtraction carries through each run of backslashes, and the odd places tell every second of them apart.
    /// </summary>
    /// <param name="backslashes">Where they stand.</param>
    /// <param name="carry">1 when the last of the block before escapes the first byte; likewise for the next.</param>
    private static ulong Escaped(ulong backslashes, ref ulong carry)
    {
        const ulong Odd = 0xAAAA_AAAA_AAAA_AAAA;
        var starts = backslashes & ~carry;
        var codes = unchecked(((starts << 1) | Odd) - starts) ^ Odd;
        var escaped = codes ^ (backslashes | carry);
        carry = (codes & backslashes) >> (BlockBytes - 1);
        return escaped;
    }
}
