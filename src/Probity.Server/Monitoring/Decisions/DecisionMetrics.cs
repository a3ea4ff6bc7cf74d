using System.Diagnostics;
using System.Diagnostics.Metrics;
using Probity.Monitoring;

namespace Probity.Server.Monitoring.Decisions;

/// <summary>Figures of decisions. Labels are outcomes, so they are bounded.</summary>
internal sealed class DecisionMetrics
{
    public const string MeterName = "Probity.Monitoring";

    private static readonly double[] s_seconds =
        [.00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1];

    private static readonly int[] s_jobs = [1, 2, 4, 8, 16, 32, 64, 128, 256];

    private readonly Counter<long> _decisions;
    private readonly Counter<long> _alerts;
    private readonly Counter<long> _failures;
    private readonly Histogram<double> _stages;
    private readonly Histogram<int> _jobs;

    public DecisionMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _decisions = meter.CreateCounter<long>("probity_monitoring_decisions", description: "Decisions stored");
        _alerts = meter.CreateCounter<long>(
            "probity_monitoring_alerts", description: "Decisions that ask for an alert");
        _failures = meter.CreateCounter<long>(
            "probity_monitoring_commit_failures", description: "Batches of decisions that were taken back");
        _stages = meter.CreateHistogram(
            "probity_monitoring_turn_duration", "s",
            "Stages of a turn: facts and judge for what came together, entries and commit for all of it",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = s_seconds });
        _jobs = meter.CreateHistogram(
            "probity_monitoring_turn_jobs", description: "Jobs that were judged and committed together",
            advice: new InstrumentAdvice<int> { HistogramBucketBoundaries = s_jobs });
    }

    public void Decided(Decision decision)
    {
        _decisions.Add(1, new KeyValuePair<string, object?>("outcome", Outcomes.Wire(decision.Outcome)));
        if (decision.Alert is not null)
        {
            _alerts.Add(1);
        }
    }

    public void CommitFailed() => _failures.Add(1);

    /// <summary>Notes how long a stage took.</summary>
    /// <param name="stage">One of four words.</param>
    /// <param name="started">When it began.</param>
    /// <returns>When the next one begins.</returns>
    public long Stage(string stage, long started)
    {
        var now = Stopwatch.GetTimestamp();
        _stages.Record(
            Stopwatch.GetElapsedTime(started, now).TotalSeconds, new KeyValuePair<string, object?>("stage", stage));
        return now;
    }

    /// <summary>Notes how many jobs a turn had.</summary>
    public void Turn(int jobs) => _jobs.Record(jobs);
}

/// <summary>Outcomes as the API and the rows write them.</summary>
internal static class Outcomes
{
    public static string Wire(DecisionOutcome outcome) => outcome switch
    {
        DecisionOutcome.Approve => "approve",
        DecisionOutcome.Review => "review",
        DecisionOutcome.Block => "block",
        _ => throw new ArgumentOutOfRangeException(nameof(outcome)),
    };
}
