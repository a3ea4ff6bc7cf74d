using Probity.Contracts.Finance;

namespace Probity.Monitoring;

/// <summary>What one unit of a currency is worth in the pivot currency from a day on.</summary>
/// <param name="Currency">The currency.</param>
/// <param name="From">The day it holds from, until the next of the same currency.</param>
/// <param name="Value">In units of the pivot, above 0.</param>
public sealed record DatedRate(CurrencyCode Currency, DateOnly From, decimal Value);

/// <summary>A member of a list for a time, such as a country on a list of the FATF.</summary>
/// <param name="List">The list, such as <c>fatf_call_for_action</c>.</param>
/// <param name="Member">The member.</param>
/// <param name="From">First day.</param>
/// <param name="Until">First day no more, or null for no end.</param>
/// <param name="Source">Where it stands.</param>
public sealed record DatedMember(string List, string Member, DateOnly From, DateOnly? Until, string Source);

/// <summary>A threshold that a regulation sets, from a day on.</summary>
/// <param name="Name">Such as <c>us.ctr.threshold</c>.</param>
/// <param name="From">The day it holds from, until the next of the same name.</param>
/// <param name="Value">The amount.</param>
/// <param name="Source">Where it stands.</param>
public sealed record DatedThreshold(string Name, DateOnly From, Money Value, string Source);

/// <summary>A calendar of business days.</summary>
/// <param name="Name">Such as <c>us</c>.</param>
/// <param name="Zone">IANA name of the time zone that ends its days.</param>
/// <param name="Holidays">Days that are no business days beside Saturday and Sunday.</param>
public sealed record DatedCalendar(string Name, string Zone, IReadOnlySet<DateOnly> Holidays);

/// <summary>
/// Everything regulatory that changes with time and is no rule: rates, lists, thresholds, calendars. Immutable and
/// thread safe; a change makes a book with another version, and decisions record which one they used.
/// </summary>
public sealed class ReferenceBook
{
    /// <summary>A rate older than this is no rate: the decision says so instead of using it.</summary>
    public const int OldestRateDays = 10;

    private readonly Dictionary<CurrencyCode, DatedRate[]> _rates;
    private readonly Dictionary<string, Dictionary<string, DatedMember[]>> _members;
    private readonly Dictionary<string, DatedThreshold[]> _thresholds;

    /// <summary>Makes a book; order of the parts does not matter.</summary>
    /// <exception cref="ArgumentException">Two parts say different things of the same day.</exception>
    public ReferenceBook(
        string version,
        CurrencyCode pivot,
        IEnumerable<DatedRate> rates,
        IEnumerable<DatedMember> members,
        IEnumerable<DatedThreshold> thresholds,
        IEnumerable<DatedCalendar> calendars)
    {
        Version = version;
        Pivot = pivot;
        _rates = Grouped(rates, rate => rate.Currency, rate => rate.From);
        _members = members.GroupBy(member => member.List, StringComparer.Ordinal).ToDictionary(
            list => list.Key,
            list => list.GroupBy(member => member.Member, StringComparer.Ordinal).ToDictionary(
                group => group.Key, group => group.ToArray(), StringComparer.Ordinal),
            StringComparer.Ordinal);
        _thresholds = Grouped(thresholds, threshold => threshold.Name, threshold => threshold.From);
        Lists = _members.Keys.ToHashSet(StringComparer.Ordinal);
        Calendars = calendars.ToDictionary(
            calendar => calendar.Name, calendar => new BusinessDays(calendar), StringComparer.Ordinal);
        if (_rates.Values.Any(series => series.Any(rate => rate.Value <= 0)))
        {
            throw new ArgumentException("A rate is not above 0.", nameof(rates));
        }
    }

    /// <summary>Gets which book this is.</summary>
    public string Version { get; }

    /// <summary>Gets the currency that rates are in.</summary>
    public CurrencyCode Pivot { get; }

    /// <summary>Gets the names of the lists.</summary>
    public IReadOnlySet<string> Lists { get; }

    /// <summary>Gets the calendars by name.</summary>
    public IReadOnlyDictionary<string, BusinessDays> Calendars { get; }

    /// <summary>Gets the names of the thresholds.</summary>
    public IReadOnlyCollection<string> Thresholds => _thresholds.Keys;

    /// <summary>Whether a list has a member on a day.</summary>
    public bool IsListed(string list, string member, DateOnly on)
    {
        if (!_members.TryGetValue(list, out var members) || !members.TryGetValue(member, out var periods))
        {
            return false;
        }

        foreach (var period in periods)
        {
            if (period.From <= on && (period.Until is null || on < period.Until))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The threshold of a name on a day, or null when there was none yet.</summary>
    public DatedThreshold? ThresholdOn(string name, DateOnly on) =>
        _thresholds.TryGetValue(name, out var series) ? LatestOf(series, on, threshold => threshold.From) : null;

    /// <summary>The rate of a currency on a day, or null when there is none that is young enough.</summary>
    public DatedRate? RateOn(CurrencyCode currency, DateOnly on)
    {
        if (currency == Pivot)
        {
            return new DatedRate(Pivot, on, 1);
        }

        var latest = _rates.TryGetValue(currency, out var series) ? LatestOf(series, on, rate => rate.From) : null;
        return latest is not null && on.DayNumber - latest.From.DayNumber <= OldestRateDays ? latest : null;
    }

    /// <summary>
    /// Converts at the rates of a day, rounded half to even to the minor units; null when a rate is missing.
    /// </summary>
    public Money? Convert(Money money, CurrencyCode to, DateOnly on)
    {
        if (money.Currency == to)
        {
            return money;
        }

        return RateOn(money.Currency, on) is { } from && RateOn(to, on) is { } target
            ? new Money(money.Amount * from.Value / target.Value, to).RoundHalfEven()
            : null;
    }

    private static Dictionary<TKey, TItem[]> Grouped<TKey, TItem>(
        IEnumerable<TItem> items, Func<TItem, TKey> key, Func<TItem, DateOnly> from)
        where TKey : notnull
    {
        var groups = items.GroupBy(key).ToDictionary(group => group.Key, group => group.OrderBy(from).ToArray());
        foreach (var series in groups.Values)
        {
            for (var i = 1; i < series.Length; i++)
            {
                if (from(series[i]) == from(series[i - 1]))
                {
                    throw new ArgumentException($"Two values hold from {from(series[i]):O}; keep one.", nameof(items));
                }
            }
        }

        return groups;
    }

    private static TItem? LatestOf<TItem>(TItem[] series, DateOnly on, Func<TItem, DateOnly> from)
        where TItem : class
    {
        var low = 0;
        var high = series.Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (from(series[middle]) <= on)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low == 0 ? null : series[low - 1];
    }
}
