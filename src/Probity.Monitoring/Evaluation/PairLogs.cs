using System.Runtime.InteropServices;

namespace Probity.Monitoring.Evaluation;

/// <summary>
/// The logs of pairs of accounts. Most pairs meet once: of such a one only the number of its transaction is kept, and
/// its log is made for as long as it is at hand. In parts, so that growing moves a part and holds up no decision for
/// long. Not thread safe: one writer.
/// </summary>
/// <param name="transactions">The transactions of the state.</param>
internal sealed class PairLogs(NumberedTransactions transactions)
{
    private const int Parts = 256;

    // The number of the only transaction, doubled, and 1 when it is seen from its debtor; below 0 the place of a log.
    private readonly Dictionary<long, long>[] _parts =
        [.. Enumerable.Range(0, Parts).Select(_ => new Dictionary<long, long>())];

    private readonly List<EventLog?> _logs = [];
    private readonly Stack<int> _free = [];

    // One for each side of the transaction at hand.
    private readonly EventLog[] _once = [new(0, 1), new(0, 1)];

    /// <summary>The pair of an account and the one on the other side, by their numbers.</summary>
    public static long Of(int own, int other) => ((long)own << 32) | (uint)other;

    /// <summary>The log of a pair until the next look-up for the same side; null when there is none.</summary>
    public EventLog? Find(long pair, bool isDebtorSide, FastHistory history)
    {
        if (!PartOf(pair).TryGetValue(pair, out var held))
        {
            return null;
        }

        if (held < 0)
        {
            return LogAt(held);
        }

        var log = _once[isDebtorSide ? 0 : 1];
        log.HoldOnly(OnlyOf(pair, held), history);
        return log;
    }

    /// <summary>Adds a transaction that is in the state, seen from one side.</summary>
    public void Add(long pair, Booked booked, bool isDebtorSide, FastHistory history)
    {
        ref var held = ref CollectionsMarshal.GetValueRefOrAddDefault(PartOf(pair), pair, out var isThere);
        if (!isThere)
        {
            held = (booked.Number << 1) | (isDebtorSide ? 1L : 0);
            return;
        }

        if (held >= 0)
        {
            var log = new EventLog(0, 2);
            log.HoldOnly(OnlyOf(pair, held), history);
            held = ~(long)Keep(log);
        }

        LogAt(held).Add(booked, isDebtorSide, Other(pair), history);
    }

    /// <summary>Forgets a pair of which nothing is left.</summary>
    public void Forget(long pair)
    {
        if (PartOf(pair).Remove(pair, out var held) && held < 0)
        {
            _logs[(int)~held] = null;
            _free.Push((int)~held);
        }
    }

    public void Clear()
    {
        Array.ForEach(_parts, part => part.Clear());
        _logs.Clear();
        _free.Clear();
    }

    private static int Other(long pair) => unchecked((int)pair);

    private LoggedEvent OnlyOf(long pair, long held) =>
        new(transactions[(int)(held >> 1)], (held & 1) != 0, Other(pair));

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

    private Dictionary<long, long> PartOf(long pair) =>
        _parts[unchecked((uint)((pair >> 32) * 31) + (uint)pair) % Parts];
}
