using Probity.Monitoring.Rules;

namespace Probity.Monitoring.Evaluation;

/// <summary>
/// The earlier transactions as production keeps them: logs in order of time per account, customer and pair, with
/// running values. One writer adds to them, or several at once to logs that are not the same. Between two times they
/// do, several may be asked at once, each about transactions whose logs no other is asked about: running values move
/// while they are read.
/// </summary>
internal sealed class FastHistory : IHistory
{
    private const int Kinds = 3;

    private readonly HistoryLogs _all;
    private Scope _where;

    // The logs of the transaction at hand: account, customer, pair of the debtor's side, then of the creditor's.
    private readonly EventLog?[] _logs = new EventLog?[Kinds * 2];

    // Those of pairs that met once, which are made for as long as they are at hand.
    private readonly (EventLog Debtor, EventLog Creditor) _once = (new(0, 1), new(0, 1));
    private readonly int[] _places = new int[Kinds * 2]; // Of the transaction in them; below 0 for not known yet.
    private Booked? _atHand;
    private bool _isLate;
    private ITransactionPack? _pack; // That was loaded from last, and the logs of its parties
    private (EventLog? Account, EventLog? Customer)[] _seats = [];
    private WindowState _scratch;
    private int _loaded;

    /// <summary>Makes what one thread sees of a history.</summary>
    /// <param name="all">The history.</param>
    /// <param name="thread">Which thread, from 0: what it has room in outlives this.</param>
    public FastHistory(HistoryLogs all, int thread)
    {
        (_all, Room) = (all, all.RoomOf(thread));
        _where = new Scope(all.Book, this, 0);
    }

    /// <summary>What the logs that it adds to or asks have room in.</summary>
    public LogRoom Room { get; }

    /// <summary>How many transactions are about to be loaded; 0 when none are.</summary>
    public int Expected { get; set; }

    /// <summary>How often an event was added to or taken from a running value.</summary>
    public long Steps { get; set; }

    /// <summary>Which rules the running values are of: it rises with each exchange.</summary>
    public int RulesNumber => _all.RulesNumber;

    /// <summary>The aggregate of a slot that a log keeps a value of.</summary>
    public AggregateSpec SpecAt(int slot) => _all.SpecAt(slot);

    /// <summary>Goes over to other rules.</summary>
    public void Exchange(RuleSet rules)
    {
        _all.Exchange(rules);
        _where = new Scope(rules.Book, this, 0);
        _atHand = null;
    }

    /// <summary>
    /// Looks up the logs of a transaction and changes nothing: any number may do so at once.
    /// </summary>
    public Sides Find(Transaction transaction)
    {
        var (account, customer) = Find(transaction.Debtor);
        var (toAccount, toCustomer) = Find(transaction.Creditor);
        return new Sides(account, customer, toAccount, toCustomer);
    }

    /// <summary>
    /// Whether something after an instant is in logs that were found. What is needed of them next is near then, also
    /// of their pair, where there is nothing later than in both of its accounts.
    /// </summary>
    public bool HaveAfter(in Sides sides, long micros) =>
        sides.HaveAfter(micros)
        || (_all.KeepsPairs && sides is { Account: { } account, ToAccount: { } toAccount }
            && _all.Pairs.HaveAfter(account, toAccount, micros));

    /// <summary>The logs of a transaction that is added next; those that were not found before are made.</summary>
    public Sides Complete(Transaction transaction, in Sides found)
    {
        var account = found.Account ?? AccountOf(transaction.Debtor);
        var customer = CustomerOf(transaction.Debtor, account, found.Customer);
        var toAccount = found.ToAccount ?? AccountOf(transaction.Creditor);
        var toCustomer = CustomerOf(transaction.Creditor, toAccount, found.ToCustomer);
        return new Sides(account, customer, toAccount, toCustomer);
    }

    /// <summary>Adds a transaction, but to no log yet.</summary>
    public void Enter(Booked booked) => _all.Transactions.Add(booked);

    /// <summary>
    /// Adds a transaction that was entered to its logs. Several may do so at once, each with transactions whose logs no
    /// other adds to.
    /// </summary>
    public void AddLogs(Booked booked, in Sides sides)
    {
        Take(in sides);
        var item = new LoggedEvent(booked);
        Log(in item);
        AddPairs(in item);
    }

    /// <summary>Goes over to a transaction that was added, to be asked about it.</summary>
    /// <param name="booked">The transaction.</param>
    /// <param name="sides">Its logs.</param>
    /// <param name="isLate">Whether something of them was later when it was added.</param>
    public void TakeUp(Booked booked, in Sides sides, bool isLate)
    {
        Take(in sides);
        TakePairs(mayMake: false); // Adding has made them.
        (_atHand, _isLate) = (booked, isLate);
        Array.Fill(_places, -1);
    }

    /// <summary>Adds a transaction that nothing is asked about.</summary>
    public void Load(Booked booked)
    {
        Enter(booked);
        AddLogs(booked, Complete(booked.Transaction, default));
    }

    /// <summary>
    /// The room for a log that has so many events and no more room. While a known number of transactions is loaded it
    /// is made for what the log is likely to have in the end, so that it is not moved again and again.
    /// </summary>
    public int RoomFor(int count)
    {
        var usual = count < 1_024 ? count * 2 : count + (count / 2);
        var likely = _loaded == 0 ? 0 : (long)count * Expected / _loaded;
        return likely <= count ? usual : (int)Math.Clamp(likely + (likely / 8), count + 2, count * 4L);
    }

    /// <summary>Adds a transaction of a pack that nothing is asked about, without making it.</summary>
    public void Load(ITransactionPack pack, int place)
    {
        if (!ReferenceEquals(_pack, pack))
        {
            (_pack, _seats) = (pack, new (EventLog?, EventLog?)[pack.Parties]);
        }

        _loaded++;
        _all.Transactions.Add(pack, place);
        ref readonly var item = ref pack[place];
        TakeSeat(item.Debtor, 0);
        TakeSeat(item.Creditor, Kinds);
        var logged = _all.Transactions.EventOfLast(place);
        Log(in logged);
        _all.Pairs.Lack();
        if (!_all.Pairs.IsEmpty)
        {
            AddPairs(in logged);
        }
    }

    public void Remove(Booked booked)
    {
        TakeAll(booked);
        foreach (var log in _logs)
        {
            log?.Remove(booked, this); // A second time where both sides share a log: then it is not there.
        }

        Forget(booked.Transaction.Debtor, 0);
        Forget(booked.Transaction.Creditor, Kinds);
        _all.Transactions.Remove(booked);
        _atHand = null;
    }

    /// <summary>Changes the status of a transaction, in every value that holds it.</summary>
    public void SetStatus(Booked booked, TransactionStatus status)
    {
        _all.Transactions.Add(booked);
        Take(Find(booked.Transaction));
        TakePairs(mayMake: false); // One that is made later has the status that its accounts have then.
        Weigh(booked, -1);
        booked.Status = status;
        Weigh(booked, 1);
        _atHand = null;
    }

    public bool IsLate(Booked booked) => _isLate; // It is at hand: it is being judged.

    public void Aggregate(AggregateSpec spec, Scope scope, out AggregateResult result)
    {
        var current = scope.Subject;
        var (after, until) = spec.Window.Bounds(current.Micros, scope.Book);
        _where.Current = current;
        _where.CurrentIsDebtorSide = scope.IsDebtorSide;
        _where.Facts = scope.Facts;
        var at = (scope.IsDebtorSide ? 0 : Kinds) + (int)spec.Key;
        if (_logs[at] is not { } log)
        {
            _scratch.BeginAt(0);
            result = new AggregateResult(_scratch.Result(spec, null, current), after, until, 0);
            return;
        }

        var end = EndOf(spec, at, current, until);
        if (spec.IsReadAnew)
        {
            result = ReadAnew(spec, log, current, after, until, end);
            return;
        }

        if (spec.CountsAlike)
        {
            var count = Alike(spec, log, current, after, end);
            result = new AggregateResult(
                count < spec.MinHistory
                    ? Value.Unknown(UnknownReason.InsufficientHistory)
                    : Value.Of((decimal)count),
                after, until, count);
            return;
        }

        ref var state = ref spec.DependsOnCurrent ? ref Fresh() : ref log.StateOf(spec, this);
        if (!Move(ref state, spec, log, after, end, MayJump(log, end)))
        {
            state = ref Fresh();
            _ = Move(ref state, spec, log, after, end, true);
        }

        result = new AggregateResult(state.Result(spec, log, current), after, until, state.Count);
    }

    public bool HasFewer(AggregateSpec spec, Scope scope, int least)
    {
        var current = scope.Subject;
        var at = (scope.IsDebtorSide ? 0 : Kinds) + (int)spec.Key;
        if (_logs[at] is not { } log)
        {
            return true;
        }

        var (after, until) = spec.Window.Bounds(current.Micros, scope.Book);
        var first = EndOf(spec, at, current, until) - least;
        return first < 0 || log[first].Micros <= after;
    }

    public LoggedEvent Seen(Booked judged, bool isDebtorSide) =>
        new LoggedEvent(judged).From(isDebtorSide, CounterpartyOf(isDebtorSide ? 0 : Kinds)); // It is at hand.

    public void Inflows(in InflowQuery query, List<LoggedEvent> into) => Transfers(in query, isOut: false, into);

    public void Outflows(in InflowQuery query, List<LoggedEvent> into) => Transfers(in query, isOut: true, into);

    /// <summary>The transaction that an event of a log is of.</summary>
    public Booked Of(in LoggedEvent item) => _all.Transactions[item.Number];

    public bool Matches(AggregateSpec spec, in LoggedEvent item)
    {
        var isOut = item.IsDebtorSide;
        if ((spec.Direction == FlowDirection.In && isOut) || (spec.Direction == FlowDirection.Out && !isOut)
            || !spec.Counts(item.Status)
            || (spec.DependsOnCurrent && !IsLikeCurrent(spec, Of(in item))))
        {
            return false;
        }

        return spec.Where is null || Meets(spec.Where, _all.FilterOf(spec), in item);
    }

    /// <summary>The amount in the currency of an aggregate, in ten-thousandths; null without a rate.</summary>
    public long? UnitsOf(AggregateSpec spec, in LoggedEvent item)
    {
        var to = spec.To!.Value; // Amounts have one.
        return _all.Transactions.CurrencyOf(item.Currency) == to
            ? item.Units
            : _where.Book.Convert(Of(in item).Transaction.Amount, to, Of(in item).Day) is { } converted
                ? Booked.ToUnits(converted)
                : null;
    }

    public string? TextOf(AggregateSpec spec, in LoggedEvent item) =>
        spec.Of!.Read(_where, Of(in item), item.IsDebtorSide).Text; // Distinct has a field.

    /// <summary>The text of the transaction being judged, from the side it is judged on.</summary>
    public string? TextOfCurrent(AggregateSpec spec) =>
        spec.Of!.Read(_where, _where.Current, _where.CurrentIsDebtorSide).Text; // As above.

    private bool Meets(Expr where, EventFilter filter, in LoggedEvent item)
    {
        if (filter.Of(in item) is { } known)
        {
            return known;
        }

        _where.Subject = Of(in item);
        _where.IsDebtorSide = item.IsDebtorSide;
        filter.Learn(item.Type, _where);
        return where.Evaluate(_where).IsTrue;
    }

    private int EndOf(AggregateSpec spec, int at, Booked current, long until)
    {
        var log = _logs[at]!; // It was asked for.
        if (until < current.Micros)
        {
            return log.FirstAfter(until, log.Count);
        }

        var end = _places[at];
        if (end < 0)
        {
            end = _places[at] = log.PlaceOf(current);
        }

        while (spec.IncludeCurrent && end < log.Count && log[end].Number == current.Number)
        {
            end++;
        }

        return end;
    }

    // What was taken back leaves nothing, so that dry runs with made-up accounts fill no memory.
    private void Forget(TransactionParty own, int at)
    {
        if (_logs[at + (int)AggregateKey.Pair] is { Count: 0 })
        {
            _all.Pairs.Forget(AccountAt(at), AccountAt(at == 0 ? Kinds : 0), Room);
        }

        if (_logs[at + (int)AggregateKey.Account] is { Count: 0 } account)
        {
            _all.ForgetAccount(own.Account!); // It has a log, so it has a key; so below.
            account.Leave(Room);
        }

        if (_logs[at + (int)AggregateKey.Customer] is { Count: 0 } customer)
        {
            _all.ForgetCustomer(own.Customer!);
            customer.Leave(Room);
        }
    }

    private int CounterpartyOf(int place)
    {
        var other = (place < Kinds ? Kinds : 0) + (int)AggregateKey.Account;
        return _logs[other]?.Number ?? -1;
    }

    private bool HasPairs => _all.KeepsPairs && _logs[(int)AggregateKey.Account] is not null
        && _logs[Kinds + (int)AggregateKey.Account] is not null;

    // Of a transaction that has pairs.
    private EventLog AccountAt(int at) => _logs[at + (int)AggregateKey.Account]!;

    private void Log(in LoggedEvent item)
    {
        _atHand = null;
        for (var i = 0; i < _logs.Length; i++)
        {
            if (i % Kinds != (int)AggregateKey.Pair)
            {
                _logs[i]?.Add(item.From(i < Kinds, CounterpartyOf(i)), this);
            }
        }
    }

    private void AddPairs(in LoggedEvent item)
    {
        if (HasPairs)
        {
            _all.Pairs.Add(AccountAt(0), AccountAt(Kinds), in item, this);
        }
    }

    private void Transfers(in InflowQuery query, bool isOut, List<LoggedEvent> into)
    {
        if (query.Account < 0)
        {
            return;
        }

        var log = _all.AccountAt(query.Account);
        var judged = _atHand!.Number; // What was added since may be in the log.
        for (var i = log.PlaceOf(query.Before.Micros, query.Before.Number) - 1;
            i >= 0 && into.Count < query.Limit;
            i--)
        {
            ref readonly var item = ref log[i];
            if (item.Micros <= query.AfterMicros)
            {
                break;
            }

            if (item.IsDebtorSide == isOut && item.Number <= judged && AggregateReader.IsBooked(item.Status)
                && (query.Like is not { } like || IsAlike(in item, in like, query.Tolerance)))
            {
                into.Add(item);
            }
        }
    }

    private bool IsLikeCurrent(AggregateSpec spec, Booked earlier) =>
        (spec.Similar is not { } similar || IsAlike(earlier, _where.Current, similar.Tolerance))
        && (spec.Near is not { } near || near.Holds(earlier, _where.Current));

    /// <summary>What no running value is kept of.</summary>
    private AggregateResult ReadAnew(
        AggregateSpec spec, EventLog log, Booked current, long after, long until, int end)
    {
        if (spec.IsScanned)
        {
            var begin = after == long.MinValue ? 0 : Math.Min(log.FirstAfter(after, end), end);
            var (value, count) = new LogScan(this, spec, log, current).Read(begin, end);
            return new AggregateResult(value, after, until, count);
        }

        ref var state = ref Fresh();
        state.Choose(spec, log, end, this);
        return new AggregateResult(state.Result(spec, log, current), after, until, state.Count);
    }

    // One that came late must not move what those in time need.
    private bool MayJump(EventLog log, int end) => !_isLate || end >= log.Count - 2;

    private ref WindowState Fresh()
    {
        _scratch = default;
        return ref _scratch;
    }

    private bool Move(ref WindowState state, AggregateSpec spec, EventLog log, long after, int end, bool mayJump)
    {
        if (spec.Window.Kind == WindowKind.LastN)
        {
            return state.TryMoveLast(spec, log, end, mayJump, this);
        }

        var hasMoved = state.TryMove(spec, log, state.BeginOf(log, after), end, mayJump, this);
        if (hasMoved)
        {
            state.Keep(log, after);
        }

        return hasMoved;
    }

    /// <summary>
    /// How many amounts are like the judged one: in its currency by whole numbers, in a long window by their order.
    /// </summary>
    private int Alike(AggregateSpec spec, EventLog log, Booked current, long after, int end)
    {
        var tolerance = spec.Similar!.Tolerance; // It counts by likeness.
        var room = Likeness.Room(current.Units, tolerance);
        var (low, high) = (current.Units - room, current.Units + room);
        return InOrder(spec, log, after, end)?.Between(current.CurrencyNumber, low, high)
            ?? CountAlike(spec, log, current, after, end, low, high);
    }

    private AlikeAmounts? InOrder(AggregateSpec spec, EventLog log, long after, int end)
    {
        if (!spec.IsKeptInOrder || end < AlikeAmounts.Long || log[end - AlikeAmounts.Long].Micros <= after)
        {
            return null;
        }

        ref var state = ref log.StateOf(spec, this);
        return state.InOrder(spec, log, state.BeginOf(log, after), end, MayJump(log, end), this);
    }

    private int CountAlike(
        AggregateSpec spec, EventLog log, Booked current, long after, int end, long low, long high)
    {
        var most = spec.Window.Kind == WindowKind.LastN ? spec.Window.Size : int.MaxValue;
        var count = 0;
        for (var i = end - 1; i >= 0 && count < most; i--)
        {
            ref readonly var item = ref log[i];
            if (item.Micros <= after)
            {
                break;
            }

            var isSame = item.Currency == current.CurrencyNumber;
            if (isSame && (item.Units < low || item.Units > high))
            {
                continue;
            }

            if (spec.IsOfWay(item.IsDebtorSide, item.Status)
                && (isSame || Likeness.Holds(_where.Book, Of(in item), current, spec.Similar!.Tolerance))) // As above.
            {
                count++;
            }
        }

        return count;
    }

    private bool IsAlike(Booked earlier, Booked judged, decimal tolerance) =>
        IsAlike(new LoggedEvent(earlier), new LoggedEvent(judged), tolerance);

    private bool IsAlike(in LoggedEvent earlier, in LoggedEvent judged, decimal tolerance) =>
        earlier.Currency == judged.Currency
            ? Math.Abs(earlier.Units - judged.Units) <= Likeness.Room(judged.Units, tolerance)
            : Likeness.Holds(_where.Book, Of(in earlier), Of(in judged), tolerance);

    private void Weigh(Booked booked, int sign)
    {
        for (var i = 0; i < _logs.Length; i++)
        {
            // Where both sides share a log, it holds both events and is weighed once.
            if (_logs[i] is { } log && (i < Kinds || !ReferenceEquals(log, _logs[i - Kinds])))
            {
                log.Weigh(booked, sign, this);
            }
        }
    }

    // For what is asked of a transaction that is not being judged.
    private void TakeAll(Booked booked)
    {
        Take(Find(booked.Transaction));
        TakePairs(mayMake: true);
    }

    private void Take(in Sides sides)
    {
        _atHand = null;
        (_logs[(int)AggregateKey.Account], _logs[(int)AggregateKey.Customer]) = (sides.Account, sides.Customer);
        (_logs[Kinds + (int)AggregateKey.Account], _logs[Kinds + (int)AggregateKey.Customer]) =
            (sides.ToAccount, sides.ToCustomer);
    }

    // An account mostly has one customer: it is looked up once.
    private (EventLog? Account, EventLog? Customer) Find(TransactionParty own)
    {
        var account = own.Account is { } name ? _all.Account(name) : null;
        var customer = own.Customer is { } named ? KnownOwner(account, named) ?? _all.Customer(named) : null;
        return (account, customer);
    }

    private static EventLog? KnownOwner(EventLog? account, string customer) =>
        account?.Owner is { } owner && string.Equals(owner.Customer, customer) && owner.Log.Count > 0
            ? owner.Log
            : null;

    private EventLog? AccountOf(TransactionParty own) => own.Account is { } name ? _all.NewAccount(name) : null;

    private EventLog? CustomerOf(TransactionParty own, EventLog? account, EventLog? found)
    {
        if (own.Customer is not { } customer)
        {
            return null;
        }

        var log = found ?? KnownOwner(account, customer) ?? _all.NewCustomer(customer);
        if (account is not null && !ReferenceEquals(account.Owner?.Log, log))
        {
            account.Owner = (customer, log);
        }

        return log;
    }

    // A party comes again in a pack: its logs are looked up once.
    private void TakeSeat(int party, int at)
    {
        ref var seat = ref _seats[party];
        if (seat is { Account: null, Customer: null })
        {
            var own = _pack!.Party(party); // It is loaded from.
            var account = AccountOf(own);
            seat = (account, CustomerOf(own, account, null));
        }

        (_logs[at + (int)AggregateKey.Account], _logs[at + (int)AggregateKey.Customer]) = seat;
    }

    private void TakePairs(bool mayMake) =>
        (_logs[(int)AggregateKey.Pair], _logs[Kinds + (int)AggregateKey.Pair]) = HasPairs
            ? _all.Pairs.Find(AccountAt(0), AccountAt(Kinds), in _once, mayMake, this)
            : default;
}

/// <summary>The logs of the two sides of a transaction; null where a side names none, or has none yet.</summary>
/// <param name="Account">Of the account that pays.</param>
/// <param name="Customer">Of its customer.</param>
/// <param name="ToAccount">Of the account that is paid.</param>
/// <param name="ToCustomer">Of its customer.</param>
internal readonly record struct Sides(EventLog? Account, EventLog? Customer, EventLog? ToAccount, EventLog? ToCustomer)
{
    /// <summary>How many there can be.</summary>
    public const int Most = 4;

    /// <summary>The log of a place from 0; null where there is none.</summary>
    public EventLog? this[int place] => place switch
    {
        0 => Account,
        1 => Customer,
        2 => ToAccount,
        3 => ToCustomer,
        _ => throw new ArgumentOutOfRangeException(nameof(place)),
    };

    /// <summary>Whether something after an instant is in one of them already.</summary>
    public bool HaveAfter(long micros) =>
        IsAfter(Account, micros) || IsAfter(Customer, micros) || IsAfter(ToAccount, micros)
        || IsAfter(ToCustomer, micros);

    private static bool IsAfter(EventLog? log, long micros) => log?.HasAfter(micros) is true;
}
