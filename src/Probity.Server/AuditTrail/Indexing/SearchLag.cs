using System.Diagnostics.Metrics;
using Probity.Server.Storage.Followers;

namespace Probity.Server.AuditTrail.Indexing;

/// <summary>How far the search index is behind the log, for answers and for Prometheus. Thread safe.</summary>
internal sealed class SearchLag : IDisposable
{
    private readonly Meter _meter = new("Probity.Search");
    private readonly FollowerLoop _follower;

    public SearchLag(FollowerLoop follower)
    {
        _follower = follower;
        _meter.CreateObservableGauge(
            "probity_search_index_lag_events", () => follower.Lag, description: "Events that cannot be found yet");
        _meter.CreateObservableGauge(
            "probity_search_index_lag_seconds", () => Seconds,
            description: "Time since every event could be found; 0 while all can");
    }

    /// <summary>Seconds since the index had everything there was; 0 while it has.</summary>
    public double Seconds => Math.Round(_follower.LagTime.TotalSeconds, 3);

    public void Dispose() => _meter.Dispose();
}
