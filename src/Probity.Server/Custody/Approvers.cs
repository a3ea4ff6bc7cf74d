using Microsoft.EntityFrameworkCore;
using Probity.Server.Access.Approvals;
using Probity.Server.Custody.Erasure;
using Probity.Server.Storage;

namespace Probity.Server.Custody;

/// <summary>Who stood behind an approval: the maker and everyone who agreed.</summary>
internal static class Approvers
{
    public static async Task<IReadOnlyList<Approver>> OfAsync(ProbityDb db, string approvalId,
        CancellationToken cancellationToken)
    {
        // Inside the last decision the row is tracked, that decision included.
        var row = await db.Set<ApprovalRow>().SingleAsync(a => a.Id == approvalId, cancellationToken);
        return
        [
            new Approver(row.MakerPerson ?? row.MakerId, row.MakerName, "maker"),
            .. row.DecisionList.Where(d => d.Verdict == "approved")
                .Select(d => new Approver(d.PersonId, d.Name, "checker")),
        ];
    }

    /// <summary>As an entry's <c>data</c> names them: ids only, since that stays in clear.</summary>
    public static IReadOnlyList<Dictionary<string, string>> InClear(IEnumerable<Approver> approvers) =>
        [.. approvers.Select(a => new Dictionary<string, string> { ["id"] = a.Id, ["role"] = a.Role })];
}
