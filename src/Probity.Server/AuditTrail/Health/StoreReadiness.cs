using Probity.Server.AuditTrail.Stores;
using Probity.Server.Hosting.Health;

namespace Probity.Server.AuditTrail.Health;

/// <summary>Whether the store answers a read.</summary>
internal sealed class StoreReadiness(ILedgerStore store) : IReadinessCheck
{
    public string Name => "store";

    public async Task<Readiness> CheckAsync(CancellationToken cancellationToken) =>
        await store.ReadHeadAsync(cancellationToken) is null
            ? new Readiness(ReadinessStatus.Failed, "the head of the ledger is not there")
            : Readiness.Ok;
}
