using System.Globalization;

namespace Probity.Server.Hosting.Settings.Values;

/// <summary>How long an event is kept at least: days, or calendar years. Exactly one of the two is set.</summary>
internal sealed record RetentionPeriod
{
    private const int MaxDays = 36_525;

    private RetentionPeriod(int? days, int? years) => (Days, Years) = (days, years);

    public int? Days { get; }

    public int? Years { get; }

    public static RetentionPeriod OfDays(int days) => new(days, null);

    public static RetentionPeriod OfYears(int years) => new(null, years);

    public static Reading<RetentionPeriod> Read(string text)
    {
        var isYears = text.EndsWith('y');
        if (!int.TryParse(isYears ? text[..^1] : text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return Reading.Refuse<RetentionPeriod>("it is not a whole number of days, nor of years ending in y");
        }

        if (number < 1 || number > (isYears ? MaxDays / 366 : MaxDays))
        {
            return Reading.Refuse<RetentionPeriod>("it lies outside 1 day to 100 years");
        }

        return Reading.Of(isYears ? OfYears(number) : OfDays(number));
    }

    /// <summary>The first day on which an event of <paramref name="recorded"/> need not be kept any more.</summary>
    public DateOnly EndFor(DateOnly recorded) =>
        Years is { } years ? recorded.AddYears(years) : recorded.AddDays(Days.GetValueOrDefault());

    public override string ToString() => Years is { } years
        ? string.Create(CultureInfo.InvariantCulture, $"{years} calendar years")
        : string.Create(CultureInfo.InvariantCulture, $"{Days} days");
}
