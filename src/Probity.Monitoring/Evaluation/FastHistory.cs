using System.Runtime.InteropServices;
using Probity.Monitoring.Rules;

namespace Probity.Monitoring.Evaluation;

/// <summary>
/// The earlier transactions as production keeps them: logs in order of time per account, customer and pair, with
/// running
/// values. Not thread safe: one writer.
/// </summary>
internal sealed class FastHistory : IHistory
{
    private const int Kinds = 3;

    private readonly Dictionary<string, EventLog> _accounts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, EventLog> _customers = new(StringComparer.Ordinal);
    private readonly NumberedTransactions _transactions;
    private readonly PairLogs _pairs;

    // The logs of the transaction at hand: account, customer, pair of the debtor's side, then of the creditor's.
    private readonly EventLog?[] _logs = new EventLog?[Kinds * 2];
    private IReadOnlyList<AggregateSpec?> _specs;
    private bool _keepsPairs;
    private Scope _where;
    private Booked? _atHand;
    private ITransactionPack? _pack; // That was loaded from last, and the logs of its parties
    private (EventLog? Account, EventLog? Customer)[] _seats = [];
    private WindowState _scratch;
    private int _loaded;
    private int _lastAccount;
    private int _lastCustomer;

    public FastHistory(RuleSet rules, NumberedTransactions transactions)
    {
        _transactions = transactions;
        _keepsPairs = rules.UsesPairs;
        _specs = rules.Specs;
        _where = new Scope(rules.Book, this, 0);
        _pairs = new PairLogs(_transactions);
        if (!_keepsPairs)
        {
            _pairs.Lack();
        }
    }

    /// <summary>How many transactions are about to be loaded; 0 when none are.</summary>
    public int Expected { get; set; }

    /// <summary>How often an event was added to or taken from a running value.</summary>
    public long Steps { get; set; }

    /// <summary>Which rules the running values are of: it rises with each exchange.</summary>
    public int RulesNumber { get; private set; } = 1;

    /// <summary>The aggregate of a slot that a log keeps a value of.</summary>
    public AggregateSpec SpecAt(int slot) => _specs[slot]!; // Only aggregates are kept; searches have no value.

    /// <summary>Goes over to other rules.</summary>
    public void Exchange(RuleSet rules)
    {
        RulesNumber++;
        _specs = rules.Specs;
        _where = new Scope(rules.Book, this, 0);
        _atHand = null;
        if (!rules.UsesPairs)
        {
            _pairs.Clear();
            _pairs.Lack(); // Of what comes until they are kept again.
        }

        _keepsPairs = rules.UsesPairs;
    }

    /// <summary>Adds a transaction that is asked about next.</summary>
    public void Add(Booked booked)
    {
        Load(booked);
        TakePairs(mayMake: true);
        _atHand = booked;
    }

    /// <summary>Adds a transaction that nothing is asked about: its pairs are added to, but not looked up.</summary>
    public void Load(Booked booked)
    {
        _transactions.Add(booked);
        TakeSides(booked, mayMake: true);
        var item = new LoggedEvent(booked);
        Log(in item);
        AddPairs(in item);
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
        _transactions.Add(pack, place);
        ref readonly var item = ref pack[place];
        TakeSeat(item.Debtor, 0);
        TakeSeat(item.Creditor, Kinds);
        var logged = _transactions.EventOf(in item);
        Log(in logged);
        _pairs.Lack();
        if (!_pairs.IsEmpty)
        {
            AddPairs(in logged);
        }
    }

    public void Remove(Booked booked)
    {
        Take(booked);
        foreach (var log in _logs)
        {
            log?.Remove(booked, this); // A second time where both sides share a log: then it is not there.
        }

        Forget(booked.Transaction.Debtor, 0);
        Forget(booked.Transaction.Creditor, Kinds);
        _transactions.Remove(booked);
        _atHand = null;
    }

    /// <summary>Changes the status of a transaction, in every value that holds it.</summary>
    public void SetStatus(Booked booked, TransactionStatus status)
    {
        _transactions.Add(booked);
        TakeSides(booked, mayMake: false);
        TakePairs(mayMake: false); // One that is made later has the status that its accounts have then.
        Weigh(booked, -1);
        booked.Status = status;
        Weigh(booked, 1);
        _atHand = null;
    }

    public bool IsLate(Booked booked)
    {
        Take(booked);
        foreach (var log in _logs)
        {
            if (log is not null && Order.IsBefore(booked, in log[log.Count - 1]))
            {
                return true;
            }
        }

        return false;
    }

    public void Aggregate(AggregateSpec spec, Scope scope, out AggregateResult result)
    {
        var current = scope.Subject;
        Take(current);
        var (after, until) = spec.Window.Bounds(current.Micros, scope.Book);
        _where.Current = current;
        _where.CurrentIsDebtorSide = scope.IsDebtorSide;
        _where.Facts = scope.Facts;
        if (_logs[(scope.IsDebtorSide ? 0 : Kinds) + (int)spec.Key] is not { } log)
        {
            _scratch.BeginAt(0);
            result = new AggregateResult(_scratch.Result(spec, null, current), after, until, 0);
            return;
        }

        var end = EndOf(spec, log, current, until);
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
        Take(current);
        if (_logs[(scope.IsDebtorSide ? 0 : Kinds) + (int)spec.Key] is not { } log)
        {
            return true;
        }

        var (after, until) = spec.Window.Bounds(current.Micros, scope.Book);
        var first = EndOf(spec, log, current, until) - least;
        return first < 0 || log[first].Micros <= after;
    }

    public void Inflows(in InflowQuery query, List<Booked> into) => Transfers(in query, isOut: false, into);

    public void Outflows(in InflowQuery query, List<Booked> into) => Transfers(in query, isOut: true, into);

    /// <summary>The transaction that an event of a log is of.</summary>
    public Booked Of(in LoggedEvent item) => _transactions[item.Number];

    public bool Matches(AggregateSpec spec, in LoggedEvent item)
    {
        var isOut = item.IsDebtorSide;
        if ((spec.Direction == FlowDirection.In && isOut) || (spec.Direction == FlowDirection.Out && !isOut)
            || !spec.Counts((TransactionStatus)item.Status)
            || (spec.DependsOnCurrent && !IsLikeCurrent(spec, Of(in item))))
        {
            return false;
        }

        if (spec.Where is null)
        {
            return true;
        }

        _where.Subject = Of(in item);
        _where.IsDebtorSide = isOut;
        return spec.Where.Evaluate(_where).IsTrue;
    }

    /// <summary>The amount in the currency of an aggregate, in ten-thousandths; null without a rate.</summary>
    public long? UnitsOf(AggregateSpec spec, in LoggedEvent item)
    {
        var to = spec.To!.Value; // Amounts have one.
        return _transactions.CurrencyOf(item.Currency) == to
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

    private static int EndOf(AggregateSpec spec, EventLog log, Booked current, long until)
    {
        if (until < current.Micros)
        {
            return log.FirstAfter(until, log.Count);
        }

        var end = log.PlaceOf(current);
        while (spec.IncludeCurrent && end < log.Count && log[end].Number == current.Number)
        {
            end++;
        }

        return end;
    }

    private static EventLog? LogOf(Dictionary<string, EventLog> logs, string key, bool mayMake, ref int last)
    {
        if (!mayMake)
        {
            return logs.GetValueOrDefault(key);
        }

        ref var log = ref CollectionsMarshal.GetValueRefOrAddDefault(logs, key, out _);
        return log ??= new EventLog(++last, EventLog.Few);
    }

    // What was taken back leaves nothing, so that dry runs with made-up accounts fill no memory.
    private void Forget(TransactionParty own, int at)
    {
        if (_logs[at + (int)AggregateKey.Pair] is { Count: 0 })
        {
            _pairs.Forget(AccountAt(at), AccountAt(at == 0 ? Kinds : 0));
        }

        if (_logs[at + (int)AggregateKey.Account] is { Count: 0 })
        {
            _accounts.Remove(own.Account!); // It has a log, so it has a key; so below.
        }

        if (_logs[at + (int)AggregateKey.Customer] is { Count: 0 })
        {
            _customers.Remove(own.Customer!);
        }
    }

    private int CounterpartyOf(int place)
    {
        var other = (place < Kinds ? Kinds : 0) + (int)AggregateKey.Account;
        return _logs[other]?.Number ?? -1;
    }

    private bool HasPairs => _keepsPairs && _logs[(int)AggregateKey.Account] is not null
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
            _pairs.Add(AccountAt(0), AccountAt(Kinds), in item, this);
        }
    }

    private void Transfers(in InflowQuery query, bool isOut, List<Booked> into)
    {
        if (!_accounts.TryGetValue(query.Account, out var log))
        {
            return;
        }

        for (var i = log.PlaceOf(query.Before) - 1; i >= 0 && into.Count < query.Limit; i--)
        {
            ref readonly var item = ref log[i];
            if (item.Micros <= query.AfterMicros)
            {
                break;
            }

            if (item.IsDebtorSide == isOut && AggregateReader.IsBooked((TransactionStatus)item.Status)
                && (query.Like is not { } like || IsAlike(Of(in item), like, query.Tolerance)))
            {
                into.Add(Of(in item));
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
    private static bool MayJump(EventLog log, int end) => end >= log.Count - 2;

    private ref WindowState Fresh()
    {
        _scratch = default;
        return ref _scratch;
    }

    private bool Move(ref WindowState state, AggregateSpec spec, EventLog log, long after, int end, bool mayJump) =>
        spec.Window.Kind == WindowKind.LastN
            ? state.TryMoveLast(spec, log, end, mayJump, this)
            : state.TryMove(
                spec, log, after == long.MinValue ? 0 : log.FirstAfter(after, state.Tail), end, mayJump, this);

    /// <summary>
    /// How many amounts are like the judged one: in its currency by whole numbers, in a long window by their order.
    /// </summary>
    private int Alike(AggregateSpec spec, EventLog log, Booked current, long after, int end)
    {
        var tolerance = spec.Similar!.Tolerance; // It counts by likeness.
        var room = Likeness.Room(current, tolerance);
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
        var begin = after == long.MinValue ? 0 : log.FirstAfter(after, state.Tail);
        return state.InOrder(spec, log, begin, end, MayJump(log, end), this);
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

            if (spec.IsOfWay(item.IsDebtorSide, (TransactionStatus)item.Status)
                && (isSame || Likeness.Holds(_where.Book, Of(in item), current, spec.Similar!.Tolerance))) // As above.
            {
                count++;
            }
        }

        return count;
    }

    private bool IsAlike(Booked earlier, Booked judged, decimal tolerance) =>
        earlier.CurrencyNumber == judged.CurrencyNumber
            ? Math.Abs(earlier.Units - judged.Units) <= Likeness.Room(judged, tolerance)
            : Likeness.Holds(_where.Book, earlier, judged, tolerance);

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

    /// <summary>Looks up the logs of a transaction, once for all that is asked while it is at hand.</summary>
    private void Take(Booked booked)
    {
        if (!ReferenceEquals(_atHand, booked))
        {
            _atHand = booked;
            TakeSides(booked, mayMake: false);
            TakePairs(mayMake: true);
        }
    }

    private void TakeSides(Booked booked, bool mayMake)
    {
        TakeSide(booked.Transaction.Debtor, 0, mayMake);
        TakeSide(booked.Transaction.Creditor, Kinds, mayMake);
    }

    private void TakeSide(TransactionParty own, int at, bool mayMake)
    {
        var account = own.Account is { } name ? LogOf(_accounts, name, mayMake, ref _lastAccount) : null;
        _logs[at + (int)AggregateKey.Account] = account;
        _logs[at + (int)AggregateKey.Customer] = own.Customer is { } customer
            ? CustomerOf(account, customer, mayMake)
            : null;
    }

    // A party comes again in a pack: its logs are looked up once.
    private void TakeSeat(int party, int at)
    {
        ref var seat = ref _seats[party];
        if (seat is { Account: null, Customer: null })
        {
            TakeSide(_pack!.Party(party), at, mayMake: true); // It is loaded from.
            seat = (_logs[at + (int)AggregateKey.Account], _logs[at + (int)AggregateKey.Customer]);
            return;
        }

        (_logs[at + (int)AggregateKey.Account], _logs[at + (int)AggregateKey.Customer]) = seat;
    }

    // An account mostly has one customer: it is looked up once.
    private EventLog? CustomerOf(EventLog? account, string customer, bool mayMake)
    {
        if (account?.Owner is { } owner && string.Equals(owner.Customer, customer) && owner.Log.Count > 0)
        {
            return owner.Log;
        }

        var log = LogOf(_customers, customer, mayMake, ref _lastCustomer);
        if (account is not null && log is not null)
        {
            account.Owner = (customer, log);
        }

        return log;
    }

    private void TakePairs(bool mayMake)
    {
        var hasPairs = HasPairs;
        foreach (var at in (ReadOnlySpan<int>)[0, Kinds])
        {
            _logs[at + (int)AggregateKey.Pair] = hasPairs
                ? _pairs.Find(AccountAt(at), AccountAt(at == 0 ? Kinds : 0), at == 0, mayMake, this)
                : null;
        }
    }
}
