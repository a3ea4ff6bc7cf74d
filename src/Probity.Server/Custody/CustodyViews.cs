using System.Text.Json;
using Probity.Server.Custody.Backup;
using Probity.Server.Custody.Erasure;
using Probity.Server.Custody.Retention;

namespace Probity.Server.Custody;

/// <summary>Requests for erasure.</summary>
internal sealed record ErasureList(IReadOnlyList<ErasureView> Erasures);

/// <summary>A request for erasure; the person's id only while it is not done.</summary>
internal sealed record ErasureView
{
    public required string Id { get; init; }

    public required string Subject { get; init; }

    public required string SubjectType { get; init; }

    public string? SubjectId { get; init; }

    /// <summary>asked, queued, destroyed, complete or withdrawn.</summary>
    public required string State { get; init; }

    public required string Reason { get; init; }

    public required string RequestedBy { get; init; }

    public required DateTimeOffset RequestedAt { get; init; }

    /// <summary>From when it may be done; null when no date is known, or now.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>What comes first; null when nothing does.</summary>
    public string? Ground { get; init; }

    public string? ApprovalId { get; init; }

    public required IReadOnlyList<string> Approvers { get; init; }

    public DateTimeOffset? DestroyedAt { get; init; }

    public required IReadOnlyList<string> Keys { get; init; }

    public string? ExecutedEntryId { get; init; }

    public DateTimeOffset? CompletedAt { get; init; }

    public required bool HasLetter { get; init; }

    public required bool HasCertificate { get; init; }

    public static ErasureView Of(ErasureRow row) => new()
    {
        Id = row.Id,
        Subject = row.Subject,
        SubjectType = row.SubjectType,
        SubjectId = row.SubjectId,
        State = row.State,
        Reason = row.Reason,
        RequestedBy = row.RequestedBy,
        RequestedAt = row.RequestedAt,
        DueAt = row.DueAt,
        Ground = row.Ground,
        ApprovalId = row.ApprovalId,
        Approvers = [.. Approver.FromJson(row.Approvers).Select(a => a.Id)],
        DestroyedAt = row.DestroyedAt,
        Keys = row.Keys is null ? [] : JsonSerializer.Deserialize<List<string>>(row.Keys) ?? [],
        ExecutedEntryId = row.ExecutedEntry,
        CompletedAt = row.CompletedAt,
        HasLetter = row.Letter is not null,
        HasCertificate = row.Certificate is not null,
    };
}

/// <summary>Policies in force.</summary>
internal sealed record RetentionPolicyList(IReadOnlyList<RetentionPolicyView> Policies);

/// <summary>How long events of one type are kept.</summary>
internal sealed record RetentionPolicyView(string EventType, int Version, string Period, string? CountedFrom,
    string Basis)
{
    public static RetentionPolicyView Of(RetentionPolicy policy) =>
        new(policy.EventType, policy.Version, policy.Period.ToString(), policy.CountedFrom, policy.Basis);
}

/// <summary>Legal holds.</summary>
internal sealed record LegalHoldList(IReadOnlyList<LegalHoldView> Holds);

/// <summary>A legal hold; released when <see cref="ReleasedAt"/> is set.</summary>
internal sealed record LegalHoldView(
    string Id, string Matter, string Scope, string? SubjectType, string Value, string Reason, string PlacedBy,
        DateTimeOffset PlacedAt,
    string? ReleasedBy, DateTimeOffset? ReleasedAt)
{
    public static LegalHoldView Of(LegalHoldRow row) => new(
        row.Id, row.Matter, row.Scope, row.SubjectType, row.Value, row.Reason, row.PlacedBy, row.PlacedAt,
            row.ReleasedBy,
        row.ReleasedAt);
}

/// <summary>Purges.</summary>
internal sealed record PurgeRunList(IReadOnlyList<PurgeRunView> Purges);

/// <summary>A purge: asked, running, complete or withdrawn.</summary>
internal sealed record PurgeRunView(
    string Id, string State, long BeforeSeq, DateTimeOffset AsOf, string Reason, string RequestedBy, string? ApprovalId,
    IReadOnlyList<string> Approvers, long Purged, long Held, DateTimeOffset? StartedAt, DateTimeOffset? CompletedAt)
{
    public static PurgeRunView Of(PurgeRunRow row) => new(
        row.Id, row.State, row.BeforeSeq, row.AsOf, row.Reason, row.RequestedBy, row.ApprovalId,
        [.. Approver.FromJson(row.Approvers).Select(a => a.Id)], row.Purged, row.Held, row.StartedAt, row.CompletedAt);
}

/// <summary>Backups that were made.</summary>
internal sealed record BackupList(IReadOnlyList<BackupView> Backups);

/// <summary>A backup.</summary>
internal sealed record BackupView(
    string Id, string Name, DateTimeOffset CreatedAt, long Size, string Root, long Bytes, string Sha256,
        DateTimeOffset ExpiresAt,
    string CreatedBy)
{
    public static BackupView Of(BackupSetRow row) => new(
        row.Id, row.Name, row.CreatedAt, row.Size, row.Root, row.Bytes, row.Sha256, row.ExpiresAt, row.CreatedBy);
}

/// <summary>What <c>POST /api/v1/backups</c> takes.</summary>
internal sealed record CreateBackup
{
    /// <summary>After how many days the file will have been deleted, 1 to 3,650.</summary>
    public int KeepDays { get; init; } = BackupDesk.DefaultKeepDays;
}
