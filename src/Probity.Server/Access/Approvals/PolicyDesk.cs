using System.Text.Json;
using Probity.Contracts.Access;
using Probity.Server.Access.Approval;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Access.Approvals;

/// <summary>Changes policies, through the gate that they govern.</summary>
internal sealed class PolicyDesk(IDatabase database, Lazy<ILedgerWriter> ledger, IApprovalGate gate, ApprovalPolicies policies)
{
    /// <summary>Changes a policy, or asks for it. Exactly one of the two results is set.</summary>
    public async Task<(ApprovalPolicyView? Done, string? ApprovalId)> SetAsync(
        string action, SetApprovalPolicy wanted, Caller caller, AccessEntry entry, CancellationToken cancellationToken)
    {
        policies.Action(action);
        ApprovalPolicies.Check(wanted);
        var reason = ApprovalDesk.CheckReason(wanted.Reason);
        var gated = new GatedAction(
            ApprovalActions.SetPolicy, new EntryTarget("approval_policy", action), JsonSerializer.Serialize(wanted, ApprovalJson.Options), reason);
        if (await gate.AskAsync(gated, caller, cancellationToken) is GateAnswer.Waiting waiting)
        {
            return (null, waiting.ApprovalId);
        }

        await using var work = new UnitOfWork(database, ledger.Value);
        var alone = entry with { Reason = new EntryReason { Text = reason }, IsAlone = true };
        await SetPolicyAction.ApplyAsync(work, action, wanted, alone, cancellationToken);
        await work.CommitAsync(cancellationToken);
        await using var db = database.CreateContext();
        return ((await policies.ListAsync(db, cancellationToken)).Single(p => p.Action == action), null);
    }
}
