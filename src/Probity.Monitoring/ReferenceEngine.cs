using Probity.Monitoring.Decisions;
using Probity.Monitoring.Evaluation;
using Probity.Monitoring.Rules;

namespace Probity.Monitoring;

/// <summary>
/// Judges as <see cref="MonitoringEngine"/> does, but reads all of history for each question. Slow; for checking. Not
/// thread safe.
/// </summary>
public sealed class ReferenceEngine
{
    private readonly Dictionary<TransactionKey, Booked> _byKey = [];
    private readonly ReferenceHistory _history;
    private readonly Judge _judge;
    private long _number;

    /// <summary>Makes an engine without history.</summary>
    public ReferenceEngine(RuleSet rules, MonitoringOptions options)
    {
        ArgumentNullException.ThrowIfNull(rules);
        _history = new ReferenceHistory(rules.Book);
        _judge = new Judge(rules, options, _history, rules.PlainFor);
    }

    /// <summary>Numbers and judges a transaction; what it is given stays.</summary>
    public JudgeResult Submit(Transaction transaction, PartyFacts facts)
    {
        var faults = TransactionCheck.FaultsOf(transaction);
        if (faults.Count > 0)
        {
            return new JudgeResult.Refused(faults);
        }

        if (_byKey.TryGetValue(transaction.Key, out var earlier))
        {
            return earlier.Transaction == transaction
                ? new JudgeResult.Duplicate(earlier.Number)
                : new JudgeResult.Conflict(earlier.Number);
        }

        var booked = new Booked(transaction, ++_number);
        _byKey.Add(transaction.Key, booked);
        _history.Add(booked);
        return new JudgeResult.Decided(_judge.Decide(booked, facts));
    }

    /// <summary>Numbers a reversal.</summary>
    public ReversalResult Reverse(TransactionKey key)
    {
        if (!_byKey.TryGetValue(key, out var booked))
        {
            return ReversalResult.Unknown;
        }

        if (booked.Status == TransactionStatus.Reversed)
        {
            return ReversalResult.AlreadyReversed;
        }

        _number++;
        booked.Status = TransactionStatus.Reversed;
        return ReversalResult.Reversed;
    }
}
