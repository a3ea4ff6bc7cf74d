using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Probity.Server.Storage.Auditing;

namespace Probity.Server.Monitoring;

/// <summary>
/// One row of <c>monitoring_step</c>: what took a number. An index over entries; it names no person and no account.
/// </summary>
internal sealed class StepRow
{
    public const string Transaction = "transaction";
    public const string Reversal = "reversal";
    public const string Rules = "rules";

    /// <summary>The place in the order of arrival, 1 and up without a gap.</summary>
    public required long Number { get; init; }

    public required string Kind { get; init; }

    /// <summary><c>txn_</c> and a UUIDv7 for a transaction; null for another step.</summary>
    public string? TransactionId { get; init; }

    /// <summary>The entry that holds the step.</summary>
    public required string EntryId { get; init; }

    public required DateTimeOffset RecordedAt { get; init; }

    public DateTimeOffset? OccurredAt { get; init; }

    public string? Type { get; init; }

    /// <summary>Exact decimal text.</summary>
    public string? Amount { get; init; }

    public string? Currency { get; init; }

    /// <summary>approve, review or block.</summary>
    public string? Outcome { get; init; }

    /// <summary>In millionths.</summary>
    public int? Score { get; init; }

    /// <summary>The rule an alert is raised for; null without one.</summary>
    public string? AlertRule { get; init; }

    /// <summary>The rule an alert would be raised for if the rules in shadow were live, where there is none so; null
    /// else.</summary>
    public string? ShadowRule { get; init; }

    /// <summary>The number of what is reversed; null for another step.</summary>
    public long? Reverses { get; init; }

    /// <summary>The set of rules that went live; null for another step.</summary>
    public string? RuleSetId { get; init; }

    public static void Configure(ModelBuilder model) => model.Entity<StepRow>(map =>
    {
        map.ToTable("monitoring_step");
        map.HasKey(row => row.Number);
        map.Property(row => row.Number).ValueGeneratedNever();
        map.HasIndex(row => row.TransactionId).IsUnique();
        map.Operational("An index over entries: the entry it names holds the step and is written in the same commit.");
    });
}

/// <summary>One row of <c>monitoring_rule_set</c>: rules that are judged by together.</summary>
internal sealed class RuleSetRow
{
    public const string Prefix = "rls_";
    public const string Draft = "draft";
    public const string Approved = "approved";
    public const string Active = "active";

    public required string Id { get; init; }

    /// <summary>As <c>RuleSet.Digest</c>.</summary>
    public required string Digest { get; init; }

    public required string Note { get; init; }

    /// <summary>JSON array of {origin, sha256}.</summary>
    public required string Documents { get; init; }

    /// <summary>SHA-256 of the reference data.</summary>
    public required string Book { get; init; }

    public required string BookVersion { get; init; }

    /// <summary>
    /// draft, approved (goes live at its time) or active (went live; the newest step says which one is).
    /// </summary>
    public required string Status { get; set; }

    /// <summary>From when it is to be live; null while nobody asked.</summary>
    public DateTimeOffset? ActiveFrom { get; set; }

    /// <summary>
    /// The set that was live when this one was drawn from it, or when going back to this one was agreed to; it goes
    /// live only while that one still is. Null where it was drawn from none and takes the place of whatever is live.
    /// </summary>
    public string? BaseId { get; set; }

    public required string MadeBy { get; init; }

    public required DateTimeOffset MadeAt { get; init; }

    public IReadOnlyList<StoredDocument> DocumentList() =>
        JsonSerializer.Deserialize<List<StoredDocument>>(Documents, JsonSerializerOptions.Web) ?? [];

    public static string Join(IReadOnlyList<StoredDocument> documents) =>
        JsonSerializer.Serialize(documents, JsonSerializerOptions.Web);

    public static void Configure(ModelBuilder model) => model.Entity<RuleSetRow>(map =>
    {
        map.ToTable("monitoring_rule_set");
        map.HasKey(row => row.Id);
        map.Audited();
    });
}

/// <summary>A document of a set.</summary>
/// <param name="Origin">Where it came from, for messages.</param>
/// <param name="Sha256">The key of its content.</param>
internal sealed record StoredDocument(string Origin, string Sha256);

/// <summary>One row of <c>monitoring_content</c>: a document under the SHA-256 of its bytes.</summary>
internal sealed class ContentRow
{
    public required string Sha256 { get; init; }

    public required byte[] Json { get; init; }

    public static void Configure(ModelBuilder model) => model.Entity<ContentRow>(map =>
    {
        map.ToTable("monitoring_content");
        map.HasKey(row => row.Sha256);
        map.Operational("Content under its own hash, which entries and audited rows name; checked on every read.");
    });
}
