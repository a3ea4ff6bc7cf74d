using System.Numerics;
using Probity.Contracts.Finance;
using Probity.Monitoring.Rules;

namespace Probity.Monitoring.Evaluation;

/// <summary>
/// The running value of one aggregate over the events [tail, head) of a log. Each event is added once and taken out
/// once, in exact integers, so the value is that of a fresh scan at every instant.
/// </summary>
internal sealed class WindowState(AggregateSpec spec)
{
    private readonly Dictionary<string, int>? _distinct =
        spec.Fn == AggregateFn.Distinct ? new Dictionary<string, int>(StringComparer.Ordinal) : null;

    private readonly List<long>? _sorted =
        spec.Fn is AggregateFn.Min or AggregateFn.Max or AggregateFn.Percentile ? [] : null;

    private int _head;
    private int _tail;
    private long _count;
    private long _missingRates;
    private Int128 _sum;
    private Int128 _sumOfSquares;
    private long _lowest = long.MinValue;

    /// <summary>The newest event that counted; events leave oldest first, so it is there while any is.</summary>
    private Booked? _newest;

    public long Count => _count;

    /// <summary>
    /// Moves to the window (after, until] of a log, whose events before <paramref name="end"/> may count; false when
    /// the
    /// window lies before where the value has come to, which a fresh scan must answer.
    /// </summary>
    public bool TryMove(EventLog log, long after, int end, FastHistory history)
    {
        if (end < _head || after < _lowest)
        {
            return false;
        }

        _lowest = after;
        if (_head == _tail && spec.Window.Kind != WindowKind.LastN)
        {
            // Nothing is held: begin where the window begins.
            _tail = Math.Max(_tail, log.LowerBound(after, long.MaxValue));
            _head = Math.Max(_head, Math.Min(_tail, end));
            _tail = Math.Min(_tail, _head);
        }

        for (; _head < end; _head++)
        {
            Add(log[_head], history, 1);
            for (; spec.Window.Kind == WindowKind.LastN && _count > spec.Window.Size; _tail++)
            {
                Add(log[_tail], history, -1);
            }
        }

        for (; _tail < _head && log[_tail].Booked.Micros <= after; _tail++)
        {
            Add(log[_tail], history, -1);
        }

        return true;
    }

    /// <summary>
    /// Takes in an event that came late at a place of the log; false when only a fresh start will do.
    /// </summary>
    public bool TakeLate(int place, LoggedEvent added, FastHistory history)
    {
        if (place >= _head)
        {
            return true;
        }

        _head++;
        if (place < _tail || added.Booked.Micros <= _lowest)
        {
            // Before the window; places behind it move by one.
            _tail++;
            return place < _tail && spec.Window.Kind != WindowKind.LastN;
        }

        if (spec.Window.Kind == WindowKind.LastN)
        {
            return false;
        }

        Add(added, history, 1);
        return true;
    }

    public Value Result(Booked current)
    {
        if (_missingRates > 0)
        {
            return Value.Unknown(UnknownReason.NoRate);
        }

        if (_count < spec.MinHistory)
        {
            return Value.Unknown(UnknownReason.InsufficientHistory);
        }

        return spec.Fn switch
        {
            AggregateFn.Count => Value.Of((decimal)_count),
            AggregateFn.Distinct => Value.Of((decimal)_distinct!.Count), // Made for these functions, as _sorted is.
            AggregateFn.Sum => Amount(_sum),
            _ when _count == 0 => Value.Unknown(UnknownReason.InsufficientHistory),
            AggregateFn.Avg => Exact.Average(_sum, _count, spec.To!.Value), // Amounts have a currency.
            AggregateFn.StdDev => Exact.Deviation(_sum, _sumOfSquares, _count, spec.To!.Value),
            AggregateFn.Min => Amount(_sorted![0]),
            AggregateFn.Max => Amount(_sorted![^1]),
            AggregateFn.Percentile => Amount(_sorted![Exact.NearestRank(spec.Percent, _sorted.Count)]),
            AggregateFn.TimeSince => Exact.SecondsSince(_newest!.Micros, current),
            _ => throw new InvalidOperationException(),
        };
    }

    private Value Amount(Int128 units) => Value.Of(new Money(Booked.FromUnits(units), spec.To!.Value)); // As above.

    private void Add(LoggedEvent item, FastHistory history, int sign)
    {
        if (!history.Matches(spec, item))
        {
            return;
        }

        if (_distinct is not null)
        {
            AddDistinct(_distinct, item, history, sign);
            return;
        }

        _count += sign;
        if (spec.Fn == AggregateFn.TimeSince && sign > 0 && (_newest is null || Order.IsBefore(_newest, item.Booked)))
        {
            _newest = item.Booked;
        }

        if (!spec.NeedsAmount)
        {
            return;
        }

        if (history.UnitsOf(spec, item.Booked) is not { } units)
        {
            _missingRates += sign;
            return;
        }

        _sum += sign * (Int128)units;
        if (spec.Fn == AggregateFn.StdDev)
        {
            _sumOfSquares += sign * ((Int128)units * units);
        }

        if (_sorted is not null)
        {
            AddSorted(_sorted, units, sign);
        }
    }

    private void AddDistinct(Dictionary<string, int> distinct, LoggedEvent item, FastHistory history, int sign)
    {
        if (history.TextOf(spec, item) is not { } text)
        {
            return;
        }

        _count += sign;
        var times = distinct.GetValueOrDefault(text) + sign;
        if (times == 0)
        {
            distinct.Remove(text);
        }
        else
        {
            distinct[text] = times;
        }
    }

    private static void AddSorted(List<long> sorted, long units, int sign)
    {
        var at = sorted.BinarySearch(units);
        if (sign > 0)
        {
            sorted.Insert(at < 0 ? ~at : at, units);
        }
        else
        {
            sorted.RemoveAt(at);
        }
    }
}

/// <summary>Statistics in exact integers, of amounts in ten-thousandths. Scales are stated.</summary>
internal static class Exact
{
    private const int MicrosPerUnit = 100;

    /// <summary>Six places, half to even.</summary>
    public static Value Average(Int128 sum, long count, CurrencyCode currency) => Value.Of(new Money(
        decimal.Round(Booked.FromUnits(sum) / count, 6, MidpointRounding.ToEven), currency));

    /// <summary>√(n·Σx² − (Σx)²) ÷ n of the population, six places, rounded down.</summary>
    public static Value Deviation(Int128 sum, Int128 sumOfSquares, long count, CurrencyCode currency)
    {
        var spread = ((BigInteger)count * sumOfSquares) - ((BigInteger)sum * sum);
        var millionths = Root(spread * MicrosPerUnit * MicrosPerUnit) / count;
        return Value.Of(new Money((decimal)millionths / 1_000_000, currency));
    }

    /// <summary>Index of the nearest rank: ⌈p·n/100⌉ − 1, at least 0.</summary>
    public static int NearestRank(int percent, int count) =>
        Math.Max(0, (int)((((long)percent * count) + 99) / 100) - 1);

    public static Value SecondsSince(long micros, Booked current) =>
        Value.Of((decimal)(current.Micros - micros) / Durations.Second);

    /// <summary>The greatest whole number whose square is not greater (Newton; exact).</summary>
    private static BigInteger Root(BigInteger value)
    {
        if (value.IsZero)
        {
            return value;
        }

        var root = BigInteger.One << (int)((value.GetBitLength() + 1) / 2);
        while (true)
        {
            var next = (root + (value / root)) >> 1;
            if (next >= root)
            {
                return root;
            }

            root = next;
        }
    }
}
