using System.Runtime.InteropServices;
using Probity.Monitoring.Rules;

namespace Probity.Monitoring.Evaluation;

/// <summary>
/// One transaction seen from the key of a log, with what most questions need, so that reading a window looks up no
/// transaction for each event.
/// </summary>
/// <param name="number">The number of the transaction.</param>
/// <param name="micros">When it was.</param>
/// <param name="units">The amount in ten-thousandths.</param>
/// <param name="currency">The currency, as the history numbers currencies.</param>
/// <param name="type">The type, as the history numbers types; 0 where it has no number.</param>
/// <param name="status">The status.</param>
/// <remarks>28 bytes: with its longs at multiples of eight it took 32.</remarks>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct LoggedEvent(
    int number, long micros, long units, short currency, byte type, TransactionStatus status)
{
    private const int Side = 1;

    /// <summary>A transaction, seen from no side.</summary>
    public LoggedEvent(Booked booked)
        : this((int)booked.Number, booked.Micros, booked.Units, booked.CurrencyNumber, booked.TypeNumber, booked.Status)
    {
        // A history has room for no greater numbers.
    }

    /// <summary>The number of the transaction.</summary>
    public int Number { get; } = number;

    public long Micros { get; } = micros;

    public long Units { get; } = units;

    /// <summary>The account on the other side, as the history numbers accounts; below 0 for none.</summary>
    public int Counterparty { get; private set; } = -1;

    /// <summary>The currency, as the history numbers currencies.</summary>
    public short Currency { get; } = currency;

    /// <summary>The type, as the history numbers types; 0 where it has no number.</summary>
    public byte Type { get; } = type;

    private byte _statusAndSide = (byte)((int)status << Side);

    /// <summary>That of the transaction; the log is told when it changes.</summary>
    public TransactionStatus Status
    {
        readonly get => (TransactionStatus)(_statusAndSide >> Side);
        set => _statusAndSide = (byte)(((int)value << Side) | (_statusAndSide & Side));
    }

    public bool IsDebtorSide
    {
        readonly get => (_statusAndSide & Side) != 0;
        private set => _statusAndSide = (byte)((_statusAndSide & ~Side) | (value ? Side : 0));
    }

    /// <summary>The same transaction, seen from a side, with the account on the other.</summary>
    public readonly LoggedEvent From(bool isDebtorSide, int counterparty)
    {
        var seen = this;
        (seen.IsDebtorSide, seen.Counterparty) = (isDebtorSide, counterparty);
        return seen;
    }
}

/// <summary>
/// What happened to one account, customer or pair, in order of time and then of number, with the running values of the
/// windows that look at it. Not thread safe: one writer.
/// </summary>
/// <param name="number">The number of its account; 0 where nothing asks for it.</param>
/// <param name="room">How many events it has room for at first, 1 or more.</param>
internal sealed class EventLog(int number, int room)
{
    /// <summary>What accounts and customers have room for at first, and all of them for values.</summary>
    public const int Few = 4;

    private Block<LoggedEvent> _events;
    private Block<ushort> _slots;
    private Block<WindowState> _states;
    private int _stateCount;
    private int _rules;

    public int Count { get; private set; }

    /// <summary>The number of its account.</summary>
    public int Number => number;

    /// <summary>The customer who last used the account, and the log of that customer; null before the first.</summary>
    public (string Customer, EventLog Log)? Owner { get; set; }

    /// <summary>In which turn somebody was asked about last, and which of that turn.</summary>
    public (long Turn, int Place) Seen { get; set; }

    public ref readonly LoggedEvent this[int index] => ref _events[index];

    /// <summary>Whether something after an instant is in it.</summary>
    public bool HasAfter(long micros) => Count > 0 && _events[Count - 1].Micros > micros;

    /// <summary>Holds one event and no values, whatever it held before.</summary>
    public void HoldOnly(in LoggedEvent item, FastHistory history)
    {
        if (_events.Length == 0)
        {
            _events = history.Room.Events.Take(1);
        }

        _states.Span[.._stateCount].Clear();
        (_rules, _stateCount, _events[0], Count) = (history.RulesNumber, 0, item, 1);
    }

    /// <summary>
    /// Adds an event at its place; a late one goes before what is there, and into values that passed it.
    /// </summary>
    public void Add(in LoggedEvent item, FastHistory history)
    {
        Follow(history);
        var place = Count;
        if (place > 0 && Order.IsBefore(in item, in _events[place - 1]))
        {
            place = LowerBound(item.Micros, item.Number);
        }

        // A transaction within one account or customer stands twice: from the debtor's side, then the creditor's.
        while (place < Count && _events[place].Number == item.Number)
        {
            place++;
        }

        Open(place, history);
        _events[place] = item;
        for (var i = 0; i < _stateCount && place < Count - 1; i++)
        {
            _states[i].Inserted(history.SpecAt(_slots[i]), this, place, history);
        }
    }

    /// <summary>Takes an event out, and out of the values that hold it.</summary>
    public void Remove(Booked booked, FastHistory history)
    {
        Follow(history);
        var place = PlaceOf(booked);
        while (place < Count && _events[place].Number == booked.Number)
        {
            for (var i = 0; i < _stateCount; i++)
            {
                _states[i].Removing(history.SpecAt(_slots[i]), this, place, history);
            }

            Count--;
            _events.Span[(place + 1)..(Count + 1)].CopyTo(_events.Span[place..]);
        }
    }

    /// <summary>
    /// Takes an event out of the values that hold it, or puts it back: before and after its status changes.
    /// </summary>
    public void Weigh(Booked booked, int sign, FastHistory history)
    {
        Follow(history);
        var first = PlaceOf(booked);
        var isTwice = first + 1 < Count && _events[first + 1].Number == booked.Number;
        for (var step = isTwice ? 1 : 0; step >= 0; step--)
        {
            _events[first + step].Status = booked.Status;

            // The later one goes first: what a value then falls back on is still in it.
            for (var i = 0; i < _stateCount; i++)
            {
                _states[i].Weigh(history.SpecAt(_slots[i]), this, first + step, sign, history);
            }
        }
    }

    /// <summary>The running value of an aggregate, which begins empty.</summary>
    public ref WindowState StateOf(AggregateSpec spec, FastHistory history)
    {
        Follow(history);
        var at = _slots.Span[.._stateCount].IndexOf((ushort)spec.Slot);
        if (at < 0)
        {
            at = _stateCount;
            if (at == _slots.Length)
            {
                WidenStates(at == 0 ? Few : at * 2, history.Room);
            }

            _stateCount++;
            _slots[at] = (ushort)spec.Slot;
        }

        return ref _states[at];
    }

    /// <summary>The index of a transaction, of its debtor's side where it stands twice.</summary>
    public int PlaceOf(Booked booked) => PlaceOf(booked.Micros, booked.Number);

    /// <summary>As there, by the time and the number of the transaction.</summary>
    public int PlaceOf(long micros, long number)
    {
        var place = Count;
        while (place > 0 && _events[place - 1].Number == number)
        {
            place--;
        }

        return place < Count ? place : LowerBound(micros, number);
    }

    /// <summary>The first index at or after a place in time.</summary>
    public int LowerBound(long micros, long number)
    {
        var low = 0;
        var high = Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            ref readonly var held = ref _events[middle];
            if (held.Micros < micros || (held.Micros == micros && held.Number < number))
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    /// <summary>The first index after an instant, sought from a place near it.</summary>
    public int FirstAfter(long micros, int near)
    {
        var (low, high) = Around(micros, Math.Clamp(near, 0, Count));
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_events[middle].Micros <= micros)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    /// <summary>Gives back what it has room in, and is empty.</summary>
    public void Leave(LogRoom room)
    {
        ForgetStates(room);
        room.Events.Give(_events);
        (Count, _events) = (0, default);
    }

    // Values of other rules are forgotten when the log is next touched, so that an exchange costs nothing at once.
    private void Follow(FastHistory history)
    {
        if (_rules != history.RulesNumber)
        {
            ForgetStates(history.Room);
            _rules = history.RulesNumber;
        }
    }

    private void ForgetStates(LogRoom room)
    {
        _states.Span[.._stateCount].Clear();
        room.Slots.Give(_slots);
        room.States.Give(_states);
        (_stateCount, _slots, _states) = (0, default, default);
    }

    private void WidenStates(int least, LogRoom room)
    {
        var (count, slots, states) = (_stateCount, room.Slots.Take(least), room.States.Take(least));
        _slots.Span.CopyTo(slots.Span);
        _states.Span.CopyTo(states.Span);
        ForgetStates(room);
        (_stateCount, _slots, _states) = (count, slots, states);
    }

    private (int Low, int High) Around(long micros, int near)
    {
        var step = 1;
        if (near < Count && _events[near].Micros <= micros)
        {
            var low = near + 1;
            for (; low < Count && _events[Math.Min(low + step, Count) - 1].Micros <= micros; step *= 2)
            {
                low = Math.Min(low + step, Count);
            }

            return (low, Math.Min(low + step, Count));
        }

        var high = near;
        for (; high > 0 && _events[Math.Max(high - step, 0)].Micros > micros; step *= 2)
        {
            high = Math.Max(high - step, 0);
        }

        return (Math.Max(high - step, 0), high);
    }

    private void Open(int place, FastHistory history)
    {
        if (Count == _events.Length)
        {
            var wider = history.Room.Events.Take(Count == 0 ? room : history.RoomFor(Count));
            _events.Span.CopyTo(wider.Span);
            history.Room.Events.Give(_events);
            _events = wider;
        }

        _events.Span[place..Count].CopyTo(_events.Span[(place + 1)..]);
        Count++;
    }
}
