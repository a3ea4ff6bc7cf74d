using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Probity.Server.Storage.Auditing;

namespace Probity.Server.Custody.Erasure;

/// <summary>One row of <c>erasure</c>: who is to be forgotten, and how far it has come. Rows are never
/// removed.</summary>
internal sealed class ErasureRow
{
    /// <summary>Waits for the second person.</summary>
    public const string Asked = "asked";

    /// <summary>Agreed to; waits for a retention period or a hold to end.</summary>
    public const string Queued = "queued";

    /// <summary>The keys are destroyed; what was derived from the data is still being cleared.</summary>
    public const string Destroyed = "destroyed";

    /// <summary>Done and certified.</summary>
    public const string Complete = "complete";

    /// <summary>Declined, withdrawn or expired.</summary>
    public const string Withdrawn = "withdrawn";

    /// <summary><c>era_</c> and a UUIDv7.</summary>
    public required string Id { get; init; }

    /// <summary>The person as keys and entries name them: a digest.</summary>
    public required string Subject { get; init; }

    public required string SubjectType { get; init; }

    /// <summary>The person's id; null once it is done, when only the digest is kept.</summary>
    public string? SubjectId { get; set; }

    public required string State { get; set; }

    public required string Reason { get; init; }

    public required string RequestedBy { get; init; }

    public required DateTimeOffset RequestedAt { get; init; }

    /// <summary>From when it may be done; null when no date is known, or now.</summary>
    public DateTimeOffset? DueAt { get; set; }

    /// <summary>What comes first, with its legal ground; null when nothing does.</summary>
    public string? Ground { get; set; }

    /// <summary>The answer to the person while something comes first.</summary>
    public string? Letter { get; set; }

    public string? ApprovalId { get; set; }

    /// <summary>JSON list of <see cref="Approver"/>; null before it was agreed to.</summary>
    public string? Approvers { get; set; }

    public DateTimeOffset? DestroyedAt { get; set; }

    /// <summary>JSON list of the ids of the keys destroyed.</summary>
    public string? Keys { get; set; }

    /// <summary>The entry that says so.</summary>
    public string? ExecutedEntry { get; set; }

    public DateTimeOffset? CompletedAt { get; set; }

    /// <summary>The certificate; null before it is complete.</summary>
    public string? Certificate { get; set; }

    public static void Configure(ModelBuilder model) => model.Entity<ErasureRow>(map =>
    {
        map.ToTable("erasure");
        map.HasKey(row => row.Id);
        map.Audited();
    });
}

/// <summary>Someone who asked for or agreed to something that takes two.</summary>
internal sealed record Approver(string Id, string Name, string Role)
{
    public static string ToJson(IEnumerable<Approver> approvers) => JsonSerializer.Serialize(approvers);

    public static IReadOnlyList<Approver> FromJson(string? json) =>
        json is null ? [] : JsonSerializer.Deserialize<List<Approver>>(json) ?? [];
}
