using System.Numerics;
using System.Runtime.InteropServices;
using Probity.Contracts.Finance;
using Probity.Monitoring.Rules;

namespace Probity.Monitoring.Evaluation;

/// <summary>
/// The running value of one aggregate over the events [tail, head) of a log, in exact integers, so that it is that of a
/// fresh scan at every instant. Both ends move either way: what comes in is added, what goes out is subtracted. Lives
/// in
/// an array of its log.
/// </summary>
internal struct WindowState
{
    private int _head;
    private int _tail;

    /// <summary>Index of the newest event that counted, of <c>time_since</c>; below 0 when there is none.</summary>
    private int _newest;

    private bool _isBegun;

    // The tail is the first event after any instant from the one up to, and without, the other: most windows move by
    // less than what lies between two events, and need not look at any.
    private long _from;
    private long _until;
    private int _missingRates;
    private int _count;
    private Int128 _sum;

    /// <summary>What some functions need beside: counts of texts, amounts in order, the sum of squares.</summary>
    private object? _more;

    public readonly long Count => _count;

    /// <summary>The first event of a log after an instant; see <see cref="Keep"/>.</summary>
    public readonly int BeginOf(EventLog log, long after) =>
        after == long.MinValue ? 0
        : after >= _from && after < _until ? _tail
        : log.FirstAfter(after, _tail);

    /// <summary>Keeps that the tail is the first event after an instant.</summary>
    public void Keep(EventLog log, long after)
    {
        if (after < _from || after >= _until)
        {
            (_from, _until) = (after, _tail < log.Count ? log[_tail].Micros : long.MinValue);
        }
    }

    /// <summary>
    /// Goes to the events [begin, end); false when it is too far from where the value is and
    /// <paramref name="mayJump"/> does not allow to begin anew there.
    /// </summary>
    public bool TryMove(AggregateSpec spec, EventLog log, int begin, int end, bool mayJump, FastHistory history)
    {
        begin = Math.Min(begin, end);
        if (begin != _tail)
        {
            _until = long.MinValue; // Until it is told where the tail is.
        }

        if (!_isBegun || Math.Abs(begin - _tail) + Math.Abs(end - _head) > end - begin)
        {
            if (_isBegun && !mayJump)
            {
                return false;
            }

            BeginAt(begin);
        }

        for (; _head < end; _head++)
        {
            Add(spec, log, _head, 1, history);
        }

        while (_head > end)
        {
            Add(spec, log, --_head, -1, history);
        }

        while (_tail > begin)
        {
            Add(spec, log, --_tail, 1, history);
        }

        for (; _tail < begin; _tail++)
        {
            Add(spec, log, _tail, -1, history);
        }

        return true;
    }

    /// <summary>Goes to the last events before <paramref name="end"/> that match; as <see cref="TryMove"/>.</summary>
    public bool TryMoveLast(AggregateSpec spec, EventLog log, int end, bool mayJump, FastHistory history)
    {
        if (!_isBegun || end < _tail || Math.Abs(end - _head) > spec.Window.Size)
        {
            if (_isBegun && !mayJump)
            {
                return false;
            }

            BeginAt(end);
        }

        for (; _head < end; _head++)
        {
            Add(spec, log, _head, 1, history);
        }

        while (_head > end)
        {
            Add(spec, log, --_head, -1, history);
        }

        for (; _count > spec.Window.Size; _tail++)
        {
            Add(spec, log, _tail, -1, history);
        }

        while (_count < spec.Window.Size && _tail > 0)
        {
            Add(spec, log, --_tail, 1, history);
        }

        return true;
    }

    /// <summary>
    /// Takes of the last events before <paramref name="end"/> that went the way of the aggregate those that match.
    /// </summary>
    public void Choose(AggregateSpec spec, EventLog log, int end, FastHistory history)
    {
        BeginAt(end);
        var left = spec.Window.Size;
        for (var place = end - 1; place >= 0 && left > 0; place--)
        {
            ref readonly var item = ref log[place];
            if (spec.IsOfWay(item.IsDebtorSide, item.Status))
            {
                left--;
                Add(spec, log, place, 1, history);
            }
        }
    }

    /// <summary>
    /// The amounts of the events [begin, end) in order; null when reading them costs less, or when
    /// <see cref="TryMove"/> says no.
    /// </summary>
    public AlikeAmounts? InOrder(
        AggregateSpec spec, EventLog log, int begin, int end, bool mayJump, FastHistory history)
    {
        var amounts = (AlikeAmounts)(_more ??= new AlikeAmounts());
        var events = _isBegun
            ? Math.Min(Math.Abs(begin - _tail) + Math.Abs(end - _head), end - begin)
            : end - begin;
        if (!amounts.IsWorth(events, end - begin) || !TryMove(spec, log, begin, end, mayJump, history))
        {
            return null;
        }

        amounts.Went();
        return amounts;
    }

    /// <summary>
    /// An event came in at a place of the log: the same events stay inside, with it when it is among them.
    /// </summary>
    public void Inserted(AggregateSpec spec, EventLog log, int place, FastHistory history)
    {
        _until = long.MinValue;
        if (!_isBegun || place >= _head)
        {
            return;
        }

        _head++;
        _newest += place <= _newest ? 1 : 0;
        if (place <= _tail)
        {
            _tail++;
            return;
        }

        Add(spec, log, place, 1, history);
    }

    /// <summary>An event is about to go from a place of the log.</summary>
    public void Removing(AggregateSpec spec, EventLog log, int place, FastHistory history)
    {
        _until = long.MinValue;
        if (!_isBegun || place >= _head)
        {
            return;
        }

        if (place >= _tail)
        {
            Add(spec, log, place, -1, history);
        }

        _head--;
        _tail -= place < _tail ? 1 : 0;
        _newest -= place < _newest ? 1 : 0;
    }

    /// <summary>Takes an event out or puts it back where it stands.</summary>
    public void Weigh(AggregateSpec spec, EventLog log, int place, int sign, FastHistory history)
    {
        if (_isBegun && place >= _tail && place < _head)
        {
            Add(spec, log, place, sign, history);
        }
    }

    /// <summary>Begins anew, empty, keeping what memory it has.</summary>
    public void BeginAt(int place)
    {
        (_tail, _head, _newest, _isBegun) = (place, place, -1, true);
        (_count, _missingRates, _sum) = (0, 0, 0);
        switch (_more)
        {
            case Counts<int> numbers:
                numbers.Clear();
                break;
            case Counts<string> texts:
                texts.Clear();
                break;
            case SortedAmounts amounts:
                amounts.Clear();
                break;
            case Squares squares:
                squares.Sum = 0;
                break;
            case Digits digits:
                Array.Clear(digits.Times);
                break;
            case AlikeAmounts alike:
                alike.Clear();
                break;
            default:
                break;
        }
    }

    public readonly Value Result(AggregateSpec spec, EventLog? log, Booked current)
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
            AggregateFn.Distinct when spec.IsOfCounterparty => Value.Of((decimal)((_more as Counts<int>)?.Count ?? 0)),
            AggregateFn.Distinct => Value.Of((decimal)((_more as Counts<string>)?.Count ?? 0)),
            AggregateFn.Sum => Amount(spec, _sum),
            _ when _count == 0 => Value.Unknown(UnknownReason.InsufficientHistory),
            AggregateFn.Avg => Exact.Average(_sum, _count, spec.To!.Value), // Amounts have a currency.
            AggregateFn.StdDev => Exact.Deviation(_sum, ((Squares)_more!).Sum, _count, spec.To!.Value),
            AggregateFn.Min => Amount(spec, ((SortedAmounts)_more!)[0]),
            AggregateFn.Max => Amount(spec, ((SortedAmounts)_more!)[_count - 1]),
            AggregateFn.Percentile => Amount(spec, ((SortedAmounts)_more!)[Exact.NearestRank(spec.Percent, _count)]),
            AggregateFn.Benford => Exact.Benford(((Digits)_more!).Times, _count),
            AggregateFn.TimeSince => Exact.SecondsSince(log![_newest].Micros, current), // It counts, so it has a log.
            _ => throw new InvalidOperationException(),
        };
    }

    private static Value Amount(AggregateSpec spec, Int128 units) =>
        Value.Of(new Money(Booked.FromUnits(units), spec.To!.Value)); // As above.

    private void Add(AggregateSpec spec, EventLog log, int place, int sign, FastHistory history)
    {
        history.Steps++;
        ref readonly var item = ref log[place];
        if (spec.IsKeptInOrder)
        {
            AddInOrder(spec, in item, sign);
            return;
        }

        if (!history.Matches(spec, in item))
        {
            return;
        }

        switch (spec.Fn)
        {
            case AggregateFn.Count:
                _count += sign;
                break;
            case AggregateFn.Distinct when spec.IsOfCounterparty:
                AddNumber(item.Counterparty, sign);
                break;
            case AggregateFn.Distinct:
                AddText(history.TextOf(spec, in item), sign);
                break;
            case AggregateFn.Benford:
                _count += sign;
                _more ??= new Digits();
                ((Digits)_more).Times[Exact.LeadingDigit(item.Units) - 1] += sign;
                break;
            case AggregateFn.TimeSince:
                AddTime(spec, log, place, sign, history);
                break;
            default:
                AddAmount(spec, history.UnitsOf(spec, in item), sign);
                break;
        }
    }

    // Which of them are like the one being judged is asked when there is one.
    private readonly void AddInOrder(AggregateSpec spec, in LoggedEvent item, int sign)
    {
        if (spec.IsOfWay(item.IsDebtorSide, item.Status))
        {
            ((AlikeAmounts)_more!).Add(item.Currency, item.Units, sign); // There before anything is added.
        }
    }

    private void AddNumber(int number, int sign)
    {
        if (number >= 0)
        {
            _count += sign;
            _more ??= new Counts<int>();
            ((Counts<int>)_more).Add(number, sign);
        }
    }

    private void AddText(string? text, int sign)
    {
        if (text is not null)
        {
            _count += sign;
            _more ??= new Counts<string>();
            ((Counts<string>)_more).Add(text, sign);
        }
    }

    private void AddTime(AggregateSpec spec, EventLog log, int place, int sign, FastHistory history)
    {
        _count += sign;
        if (sign > 0)
        {
            _newest = Math.Max(_newest, place);
        }
        else if (_newest == place)
        {
            // Another that counts lies before it, if any does.
            for (_newest = _count == 0 ? -1 : place - 1; _newest >= 0; _newest--)
            {
                if (history.Matches(spec, in log[_newest]))
                {
                    break;
                }
            }
        }
    }

    private void AddAmount(AggregateSpec spec, long? amount, int sign)
    {
        _count += sign;
        if (amount is not { } units)
        {
            _missingRates += sign;
            return;
        }

        _sum += sign * (Int128)units;
        switch (spec.Fn)
        {
            case AggregateFn.StdDev:
                _more ??= new Squares();
                ((Squares)_more).Sum += sign * ((Int128)units * units);
                break;
            case AggregateFn.Min or AggregateFn.Max or AggregateFn.Percentile:
                _more ??= new SortedAmounts();
                ((SortedAmounts)_more).Add(units, sign);
                break;
            default:
                break;
        }
    }

    private sealed class Squares
    {
        public Int128 Sum { get; set; }
    }

    /// <summary>How often each leading digit occurs.</summary>
    private sealed class Digits
    {
        public int[] Times { get; } = new int[9];
    }
}

/// <summary>How often each of something occurs. Few are kept in a row, which most stay; many in a table.</summary>
internal sealed class Counts<T>
    where T : IEquatable<T>
{
    private const int Few = 16;

    private T[] _items = new T[2];
    private int[] _times = new int[2];
    private int _count;
    private Dictionary<T, int>? _many;

    /// <summary>How many different ones occur.</summary>
    public int Count => _many?.Count ?? _count;

    public void Clear()
    {
        Array.Clear(_items);
        (_count, _many) = (0, null);
    }

    public void Add(T item, int sign)
    {
        if (_many is not null)
        {
            AddToMany(_many, item, sign);
            return;
        }

        var at = _items.AsSpan(0, _count).IndexOf(item);
        if (at < 0)
        {
            Append(item, sign);
            return;
        }

        _times[at] += sign;
        if (_times[at] == 0)
        {
            _count--;
            (_items[at], _times[at]) = (_items[_count], _times[_count]);
            _items[_count] = default!; // Beyond the count, where nobody looks.
        }
    }

    private static void AddToMany(Dictionary<T, int> many, T item, int sign)
    {
        ref var times = ref CollectionsMarshal.GetValueRefOrAddDefault(many, item, out _);
        times += sign;
        if (times == 0)
        {
            many.Remove(item);
        }
    }

    private void Append(T item, int sign)
    {
        if (_count == Few)
        {
            _many = [];
            for (var i = 0; i < _count; i++)
            {
                _many.Add(_items[i], _times[i]);
            }

            _count = 0;
            Array.Clear(_items);
            AddToMany(_many, item, sign);
            return;
        }

        if (_count == _items.Length)
        {
            Array.Resize(ref _items, _count * 2);
            Array.Resize(ref _times, _count * 2);
        }

        (_items[_count], _times[_count]) = (item, sign);
        _count++;
    }
}

/// <summary>
/// Amounts in order, in chunks: adding and taking out move one chunk, however many there are.
/// </summary>
internal sealed class SortedAmounts
{
    private const int ChunkSize = 512;

    private readonly List<List<long>> _chunks = [];

    /// <summary>The amount of a rank, from 0.</summary>
    public long this[int rank]
    {
        get
        {
            foreach (var chunk in _chunks)
            {
                if (rank < chunk.Count)
                {
                    return chunk[rank];
                }

                rank -= chunk.Count;
            }

            throw new ArgumentOutOfRangeException(nameof(rank));
        }
    }

    public bool IsEmpty => _chunks.Count == 0;

    public void Clear() => _chunks.Clear();

    /// <summary>How many are at most so large.</summary>
    public int AtMost(long units)
    {
        if (_chunks.Count == 0)
        {
            return 0;
        }

        var at = ChunkOf(units);
        var count = FirstAbove(_chunks[at], units);
        for (var i = 0; i < at; i++)
        {
            count += _chunks[i].Count;
        }

        return count;
    }

    public void Add(long units, int sign)
    {
        if (_chunks.Count == 0)
        {
            _chunks.Add([]);
        }

        var at = ChunkOf(units);
        var chunk = _chunks[at];
        var place = chunk.BinarySearch(units);
        if (sign < 0)
        {
            chunk.RemoveAt(place);
            if (chunk.Count == 0)
            {
                _chunks.RemoveAt(at);
            }

            return;
        }

        chunk.Insert(place < 0 ? ~place : place, units);
        if (chunk.Count > ChunkSize)
        {
            _chunks.Insert(at + 1, chunk.GetRange(ChunkSize / 2, chunk.Count - (ChunkSize / 2)));
            chunk.RemoveRange(ChunkSize / 2, chunk.Count - (ChunkSize / 2));
        }
    }

    private static int FirstAbove(List<long> chunk, long units)
    {
        var (low, high) = (0, chunk.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = chunk[middle] <= units ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    // The last chunk whose first amount is not above: it holds the amount if any does.
    private int ChunkOf(long units)
    {
        var low = 0;
        var high = _chunks.Count - 1;
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (_chunks[middle][0] <= units)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return low;
    }
}

/// <summary>Statistics in exact integers, of amounts in ten-thousandths. Scales are stated.</summary>
internal static class Exact
{
    private const int MicrosPerUnit = 100;
    private const int Millionths = 1_000_000;

    private static readonly decimal[] s_benford =
        [0.30103m, 0.17609m, 0.12494m, 0.09691m, 0.07918m, 0.06695m, 0.05799m, 0.05115m, 0.04576m];

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

    /// <summary>
    /// √(n·Σx² − (Σx)²) ÷ n of whole numbers, six places, rounded down, as <see cref="Deviation"/>.
    /// </summary>
    public static Value Spread(long sum, long sumOfSquares, long count)
    {
        var spread = ((BigInteger)count * sumOfSquares) - ((BigInteger)sum * sum);
        return Value.Of((decimal)(Root(spread * Millionths * Millionths) / count) / Millionths);
    }

    /// <summary>Σ ÷ n of whole numbers, six places, half to even.</summary>
    public static Value Mean(long sum, long count) =>
        Value.Of(decimal.Round((decimal)sum / count, 6, MidpointRounding.ToEven));

    /// <summary>
    /// Kilometres an hour, six places, half to even. What happened within a second took a second: a speed is never
    /// without bound.
    /// </summary>
    public static Value Speed(long metres, long micros) => Value.Of(decimal.Round(
        metres * 3.6m * Durations.Second / Math.Max(micros, Durations.Second), 6, MidpointRounding.ToEven));

    /// <summary>The first digit of an amount that is not 0.</summary>
    public static int LeadingDigit(long units)
    {
        while (units > 9)
        {
            units /= 10;
        }

        return (int)units;
    }

    /// <summary>
    /// Σ (observed − expected)² ÷ expected over the nine leading digits, where a digit d is expected in
    /// log₁₀(1 + 1/d) of the amounts (Benford, Proceedings of the American Philosophical Society 78, 1938), in five
    /// places; six places, half to even. With 8 degrees of freedom, 15.507 is exceeded once in twenty samples.
    /// </summary>
    public static Value Benford(ReadOnlySpan<int> times, int count)
    {
        var sum = 0m;
        for (var i = 0; i < times.Length; i++)
        {
            var expected = s_benford[i] * count;
            var away = times[i] - expected;
            sum += away * away / expected;
        }

        return Value.Of(decimal.Round(sum, 6, MidpointRounding.ToEven));
    }

    /// <summary>The greatest whole number whose square is not greater (Newton; exact).</summary>
    public static BigInteger Root(BigInteger value)
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
