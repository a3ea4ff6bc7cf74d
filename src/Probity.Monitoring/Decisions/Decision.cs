namespace Probity.Monitoring;

/// <summary>What is done with a transaction.</summary>
public enum DecisionOutcome
{
    /// <summary>It passes.</summary>
    Approve,

    /// <summary>A person looks at it.</summary>
    Review,

    /// <summary>It does not pass.</summary>
    Block,
}

/// <summary>What a rule or a fact added to a decision.</summary>
/// <param name="Rule">The rule, or the fact such as <c>customer.rating</c>.</param>
/// <param name="Digest">Digest of the rule's document; null for a fact.</param>
/// <param name="Version">Version of the rule; 0 for a fact.</param>
/// <param name="Side"><c>debtor</c>, <c>creditor</c> or <c>both</c>.</param>
/// <param name="Score">What it added, 0 to 1.</param>
/// <param name="Ref">The band that was met, or null.</param>
/// <param name="Counterfactual">"Would not have fired if …": one phrase or several that would all be needed.</param>
public sealed record Contribution(
    string Rule,
    string? Digest,
    long Version,
    string Side,
    decimal Score,
    string? Ref,
    IReadOnlyList<string> Counterfactual);

/// <summary>A rule that could not be answered, and why.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Reason">Such as <c>no_rate</c>.</param>
/// <param name="AsksForReview">Whether the decision is review at least because of it.</param>
public sealed record Unanswered(string Rule, string Reason, bool AsksForReview);

/// <summary>Whom an alert is about, and what for.</summary>
/// <param name="Account">The account, or null.</param>
/// <param name="Customer">The customer, or null.</param>
/// <param name="Rule">The rule that added most.</param>
/// <param name="Severity">The gravest among the rules that matched.</param>
/// <param name="RequiresDocumentation">Whether a document task opens.</param>
public sealed record AlertRequest(
    string? Account, string? Customer, string Rule, Rules.Severity Severity, bool RequiresDocumentation);

/// <summary>
/// What a decision would have been if the rules in shadow were live beside the others. Nothing is done by it.
/// </summary>
/// <param name="Outcome">What would have been done.</param>
/// <param name="Score">The risk score it would have had, at most 1.</param>
/// <param name="Contributions">What the rules in shadow would have added, in the order of rules.</param>
/// <param name="Unanswered">The rules in shadow that could not be answered.</param>
/// <param name="Alert">The alert it would have raised, or null.</param>
public sealed record ShadowDecision(
    DecisionOutcome Outcome,
    decimal Score,
    IReadOnlyList<Contribution> Contributions,
    IReadOnlyList<Unanswered> Unanswered,
    AlertRequest? Alert)
{
    /// <summary>Gets the rule in shadow that would have added most; null where none matched.</summary>
    public string? Foremost => Contributions.MaxBy(item => item.Score)?.Rule;
}

/// <summary>The decision about one transaction, with all it rests on.</summary>
public sealed record Decision
{
    /// <summary>Gets the transaction.</summary>
    public required TransactionKey Transaction { get; init; }

    /// <summary>Gets its number in the order of arrival, 1 and up.</summary>
    public required long Number { get; init; }

    /// <summary>Gets what is done.</summary>
    public required DecisionOutcome Outcome { get; init; }

    /// <summary>Gets the risk score: the sum of the contributions, at most 1.</summary>
    public required decimal Score { get; init; }

    /// <summary>Gets the score from which alerts are raised.</summary>
    public required decimal Threshold { get; init; }

    /// <summary>Gets whether something later in time had happened to a party already.</summary>
    public required bool IsLate { get; init; }

    /// <summary>Gets what added to the score, in the order of rules.</summary>
    public required IReadOnlyList<Contribution> Contributions { get; init; }

    /// <summary>Gets the rules that could not be answered.</summary>
    public required IReadOnlyList<Unanswered> Unanswered { get; init; }

    /// <summary>Gets why the outcome is what it is, when not for the score: stable words, sorted.</summary>
    public required IReadOnlyList<string> Reasons { get; init; }

    /// <summary>Gets the alert to raise, or null.</summary>
    public AlertRequest? Alert { get; init; }

    /// <summary>
    /// Gets what rules in shadow would have made of it; null where none of them had anything to say.
    /// </summary>
    public ShadowDecision? Shadow { get; init; }

    /// <summary>Gets the record: canonical JSON (RFC 8785), the same bytes on every machine.</summary>
    public ReadOnlyMemory<byte> Record { get; internal set; }
}
