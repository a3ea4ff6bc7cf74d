using Probity.Monitoring.Rules;

namespace Probity.Monitoring.Evaluation;

/// <summary>
/// What an expression sees: one transaction from one side, and, inside an aggregate, the transaction being judged as
/// <see cref="Current"/>. Holds the results of one decision, so that equal aggregates are computed once.
/// </summary>
internal sealed class Scope(ReferenceBook book, IHistory history, int slots)
{
    private const int Sides = 2;

    private readonly AggregateResult[] _results = new AggregateResult[slots * Sides];
    private readonly bool[] _isComputed = new bool[slots * Sides];

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

    /// <summary>Room for searches, used again.</summary>
    public SearchRoom Search { get; } = new();

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
        Array.Clear(_isComputed);
    }

    public void TakeSide(bool isDebtorSide)
    {
        IsDebtorSide = isDebtorSide;
        CurrentIsDebtorSide = isDebtorSide;
    }

    public ref readonly AggregateResult ResultOf(Aggregated aggregate)
    {
        var place = (aggregate.Slot * Sides) + (IsDebtorSide ? 0 : 1);
        if (!_isComputed[place])
        {
            aggregate.Compute(this, out _results[place]);
            _isComputed[place] = true;
        }

        return ref _results[place];
    }

    /// <summary>
    /// The first place from another on that was computed for this decision; below 0 for none. Places are twice the
    /// slot, plus one on the creditor's side.
    /// </summary>
    public int NextComputed(int from) =>
        _isComputed.AsSpan(from).IndexOf(true) is >= 0 and var further ? from + further : -1;

    /// <summary>What was computed at a place.</summary>
    public ref readonly AggregateResult ResultAt(int place, out int slot, out bool isDebtorSide)
    {
        (slot, isDebtorSide) = (place / Sides, place % Sides == 0);
        return ref _results[place];
    }
}

/// <summary>Room for the searches of one decision. Not thread safe.</summary>
internal sealed class SearchRoom
{
    private readonly List<LoggedEvent>[] _inflows = [[], []];

    /// <summary>The accounts of a level of a search, with the latest way there.</summary>
    public Dictionary<int, LoggedEvent> Level { get; set; } = [];

    /// <summary>Those of the next level.</summary>
    public Dictionary<int, LoggedEvent> Next { get; set; } = [];

    /// <summary>Each origin with an account between, as often as there is a way.</summary>
    public List<(int Origin, int Middle)> Between { get; } = [];

    /// <summary>An empty list of one of two depths.</summary>
    public List<LoggedEvent> Inflows(int depth)
    {
        _inflows[depth].Clear();
        return _inflows[depth];
    }
}

/// <summary>A value that was computed from earlier transactions, with the bounds of the window.</summary>
/// <param name="Value">The value.</param>
/// <param name="AfterMicros">The window holds what happened after this instant...</param>
/// <param name="UntilMicros">... up to and with this one.</param>
/// <param name="Count">How many transactions it holds.</param>
internal readonly record struct AggregateResult(Value Value, long AfterMicros, long UntilMicros, long Count);

/// <summary>What is asked of history once for a side of a decision, and kept at a place.</summary>
/// <param name="slot">The place.</param>
internal abstract class Aggregated(int slot) : Expr
{
    public int Slot => slot;

    public abstract void Compute(Scope scope, out AggregateResult result);

    public sealed override Value Evaluate(Scope scope) => scope.ResultOf(this).Value;
}

/// <summary>Transfers into an account, as a search asks for them.</summary>
/// <param name="Account">The account, as the history numbers accounts; below 0 for none, which has none.</param>
/// <param name="AfterMicros">Only after this instant.</param>
/// <param name="Before">Only before this place in time.</param>
/// <param name="Limit">At most so many, the newest.</param>
/// <param name="Like">Only of an amount near that of this one; null for any.</param>
/// <param name="Tolerance">How near, as a share.</param>
internal readonly record struct InflowQuery(
    int Account, long AfterMicros, LoggedEvent Before, int Limit, LoggedEvent? Like = null, decimal Tolerance = 0);

/// <summary>
/// The earlier transactions. Two implementations must agree on every answer: the fast one that production uses, and the
/// slow one that says plainly what is meant.
/// </summary>
internal interface IHistory
{
    void Aggregate(AggregateSpec spec, Scope scope, out AggregateResult result);

    /// <summary>
    /// Whether fewer transactions of the key than so many happened in the window of an aggregate, matching or not.
    /// </summary>
    bool HasFewer(AggregateSpec spec, Scope scope, int least);

    /// <summary>
    /// The transaction being judged as a search starts from it: seen from a side, with the number of the account on
    /// the other, which is below 0 where there is none.
    /// </summary>
    /// <param name="judged">The transaction being judged.</param>
    /// <param name="isDebtorSide">Seen from the account that pays; else from the one that is paid.</param>
    LoggedEvent Seen(Booked judged, bool isDebtorSide);

    /// <summary>Adds what a query asks for, newest first, as the account sees it, to an empty list.</summary>
    void Inflows(in InflowQuery query, List<LoggedEvent> into);

    /// <summary>As <see cref="Inflows"/>, of transfers out of the account.</summary>
    void Outflows(in InflowQuery query, List<LoggedEvent> into);

    /// <summary>The transaction of an event that it gave.</summary>
    Booked Of(in LoggedEvent item);

    /// <summary>Whether something later in time happened already to a party of a transaction.</summary>
    bool IsLate(Booked booked);
}
