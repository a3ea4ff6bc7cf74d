using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Probity.Contracts.Access;
using Probity.Contracts.Problems;
using Probity.Server.Hosting.Problems;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Access.Approvals;

/// <summary>Changes how an action is approved; itself an action that is approved.</summary>
internal sealed class SetPolicyAction : IApprovedAction
{
    public string Action => ApprovalActions.SetPolicy;

    public string MakerPermission => Permission.ManagePolicies;

    public async Task ExecuteAsync(UnitOfWork work, ApprovedRequest request, AccessEntry entry, CancellationToken cancellationToken)
    {
        var wanted = JsonSerializer.Deserialize<SetApprovalPolicy>(request.Payload, ApprovalJson.Options) ?? throw new ProblemException(ErrorCodes.RequestMalformed);
        await ApplyAsync(work, request.TargetId, wanted, entry, cancellationToken);
    }

    /// <summary>Adds the change and its entry to a unit of work.</summary>
    public static async Task ApplyAsync(
        UnitOfWork work, string action, SetApprovalPolicy wanted, AccessEntry entry, CancellationToken cancellationToken)
    {
        ApprovalPolicies.Check(wanted);
        var row = await work.Db.Set<ApprovalPolicyRow>().SingleOrDefaultAsync(p => p.Action == action, cancellationToken);
        if (row is null)
        {
            row = new ApprovalPolicyRow
            {
                Action = action,
                Checkers = wanted.Checkers,
                Permission = wanted.Permission,
                ExpiryHours = wanted.ExpiryHours,
            };
            work.Add(row);
        }
        else if ((row.Checkers, row.Permission, row.ExpiryHours) == (wanted.Checkers, wanted.Permission, wanted.ExpiryHours))
        {
            throw new ProblemException(ErrorCodes.AccessApprovalOutdated, "The policy is as wanted already.");
        }
        else
        {
            (row.Checkers, row.Permission, row.ExpiryHours) = (wanted.Checkers, wanted.Permission, wanted.ExpiryHours);
        }

        work.Record(
            entry.Draft(
                ApprovalEvents.PolicySet, ApprovalActions.SetPolicy, "privilege_permissions_changed",
                new EntryTarget("approval_policy", action), ("action", action)),
            row);
    }
}
