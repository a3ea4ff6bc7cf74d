using System.Globalization;
using Probity.Contracts.Finance;
using Probity.Monitoring.Evaluation;

namespace Probity.Monitoring.Rules;

/// <summary>What an aggregate computes.</summary>
internal enum AggregateFn
{
    Count,
    Sum,
    Avg,
    Min,
    Max,
    Distinct,

    /// <summary>Of the population, six places, rounded down.</summary>
    StdDev,

    /// <summary>Nearest rank (no interpolation): a value that occurred.</summary>
    Percentile,

    /// <summary>Seconds since the latest earlier transaction in the window.</summary>
    TimeSince,

    /// <summary>
    /// χ² of the leading digits of the amounts against Benford's law, six places; amounts as they are written.
    /// </summary>
    Benford,

    // No running value is kept of those from here on.

    /// <summary>Seconds since the earliest transaction in the window.</summary>
    TimeSinceFirst,

    /// <summary>
    /// Edits (Levenshtein 1966) from a text of the latest earlier transaction that has it to that of the one judged.
    /// </summary>
    EditDistance,

    /// <summary>
    /// Kilometres an hour from the place of the latest earlier transaction that has one, six places, half to even.
    /// </summary>
    Speed,

    /// <summary>Transactions in an earlier step on average, six places, half to even.</summary>
    StepAvg,

    /// <summary>Of the population of earlier steps, six places, rounded down.</summary>
    StepStdDev,
}

/// <summary>Whose transactions an aggregate looks at.</summary>
internal enum AggregateKey
{
    Account,
    Customer,

    /// <summary>Between this account and the counterparty of the transaction.</summary>
    Pair,
}

/// <summary>Which way the money went, seen from the key.</summary>
internal enum FlowDirection
{
    In,
    Out,
    Both,
}

internal enum WindowKind
{
    /// <summary>What happened in (t − from, t − to].</summary>
    Rolling,

    /// <summary>Since the start of the day, week or month of a calendar.</summary>
    Calendar,

    /// <summary>The last business days of a calendar, this one included.</summary>
    BusinessDays,

    /// <summary>The last so many that match.</summary>
    LastN,

    /// <summary>All that is known.</summary>
    Lifetime,
}

internal enum CalendarUnit
{
    Day,
    Week,
    Month,
}

/// <summary>Where a window begins and ends for a given instant t. Both bounds only ever move forward with t.</summary>
internal sealed record Window
{
    public required WindowKind Kind { get; init; }

    public long FromMicros { get; init; }

    public long ToMicros { get; init; }

    public CalendarUnit Unit { get; init; }

    /// <summary>Business days or transactions.</summary>
    public int Size { get; init; }

    /// <summary>
    /// Whether the last so many are those of the direction and status, of which the conditions then choose; else they
    /// are the last so many that meet the conditions.
    /// </summary>
    public bool ChoosesAfter { get; init; }

    public string Calendar { get; init; } = string.Empty;

    /// <summary>Gets the longest stretch it can reach back, in days; null without an end.</summary>
    public int? ReachDays => Kind switch
    {
        WindowKind.Rolling => (int)((FromMicros + Durations.Day - 1) / Durations.Day),
        WindowKind.Calendar => Unit switch
        {
            CalendarUnit.Day => 2,
            CalendarUnit.Week => 8,
            CalendarUnit.Month => 32,
            _ => throw new InvalidOperationException(),
        },
        WindowKind.BusinessDays => (Size * 2) + 10,
        WindowKind.LastN or WindowKind.Lifetime => null,
        _ => throw new InvalidOperationException(),
    };

    /// <summary>The bounds (after, until] for an instant.</summary>
    public (long After, long Until) Bounds(long at, ReferenceBook book) => Kind switch
    {
        WindowKind.Rolling => (at - FromMicros, at - ToMicros),
        WindowKind.Calendar => (StartOfUnit(at, book.Calendars[Calendar]) - 1, at),
        WindowKind.BusinessDays => (book.Calendars[Calendar].StartOfWindow(at, Size) - 1, at),
        WindowKind.LastN or WindowKind.Lifetime => (long.MinValue, at),
        _ => throw new InvalidOperationException(),
    };

    public override string ToString() => Kind switch
    {
        WindowKind.Rolling when ToMicros == 0 => "last " + Durations.Text(FromMicros),
        WindowKind.Rolling => $"from {Durations.Text(FromMicros)} to {Durations.Text(ToMicros)} ago",
        WindowKind.Calendar => $"this {Unit.ToString().ToLowerInvariant()} ({Calendar})",
        WindowKind.BusinessDays => $"{Size.ToString(CultureInfo.InvariantCulture)} business days ({Calendar})",
        WindowKind.LastN => $"last {Size.ToString(CultureInfo.InvariantCulture)}{(ChoosesAfter ? " of all" : "")}",
        WindowKind.Lifetime => "all history",
        _ => throw new InvalidOperationException(),
    };

    private long StartOfUnit(long at, BusinessDays days)
    {
        var date = days.DateOf(at);
        return days.StartOf(Unit switch
        {
            CalendarUnit.Day => date,
            CalendarUnit.Week => date.AddDays(-(((int)date.DayOfWeek + 6) % 7)),
            CalendarUnit.Month => new DateOnly(date.Year, date.Month, 1),
            _ => throw new InvalidOperationException(),
        });
    }
}

/// <summary>Similar amounts: at most this share away from the amount of the transaction being judged.</summary>
internal sealed record AmountLikeness(decimal Tolerance);

/// <summary>Places near that of the transaction being judged: at most so many metres away.</summary>
internal sealed record PlaceNearness(long Metres)
{
    /// <summary>Whether two transactions were asked for so near each other; false where a place is not known.</summary>
    public bool Holds(Booked earlier, Booked judged) =>
        earlier.Transaction.Location is { } there && judged.Transaction.Location is { } here
        && GreatCircle.IsWithin(there, here, Metres);
}

/// <summary>An aggregate over earlier transactions, as a rule writes it.</summary>
internal sealed record AggregateSpec
{
    /// <summary>The longest text that edits are counted in; of a longer one the beginning.</summary>
    public const int LongestText = 256;

    private readonly int _statuses;

    public required AggregateFn Fn
    {
        get;
        init
        {
            field = value;
            NeedsAmount = Sums(value);
            IsScanned = value >= AggregateFn.TimeSinceFirst;
        }
    }

    public required AggregateKey Key { get; init; }

    public required FlowDirection Direction { get; init; }

    public required Window Window { get; init; }

    /// <summary>The field for <c>distinct</c>.</summary>
    public Field? Of
    {
        get;
        init
        {
            field = value;
            IsOfCounterparty = value?.Name == "$counterparty";
        }
    }

    /// <summary>The currency for amounts.</summary>
    public CurrencyCode? To { get; init; }

    /// <summary>The percentile, 0 to 100.</summary>
    public int Percent { get; init; }

    public Expr? Where { get; init; }

    public AmountLikeness? Similar { get; init; }

    public PlaceNearness? Near { get; init; }

    /// <summary>How long a step is, of functions that count by steps.</summary>
    public long StepMicros { get; init; }

    public bool IncludeCurrent { get; init; } = true;

    public int MinHistory { get; init; }

    public required IReadOnlySet<TransactionStatus> Statuses
    {
        get;
        init
        {
            field = value;
            _statuses = value.Aggregate(0, (mask, status) => mask | (1 << (int)status));
        }
    }

    /// <summary>
    /// Whether it asks for something of the transaction being judged, so that no running value can serve.
    /// </summary>
    public bool DependsOnCurrent { get; init; }

    /// <summary>Gets the place of this aggregate among all that are kept as running values.</summary>
    public required int Slot { get; init; }

    /// <summary>Whether it asks for the account on the other side, which histories number.</summary>
    public bool IsOfCounterparty { get; private init; }

    public bool NeedsAmount { get; private init; }

    /// <summary>Whether it is read from the log each time: no running value is kept of it.</summary>
    public bool IsScanned { get; private init; }

    /// <summary>Whether it is read from the log each time, or from the end of it.</summary>
    public bool IsReadAnew => IsScanned || Window.ChoosesAfter;

    /// <summary>Whether it counts amounts like that of the transaction being judged, and no more.</summary>
    public bool CountsAlike => Fn == AggregateFn.Count && Similar is not null && Where is null && Near is null;

    /// <summary>Whether the amounts of a long window are kept in order for it.</summary>
    public bool IsKeptInOrder => CountsAlike && Window.Kind != WindowKind.LastN;

    /// <summary>Whether a transaction went its way and has a status that counts.</summary>
    public bool IsOfWay(bool isDebtorSide, TransactionStatus status) =>
        (Direction == FlowDirection.Both || Direction == FlowDirection.Out == isDebtorSide) && Counts(status);

    /// <summary>Whether it is unknown unless the transaction being judged says where it was asked for.</summary>
    public bool NeedsPlace => Fn == AggregateFn.Speed || Near is not null;

    private static bool Sums(AggregateFn fn) => fn is AggregateFn.Sum or AggregateFn.Avg or AggregateFn.Min
        or AggregateFn.Max
        or AggregateFn.StdDev or AggregateFn.Percentile;

    /// <summary>Whether transactions of a status count.</summary>
    public bool Counts(TransactionStatus status) => (_statuses & (1 << (int)status)) != 0;

    public override string ToString()
    {
        var name = Fn switch
        {
            AggregateFn.Percentile => "percentile " + Percent.ToString(CultureInfo.InvariantCulture),
            AggregateFn.TimeSince => "seconds since last",
            AggregateFn.TimeSinceFirst => "seconds since first",
            AggregateFn.Benford => "Benford χ²",
            AggregateFn.EditDistance => "edits since last",
            AggregateFn.Speed => "km/h since last",
            AggregateFn.StepAvg => "average count a step of " + Durations.Text(StepMicros),
            AggregateFn.StepStdDev => "deviation of the count a step of " + Durations.Text(StepMicros),
            _ => Fn.ToString().ToLowerInvariant(),
        };
        var what = Of is null ? string.Empty : " of " + Of.Name;
        var money = To is null ? string.Empty : " in " + To;
        var where = Where is null ? string.Empty : $" where {Where}";
        var similar = Similar is null ? string.Empty : $" of similar amounts (±{Value.Of(Similar.Tolerance)})";
        var near = Near is null ? string.Empty
            : $" within {Near.Metres.ToString(CultureInfo.InvariantCulture)} m";
        return $"{name}{what}{money} {Direction.ToString().ToLowerInvariant()}{similar}{near} " +
            $"per {Key.ToString().ToLowerInvariant()}, {Window}{where}";
    }
}

/// <summary>Durations of rules: a whole number and a unit, such as <c>90m</c>, <c>24h</c>, <c>30d</c>.</summary>
internal static class Durations
{
    public const long Second = 1_000_000;
    public const long Day = 86_400 * Second;

    private const long LongestDays = 36_600;

    public static bool TryParse(string? text, out long micros)
    {
        micros = 0;
        if (text is not { Length: >= 2 and <= 12 }
            || !long.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture,
                out var count))
        {
            return false;
        }

        var unit = text[^1] switch
        {
            's' => Second,
            'm' => 60 * Second,
            'h' => 3_600 * Second,
            'd' => Day,
            'w' => 7 * Day,
            _ => 0,
        };
        if (unit == 0 || count > LongestDays * Day / unit)
        {
            return false;
        }

        micros = count * unit;
        return true;
    }

    public static string Text(long micros) =>
        micros % Day == 0 ? Number(micros / Day) + " d"
        : micros % (3_600 * Second) == 0 ? Number(micros / (3_600 * Second)) + " h"
        : Number(micros / Second) + " s";

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
