using Probity.Server.Storage.Commits;

namespace Probity.Server.Access.Approvals;

/// <summary>The entries of approvals: each names the maker, everyone who decided, and every reason.</summary>
internal static class ApprovalEntries
{
    public static EntryDraft Draft(AccessEntry entry, string type, ApprovalRow row, string? reason)
    {
        var about = entry with { Reason = reason is null ? entry.Reason : new EntryReason { Text = reason } };
        return about.Draft(
            type, row.Action, "privilege_permissions_changed", new EntryTarget(row.TargetType, row.TargetId),
            ("approval", row.Id),
            ("payload_sha256", row.PayloadSha256),
            ("maker", new { id = row.MakerId, person = row.MakerPerson, reason = row.Reason, asked_at = Storage.Instants.ToText(row.CreatedAt) }),
            ("checkers", row.DecisionList.Select(d => new
            {
                id = d.CheckerId,
                person = d.PersonId,
                verdict = d.Verdict,
                reason = d.Reason,
                decided_at = Storage.Instants.ToText(d.At),
            })),
            ("failure", row.Failure));
    }
}
