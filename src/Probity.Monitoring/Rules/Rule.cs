using Probity.Monitoring.Evaluation;

namespace Probity.Monitoring.Rules;

/// <summary>What trade a rule belongs to.</summary>
public enum RuleType
{
    /// <summary>Money laundering.</summary>
    Aml,

    /// <summary>Knowing the customer.</summary>
    Kyc,

    /// <summary>Sanctions.</summary>
    Sanctions,

    /// <summary>Currency transaction reports.</summary>
    Ctr,

    /// <summary>Fraud.</summary>
    Fraud,
}

/// <summary>How grave a match is. Orders the queue, and is the score of a rule that gives none.</summary>
public enum Severity
{
    /// <summary>Score 0.2.</summary>
    Low,

    /// <summary>Score 0.4.</summary>
    Medium,

    /// <summary>Score 0.7: alerts by itself at the default threshold.</summary>
    High,

    /// <summary>Score 1.</summary>
    Critical,
}

/// <summary>What a match asks for.</summary>
/// <param name="Alert">Raises an alert when the score of the transaction reaches the threshold.</param>
/// <param name="RequireDocumentation">Opens a dated document task that blocks closing.</param>
/// <param name="Block">Makes the decision block.</param>
/// <param name="ReportCandidate">Such as <c>SAR</c> or <c>CTR</c>; null for none.</param>
public sealed record RuleActions(bool Alert, bool RequireDocumentation, bool Block, string? ReportCandidate);

/// <summary>Which sides of a transaction a rule looks at.</summary>
public enum RuleSide
{
    /// <summary>The debtor side, then the creditor side; the graver match counts.</summary>
    Either,

    /// <summary>The paying side.</summary>
    Debtor,

    /// <summary>The paid side.</summary>
    Creditor,
}

/// <summary>A band of values: from the end of the one before, up to and without its own.</summary>
/// <param name="Upto">End, exclusive; null in the last band only.</param>
/// <param name="Ref">Name of the outcome, or null.</param>
/// <param name="Score">0 to 1; 0 is no match.</param>
internal sealed record Band(decimal? Upto, string? Ref, decimal Score);

/// <summary>What a rule comes to when a condition holds, whatever its value is.</summary>
/// <param name="When">The condition.</param>
/// <param name="Outcome">A band without an end.</param>
internal sealed record RuleCase(Expr When, Band Outcome);

/// <summary>What an unknown makes of a rule.</summary>
internal enum UnknownOutcome
{
    None,
    Review,
    Match,
}

/// <summary>A rule, read and checked. Immutable and thread safe.</summary>
public sealed class Rule
{
    private readonly int _statuses;
    private int _dependsOnSide; // 0 not asked yet, 1 no, 2 yes: written in one piece, by whichever thread asks first.
    private readonly UnknownOutcome[] _outcomes = new UnknownOutcome[Enum.GetValues<UnknownReason>().Length];
    private readonly Unanswered?[] _unanswered = new Unanswered?[Enum.GetValues<UnknownReason>().Length];

    internal Rule(
        Expr conditions,
        IReadOnlySet<TransactionStatus> statuses,
        IReadOnlyDictionary<UnknownReason, UnknownOutcome> outcomes)
    {
        Conditions = conditions;
        Gate = AmountGate.Of(conditions);
        _statuses = statuses.Aggregate(0, (mask, status) => mask | (1 << (int)status));
        foreach (var (reason, outcome) in outcomes)
        {
            _outcomes[(int)reason] = outcome;
        }
    }

    /// <summary>Gets the name, unique in a set.</summary>
    public required string Name { get; init; }

    /// <summary>Gets the version, 1 and up.</summary>
    public required long Version { get; init; }

    /// <summary>
    /// Gets the lower-case hexadecimal SHA-256 of the canonical document (RFC 8785): what decisions record.
    /// </summary>
    public required string Digest { get; init; }

    /// <summary>Gets the trade.</summary>
    public required RuleType Type { get; init; }

    /// <summary>
    /// Gets the law whose accounts it is limited to: ISO 3166-1 alpha-2, <c>EU</c>, or <c>*</c> for all.
    /// </summary>
    public required string Jurisdiction { get; init; }

    /// <summary>Gets how grave a match is.</summary>
    public required Severity Severity { get; init; }

    /// <summary>Gets what a match asks for.</summary>
    public required RuleActions Actions { get; init; }

    /// <summary>
    /// Gets whether it runs in shadow: it is asked about every transaction, what it would have made of the decision
    /// is recorded, and nothing is done by it.
    /// </summary>
    public bool IsShadow { get; init; }

    /// <summary>Gets what a match adds to the score, above 0 to 1, at most six places.</summary>
    public required decimal Score { get; init; }

    /// <summary>Gets which sides it looks at.</summary>
    public required RuleSide Side { get; init; }

    /// <summary>Gets the first day it holds, or null.</summary>
    public DateOnly? EffectiveFrom { get; init; }

    /// <summary>Gets the first day it holds no more, or null.</summary>
    public DateOnly? EffectiveTo { get; init; }

    /// <summary>Gets where the rule comes from, or null.</summary>
    public string? Source { get; init; }

    /// <summary>Gets what it is for, or null.</summary>
    public string? Purpose { get; init; }

    /// <summary>Gets the red flags it covers; empty when none are named.</summary>
    public IReadOnlyList<string> RedFlags { get; init; } = [];

    /// <summary>Gets the conditions as a sentence.</summary>
    public string Text =>
        string.Concat(Cases.Select(item => $"{item.Outcome.Ref ?? "case"} if {item.When}; "))
        + (Bands.Count == 0 ? Conditions.ToString() : $"bands of {Conditions}");

    internal Expr Conditions { get; }

    /// <summary>Gets the least amount it asks for; null for none.</summary>
    internal AmountGate? Gate { get; }

    internal IReadOnlyList<Band> Bands { get; init; } = [];

    /// <summary>Gets what is asked before the conditions, in this order: the first that holds decides.</summary>
    internal IReadOnlyList<RuleCase> Cases { get; init; } = [];

    /// <summary>Gets the names and scores that unknowns are given; empty when none is.</summary>
    internal IReadOnlyDictionary<UnknownReason, Band> UnknownBands { get; init; } =
        new Dictionary<UnknownReason, Band>();

    /// <summary>Gets how many units of work it may take.</summary>
    internal int Cost => Conditions.Cost + Cases.Sum(item => item.When.Cost);

    internal IReadOnlySet<string>? TransactionTypes { get; init; }

    internal IReadOnlySet<string>? Segments { get; init; }

    internal IReadOnlyList<string> Needs { get; init; } = [];

    /// <summary>Whether the answer can differ between the two sides of a transaction.</summary>
    internal bool DependsOnSide
    {
        get
        {
            if (_dependsOnSide == 0)
            {
                _dependsOnSide = Conditions.DependsOnSide || Segments is not null
                    || Cases.Any(item => item.When.DependsOnSide) ? 2 : 1;
            }

            return _dependsOnSide == 2;
        }
    }

    /// <summary>Whether it looks at transactions of a status.</summary>
    internal bool LooksAt(TransactionStatus status) => (_statuses & (1 << (int)status)) != 0;

    /// <summary>What an unknown makes of it.</summary>
    internal UnknownOutcome OutcomeOf(UnknownReason reason) => _outcomes[(int)reason];

    /// <summary>That it could not be answered; the same object each time, whoever makes it first.</summary>
    internal Unanswered UnansweredFor(UnknownReason reason) => _unanswered[(int)reason]
        ??= new Unanswered(Name, Value.Wire(reason), OutcomeOf(reason) == UnknownOutcome.Review);

    internal static decimal ScoreOf(Severity severity) => severity switch
    {
        Severity.Low => 0.2m,
        Severity.Medium => 0.4m,
        Severity.High => 0.7m,
        Severity.Critical => 1m,
        _ => throw new ArgumentOutOfRangeException(nameof(severity)),
    };
}
