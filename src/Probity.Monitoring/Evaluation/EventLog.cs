using Probity.Monitoring.Rules;

namespace Probity.Monitoring.Evaluation;

/// <summary>One transaction seen from the key of a log.</summary>
internal readonly record struct LoggedEvent(Booked Booked, bool IsDebtorSide);

/// <summary>
/// What happened to one account or customer, in order of time and then of number, with the running values of the
/// windows
/// that look at it. Not thread safe: one writer.
/// </summary>
internal sealed class EventLog
{
    private readonly List<LoggedEvent> _events = [];
    private readonly Dictionary<int, WindowState> _states = [];

    public int Count => _events.Count;

    public LoggedEvent this[int index] => _events[index];

    /// <summary>
    /// Adds an event at its place; late ones go before what is there, and into windows that passed them.
    /// </summary>
    public void Add(LoggedEvent added, FastHistory history)
    {
        var place = _events.Count;
        if (place > 0 && IsAfter(_events[place - 1], added))
        {
            place = LowerBound(added.Booked.Micros, added.Booked.Number);
            while (place < _events.Count && _events[place].Booked == added.Booked && _events[place].IsDebtorSide)
            {
                place++;
            }
        }

        _events.Insert(place, added);
        if (place == _events.Count - 1)
        {
            return;
        }

        foreach (var (slot, state) in _states)
        {
            if (!state.TakeLate(place, added, history))
            {
                _states.Remove(slot);
            }
        }
    }

    /// <summary>
    /// Forgets an event, and the running values with it: they are made again when they are asked for.
    /// </summary>
    public void Remove(Booked booked)
    {
        _events.RemoveAll(held => held.Booked == booked);
        _states.Clear();
    }

    /// <summary>Forgets running values, as before the status of an event changes.</summary>
    public void Forget() => _states.Clear();

    /// <summary>The running value of an aggregate, or a new one.</summary>
    public WindowState StateOf(AggregateSpec spec)
    {
        if (!_states.TryGetValue(spec.Slot, out var state))
        {
            state = new WindowState(spec);
            _states.Add(spec.Slot, state);
        }

        return state;
    }

    /// <summary>The first index at or after a place in time.</summary>
    public int LowerBound(long micros, long number)
    {
        var low = 0;
        var high = _events.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            var held = _events[middle].Booked;
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

    private static bool IsAfter(LoggedEvent one, LoggedEvent other) => Order.IsBefore(other.Booked, one.Booked);
}
