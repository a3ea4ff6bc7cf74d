using Microsoft.EntityFrameworkCore;
using Probity.Contracts.Access;
using Probity.Contracts.Problems;
using Probity.Server.Hosting.Problems;
using Probity.Server.Storage;

namespace Probity.Server.Access.Approvals;

/// <summary>The policy of each action: the row that was agreed to, else the one that comes with the server.</summary>
internal sealed class ApprovalPolicies(IEnumerable<ApprovalAction> more)
{
    public const int MaxCheckers = 5;
    public const int MaxHours = 720;
    private readonly Dictionary<string, ApprovalAction> _actions =
        ApprovalActions.Known.Concat(more).ToDictionary(a => a.Name, StringComparer.Ordinal);

    /// <summary>An action of this name.</summary>
    /// <exception cref="ProblemException">access.approval_action_unknown.</exception>
    public ApprovalAction Action(string name) =>
        _actions.GetValueOrDefault(name) ?? throw new ProblemException(ErrorCodes.AccessApprovalActionUnknown);

    public bool IsReview(string name) => _actions.GetValueOrDefault(name)?.IsReview == true;

    public IReadOnlyList<string> Reviews => [.. _actions.Values.Where(a => a.IsReview).Select(a => a.Name)];

    public async Task<ApprovalPolicy> FindAsync(ProbityDb db, string action, CancellationToken cancellationToken)
    {
        var known = Action(action);
        var row = await db.Set<ApprovalPolicyRow>().AsNoTracking().SingleOrDefaultAsync(p => p.Action == action, cancellationToken);
        return row is null ? known.DefaultPolicy : new ApprovalPolicy(row.Action, row.Checkers, row.Permission, row.ExpiryHours);
    }

    public async Task<IReadOnlyList<ApprovalPolicyView>> ListAsync(ProbityDb db, CancellationToken cancellationToken)
    {
        var rows = await db.Set<ApprovalPolicyRow>().AsNoTracking().ToDictionaryAsync(p => p.Action, cancellationToken);
        return [.. _actions.Values.OrderBy(a => a.Name, StringComparer.Ordinal).Select(a =>
        {
            var row = rows.GetValueOrDefault(a.Name);
            return new ApprovalPolicyView
            {
                Action = a.Name,
                Meaning = a.Meaning,
                Checkers = row?.Checkers ?? a.Checkers,
                Permission = row?.Permission ?? a.Permission,
                ExpiryHours = row?.ExpiryHours ?? a.ExpiryHours,
                IsDefault = row is null,
            };
        })];
    }

    /// <exception cref="ProblemException">request.bad_field, with each fault.</exception>
    public static void Check(SetApprovalPolicy policy)
    {
        var faults = new List<ProblemFault>();
        if (policy.Checkers is < 1 or > MaxCheckers)
        {
            faults.Add(new("/checkers", ErrorCodes.RequestBadField.Code, "Give 1 to 5 people."));
        }

        if (!Permission.IsKnown(policy.Permission))
        {
            faults.Add(new("/permission", ErrorCodes.AccessUnknownPermission.Code, "No permission has this name."));
        }

        if (policy.ExpiryHours is < 1 or > MaxHours)
        {
            faults.Add(new("/expiry_hours", ErrorCodes.RequestBadField.Code, "Give 1 to 720 hours."));
        }

        if (faults.Count > 0)
        {
            throw new ProblemException(ErrorCodes.RequestBadField) { Faults = faults };
        }
    }
}
