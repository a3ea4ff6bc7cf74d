namespace Probity.Monitoring.Evaluation;

/// <summary>
/// The logs of pairs of accounts. Most pairs meet once: of such a one only the number of its transaction is kept, and
/// its log is made for as long as it is at hand. What was loaded from packs is in no pair until the pair is asked for:
/// it is made of the logs of its accounts then. Not thread safe: one writer.
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

    private bool _isPartial; // Accounts have events that are in no pair yet.

    /// <summary>Whether it has any pair.</summary>
    public bool IsEmpty => _held.Count == 0;

    /// <summary>Says that there are events which it was not given.</summary>
    public void Lack() => _isPartial = true;

    /// <summary>The log of a pair until the next look-up for the same side; null when there is none.</summary>
    /// <param name="own">The account that it is seen from.</param>
    /// <param name="other">The account on the other side.</param>
    /// <param name="isDebtorSide">The side of the transaction at hand.</param>
    /// <param name="mayMake">Whether it is made when it is not there.</param>
    /// <param name="history">The history.</param>
    public EventLog? Find(EventLog own, EventLog other, bool isDebtorSide, bool mayMake, FastHistory history)
    {
        var held = HeldOf(own, other);
        if (held == 0 && mayMake && _isPartial)
        {
            held = Make(own, other, history);
        }

        if (held <= 0)
        {
            return held == 0 ? null : LogAt(held);
        }

        var log = _once[isDebtorSide ? 0 : 1];
        log.HoldOnly(OnlyOf(held, other), history);
        return log;
    }

    /// <summary>Adds an event that the logs of its accounts have already.</summary>
    public void Add(EventLog debtor, EventLog creditor, in LoggedEvent item, FastHistory history)
    {
        var isMade = AddSeen(debtor, creditor, item.From(isDebtorSide: true, creditor.Number), history);
        if (!isMade || !ReferenceEquals(debtor, creditor))
        {
            AddSeen(creditor, debtor, item.From(isDebtorSide: false, debtor.Number), history);
        }
    }

    /// <summary>Forgets a pair of which nothing is left.</summary>
    public void Forget(EventLog own, EventLog other)
    {
        var held = HeldOf(own, other);
        _held.Remove(Of(own, other), held);
        if (held < 0)
        {
            _logs[(int)~held] = null;
            _free.Push((int)~held);
        }
    }

    public void Clear()
    {
        _held.Clear();
        _logs.Clear();
        _free.Clear();
    }

    private static long Of(EventLog own, EventLog other) => ((long)own.Number << 32) | (uint)other.Number;

    private static long Once(in LoggedEvent item) => ((long)item.Number << 1) | (item.IsDebtorSide ? 1L : 0);

    /// <summary>What is kept of a pair; 0 for nothing.</summary>
    private long HeldOf(EventLog own, EventLog other)
    {
        var found = _held.Of(Of(own, other));
        return found.MoveNext() ? found.Current : 0;
    }

    /// <summary>True when the pair was made of the logs of its accounts, with both sides of the event in it.</summary>
    private bool AddSeen(EventLog own, EventLog other, in LoggedEvent item, FastHistory history)
    {
        var held = HeldOf(own, other);
        if (held == 0 && _isPartial)
        {
            Make(own, other, history);
            return true;
        }

        if (held < 0)
        {
            LogAt(held).Add(in item, history);
        }
        else
        {
            _held.FindOrAdd(Of(own, other), out _) = held == 0 ? Once(in item) : Grown(held, in item, other, history);
        }

        return false;
    }

    /// <summary>Keeps a pair as the shorter log of its accounts has it, and returns what is kept.</summary>
    private long Make(EventLog own, EventLog other, FastHistory history)
    {
        var isOwn = own.Count <= other.Count;
        var (from, wanted) = isOwn ? (own, other.Number) : (other, own.Number);
        var held = 0L;
        for (var at = 0; at < from.Count; at++)
        {
            if (from[at].Counterparty == wanted)
            {
                var item = isOwn ? from[at] : from[at].From(!from[at].IsDebtorSide, other.Number);
                held = held == 0 ? Once(in item) : Grown(held, in item, other, history);
            }
        }

        if (held != 0)
        {
            _held.Add(Of(own, other), held);
        }

        return held;
    }

    private long Grown(long held, in LoggedEvent item, EventLog other, FastHistory history)
    {
        if (held > 0)
        {
            var log = new EventLog(0, 2);
            log.HoldOnly(OnlyOf(held, other), history);
            held = ~(long)Keep(log);
        }

        LogAt(held).Add(in item, history);
        return held;
    }

    private LoggedEvent OnlyOf(long held, EventLog other) =>
        transactions.EventOf((int)(held >> 1)).From((held & 1) != 0, other.Number);

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
