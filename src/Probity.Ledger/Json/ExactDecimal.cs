namespace Probity.Ledger.Json;

/// <summary>
/// What a spelled number says exactly: ±<paramref name="Significand"/> × 10^<paramref name="Exponent"/>, without zeros at
/// either end of the significand, so that equal numbers are equal records.
/// </summary>
/// <param name="IsNegative">Whether it is spelled with a minus sign.</param>
/// <param name="Significand">The significant digits as an integer; the first 18 only when there are more.</param>
/// <param name="Digits">How many significant digits there are; 0 for zero.</param>
/// <param name="Exponent">The power of ten; at or above 0 exactly when the number is an integer.</param>
internal readonly record struct ExactDecimal(bool IsNegative, ulong Significand, int Digits, long Exponent)
{
    private const int HeldDigits = 18;
    private const long FarExponent = 1_000_000_000_000;

    /// <summary>The number lies in [10^(Scale-1), 10^Scale); the n of ECMA-262 Number::toString.</summary>
    public long Scale => Digits + Exponent;

    /// <summary>Reads a number whose spelling is known to be right, in any length.</summary>
    public static ExactDecimal Read(ReadOnlySpan<byte> raw)
    {
        var isNegative = raw[0] == (byte)'-';
        var significand = 0UL;
        var digits = 0;
        var zerosPending = 0;
        var fraction = 0L;
        var inFraction = false;
        var at = isNegative ? 1 : 0;
        for (; at < raw.Length && (raw[at] | 0x20) != 'e'; at++)
        {
            var digit = raw[at] - '0';
            if (raw[at] == (byte)'.')
            {
                inFraction = true;
                continue;
            }

            fraction += inFraction ? 1 : 0;
            if (digit == 0)
            {
                // A zero counts only when a digit other than zero comes before and after it.
                zerosPending += digits > 0 ? 1 : 0;
                continue;
            }

            for (; zerosPending > 0; zerosPending--)
            {
                significand = digits++ < HeldDigits ? significand * 10 : significand;
            }

            significand = digits++ < HeldDigits ? (significand * 10) + (uint)digit : significand;
        }

        if (digits == 0)
        {
            return new ExactDecimal(isNegative, 0, 0, 0);
        }

        return new ExactDecimal(isNegative, significand, digits, ReadExponent(raw, at) - fraction + zerosPending);
    }

    private static long ReadExponent(ReadOnlySpan<byte> raw, int at)
    {
        if (at == raw.Length)
        {
            return 0;
        }

        at++;
        var isNegative = raw[at] == (byte)'-';
        if (raw[at] is (byte)'-' or (byte)'+')
        {
            at++;
        }

        var exponent = 0L;
        for (; at < raw.Length; at++)
        {
            // Beyond this every number is zero or infinite, and the sum with the digits stays within 64 bits.
            exponent = Math.Min((exponent * 10) + raw[at] - '0', FarExponent);
        }

        return isNegative ? -exponent : exponent;
    }
}
