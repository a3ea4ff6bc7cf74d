using Probity.Screening.Model;

namespace Probity.Screening.Lists.Values;

/// <summary>Checks identifiers that carry check digits or a fixed form.</summary>
/// <remarks>A list's value is never changed or dropped because a check fails: lists hold typing errors too.</remarks>
public static class IdentifierChecks
{
    /// <summary>Checks a value; <see cref="CheckDigits.None"/> when no rule covers the kind.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="value">The value as printed; blanks, hyphens and dots inside do not matter.</param>
    /// <param name="country">Alpha-2 of the issuer, or null; Russian tax numbers are checked by it.</param>
    public static CheckDigits Of(IdentifierKind kind, string value, string? country = null)
    {
        ArgumentNullException.ThrowIfNull(value);
        var text = Compact(value);
        return kind switch
        {
            IdentifierKind.Imo => Result(IsImo(text)),
            IdentifierKind.Mmsi => Result(text.Length == 9 && AllDigits(text)),
            IdentifierKind.Lei => Result(text.Length == 20 && Mod97(text) == 1),
            IdentifierKind.Iban => Result(text.Length is >= 15 and <= 34 && Mod97(text[4..] + text[..4]) == 1),
            IdentifierKind.Bic => Result(IsBic(text)),
            IdentifierKind.Isin => Result(IsIsin(text)),
            IdentifierKind.TaxId when country == "RU" => Result(IsInn(text)),
            IdentifierKind.Registration when country == "RU" && text.Length is 13 or 15 && AllDigits(text)
                => Result(IsOgrn(text)),
            _ => CheckDigits.None,
        };
    }

    /// <summary>Drops everything but letters and digits and raises ASCII letters.</summary>
    public static string Compact(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return string.Concat(value.Where(char.IsLetterOrDigit).Select(char.ToUpperInvariant));
    }

    private static CheckDigits Result(bool fits) => fits ? CheckDigits.Valid : CheckDigits.Invalid;

    // IMO Resolution A.1117(30), ships: the last digit is the sum of the first six times 7..2, modulo 10. Companies and
    // owners (Resolution A.1117(30) and MSC.160(78)): weights 8 6 4 2 9 7, 11 less the rest modulo 11, modulo 10.
    private static bool IsImo(string text)
    {
        var digits = text.StartsWith("IMO", StringComparison.Ordinal) ? text[3..] : text;
        return digits.Length == 7 && AllDigits(digits)
            && (Sum(digits, [7, 6, 5, 4, 3, 2]) % 10 == digits[6] - '0'
                || (11 - (Sum(digits, [8, 6, 4, 2, 9, 7]) % 11)) % 10 == digits[6] - '0');
    }

    private static int Sum(string digits, int[] weights) => weights.Select((weight, at) => weight * (digits[at] - '0'))
        .Sum();

    // ISO 9362: four letters or digits, two letters for the country, two for the place, optional three for the branch.
    private static bool IsBic(string text) =>
        text.Length is 8 or 11 && text.All(char.IsAsciiLetterOrDigit)
        && char.IsAsciiLetter(text[4]) && char.IsAsciiLetter(text[5]) && Countries.CodeOf(text[4..6]) is not null;

    // ISO 7064 mod 97-10 with letters as 10..35; 1 means that the check digits fit; -1 for other characters.
    private static int Mod97(string text)
    {
        var rest = 0;
        foreach (var letter in text)
        {
            if (!char.IsAsciiLetterOrDigit(letter))
            {
                return -1;
            }

            rest = char.IsAsciiDigit(letter)
                ? ((rest * 10) + (letter - '0')) % 97
                : ((rest * 100) + (letter - 'A' + 10)) % 97;
        }

        return rest;
    }

    // ISO 6166: letters as two digits, then Luhn.
    private static bool IsIsin(string text)
    {
        if (text.Length != 12 || !text.All(char.IsAsciiLetterOrDigit))
        {
            return false;
        }

        var digits = string.Concat(text.Select(c => char.IsAsciiDigit(c) ? c.ToString() : $"{c - 'A' + 10}"));
        var sum = 0;
        for (var at = 0; at < digits.Length; at++)
        {
            var value = digits[digits.Length - 1 - at] - '0';
            sum += at % 2 == 0 ? value : (value * 2 / 10) + (value * 2 % 10);
        }

        return sum % 10 == 0;
    }

    // Russian INN: 10 digits for organisations, 12 for persons, weighted sums modulo 11 modulo 10.
    private static bool IsInn(string text) =>
        AllDigits(text) && text.Length switch
        {
            10 => Weighted(text, [2, 4, 10, 3, 5, 9, 4, 6, 8]) == text[9] - '0',
            12 => Weighted(text, [7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) == text[10] - '0'
                && Weighted(text, [3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) == text[11] - '0',
            _ => false,
        };

    // Russian OGRN: the last digit is the rest of the digits before it modulo 11 (13 digits) or 13 (15), modulo 10.
    private static bool IsOgrn(string text)
    {
        var number = long.Parse(text[..^1], System.Globalization.CultureInfo.InvariantCulture);
        return number % (text.Length == 13 ? 11 : 13) % 10 == text[^1] - '0';
    }

    private static int Weighted(string text, int[] weights) =>
        Sum(text, weights) % 11 % 10;

    private static bool AllDigits(string text) => text.Length != 0 && text.All(char.IsAsciiDigit);
}
