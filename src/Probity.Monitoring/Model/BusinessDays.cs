using System.Collections.Concurrent;
using NodaTime;

namespace Probity.Monitoring;

/// <summary>
/// Which business day an instant belongs to, in the zone of a calendar; the zone rules (TZDB) ship inside. What happens
/// on a Saturday, Sunday or holiday belongs to the next business day (31 CFR 1010.313(b)). Thread safe.
/// </summary>
public sealed class BusinessDays
{
    private const long MicrosPerDay = 86_400_000_000;

    private readonly DateTimeZone _zone;
    private readonly IReadOnlySet<DateOnly> _holidays;
    private readonly ConcurrentDictionary<DateOnly, long> _starts = new();
    private volatile LocalDay? _last;

    /// <exception cref="ArgumentException">The zone is unknown.</exception>
    internal BusinessDays(DatedCalendar calendar)
    {
        _zone = DateTimeZoneProviders.Tzdb.GetZoneOrNull(calendar.Zone)
            ?? throw new ArgumentException($"The calendar {calendar.Name} names no IANA zone.", nameof(calendar));
        _holidays = calendar.Holidays;
        Name = calendar.Name;
    }

    /// <summary>Gets the name of the calendar.</summary>
    public string Name { get; }

    /// <summary>Whether a day is one.</summary>
    public bool IsBusinessDay(DateOnly day) =>
        day.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday) && !_holidays.Contains(day);

    /// <summary>The local date of an instant in microseconds since 1970.</summary>
    internal DateOnly DateOf(long micros)
    {
        // Most ask for the day that was asked for before.
        var last = _last;
        if (last is null || micros < last.From || micros >= last.Until)
        {
            var date = ToDate(Local(micros).Date);
            _last = last = new LocalDay(date, StartOf(date), StartOf(date.AddDays(1)));
        }

        return last.Date;
    }

    /// <summary>The hour of the local day, 0 to 23.</summary>
    internal int HourOf(long micros) => Local(micros).Hour;

    /// <summary>The first instant of a local day, which is not midnight where clocks jump over it.</summary>
    internal long StartOf(DateOnly day) => _starts.GetOrAdd(day, static (date, zone) =>
        zone.AtStartOfDay(new LocalDate(date.Year, date.Month, date.Day)).ToInstant().ToUnixTimeTicks() / 10, _zone);

    /// <summary>
    /// The first instant of the window of so many business days that ends with the one an instant belongs to. It starts
    /// when the business day before the window ends, so nights, weekends and holidays before it are inside.
    /// </summary>
    internal long StartOfWindow(long micros, int businessDays)
    {
        var day = DateOf(micros);
        while (!IsBusinessDay(day))
        {
            day = day.AddDays(1);
        }

        for (var left = businessDays; left > 0; left--)
        {
            do
            {
                day = day.AddDays(-1);
            }
            while (!IsBusinessDay(day));
        }

        return StartOf(day.AddDays(1));
    }

    private static DateOnly ToDate(LocalDate date) => new(date.Year, date.Month, date.Day);

    private LocalDateTime Local(long micros)
    {
        var days = Math.DivRem(micros, MicrosPerDay, out var rest);
        return Instant.FromUnixTimeSeconds(days * 86_400).PlusTicks(rest * 10).InZone(_zone).LocalDateTime;
    }

    private sealed record LocalDay(DateOnly Date, long From, long Until);
}
