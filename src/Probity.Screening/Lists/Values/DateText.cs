using System.Globalization;
using System.Text.RegularExpressions;
using Probity.Screening.Model;

namespace Probity.Screening.Lists.Values;

/// <summary>Reads the dates that lists write.</summary>
/// <remarks>
/// "10 Dec 1948", "Jan 1970", "1962", "circa 1951", "1955 to 1958", "1973-03-25", "00/00/1980", "dd/mm/1980",
/// "Between 1980 and 1985", "Approximately 1965". Slashes mean day/month/year; US files say so themselves.
/// </remarks>
public static partial class DateText
{
    private const int MaxLength = 80;

    private static readonly string[] s_months =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

    private static readonly string[] s_circa = ["circa ", "c. ", "ca. ", "about ", "approximately ", "approx. "];

    /// <summary>Reads a date or a span; false when the text is neither.</summary>
    /// <param name="text">The text; null and empty are no date.</param>
    /// <param name="kind">What it is the date of.</param>
    /// <param name="date">The date read.</param>
    public static bool TryParse(string? text, DateKind kind, out ListedDate date)
    {
        date = default;
        var clean = (text ?? "").Trim().TrimEnd('.', ',').Trim();
        if (clean.Length is < 4 or > MaxLength)
        {
            return false;
        }

        var isCirca = TakeCirca(ref clean);
        var span = SpanPattern().Match(clean);
        var isDate = span.Success
            ? TrySpan(span.Groups["from"].Value, span.Groups["to"].Value, kind, out date)
            : TryOne(clean, kind, out date);
        date = isDate && isCirca ? date with { IsCirca = true } : date;
        return isDate;
    }

    /// <summary>Reads one exact or partial date, without "circa" and spans.</summary>
    public static bool TryParsePartial(string? text, out PartialDate date)
    {
        date = default;
        var clean = (text ?? "").Trim();
        return clean.Length is >= 4 and <= MaxLength && (TryNumbers(clean, out date) || TryWords(clean, out date));
    }

    /// <summary>Reads a US date, <c>MM/dd/yyyy</c>; false for everything else.</summary>
    public static bool TryParseUs(string? text, out DateOnly date) =>
        DateOnly.TryParseExact(
            text, ["MM/dd/yyyy", "M/d/yyyy"], CultureInfo.InvariantCulture, DateTimeStyles.None, out date);

    /// <summary>Reads a full date (ISO, day/month/year or "10 Dec 1948") or gives null.</summary>
    public static DateOnly? Day(string? text)
    {
        var clean = (text ?? "").Trim();
        var time = clean.IndexOf('T', StringComparison.Ordinal);
        return TryParsePartial(time == 10 ? clean[..time] : clean, out var date) && date.Precision == DatePrecision.Day
            ? date.First
            : null;
    }

    private static bool TryOne(string text, DateKind kind, out ListedDate date)
    {
        date = default;
        if (!TryParsePartial(text, out var found))
        {
            return false;
        }

        date = new ListedDate(kind, found);
        return true;
    }

    private static bool TrySpan(string from, string to, DateKind kind, out ListedDate date)
    {
        date = default;
        var circa = TakeCirca(ref from) | TakeCirca(ref to);
        if (!TryParsePartial(from, out var first) || !TryParsePartial(to, out var last) || last.Last < first.First)
        {
            return false;
        }

        // "01 Jan 1962 to 31 Dec 1962" is how OFAC writes the year 1962.
        var isYear = first.Year == last.Year && (first.Month, first.Day) == (1, 1)
            && (last.Month, last.Day) == (12, 31);
        date = isYear
            ? new ListedDate(kind, new PartialDate(first.Year), circa)
            : new ListedDate(kind, first, last, circa);
        return true;
    }

    private static bool TakeCirca(ref string text)
    {
        foreach (var word in s_circa)
        {
            if (text.StartsWith(word, StringComparison.OrdinalIgnoreCase))
            {
                text = text[word.Length..].Trim();
                return true;
            }
        }

        return false;
    }

    private static bool TryNumbers(string text, out PartialDate date)
    {
        var iso = IsoPattern().Match(text);
        var match = iso.Success ? iso : DayFirstPattern().Match(text);
        if (!match.Success)
        {
            date = default;
            return false;
        }

        return TryMake(Number(match, "y"), Number(match, "m"), Number(match, "d"), out date);
    }

    private static bool TryWords(string text, out PartialDate date)
    {
        date = default;
        var match = WordsPattern().Match(text);
        if (!match.Success)
        {
            return false;
        }

        var month = Array.IndexOf(s_months, match.Groups["m"].Value[..3].ToLowerInvariant()) + 1;
        return month != 0 && TryMake(Number(match, "y"), month, Number(match, "d"), out date);
    }

    private static bool TryMake(int year, int month, int day, out PartialDate date)
    {
        // A day without a month ("15/00/1980") cannot be kept; the year can.
        day = month == 0 ? 0 : day;
        var exists = year >= 1000 && PartialDate.IsDate(year, month, day);
        date = exists ? new PartialDate(year, month, day) : default;
        return exists;
    }

    private static int Number(Match match, string group) =>
        int.TryParse(match.Groups[group].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : 0;

    [GeneratedRegex(
        @"^(?<y>\d{4})(?:-(?<m>\d{2})(?:-(?<d>\d{2}))?)?(?:Z|[+-]\d\d:\d\d)?$", RegexOptions.CultureInvariant)]
    private static partial Regex IsoPattern();

    [GeneratedRegex(
        @"^(?<d>\d{1,2}|dd)[/.](?<m>\d{1,2}|mm)[/.](?<y>\d{4})$",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex DayFirstPattern();

    [GeneratedRegex(@"^(?:(?<d>\d{1,2})[ -])?(?<m>[A-Za-z]{3,9})\.?[ -](?<y>\d{4})$", RegexOptions.CultureInvariant)]
    private static partial Regex WordsPattern();

    [GeneratedRegex(
        @"^(?:between )?(?<from>.{4,30}?)(?: to | and | - |(?<=^\d{4})-(?=\d{4}$))(?<to>.{4,30})$",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex SpanPattern();
}
