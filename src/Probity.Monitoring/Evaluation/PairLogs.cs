namespace Probity.Monitoring.Evaluation;

/// <summary>
/// The logs of pairs of accounts. Most pairs meet once: of such a one only the number of its transaction is kept, and
/// its log is made for as long as it is at hand. Not thread safe: one writer.
/// </summary>
/// <param name="transactions">The transactions of the state.</param>
internal sealed class PairLogs(NumberedTransactions transactions)
{
    // The number of the only transaction, doubled, and 1 when it is seen from its debtor; below 0 the place of a log.
    private readonly ProbedTable<long, long> _held = new();

    private readonly List<EventLog?> _logs = [];
    private readonly Stack<int> _free = [];

    // One for each side of the transaction at hand.
    private readonly EventLog[] _once = [new(0, 1), new(0, 1)];

    /// <summary>The pair of an account and the one on the other side, by their numbers.</summary>
    public static long Of(int own, int other) => ((long)own << 32) | (uint)other;

    /// <summary>The log of a pair until the next look-up for the same side; null when there is none.</summary>
    public EventLog? Find(long pair, bool isDebtorSide, FastHistory history)
    {
        var found = _held.Of(pair);
        if (!found.MoveNext())
        {
            return null;
        }

        var held = found.Current;
        if (held < 0)
        {
            return LogAt(held);
        }

        var log = _once[isDebtorSide ? 0 : 1];
        log.HoldOnly(OnlyOf(pair, held), history);
        return log;
    }

    /// <summary>Adds a transaction that is in the state, seen from one side.</summary>
    public void Add(long pair, in LoggedEvent item, bool isDebtorSide, FastHistory history)
    {
        ref var held = ref _held.FindOrAdd(pair, out var isThere);
        if (!isThere)
        {
            held = ((long)item.Number << 1) | (isDebtorSide ? 1L : 0);
            return;
        }

        if (held >= 0)
        {
            var log = new EventLog(0, 2);
            log.HoldOnly(OnlyOf(pair, held), history);
            held = ~(long)Keep(log);
        }

        LogAt(held).Add(item.From(isDebtorSide, Other(pair)), history);
    }

    /// <summary>Forgets a pair of which nothing is left.</summary>
    public void Forget(long pair)
    {
        var found = _held.Of(pair);
        if (!found.MoveNext())
        {
            return;
        }

        _held.Remove(pair, found.Current);
        if (found.Current < 0)
        {
            _logs[(int)~found.Current] = null;
            _free.Push((int)~found.Current);
        }
    }

    public void Clear()
    {
        _held.Clear();
        _logs.Clear();
        _free.Clear();
    }

    private static int Other(long pair) => unchecked((int)pair);

    private LoggedEvent OnlyOf(long pair, long held) =>
        transactions.EventOf((int)(held >> 1)).From((held & 1) != 0, Other(pair));

    private EventLog LogAt(long held) => _logs[(int)~held]!; // Only free places are empty, and no pair has those.

    private int Keep(EventLog log)
    {
        if (_free.TryPop(out var place))
        {
            _logs[place] = log;
            return place;
        }

        _logs.Add(log);
        return _logs.Count - 1;
    }
}
