using System.Text.Json;
using Probity.Contracts.Access;

namespace Probity.Server.Access.Approvals;

/// <summary>Approvals as the API shows them.</summary>
internal static class ApprovalViews
{
    public static ApprovalView Of(ApprovalRow row, Caller caller, DateTimeOffset now, bool isReview)
    {
        var decisions = row.DecisionList;
        using var payload = JsonDocument.Parse(row.Payload);
        return new ApprovalView
        {
            Id = row.Id,
            Action = row.Action,
            TargetType = row.TargetType,
            TargetId = row.TargetId,
            Payload = payload.RootElement.Clone(),
            PayloadSha256 = row.PayloadSha256,
            MakerId = row.MakerId,
            MakerPersonId = row.MakerPerson,
            MakerName = row.MakerName,
            Reason = row.Reason,
            CreatedAt = row.CreatedAt,
            ExpiresAt = row.ExpiresAt,
            // The sweep comes every minute; what has ended is told as ended before that.
            State = row.State == ApprovalRow.Pending && row.ExpiresAt <= now && !isReview ? ApprovalRow.Expired : row.State,
            CheckersNeeded = row.CheckersNeeded,
            CheckerPermission = row.CheckerPermission,
            Decisions = [.. decisions.Select(d => new ApprovalDecisionView(d.CheckerId, d.PersonId, d.Name, d.Verdict, d.Reason, d.At))],
            DecidedAt = row.DecidedAt,
            ExecutedEntryId = row.ExecutedEntry,
            Failure = row.Failure,
            CanDecide = row.State == ApprovalRow.Pending && (isReview || row.ExpiresAt > now) && MayDecide(row, caller)
                && decisions.All(d => d.PersonId != caller.PersonId),
        };
    }

    /// <summary>Whether the caller could be the checker, as far as it shows without looking at who gave the role.</summary>
    public static bool MayDecide(ApprovalRow row, Caller caller) => caller.PersonId is not null
        && caller.Has(Permission.DecideApprovals) && caller.Has(row.CheckerPermission) && !MakerCheck.IsMaker(row, caller);
}
