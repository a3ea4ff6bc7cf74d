using Probity.Monitoring.Rules;

namespace Probity.Monitoring.Evaluation;

/// <summary>
/// What an expression sees: one transaction from one side, and, inside an aggregate, the transaction being judged as
/// <see cref="Current"/>. Holds the results of one decision, so that equal aggregates are computed once.
/// </summary>
internal sealed class Scope(ReferenceBook book, IHistory history, int slots)
{
    private const int Sides = 2;

    private readonly AggregateResult?[] _results = new AggregateResult?[slots * Sides];

    public ReferenceBook Book { get; } = book;

    public IHistory History { get; } = history;

    public Booked Subject { get; set; } = null!; // Set before each use; a scope is made once and used for many.

    public bool IsDebtorSide { get; set; }

    public PartyFacts Facts { get; set; } = PartyFacts.None;

    /// <summary>The transaction being judged, where the subject is an earlier one; else the same.</summary>
    public Booked Current { get; set; } = null!; // As above.

    public bool CurrentIsDebtorSide { get; set; }

    /// <summary>Scores of rules already judged in this decision.</summary>
    public Dictionary<string, decimal> Scores { get; } = new(StringComparer.Ordinal);

    public SideFacts Own => FactsOf(IsDebtorSide);

    public TransactionParty OwnParty => Subject.Side(IsDebtorSide);

    public TransactionParty OtherParty => Subject.Side(!IsDebtorSide);

    public SideFacts FactsOf(bool isDebtorSide) => isDebtorSide ? Facts.Debtor : Facts.Creditor;

    public void Begin(Booked judged, PartyFacts facts)
    {
        Subject = judged;
        Current = judged;
        Facts = facts;
        IsDebtorSide = true;
        CurrentIsDebtorSide = true;
        Scores.Clear();
        Array.Clear(_results);
    }

    public void TakeSide(bool isDebtorSide)
    {
        IsDebtorSide = isDebtorSide;
        CurrentIsDebtorSide = isDebtorSide;
    }

    public AggregateResult ResultOf(IAggregated aggregate)
    {
        ref var held = ref _results[(aggregate.Slot * Sides) + (IsDebtorSide ? 0 : 1)];
        return held ??= aggregate.Compute(this);
    }

    /// <summary>What was computed for this decision, in the order of slots, debtor side first.</summary>
    public IEnumerable<(int Slot, bool IsDebtorSide, AggregateResult Result)> Computed()
    {
        for (var i = 0; i < _results.Length; i++)
        {
            if (_results[i] is { } result)
            {
                yield return (i / Sides, i % Sides == 0, result);
            }
        }
    }
}

/// <summary>A value that was computed from earlier transactions, with the bounds of the window.</summary>
/// <param name="Value">The value.</param>
/// <param name="AfterMicros">The window holds what happened after this instant...</param>
/// <param name="UntilMicros">... up to and with this one.</param>
/// <param name="Count">How many transactions it holds.</param>
internal sealed record AggregateResult(Value Value, long AfterMicros, long UntilMicros, long Count);

/// <summary>What an expression asks of history: the place of its result, and how to get it.</summary>
internal interface IAggregated
{
    int Slot { get; }

    AggregateResult Compute(Scope scope);
}

/// <summary>
/// The earlier transactions. Two implementations must agree on every answer: the fast one that production uses, and the
/// slow one that says plainly what is meant.
/// </summary>
internal interface IHistory
{
    AggregateResult Aggregate(AggregateSpec spec, Scope scope);

    /// <summary>
    /// Transfers into an account that happened before a place in time, newest first, at most so many.
    /// </summary>
    IReadOnlyList<Booked> InflowsBefore(string account, long afterMicros, Booked before, int limit);

    /// <summary>Whether something later in time happened already to a party of a transaction.</summary>
    bool IsLate(Booked booked);
}
