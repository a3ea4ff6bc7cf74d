using Microsoft.Extensions.Time.Testing;
using Probity.Server.Customers;
using Xunit;

namespace Probity.Server.Tests.Customers;

/// <summary>Days begin and end where the institution is, also where clocks change over midnight.</summary>
public sealed class DueDaysTests
{
    [Theory]
    [InlineData("UTC", "2026-03-02T23:30:00Z", "2026-03-02")]
    [InlineData("Asia/Tokyo", "2026-03-02T23:30:00Z", "2026-03-03")]
    [InlineData("America/New_York", "2026-03-03T03:30:00Z", "2026-03-02")]
    public void Today_is_the_day_of_the_institution(string zone, string now, string expected)
    {
        var days = Days(zone, now);

        Assert.Equal(Day(expected), days.Today);
    }

    [Theory]
    [InlineData("UTC", "2026-03-02", "2026-03-02T00:00:00Z")]
    [InlineData("Asia/Tokyo", "2026-03-02", "2026-03-01T15:00:00Z")]
    [InlineData("America/New_York", "2026-03-08", "2026-03-08T05:00:00Z")] // Clocks go forward at two.
    [InlineData("America/New_York", "2026-03-09", "2026-03-09T04:00:00Z")]
    [InlineData("Asia/Beirut", "2022-03-27", "2022-03-26T22:00:00Z")] // There is no midnight: the day begins at one.
    [InlineData("America/Havana", "2025-11-02", "2025-11-02T04:00:00Z")] // Midnight comes twice within one hour.
    public void A_day_begins_at_its_first_instant(string zone, string day, string expected)
    {
        var days = Days(zone, "2026-01-01T00:00:00Z");

        var start = days.Start(Day(day));

        Assert.Equal(DateTimeOffset.Parse(expected, null), start);
        Assert.Equal(TimeSpan.Zero, start.Offset);
        Assert.Equal(Day(day), days.Of(start));
        Assert.Equal(Day(day).AddDays(-1), days.Of(start.AddTicks(-1)));
    }

    private static DateOnly Day(string text) => DateOnly.ParseExact(text, "yyyy-MM-dd", null);

    private static DueDays Days(string zone, string now) => new(
        TimeZoneInfo.FindSystemTimeZoneById(zone), new FakeTimeProvider(DateTimeOffset.Parse(now, null)));
}
