using Microsoft.EntityFrameworkCore;
using Probity.Server.AuditTrail.Query.Filters;
using Probity.Server.Storage.Auditing;

namespace Probity.Server.Custody.Retention;

/// <summary>One row of <c>retention_policy</c>: one version of how long events of a type are kept. Never
/// changed.</summary>
internal sealed class RetentionPolicyRow
{
    /// <summary><c>rtp_</c> and a UUIDv7.</summary>
    public required string Id { get; init; }

    /// <summary>The type of event, or <c>*</c> for those without a policy of their own.</summary>
    public required string EventType { get; init; }

    /// <summary>From 1; the highest one is in force.</summary>
    public required int Version { get; init; }

    /// <summary>Days, or calendar years such as <c>7y</c>.</summary>
    public required string Period { get; init; }

    /// <summary>The action of the event from which time is counted for the same target; null for the recording
    /// itself.</summary>
    public string? CountedFrom { get; init; }

    /// <summary>The legal ground.</summary>
    public required string Basis { get; init; }

    public required string SetBy { get; init; }

    public required DateTimeOffset SetAt { get; init; }

    public static void Configure(ModelBuilder model) => model.Entity<RetentionPolicyRow>(map =>
    {
        map.ToTable("retention_policy");
        map.HasKey(row => row.Id);
        map.Audited();
    });
}

/// <summary>One row of <c>legal_hold</c>: what may not go, whatever its time. Released, never removed.</summary>
internal sealed class LegalHoldRow
{
    public const string OfSubject = "subject";
    public const string OfAction = "action";
    public const string OfCase = "case";
    public const string All = "all";

    /// <summary><c>hld_</c> and a UUIDv7.</summary>
    public required string Id { get; init; }

    /// <summary>The proceeding it is for.</summary>
    public required string Matter { get; init; }

    /// <summary>subject, action, case or all.</summary>
    public required string Scope { get; init; }

    /// <summary>The type of the person; null for other scopes.</summary>
    public string? SubjectType { get; init; }

    /// <summary>The person's id, the action (<c>payment.*</c> for all below), or the case; empty for all.</summary>
    public required string Value { get; init; }

    public required string Reason { get; init; }

    public required string PlacedBy { get; init; }

    public required DateTimeOffset PlacedAt { get; init; }

    public string? ReleasedBy { get; set; }

    public DateTimeOffset? ReleasedAt { get; set; }

    /// <summary>The filter that an action or all below it matches.</summary>
    public static FilterNode ActionNode(string value) => value.EndsWith('*')
        ? new PrefixNode(FilterField.Action, value[..^1])
        : new ValueNode(FilterField.Action, value);

    public static void Configure(ModelBuilder model) => model.Entity<LegalHoldRow>(map =>
    {
        map.ToTable("legal_hold");
        map.HasKey(row => row.Id);
        map.Audited();
    });
}

/// <summary>One row of <c>purge_run</c>: a purge from its request to its end.</summary>
internal sealed class PurgeRunRow
{
    public const string Asked = "asked";
    public const string Running = "running";
    public const string Complete = "complete";
    public const string Withdrawn = "withdrawn";

    /// <summary><c>prg_</c> and a UUIDv7.</summary>
    public required string Id { get; init; }

    public required string State { get; set; }

    /// <summary>Only entries below this number.</summary>
    public required long BeforeSeq { get; init; }

    /// <summary>Whose time was over then.</summary>
    public required DateTimeOffset AsOf { get; init; }

    public required string Reason { get; init; }

    public required string RequestedBy { get; init; }

    public string? ApprovalId { get; set; }

    public string? Approvers { get; set; }

    public required long Purged { get; set; }

    public required long Held { get; set; }

    /// <summary>The first entry not looked at yet.</summary>
    public required long NextSeq { get; set; }

    public DateTimeOffset? StartedAt { get; set; }

    public DateTimeOffset? CompletedAt { get; set; }

    public static void Configure(ModelBuilder model) => model.Entity<PurgeRunRow>(map =>
    {
        map.ToTable("purge_run");
        map.HasKey(row => row.Id);
        map.Audited();
    });
}

/// <summary>One row of <c>ledger_purge</c>: a run of entries that a purge entry names, and that may go
/// therefore.</summary>
internal sealed class LedgerPurgeRow
{
    public required long FirstSeq { get; init; }

    public required long LastSeq { get; init; }

    /// <summary>The purge entry.</summary>
    public required string EntryId { get; init; }

    public static void Configure(ModelBuilder model) => model.Entity<LedgerPurgeRow>(map =>
    {
        map.ToTable("ledger_purge");
        map.HasKey(row => row.FirstSeq);
        map.Operational("Says what a purge entry says, for the triggers; written in the commit of that entry.");
    });
}

/// <summary>One row of <c>blob_purge</c>: a blob of a purged entry.</summary>
internal sealed class BlobPurgeRow
{
    public required byte[] Sha256 { get; init; }

    public static void Configure(ModelBuilder model) => model.Entity<BlobPurgeRow>(map =>
    {
        map.ToTable("blob_purge");
        map.HasKey(row => row.Sha256);
        map.Operational("Follows from the purged entry; written in the commit of the purge entry.");
    });
}
