using System.Globalization;

namespace Probity.Screening.Model;

/// <summary>How exactly a date is known.</summary>
public enum DatePrecision : byte
{
    /// <summary>Year alone.</summary>
    Year,

    /// <summary>Year and month.</summary>
    Month,

    /// <summary>Year, month and day.</summary>
    Day,
}

/// <summary>A Gregorian date of which the day, or day and month, may be unknown.</summary>
/// <remarks>Four bytes. The default value is no date and is never found in an entity.</remarks>
public readonly record struct PartialDate
{
    private readonly short _year;
    private readonly byte _month;
    private readonly byte _day;

    /// <summary>Makes a date.</summary>
    /// <param name="year">1 to 9999.</param>
    /// <param name="month">1 to 12, or 0 for unknown.</param>
    /// <param name="day">A day of that month, or 0 for unknown; must be 0 when the month is.</param>
    /// <exception cref="ArgumentOutOfRangeException">The date does not exist.</exception>
    public PartialDate(int year, int month = 0, int day = 0)
    {
        if (!IsDate(year, month, day))
        {
            throw new ArgumentOutOfRangeException(nameof(year), $"{year}-{month}-{day} is not a date.");
        }

        _year = (short)year;
        _month = (byte)month;
        _day = (byte)day;
    }

    /// <summary>Gets the year, 1 to 9999.</summary>
    public int Year => _year;

    /// <summary>Gets the month, 1 to 12, or 0 for unknown.</summary>
    public int Month => _month;

    /// <summary>Gets the day of the month, or 0 for unknown.</summary>
    public int Day => _day;

    /// <summary>Gets how exactly the date is known.</summary>
    public DatePrecision Precision =>
        _month == 0 ? DatePrecision.Year : _day == 0 ? DatePrecision.Month : DatePrecision.Day;

    /// <summary>Gets the first day it may mean.</summary>
    public DateOnly First => new(_year, Math.Max((int)_month, 1), Math.Max((int)_day, 1));

    /// <summary>Gets the last day it may mean.</summary>
    public DateOnly Last => Precision switch
    {
        DatePrecision.Day => First,
        DatePrecision.Month => new DateOnly(_year, _month, DateTime.DaysInMonth(_year, _month)),
        DatePrecision.Year => new DateOnly(_year, 12, 31),
        _ => throw new InvalidOperationException("No such precision."),
    };

    /// <summary>Tells whether year, month and day make a date in the sense of the constructor.</summary>
    public static bool IsDate(int year, int month, int day) =>
        year is >= 1 and <= 9999 && month is >= 0 and <= 12 && day >= 0
        && (month == 0 ? day == 0 : day <= DateTime.DaysInMonth(year, month));

    /// <summary>Orders by first day, the less exact date first.</summary>
    public int CompareTo(PartialDate other) =>
        (_year, _month, _day).CompareTo((other._year, other._month, other._day));

    /// <summary>Writes ISO 8601 with the precision known: <c>1980</c>, <c>1980-03</c> or <c>1980-03-26</c>.</summary>
    public override string ToString() => Precision switch
    {
        DatePrecision.Year => _year.ToString("0000", CultureInfo.InvariantCulture),
        DatePrecision.Month => string.Create(CultureInfo.InvariantCulture, $"{_year:0000}-{_month:00}"),
        DatePrecision.Day => string.Create(CultureInfo.InvariantCulture, $"{_year:0000}-{_month:00}-{_day:00}"),
        _ => throw new InvalidOperationException("No such precision."),
    };
}
