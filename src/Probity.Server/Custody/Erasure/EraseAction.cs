using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Probity.Contracts.Problems;
using Probity.Server.Access;
using Probity.Server.Access.Approvals;
using Probity.Server.Hosting.Problems;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Custody.Erasure;

/// <summary>Erases what was agreed to, in the commit of the last decision; queues it while something comes
/// first.</summary>
internal sealed class EraseAction(ErasureDesk desk, ErasureSignal signal) : IApprovedAction
{
    public string Action => ApprovalActions.RunErasure;

    public string MakerPermission => Permission.ManageErasures;

    public async Task ExecuteAsync(UnitOfWork work, ApprovedRequest request, AccessEntry entry,
        CancellationToken cancellationToken)
    {
        using var payload = JsonDocument.Parse(request.Payload);
        var id = payload.RootElement.GetProperty("erasure_id").GetString();
        var row = await work.Db.Set<ErasureRow>().SingleOrDefaultAsync(e => e.Id == id, cancellationToken)
            ?? throw new ProblemException(ErrorCodes.CustodyNotFound);
        await desk.RunAsync(work, row, await Approvers.OfAsync(work.Db, request.ApprovalId, cancellationToken),
            entry, cancellationToken);
    }

    public void Executed() => signal.Set();
}

/// <summary>Wakes the sweep that finishes erasures. Thread safe.</summary>
internal sealed class ErasureSignal : IDisposable
{
    private readonly SemaphoreSlim _work = new(0, 1);

    public void Set()
    {
        try
        {
            _work.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is awake already.
        }
    }

    /// <summary>Completes when there is work, or after a while; false when it was only the time.</summary>
    public Task<bool> WaitAsync(TimeSpan longest, CancellationToken cancellationToken) =>
        _work.WaitAsync(longest, cancellationToken);

    public void Dispose() => _work.Dispose();
}
