using System.Text.Json;
using Probity.Contracts.Problems;
using Probity.Contracts.Screening;
using Probity.Server.Access;
using Probity.Server.Access.Approval;
using Probity.Server.Access.Approvals;
using Probity.Server.Hosting.Problems;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Screening.Lists;

/// <summary>Makes a version live for a caller: at once while nobody else could decide, else once a second person has
/// agreed.</summary>
internal sealed class ListActivation(ListDesk desk, IApprovalGate gate)
{
    /// <summary>Activates, or asks. Exactly one of the two results is set.</summary>
    /// <exception cref="ProblemException">See <see cref="ListDesk.ActivateAsync"/>.</exception>
    public async Task<(ListVersionView? Done, string? ApprovalId)> AskAsync(
        string list, string versionId, string? reason, Caller caller, AccessEntry entry,
        CancellationToken cancellationToken)
    {
        var wanted = new ActivationPayload(list, versionId);
        var answer = await gate.AskAsync(
            new GatedAction(
                ActivateListAction.Name, new EntryTarget("screening_list", list),
                JsonSerializer.Serialize(wanted, ApprovalJson.Options), reason ?? "a new version of the list"),
            caller, cancellationToken);
        return answer is GateAnswer.Waiting waiting
            ? (null, waiting.ApprovalId)
            : (await desk.ActivateAsync(
                list, versionId, reason,
                entry with { IsAlone = await gate.IsAloneAsync(caller, cancellationToken) }, cancellationToken), null);
    }
}

/// <summary>What the second person agrees to. A version is immutable, so its id says what it holds.</summary>
internal sealed record ActivationPayload(string List, string VersionId);

/// <summary>Makes live what was agreed to.</summary>
internal sealed class ActivateListAction(Lazy<ListDesk> desk, ActiveLists active, ILogger<ActivateListAction> log)
    : IApprovedAction
{
    public const string Name = "screening.list.activate";

    public string Action => Name;

    public string MakerPermission => Permission.ManageLists;

    public async Task ExecuteAsync(
        UnitOfWork work, ApprovedRequest request, AccessEntry entry, CancellationToken cancellationToken)
    {
        var agreed = JsonSerializer.Deserialize<ActivationPayload>(request.Payload, ApprovalJson.Options)
            ?? throw new ProblemException(ErrorCodes.RequestMalformed);
        await desk.Value.ApplyActivateAsync(work, agreed.List, agreed.VersionId, null, entry, cancellationToken);
    }

    // Reading a list takes seconds, and the one who agreed should not wait; the sweep repeats it if it fails.
    public void Executed() => _ = Task.Run(async () =>
    {
        try
        {
            await active.RefreshAsync(CancellationToken.None);
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            log.SweepFailed(fault);
        }
    });
}
