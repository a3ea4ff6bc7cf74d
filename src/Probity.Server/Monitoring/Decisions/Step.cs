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

    /// <summary>When the entry was recorded; the default where it came from a pack and nobody asks.</summary>
    public required DateTimeOffset RecordedAt { get; init; }

    /// <summary>What the content is sealed under in the ledger: a stored key; null when it is plain, or came from a
    /// pack.</summary>
    public string? ContentKey { get; init; }

    /// <summary>The number.</summary>
    public abstract long Number { get; init; }

    /// <summary>A transaction and its decision.</summary>
    /// <param name="Number">Its number.</param>
    /// <param name="Transaction">What was judged.</param>
    /// <param name="Facts">What was known of the parties.</param>
    /// <param name="Record">The record of the decision, canonical JSON.</param>
    internal sealed record Decided(long Number, Transaction Transaction, PartyFacts Facts, byte[] Record) : Step
    {
        /// <inheritdoc/>
        public override long Number { get; init; } = Number;
    }

    /// <summary>A transaction that counts no more.</summary>
    internal sealed record Reversed(long Number, TransactionKey Key) : Step
    {
        /// <inheritdoc/>
        public override long Number { get; init; } = Number;
    }

    /// <summary>Rules that went live.</summary>
    internal sealed record Activated(long Number, ActiveRules Rules) : Step
    {
        /// <inheritdoc/>
        public override long Number { get; init; } = Number;
    }

    /// <summary>A step whose content cannot be opened any more: its person was erased.</summary>
    internal sealed record Erased(long Number) : Step
    {
        /// <inheritdoc/>
        public override long Number { get; init; } = Number;
    }
}

/// <summary>What is known of the entry of a step before its content is read.</summary>
/// <param name="Seq">Its place.</param>
/// <param name="RecordedAt">When it was recorded.</param>
/// <param name="Type">Its type.</param>
/// <param name="ContentKey">What the content is sealed under.</param>
/// <param name="WithRecord">Whether the record is wanted.</param>
internal readonly record struct StepHead(
    long Seq, DateTimeOffset RecordedAt, string Type, string? ContentKey, bool WithRecord);

/// <summary>What an exchange of rules went over to: enough to compute its decisions again.</summary>
/// <param name="RuleSetId">The set.</param>
/// <param name="Digest">As <c>RuleSet.Digest</c>.</param>
/// <param name="Documents">The rules.</param>
/// <param name="Book">SHA-256 of the reference data.</param>
/// <param name="Options">How the engine judged.</param>
internal sealed record ActiveRules(
    string RuleSetId, string Digest, IReadOnlyList<StoredDocument> Documents, string Book, MonitoringOptions Options);
