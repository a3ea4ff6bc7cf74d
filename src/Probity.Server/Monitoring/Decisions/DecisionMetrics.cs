using System.Diagnostics.Metrics;
using Probity.Monitoring;

namespace Probity.Server.Monitoring.Decisions;

/// <summary>Figures of decisions. Labels are outcomes, so they are bounded.</summary>
internal sealed class DecisionMetrics
{
    public const string MeterName = "Probity.Monitoring";

    private readonly Counter<long> _decisions;
    private readonly Counter<long> _alerts;
    private readonly Counter<long> _failures;

    public DecisionMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _decisions = meter.CreateCounter<long>("probity_monitoring_decisions", description: "Decisions stored");
        _alerts = meter.CreateCounter<long>(
            "probity_monitoring_alerts", description: "Decisions that ask for an alert");
        _failures = meter.CreateCounter<long>(
            "probity_monitoring_commit_failures", description: "Batches of decisions that were taken back");
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
