using System.Globalization;
using Probity.Server.AuditTrail.Verification;
using Probity.Server.Hosting.Health;

namespace Probity.Server.AuditTrail.Health;

/// <summary>Whether the stored log was read again and found sound not too long ago.</summary>
internal sealed class VerifierReadiness(VerificationState state, TimeProvider time) : IReadinessCheck
{
    /// <summary>The longest a full pass may take (architecture 4.6).</summary>
    public static readonly TimeSpan MostAge = TimeSpan.FromDays(7);

    public string Name => "verifier";

    public Task<Readiness> CheckAsync(CancellationToken cancellationToken) => Task.FromResult(Look());

    private Readiness Look()
    {
        if (state.Finding is { } finding)
        {
            return new Readiness(ReadinessStatus.Failed, finding);
        }

        if (state.LastSuccess is not { } last)
        {
            return new Readiness(ReadinessStatus.Degraded, "no full pass has ended since the start");
        }

        return time.GetUtcNow() - last <= MostAge
            ? Readiness.Ok
            : new Readiness(ReadinessStatus.Degraded, string.Create(
                CultureInfo.InvariantCulture, $"the last full pass ended {last:yyyy-MM-ddTHH:mm:ssZ}"));
    }
}
