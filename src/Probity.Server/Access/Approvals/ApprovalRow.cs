using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Probity.Server.Storage.Auditing;

namespace Probity.Server.Access.Approvals;

/// <summary>One row of <c>approval</c>: who asks for what, and what came of it. Rows are never removed.</summary>
internal sealed class ApprovalRow
{
    public const string Pending = "pending";
    public const string Rejected = "rejected";
    public const string Expired = "expired";
    public const string Withdrawn = "withdrawn";
    public const string Executed = "executed";
    public const string Failed = "failed";

    /// <summary><c>apr_</c> and a UUIDv7.</summary>
    public required string Id { get; init; }

    public required string Action { get; init; }

    public required string TargetType { get; init; }

    public required string TargetId { get; init; }

    /// <summary>Canonical JSON of what would be done.</summary>
    public required string Payload { get; init; }

    /// <summary>SHA-256 of <see cref="Payload"/>, in hex.</summary>
    public required string PayloadSha256 { get; init; }

    public required string MakerId { get; init; }

    /// <summary>Null when no person is known behind the maker: then one checker more is needed.</summary>
    public string? MakerPerson { get; init; }

    public required string MakerName { get; init; }

    public required string Reason { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public required string State { get; set; }

    public required int CheckersNeeded { get; init; }

    public required string CheckerPermission { get; init; }

    /// <summary>JSON list of <see cref="ApprovalDecision"/>, oldest first.</summary>
    public required string Decisions { get; set; }

    public DateTimeOffset? DecidedAt { get; set; }

    /// <summary>The entry of the execution.</summary>
    public string? ExecutedEntry { get; set; }

    /// <summary>Why it could not be done any more.</summary>
    public string? Failure { get; set; }

    public IReadOnlyList<ApprovalDecision> DecisionList => JsonSerializer.Deserialize<List<ApprovalDecision>>(Decisions) ?? [];

    public void Add(ApprovalDecision decision) => Decisions = JsonSerializer.Serialize(DecisionList.Append(decision));

    public void Close(string state, DateTimeOffset now) => (State, DecidedAt) = (state, now);

    public static void Configure(ModelBuilder model) => model.Entity<ApprovalRow>(map =>
    {
        map.ToTable("approval");
        map.HasKey(row => row.Id);
        map.Ignore(row => row.DecisionList);
        map.Audited();
    });
}

/// <summary>What one person decided.</summary>
internal sealed record ApprovalDecision(
    string CheckerId, string PersonId, string Name, string Verdict, string Reason, DateTimeOffset At);

/// <summary>One row of <c>approval_policy</c>: a policy that differs from the one the server brings.</summary>
internal sealed class ApprovalPolicyRow
{
    public required string Action { get; init; }

    public required int Checkers { get; set; }

    public required string Permission { get; set; }

    public required int ExpiryHours { get; set; }

    public static void Configure(ModelBuilder model) => model.Entity<ApprovalPolicyRow>(map =>
    {
        map.ToTable("approval_policy");
        map.HasKey(row => row.Action);
        map.Audited();
    });
}
