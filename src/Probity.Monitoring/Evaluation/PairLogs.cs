namespace Probity.Monitoring.Evaluation;

/// <summary>
/// The logs of pairs of accounts, each seen from either of the two. Most pairs meet once: of such a one only the number
/// of its transaction is kept, and its log is made for as long as it is at hand. What was loaded from packs is in no
/// pair until the pair is asked for: it is made of the logs of its accounts then. Several may add at once, each to
/// other accounts; several may ask while none adds.
/// </summary>
/// <param name="transactions">The transactions of the state.</param>
internal sealed class PairLogs(NumberedTransactions transactions)
{
    private const int Few = 16;

    // The number of the only transaction, doubled, and 1 more when the account of the lower number paid; below 0 the
    // place of the logs.
    private readonly ProbedTable<long, long> _held = new();
    private readonly Stack<int> _free = [];
    private readonly Lock _placing = new();

    // Read while others add to it: what a pair has stays where it is, also in a larger array.
    private PairLog?[] _logs = new PairLog?[Few];
    private int _placed;

    private bool _isPartial; // Accounts have events that are in no pair yet.

    /// <summary>Whether it never had a pair since it was cleared.</summary>
    public bool IsEmpty { get; private set; } = true;

    /// <summary>Says that there are events which it was not given.</summary>
    public void Lack() => _isPartial = true;

    /// <summary>
    /// Whether two accounts met after an instant. What is added to their pair or asked of it next is near then.
    /// </summary>
    public bool HaveAfter(EventLog debtor, EventLog creditor, long micros) =>
        HeldOf(debtor, creditor) is < 0 and var held && LogAt(held) is var log
        && (log.Lower.HasAfter(micros) | log.Higher.HasAfter(micros)); // Both are read.

    /// <summary>The logs of a pair, as its debtor and as its creditor see it; null when there is none.</summary>
    /// <param name="debtor">An account.</param>
    /// <param name="creditor">The other; it may be the same.</param>
    /// <param name="once">Hold them when they met once, until needed for others.</param>
    /// <param name="mayMake">Whether it is made when it is not there.</param>
    /// <param name="history">The history.</param>
    public (EventLog? Debtor, EventLog? Creditor) Find(
        EventLog debtor, EventLog creditor, in (EventLog Debtor, EventLog Creditor) once, bool mayMake,
        FastHistory history)
    {
        var held = HeldOf(debtor, creditor);
        if (held == 0 && mayMake && _isPartial)
        {
            held = Make(debtor, creditor, history);
        }

        if (held == 0)
        {
            return default;
        }

        if (held < 0)
        {
            var (log, isLower) = (LogAt(held), IsLower(debtor, creditor));
            return (log.Of(isLower), log.Of(!isLower));
        }

        var item = OnlyOf(held, debtor, creditor);
        once.Debtor.HoldOnly(in item, history);
        once.Creditor.HoldOnly(item.From(!item.IsDebtorSide, debtor.Number), history);
        return once;
    }

    /// <summary>
    /// Adds an event that the logs of its accounts have already. Several may do so at once, each to other accounts.
    /// </summary>
    public void Add(EventLog debtor, EventLog creditor, in LoggedEvent item, FastHistory history)
    {
        var pair = Of(debtor, creditor);
        lock (_held.LockOf(pair))
        {
            ref var held = ref _held.FindOrAdd(pair, out var isThere);
            held = !isThere && _isPartial
                ? Collected(debtor, creditor, history)
                : With(isThere ? held : 0, debtor, creditor, in item, history);
        }

        if (IsEmpty)
        {
            IsEmpty = false;
        }
    }

    /// <summary>Forgets a pair of which nothing is left.</summary>
    public void Forget(EventLog own, EventLog other, LogRoom room)
    {
        var held = HeldOf(own, other);
        _held.Remove(Of(own, other), held);
        if (held < 0)
        {
            Leave(LogAt(held), room);
            _logs[~held] = null;
            _free.Push((int)~held);
        }
    }

    /// <summary>Forgets all of them.</summary>
    public void Clear(LogRoom room)
    {
        foreach (var log in _logs.OfType<PairLog>())
        {
            Leave(log, room);
        }

        _held.Clear();
        _free.Clear();
        (_logs, _placed, IsEmpty) = (new PairLog?[Few], 0, true);
    }

    private static void Leave(PairLog log, LogRoom room)
    {
        log.Lower.Leave(room);
        log.Higher.Leave(room); // The same where both accounts are one: nothing is left to give.
    }

    private static bool IsLower(EventLog own, EventLog other) => own.Number <= other.Number;

    private static long Of(EventLog own, EventLog other) => IsLower(own, other)
        ? ((long)own.Number << 32) | (uint)other.Number
        : ((long)other.Number << 32) | (uint)own.Number;

    /// <summary>What is kept of a pair; 0 for nothing.</summary>
    private long HeldOf(EventLog own, EventLog other)
    {
        var found = _held.Of(Of(own, other));
        return found.MoveNext() ? found.Current : 0;
    }

    /// <summary>Keeps a pair as the logs of its accounts have it, and returns what is kept.</summary>
    private long Make(EventLog own, EventLog other, FastHistory history)
    {
        var held = Collected(own, other, history);
        if (held != 0)
        {
            _held.Add(Of(own, other), held);
            IsEmpty = false;
        }

        return held;
    }

    /// <summary>What the shorter log of two accounts has of the pair.</summary>
    private long Collected(EventLog own, EventLog other, FastHistory history)
    {
        var (from, to) = own.Count <= other.Count ? (own, other) : (other, own);
        var held = 0L;
        for (var at = 0; at < from.Count; at++)
        {
            // Within one account it stands twice, and is taken from its debtor's side.
            ref readonly var item = ref from[at];
            if (item.Counterparty == to.Number && (item.IsDebtorSide || from != to))
            {
                var (debtor, creditor) = item.IsDebtorSide ? (from, to) : (to, from);
                held = With(held, debtor, creditor, in item, history);
            }
        }

        return held;
    }

    /// <summary>What is kept of a pair that has one more event.</summary>
    private long With(long held, EventLog debtor, EventLog creditor, in LoggedEvent item, FastHistory history)
    {
        if (held == 0 && debtor != creditor)
        {
            return ((long)item.Number << 1) | (IsLower(debtor, creditor) ? 1L : 0);
        }

        if (held >= 0)
        {
            held = ~(long)Keep(Grown(held, debtor, creditor, history));
        }

        var log = LogAt(held);
        if (debtor == creditor)
        {
            log.Lower.Add(item.From(isDebtorSide: true, debtor.Number), history);
            log.Lower.Add(item.From(isDebtorSide: false, debtor.Number), history);
            return held;
        }

        var isLower = IsLower(debtor, creditor);
        log.Of(isLower).Add(item.From(isDebtorSide: true, creditor.Number), history);
        log.Of(!isLower).Add(item.From(isDebtorSide: false, debtor.Number), history);
        return held;
    }

    /// <summary>Logs with what was kept of a pair until now.</summary>
    private PairLog Grown(long held, EventLog debtor, EventLog creditor, FastHistory history)
    {
        var lower = new EventLog(0, 2);
        var log = new PairLog(lower, debtor == creditor ? lower : new EventLog(0, 2));
        if (held > 0)
        {
            var (low, high) = IsLower(debtor, creditor) ? (debtor, creditor) : (creditor, debtor);
            var item = OnlyOf(held, low, high);
            log.Lower.HoldOnly(in item, history);
            log.Higher.HoldOnly(item.From(!item.IsDebtorSide, low.Number), history);
        }

        return log;
    }

    /// <summary>The only event of a pair, from the side of the first of the two accounts.</summary>
    private LoggedEvent OnlyOf(long held, EventLog own, EventLog other) =>
        transactions.EventOf((int)(held >> 1)).From((held & 1) != 0 == IsLower(own, other), other.Number);

    // Only free places are empty, and no pair has those.
    private PairLog LogAt(long held) => Volatile.Read(ref _logs)[~held]!;

    private int Keep(PairLog log)
    {
        lock (_placing)
        {
            if (!_free.TryPop(out var place))
            {
                place = _placed++;
            }

            if (place == _logs.Length)
            {
                var wider = new PairLog?[_logs.Length * 2];
                _logs.CopyTo(wider, 0);
                Volatile.Write(ref _logs, wider);
            }

            _logs[place] = log;
            return place;
        }
    }

    /// <summary>What two accounts did with each other, as each of them sees it.</summary>
    /// <param name="Lower">As the account of the lower number sees it.</param>
    /// <param name="Higher">As the other sees it; the same log where both accounts are one.</param>
    private sealed record PairLog(EventLog Lower, EventLog Higher)
    {
        public EventLog Of(bool isLower) => isLower ? Lower : Higher;
    }
}
