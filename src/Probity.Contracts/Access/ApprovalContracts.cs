using System.Text.Json;

namespace Probity.Contracts.Access;

/// <summary>A request that waits, or waited, for another person.</summary>
public sealed record ApprovalView
{
    /// <summary><c>apr_</c> and a UUIDv7.</summary>
    public required string Id { get; init; }

    /// <summary>What was asked for, for example <c>access.grant.give</c>.</summary>
    public required string Action { get; init; }

    /// <summary>The kind of what it is done to.</summary>
    public required string TargetType { get; init; }

    /// <summary>The id of what it is done to.</summary>
    public required string TargetId { get; init; }

    /// <summary>What would be done, exactly.</summary>
    public required JsonElement Payload { get; init; }

    /// <summary>SHA-256 of the payload's canonical JSON, in hex: whoever approves repeats it.</summary>
    public required string PayloadSha256 { get; init; }

    /// <summary>The caller that asked.</summary>
    public required string MakerId { get; init; }

    /// <summary>The person behind that caller; null when none is known.</summary>
    public required string? MakerPersonId { get; init; }

    /// <summary>The name of the caller that asked.</summary>
    public required string MakerName { get; init; }

    /// <summary>Why it was asked for.</summary>
    public required string Reason { get; init; }

    /// <summary>When it was asked for.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Until when it can be decided; of a review the day it is due.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary><c>pending</c>, <c>rejected</c>, <c>expired</c>, <c>withdrawn</c>, <c>executed</c> or <c>failed</c>.</summary>
    public required string State { get; init; }

    /// <summary>How many people must agree.</summary>
    public required int CheckersNeeded { get; init; }

    /// <summary>The permission that deciding takes.</summary>
    public required string CheckerPermission { get; init; }

    /// <summary>What was decided so far, oldest first.</summary>
    public required IReadOnlyList<ApprovalDecisionView> Decisions { get; init; }

    /// <summary>When it was closed; null while it is pending.</summary>
    public required DateTimeOffset? DecidedAt { get; init; }

    /// <summary>The id of the entry that tells of the execution; null when it was not executed.</summary>
    public required string? ExecutedEntryId { get; init; }

    /// <summary>Why the execution was refused; null when it was not.</summary>
    public required string? Failure { get; init; }

    /// <summary>Whether the one who asks now may decide it.</summary>
    public required bool CanDecide { get; init; }
}

/// <summary>One person's decision.</summary>
/// <param name="CheckerId">The caller that decided.</param>
/// <param name="PersonId">The person behind it.</param>
/// <param name="Name">The caller's name.</param>
/// <param name="Verdict"><c>approved</c> or <c>rejected</c>.</param>
/// <param name="Reason">Why.</param>
/// <param name="DecidedAt">When.</param>
public sealed record ApprovalDecisionView(
    string CheckerId, string PersonId, string Name, string Verdict, string Reason, DateTimeOffset DecidedAt);

/// <summary>One page of approvals, newest first.</summary>
/// <param name="Approvals">The approvals.</param>
/// <param name="NextPageToken">Where the next page starts; null at the end.</param>
public sealed record ApprovalList(IReadOnlyList<ApprovalView> Approvals, string? NextPageToken);

/// <summary>What <c>POST /api/v1/approvals/{id}:approve</c> takes.</summary>
public sealed record ApproveRequest
{
    /// <summary>The <c>payload_sha256</c> of what was looked at.</summary>
    public required string PayloadSha256 { get; init; }

    /// <summary>Why, 1 to 1,000 characters.</summary>
    public required string Reason { get; init; }
}

/// <summary>What rejecting and withdrawing take.</summary>
public sealed record ReasonRequest
{
    /// <summary>Why, 1 to 1,000 characters.</summary>
    public required string Reason { get; init; }
}

/// <summary>How an action is approved.</summary>
public sealed record ApprovalPolicyView
{
    /// <summary>The action.</summary>
    public required string Action { get; init; }

    /// <summary>What the action is.</summary>
    public required string Meaning { get; init; }

    /// <summary>How many people must agree, 1 to 5.</summary>
    public required int Checkers { get; init; }

    /// <summary>The permission that deciding takes.</summary>
    public required string Permission { get; init; }

    /// <summary>After how many hours a request ends, 1 to 720.</summary>
    public required int ExpiryHours { get; init; }

    /// <summary>Whether the policy is the one that comes with the server.</summary>
    public required bool IsDefault { get; init; }
}

/// <summary>All policies, by action.</summary>
/// <param name="Policies">The policies.</param>
public sealed record ApprovalPolicyList(IReadOnlyList<ApprovalPolicyView> Policies);

/// <summary>What <c>PUT /api/v1/approval-policies/{action}</c> takes.</summary>
public sealed record SetApprovalPolicy
{
    /// <summary>How many people must agree, 1 to 5.</summary>
    public required int Checkers { get; init; }

    /// <summary>The permission that deciding takes.</summary>
    public required string Permission { get; init; }

    /// <summary>After how many hours a request ends, 1 to 720.</summary>
    public required int ExpiryHours { get; init; }

    /// <summary>Why, 1 to 1,000 characters.</summary>
    public required string Reason { get; init; }
}
