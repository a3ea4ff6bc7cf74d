using Probity.Monitoring.Evaluation;

namespace Probity.Monitoring.Decisions;

/// <summary>
/// Which transactions of a turn must be judged one after the other: those that share a log, or are joined by others
/// that do. Used again; not thread safe, but for reading once closed.
/// </summary>
/// <param name="logs">The history that they are added to.</param>
internal sealed class TurnChains(HistoryLogs logs)
{
    private readonly List<Chain> _chains = [];
    private int[] _leads = []; // Of each place, one before it that it shares a log with; itself for the first.
    private int[] _next = []; // The one after it in its chain; -1 for none.
    private int[] _chainOf = []; // Of the first of each chain.
    private long[] _micros = []; // When each was.
    private int _places;

    /// <summary>How many there are, once closed.</summary>
    public int Count => _chains.Count;

    /// <summary>Begins with none, and makes room for at most so many.</summary>
    public void Begin(int room)
    {
        if (_leads.Length < room)
        {
            (_leads, _next, _chainOf, _micros) = (new int[room], new int[room], new int[room], new long[room]);
        }

        logs.Turn++;
        _places = 0;
    }

    /// <summary>Whether a log of these had something after an instant since the beginning.</summary>
    public bool HaveAfter(in Sides sides, long micros)
    {
        for (var side = 0; side < Sides.Most; side++)
        {
            // One that is late begins anew, so that the last one of a log is its latest.
            if (sides[side]?.Seen is { } seen && seen.Turn == logs.Turn && _micros[seen.Place] > micros)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Adds the next one and chains it to those that share a log with it.</summary>
    public void Add(in Asked asked)
    {
        var place = _places++;
        (_leads[place], _micros[place]) = (place, asked.Booked.Micros);
        for (var side = 0; side < Sides.Most; side++)
        {
            if (asked.Sides[side] is { } log)
            {
                Join(log, place);
            }
        }
    }

    /// <summary>Makes the chains of those that were added; the longest comes first.</summary>
    public void Close()
    {
        _chains.Clear();
        for (var place = 0; place < _places; place++)
        {
            Append(LeadOf(place), place);
        }

        _chains.Sort(static (one, other) => other.Count.CompareTo(one.Count));
    }

    /// <summary>The first place of a chain.</summary>
    public int FirstOf(int chain) => _chains[chain].First;

    /// <summary>The place after another in its chain; -1 for none.</summary>
    public int After(int place) => _next[place];

    private void Join(EventLog log, int place)
    {
        if (log.Seen.Turn == logs.Turn)
        {
            // The earlier one leads, so that a chain is found at its first.
            var (one, other) = (LeadOf(log.Seen.Place), LeadOf(place));
            _leads[Math.Max(one, other)] = Math.Min(one, other);
        }

        log.Seen = (logs.Turn, place);
    }

    private int LeadOf(int place)
    {
        while (_leads[place] != place)
        {
            place = _leads[place] = _leads[_leads[place]];
        }

        return place;
    }

    private void Append(int lead, int place)
    {
        _next[place] = -1;
        if (lead == place)
        {
            _chainOf[place] = _chains.Count;
            _chains.Add(new Chain(place, place, 1));
            return;
        }

        var chain = _chains[_chainOf[lead]];
        _next[chain.Last] = place;
        _chains[_chainOf[lead]] = chain with { Last = place, Count = chain.Count + 1 };
    }

    /// <summary>Transactions that are judged one after the other.</summary>
    /// <param name="First">The first.</param>
    /// <param name="Last">The last.</param>
    /// <param name="Count">How many.</param>
    private readonly record struct Chain(int First, int Last, int Count);
}
