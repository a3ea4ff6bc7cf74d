using Probity.Monitoring;

namespace Probity.Server.Monitoring.Decisions;

/// <summary>A step as its entry tells it.</summary>
internal abstract record Step
{
    private Step()
    {
    }

    /// <summary>The place of the entry in the ledger.</summary>
    public required long Seq { get; init; }

    /// <summary>When the entry was recorded.</summary>
    public required DateTimeOffset RecordedAt { get; init; }

    /// <summary>A transaction and its decision.</summary>
    /// <param name="Number">Its number.</param>
    /// <param name="Transaction">What was judged.</param>
    /// <param name="Facts">What was known of the parties.</param>
    /// <param name="Record">The record of the decision, canonical JSON.</param>
    internal sealed record Decided(long Number, Transaction Transaction, PartyFacts Facts, byte[] Record) : Step;

    /// <summary>A transaction that counts no more.</summary>
    internal sealed record Reversed(long Number, TransactionKey Key) : Step;

    /// <summary>Rules that went live.</summary>
    internal sealed record Activated(long Number, ActiveRules Rules) : Step;

    /// <summary>A step whose content cannot be opened any more: its person was erased.</summary>
    internal sealed record Erased(long Number) : Step;
}

/// <summary>What an exchange of rules went over to: enough to compute its decisions again.</summary>
/// <param name="RuleSetId">The set.</param>
/// <param name="Digest">As <c>RuleSet.Digest</c>.</param>
/// <param name="Documents">The rules.</param>
/// <param name="Book">SHA-256 of the reference data.</param>
/// <param name="Options">How the engine judged.</param>
internal sealed record ActiveRules(
    string RuleSetId, string Digest, IReadOnlyList<StoredDocument> Documents, string Book, MonitoringOptions Options);
