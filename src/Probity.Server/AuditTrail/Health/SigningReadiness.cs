using Probity.Server.AuditTrail.Append;
using Probity.Server.Hosting.Health;

namespace Probity.Server.AuditTrail.Health;

/// <summary>Whether entries are still signed; after an integrity failure nothing is, until someone has looked into it.</summary>
internal sealed class SigningReadiness(LedgerWriter writer) : IReadinessCheck
{
    public string Name => "signing";

    public Task<Readiness> CheckAsync(CancellationToken cancellationToken) => Task.FromResult(
        writer.Stopped is { } reason ? new Readiness(ReadinessStatus.Failed, "stopped: " + reason) : Readiness.Ok);
}
