using Probity.Monitoring.Evaluation;

namespace Probity.Monitoring.Decisions;

/// <summary>
/// Which transactions of a turn must be judged one after the other: those that share a log, or are joined by others
/// that do. Used again; not thread safe, but for reading once linked.
/// </summary>
/// <param name="logs">The history that they were added to.</param>
internal sealed class TurnChains(HistoryLogs logs)
{
    private readonly List<Chain> _chains = [];
    private int[] _leads = []; // Of each place, one before it that it shares a log with; itself for the first.
    private int[] _next = []; // The one after it in its chain; -1 for none.
    private int[] _chainOf = []; // Of the first of each chain.

    /// <summary>How many there are.</summary>
    public int Count => _chains.Count;

    /// <summary>Chains those that share a log, directly or over others; the longest chain comes first.</summary>
    public void Link(List<Asked> asked)
    {
        if (_leads.Length < asked.Count)
        {
            (_leads, _next, _chainOf) = (new int[asked.Count], new int[asked.Count], new int[asked.Count]);
        }

        logs.Turn++;
        for (var place = 0; place < asked.Count; place++)
        {
            _leads[place] = place;
            for (var side = 0; side < Sides.Most; side++)
            {
                if (asked[place].Sides[side] is { } log)
                {
                    Join(log, place);
                }
            }
        }

        _chains.Clear();
        for (var place = 0; place < asked.Count; place++)
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
