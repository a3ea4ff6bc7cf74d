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
    private readonly List<EventLog?> _numbered = [null]; // Of accounts, by their numbers from 1.
    private readonly List<LogRoom> _rooms = [];
    private IReadOnlyList<AggregateSpec?> _specs = [];
    private EventFilter?[] _filters = [];

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
    public EventLog NewAccount(string name)
    {
        ref var log = ref CollectionsMarshal.GetValueRefOrAddDefault(_accounts, name, out var isThere);
        if (!isThere)
        {
            log = new EventLog(_numbered.Count, EventLog.Few);
            _numbered.Add(log);
        }

        return log!; // One that is there has a log.
    }

    /// <summary>The log of the account of a number.</summary>
    public EventLog AccountAt(int number) => _numbered[number]!; // Only accounts with events are asked for.

    /// <summary>The log of a customer, made when it has none.</summary>
    public EventLog NewCustomer(string name)
    {
        ref var log = ref CollectionsMarshal.GetValueRefOrAddDefault(_customers, name, out _);
        return log ??= new EventLog(0, EventLog.Few);
    }

    /// <summary>Forgets an account without events. The numbers of those that came last are given again.</summary>
    public void ForgetAccount(string name)
    {
        if (!_accounts.Remove(name, out var log))
        {
            return;
        }

        _numbered[log.Number] = null;
        var count = _numbered.Count;
        while (count > 1 && _numbered[count - 1] is null)
        {
            count--;
        }

        _numbered.RemoveRange(count, _numbered.Count - count);
    }

    public void ForgetCustomer(string name) => _customers.Remove(name);

    private void Take(RuleSet rules)
    {
        (Book, KeepsPairs, _specs) = (rules.Book, rules.UsesPairs, rules.Specs);
        _filters =
            [.. _specs.Select(spec => spec?.Where is { } where ? new EventFilter(where, Transactions, Book) : null)];
    }
}
