namespace Probity.Server.Customers;

/// <summary>
/// The days of customers: when a review is due, a document ends, a check or an override holds no more. They begin and
/// end where the institution is (<c>AUDIT_TIME_ZONE</c>); instants stay UTC. Thread safe.
/// </summary>
/// <param name="zone">Where the institution is.</param>
/// <param name="time">What time it is.</param>
internal sealed class DueDays(TimeZoneInfo zone, TimeProvider time)
{
    /// <summary>Today in the institution's zone.</summary>
    public DateOnly Today => Of(time.GetUtcNow());

    /// <summary>The day of an instant in the institution's zone.</summary>
    public DateOnly Of(DateTimeOffset at) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(at, zone).DateTime);

    /// <summary>
    /// The first instant of a day, UTC: the earlier midnight where clocks go back over it, and the first instant after
    /// the gap where they go forward over it.
    /// </summary>
    public DateTimeOffset Start(DateOnly day)
    {
        var midnight = day.ToDateTime(TimeOnly.MinValue);
        while (zone.IsInvalidTime(midnight))
        {
            midnight = midnight.AddMinutes(1); // Gaps are an hour or less, and end at a whole minute.
        }

        var offset = zone.IsAmbiguousTime(midnight)
            ? zone.GetAmbiguousTimeOffsets(midnight).Max() : zone.GetUtcOffset(midnight);
        return new DateTimeOffset(midnight, offset).ToUniversalTime();
    }
}
