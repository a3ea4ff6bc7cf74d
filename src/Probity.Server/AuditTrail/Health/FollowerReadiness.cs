using System.Globalization;
using Probity.Server.Hosting.Health;
using Probity.Server.Storage.Followers;

namespace Probity.Server.AuditTrail.Health;

/// <summary>Whether the search index keeps up; behind it, new events are stored and proven but not yet found.</summary>
internal sealed class FollowerReadiness(FollowerLoop follower) : IReadinessCheck
{
    /// <summary>How long it may be behind without a word.</summary>
    public static readonly TimeSpan MostLag = TimeSpan.FromSeconds(60);

    public string Name => "search_index";

    public Task<Readiness> CheckAsync(CancellationToken cancellationToken)
    {
        var behind = follower.LagTime;
        if (behind <= MostLag)
        {
            return Task.FromResult(Readiness.Ok);
        }

        var held = follower.Fault is { } fault ? $", held up at entry {fault.Seq} by {fault.Error}" : "";
        return Task.FromResult(new Readiness(ReadinessStatus.Degraded, string.Create(
            CultureInfo.InvariantCulture, $"{follower.Lag} events, {behind.TotalSeconds:F0} s behind{held}")));
    }
}
