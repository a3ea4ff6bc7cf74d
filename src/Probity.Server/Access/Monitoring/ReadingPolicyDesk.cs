using System.Globalization;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Probity.Contracts.Access;
using Probity.Contracts.Problems;
using Probity.Server.Access.Approval;
using Probity.Server.Access.Approvals;
using Probity.Server.Access.Users;
using Probity.Server.Hosting.Problems;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Access.Monitoring;

/// <summary>Changes working hours and the reads that need a reason, through the gate.</summary>
internal sealed class ReadingPolicyDesk(
    IDatabase database, Lazy<ILedgerWriter> ledger, IApprovalGate gate, ReadingPolicies policies)
{
    public const string Set = "probity.access.reading_policy_set";

    /// <summary>Changes the policy, or asks for it. Exactly one of the two results is set.</summary>
    public async Task<(ReadingPolicyView? Done, string? ApprovalId)> SetAsync(
        ReadingPolicyView wanted, Caller caller, AccessEntry entry, CancellationToken cancellationToken)
    {
        Check(wanted);
        var reason = ApprovalDesk.CheckReason(wanted.Reason);
        var gated = new GatedAction(
            ApprovalActions.SetReadingPolicy, new EntryTarget("reading_policy", ReadingPolicyRow.TheId), JsonSerializer.Serialize(wanted, ApprovalJson.Options), reason);
        if (await gate.AskAsync(gated, caller, cancellationToken) is GateAnswer.Waiting waiting)
        {
            return (null, waiting.ApprovalId);
        }

        await using var work = new UnitOfWork(database, ledger.Value);
        var alone = entry with { Reason = new EntryReason { Text = reason }, IsAlone = true };
        await ApplyAsync(work, wanted, alone, cancellationToken);
        await work.CommitAsync(cancellationToken);
        policies.Forget();
        return (View(await policies.CurrentAsync(cancellationToken)), null);
    }

    /// <summary>Adds the change and its entry to a unit of work.</summary>
    public static async Task ApplyAsync(UnitOfWork work, ReadingPolicyView wanted, AccessEntry entry, CancellationToken cancellationToken)
    {
        Check(wanted);
        var days = string.Join(' ', wanted.WorkDays.Distinct().Order().Select(d => d.ToString(CultureInfo.InvariantCulture)));
        var reasons = string.Join(' ', wanted.ReasonFor.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
        var row = await work.Db.Set<ReadingPolicyRow>().SingleOrDefaultAsync(cancellationToken);
        if (row is null)
        {
            row = new ReadingPolicyRow
            {
                Id = ReadingPolicyRow.TheId,
                WorkFrom = wanted.WorkFrom,
                WorkTo = wanted.WorkTo,
                WorkDays = days,
                ReasonFor = reasons,
            };
            work.Add(row);
        }
        else if ((row.WorkFrom, row.WorkTo, row.WorkDays, row.ReasonFor) == (wanted.WorkFrom, wanted.WorkTo, days, reasons))
        {
            throw new ProblemException(ErrorCodes.AccessApprovalOutdated, "The policy is as wanted already.");
        }
        else
        {
            (row.WorkFrom, row.WorkTo, row.WorkDays, row.ReasonFor) = (wanted.WorkFrom, wanted.WorkTo, days, reasons);
        }

        work.Record(
            entry.Draft(Set, ApprovalActions.SetReadingPolicy, "privilege_permissions_changed", new EntryTarget("reading_policy", row.Id)), row);
    }

    public static ReadingPolicyView View(ReadingPolicy policy) => new()
    {
        WorkFrom = policy.WorkFrom,
        WorkTo = policy.WorkTo,
        WorkDays = policy.WorkDays,
        ReasonFor = policy.ReasonFor,
    };

    private static void Check(ReadingPolicyView wanted)
    {
        if (wanted.WorkFrom < 0 || wanted.WorkTo > 24 * 60 || wanted.WorkFrom >= wanted.WorkTo)
        {
            throw UserRefusal.Field("/work_to", "Give 0 ≤ work_from < work_to ≤ 1440 minutes.");
        }

        if (wanted.WorkDays.Any(d => d is < 1 or > 7))
        {
            throw UserRefusal.Field("/work_days", "Give days 1 (Monday) to 7 (Sunday).");
        }

        if (wanted.ReasonFor.Any(r => r is not (ReadingPolicy.Exports or ReadingPolicy.Searches or ReadingPolicy.Reads)))
        {
            throw UserRefusal.Field("/reason_for", "Give some of exports, searches, reads.");
        }
    }
}

/// <summary>Changes the policy as was agreed to.</summary>
internal sealed class SetReadingPolicyAction(ReadingPolicies policies) : IApprovedAction
{
    public string Action => ApprovalActions.SetReadingPolicy;

    public string MakerPermission => Permission.ManagePolicies;

    public Task ExecuteAsync(UnitOfWork work, ApprovedRequest request, AccessEntry entry, CancellationToken cancellationToken) =>
        ReadingPolicyDesk.ApplyAsync(
            work, JsonSerializer.Deserialize<ReadingPolicyView>(request.Payload, ApprovalJson.Options) ?? throw new ProblemException(ErrorCodes.RequestMalformed),
            entry, cancellationToken);

    public void Executed() => policies.Forget();
}
