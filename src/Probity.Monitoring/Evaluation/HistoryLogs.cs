using System.Runtime.InteropServices;
using Probity.Monitoring.Rules;

namespace Probity.Monitoring.Evaluation;

/// <summary>
/// What a history consists of: the logs of accounts, customers and pairs, the transactions, and which rules ask.
/// Several <see cref="FastHistory"/> read it at once as long as none adds to it; see there.
/// </summary>
internal sealed class HistoryLogs
{
    private readonly Dictionary<string, EventLog> _accounts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, EventLog> _customers = new(StringComparer.Ordinal);
    private readonly List<LogRoom> _rooms = [];
    private IReadOnlyList<AggregateSpec?> _specs = [];
    private EventFilter?[] _filters = [];
    private int _lastAccount;
    private int _lastCustomer;

    public HistoryLogs(RuleSet rules, NumberedTransactions transactions)
    {
        Transactions = transactions;
        Pairs = new PairLogs(transactions);
        Book = rules.Book;
        Take(rules);
        if (!KeepsPairs)
        {
            Pairs.Lack();
        }
    }

    public NumberedTransactions Transactions { get; }

    public PairLogs Pairs { get; }

    public ReferenceBook Book { get; private set; }

    /// <summary>Whether a rule asks for pairs.</summary>
    public bool KeepsPairs { get; private set; }

    /// <summary>How many turns were judged on it so far; what logs were seen in goes by it.</summary>
    public long Turn { get; set; }

    /// <summary>Which rules the running values are of: it rises with each exchange.</summary>
    public int RulesNumber { get; private set; } = 1;

    /// <summary>The aggregate of a slot that a log keeps a value of.</summary>
    public AggregateSpec SpecAt(int slot) => _specs[slot]!; // Only aggregates are kept; searches have no value.

    /// <summary>The filter of an aggregate that has a condition.</summary>
    public EventFilter FilterOf(AggregateSpec spec) => _filters[spec.Slot]!; // So it has one.

    /// <summary>Goes over to other rules.</summary>
    public void Exchange(RuleSet rules)
    {
        RulesNumber++;
        Take(rules);
        if (!KeepsPairs)
        {
            Pairs.Clear(RoomOf(0));
            Pairs.Lack(); // Of what comes until they are kept again.
        }
    }

    /// <summary>What a thread, from 0, has room in.</summary>
    public LogRoom RoomOf(int thread)
    {
        while (_rooms.Count <= thread)
        {
            _rooms.Add(new LogRoom());
        }

        return _rooms[thread];
    }

    /// <summary>The log of an account, or null when it has none.</summary>
    public EventLog? Account(string name) => _accounts.GetValueOrDefault(name);

    /// <summary>The log of a customer, or null when it has none.</summary>
    public EventLog? Customer(string name) => _customers.GetValueOrDefault(name);

    /// <summary>The log of an account, made when it has none.</summary>
    public EventLog NewAccount(string name) => Made(_accounts, name, ref _lastAccount);

    /// <summary>The log of a customer, made when it has none.</summary>
    public EventLog NewCustomer(string name) => Made(_customers, name, ref _lastCustomer);

    public void ForgetAccount(string name) => _accounts.Remove(name);

    public void ForgetCustomer(string name) => _customers.Remove(name);

    private static EventLog Made(Dictionary<string, EventLog> logs, string name, ref int last)
    {
        ref var log = ref CollectionsMarshal.GetValueRefOrAddDefault(logs, name, out _);
        return log ??= new EventLog(++last, EventLog.Few);
    }

    private void Take(RuleSet rules)
    {
        (Book, KeepsPairs, _specs) = (rules.Book, rules.UsesPairs, rules.Specs);
        _filters =
            [.. _specs.Select(spec => spec?.Where is { } where ? new EventFilter(where, Transactions) : null)];
    }
}
