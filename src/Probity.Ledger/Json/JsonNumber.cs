using System.Globalization;

namespace Probity.Ledger.Json;

internal enum NumberVerdict
{
    /// <summary>Kept exactly, and spelled as RFC 8785 spells it.</summary>
    Canonical,

    /// <summary>Kept exactly, spelled otherwise.</summary>
    Kept,

    /// <summary>An integer outside ±(2^53-1).</summary>
    UnsafeInteger,

    /// <summary>The nearest double prints as a different decimal.</summary>
    UnsafeDecimal,

    /// <summary>Beyond the largest double.</summary>
    NotFinite,
}

/// <summary>
/// Numbers of RFC 8259 §6 within what a double keeps (RFC 7493 §2.2), printed as RFC 8785 §3.2.2.3 says.
/// </summary>
internal static class JsonNumber
{
    /// <summary>Room for the longest output: sign, "0.", five zeros and 17 digits.</summary>
    public const int MaxLength = 32;

    /// <summary>2^53-1, the last integer whose neighbours are doubles too (RFC 7493 §2.2).</summary>
    public const long MaxSafeInteger = 9_007_199_254_740_991;

    /// <summary>
    /// A decimal of so many significant digits always survives the way to a double and back (DBL_DIG).
    /// </summary>
    private const int AlwaysKeptDigits = 15;

    /// <summary>No double prints with more digits than this.</summary>
    private const int MostDigits = 17;

    /// <summary>Well above the subnormal doubles, which keep fewer digits.</summary>
    private const int SmallestNormalScale = -290;

    /// <summary>
    /// Judges a number whose spelling the scanner has checked; <paramref name="strict"/> asks for exactness.
    /// </summary>
    public static NumberVerdict Judge(ReadOnlySpan<byte> raw, bool strict)
    {
        var exact = ExactDecimal.Read(raw);
        if (strict)
        {
            var verdict = JudgeExactness(raw, exact);
            if (verdict != NumberVerdict.Kept)
            {
                return verdict;
            }
        }

        if (IsPlainDecimal(raw, exact))
        {
            return NumberVerdict.Canonical;
        }

        var value = ToDouble(raw);
        if (!double.IsFinite(value))
        {
            return NumberVerdict.NotFinite;
        }

        Span<byte> printed = stackalloc byte[MaxLength];
        return raw.SequenceEqual(printed[..Format(value, printed)]) ? NumberVerdict.Canonical : NumberVerdict.Kept;
    }

    /// <summary>The nearest double; infinite when there is none.</summary>
    public static double ToDouble(ReadOnlySpan<byte> raw)
        => double.Parse(raw, NumberStyles.Float, CultureInfo.InvariantCulture);

    /// <summary>The exact value, when it is a 64-bit integer in any spelling.</summary>
    public static bool TryToInt64(ReadOnlySpan<byte> raw, out long value)
    {
        var exact = ExactDecimal.Read(raw);
        value = 0;
        if (exact.Digits == 0)
        {
            return true;
        }

        if (exact.Exponent < 0 || exact.Digits > MostDigits || exact.Scale > MostDigits + 1)
        {
            // Beyond 18 digits only the plain spelling can still be a long, and the parser below knows it.
            return long.TryParse(raw, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);
        }

        value = (long)exact.Significand;
        for (var i = 0; i < exact.Exponent; i++)
        {
            value *= 10;
        }

        value = exact.IsNegative ? -value : value;
        return true;
    }

    /// <summary>
    /// Prints a finite double as ECMA-262 Number::toString does (RFC 8785 §3.2.2.3); returns the length.
    /// </summary>
    public static int Format(double value, Span<byte> to)
    {
        if (Math.Abs(value) <= MaxSafeInteger && value == Math.Truncate(value))
        {
            // Covers -0 too, which prints as 0.
            _ = ((long)value).TryFormat(to, out var length, default, CultureInfo.InvariantCulture);
            return length;
        }

        Span<byte> shortest = stackalloc byte[MaxLength];
        _ = value.TryFormat(shortest, out var printed, "R", CultureInfo.InvariantCulture);
        return Layout(ExactDecimal.Read(shortest[..printed]), to);
    }

    private static NumberVerdict JudgeExactness(ReadOnlySpan<byte> raw, in ExactDecimal exact)
    {
        if (exact.Digits == 0)
        {
            return NumberVerdict.Kept;
        }

        if (exact.Exponent >= 0)
        {
            var isSafe = exact.Scale <= 16 && TryToInt64(raw, out var integer) && Math.Abs(integer) <= MaxSafeInteger;
            return isSafe ? NumberVerdict.Kept : NumberVerdict.UnsafeInteger;
        }

        if (exact.Digits <= AlwaysKeptDigits && exact.Scale > SmallestNormalScale)
        {
            return NumberVerdict.Kept;
        }

        return exact.Digits <= MostDigits && GivesBack(raw, exact) ? NumberVerdict.Kept : NumberVerdict.UnsafeDecimal;
    }

    private static bool GivesBack(ReadOnlySpan<byte> raw, in ExactDecimal exact)
    {
        Span<byte> shortest = stackalloc byte[MaxLength];
        _ = ToDouble(raw).TryFormat(shortest, out var printed, "R", CultureInfo.InvariantCulture);
        var back = ExactDecimal.Read(shortest[..printed]);
        return back.Significand == exact.Significand && back.Exponent == exact.Exponent && back.Digits == exact.Digits;
    }

    /// <summary>Spares the common case, such as 12.5, the way over a double.</summary>
    private static bool IsPlainDecimal(ReadOnlySpan<byte> raw, in ExactDecimal exact)
        => exact.Digits is > 0 and <= AlwaysKeptDigits
            && exact.Exponent < 0
            && exact.Scale > -6
            && raw[^1] != (byte)'0'
            && raw.IndexOfAny((byte)'e', (byte)'E') < 0;

    /// <summary>ECMA-262 Number::toString, steps 6 to 12, for k digits and the scale n.</summary>
    private static int Layout(in ExactDecimal value, Span<byte> to)
    {
        Span<byte> digits = stackalloc byte[20];
        _ = value.Significand.TryFormat(digits, out var k, default, CultureInfo.InvariantCulture);
        digits = digits[..k];
        var n = (int)value.Scale;

        var at = 0;
        if (value.IsNegative)
        {
            to[at++] = (byte)'-';
        }

        if (n is < -5 or > 21)
        {
            return at + LayoutExponent(digits, n - 1, to[at..]);
        }

        if (n >= k)
        {
            digits.CopyTo(to[at..]);
            to.Slice(at + k, n - k).Fill((byte)'0');
            return at + n;
        }

        if (n > 0)
        {
            digits[..n].CopyTo(to[at..]);
            to[at + n] = (byte)'.';
            digits[n..].CopyTo(to[(at + n + 1)..]);
            return at + k + 1;
        }

        to[at++] = (byte)'0';
        to[at++] = (byte)'.';
        to.Slice(at, -n).Fill((byte)'0');
        digits.CopyTo(to[(at - n)..]);
        return at - n + k;
    }

    private static int LayoutExponent(ReadOnlySpan<byte> digits, int exponent, Span<byte> to)
    {
        var at = 0;
        to[at++] = digits[0];
        if (digits.Length > 1)
        {
            to[at++] = (byte)'.';
            digits[1..].CopyTo(to[at..]);
            at += digits.Length - 1;
        }

        to[at++] = (byte)'e';
        to[at++] = exponent < 0 ? (byte)'-' : (byte)'+';
        _ = Math.Abs(exponent).TryFormat(to[at..], out var length, default, CultureInfo.InvariantCulture);
        return at + length;
    }
}
