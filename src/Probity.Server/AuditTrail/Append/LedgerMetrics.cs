using System.Diagnostics.Metrics;

namespace Probity.Server.AuditTrail.Append;

/// <summary>What the append path tells Prometheus. No label carries an id.</summary>
internal sealed class LedgerMetrics : IDisposable
{
    private static readonly double[] s_seconds = [.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10];

    private readonly Meter _meter = new("Probity.Ledger");
    private readonly Counter<long> _appended;
    private readonly Counter<long> _commits;
    private readonly Counter<long> _failed;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _integrity;
    private readonly Histogram<double> _duration;

    public LedgerMetrics()
    {
        _appended = _meter.CreateCounter<long>("probity_ledger_appended_entries", description: "Entries committed");
        _commits = _meter.CreateCounter<long>("probity_ledger_commits", description: "Commits");
        _failed = _meter.CreateCounter<long>("probity_ledger_commit_failures", description: "Commits that failed");
        _refused = _meter.CreateCounter<long>("probity_ledger_refused_requests", description: "Refused: queue full");
        _integrity = _meter.CreateCounter<long>(
            "probity_ledger_integrity_failures", description: "Times the stored log contradicted itself");
        _duration = _meter.CreateHistogram<double>(
            "probity_ledger_append_duration",
            "s",
            "From the start of a commit to its durable end",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = s_seconds });
    }

    public void Committed(IReadOnlyList<AppendRequest> batch, TimeSpan elapsed)
    {
        var entries = 0;
        foreach (var request in batch)
        {
            entries += request.Entries.Count;
        }

        _appended.Add(entries);
        _commits.Add(1);
        _duration.Record(elapsed.TotalSeconds);
    }

    public void CommitFailed() => _failed.Add(1);

    public void Refused() => _refused.Add(1);

    public void IntegrityFailed() => _integrity.Add(1);

    public void ObserveQueue(Func<long> entries) => _meter.CreateObservableGauge(
        "probity_ledger_queued_entries", entries, description: "Entries that wait for a commit");

    public void Dispose() => _meter.Dispose();
}
