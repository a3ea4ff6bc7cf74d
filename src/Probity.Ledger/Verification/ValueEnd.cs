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

    // '[' and ']' differ from '{' and '}' in this bit alone, and no other characters become brackets by it.
    private const byte BraceBit = 0x20;

    /// <summary>Where the comma or bracket stands that follows a value; -1 when there is none.</summary>
    /// <param name="json">The text of an object or array.</param>
    /// <param name="start">Where the value begins.</param>
    public static int Find(ReadOnlySpan<byte> json, int start)
    {
        if (json.Length >= BlockBytes)
        {
            return FindAfterString(json, start) is var end and >= 0 ? end : FindIn(json, start);
        }

        Span<byte> padded = stackalloc byte[BlockBytes];
        json.CopyTo(padded);
        return FindIn(padded, start);
    }

    /// <summary>As above for a short string without escapes, as most values are; -1 for all others.</summary>
    private static int FindAfterString(ReadOnlySpan<byte> json, int start)
    {
        if (json.Length - start <= HalfBytes || json[start] != '"')
        {
            return -1;
        }

        var block = Vector256.Create(json[(start + 1)..]);
        var quotes = Vector256.Equals(block, Vector256.Create((byte)'"')).ExtractMostSignificantBits();
        var escapes = Vector256.Equals(block, Vector256.Create((byte)'\\')).ExtractMostSignificantBits();
        if (quotes == 0 || (escapes & (quotes ^ (quotes - 1))) != 0)
        {
            return -1;
        }

        var end = start + 2 + BitOperations.TrailingZeroCount(quotes);
        return end < json.Length && json[end] is (byte)',' or (byte)'}' ? end : -1;
    }

    private static int FindIn(ReadOnlySpan<byte> json, int start)
    {
        var (depth, within, escaped) = (0, 0UL, 0UL);
        for (var at = start; at < json.Length; at += BlockBytes)
        {
            // The last block is read from where it is whole, and what lies before the place is shifted out.
            var before = Math.Max(0, at - (json.Length - BlockBytes));
            var block = json.Slice(at - before, BlockBytes);
            var escapes = Mask(block, (byte)'\\') >> before;
            var quotes = Mask(block, (byte)'"') >> before;
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
            if (depth > BitOperations.PopCount(closing))
            {
                depth += BitOperations.PopCount(opening) - BitOperations.PopCount(closing);
                continue;
            }

            var commas = (Mask(block, (byte)',') >> before) & ~inside;
            for (var marks = opening | closing | commas; marks != 0; marks &= marks - 1)
            {
                var bit = marks & (~marks + 1);
                if ((opening & bit) != 0)
                {
                    depth++;
                }
                else if (depth == 0)
                {
                    return at + BitOperations.TrailingZeroCount(marks);
                }
                else if ((closing & bit) != 0)
                {
                    depth--;
                }
            }
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
