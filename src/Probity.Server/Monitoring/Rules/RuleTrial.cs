using System.Text.Json;
using Probity.Monitoring;
using Probity.Server.Monitoring.Decisions;

namespace Probity.Server.Monitoring.Rules;

/// <summary>Judges stored transactions by other rules and counts what would have been different.</summary>
internal sealed class RuleTrial(MonitoringEngine engine, int mostShown)
{
    private readonly SortedDictionary<string, int> _byRule = new(StringComparer.Ordinal);
    private DateTimeOffset? _first;
    private DateTimeOffset? _last;

    public int Transactions { get; private set; }

    /// <summary>Alerts that were raised.</summary>
    public int AlertsBefore { get; private set; }

    /// <summary>Alerts that these rules would have raised.</summary>
    public int Alerts { get; private set; }

    /// <summary>Decisions whose outcome would have been another one.</summary>
    public int OtherOutcomes { get; private set; }

    /// <summary>Decisions without an alert that would have one if the rules in shadow were live too.</summary>
    public int ShadowAlerts { get; private set; }

    /// <summary>How often each rule would have added to a decision; those in shadow would, were they live.</summary>
    public IReadOnlyDictionary<string, int> ByRule => _byRule;

    /// <summary>Numbers of transactions with an alert only under these rules; the first ones.</summary>
    public List<long> Gained { get; } = [];

    /// <summary>Numbers of transactions with an alert only under the rules of their day; the first ones.</summary>
    public List<long> Lost { get; } = [];

    /// <summary>Alerts a day of event time; 0 without transactions.</summary>
    public decimal AlertsADay => _first is { } first && _last is { } last
        ? decimal.Round(Alerts / Math.Max(1m, (decimal)(last - first).TotalDays), 2)
        : 0;

    /// <summary>Takes a step; one outside the time asked for is history only.</summary>
    public void Take(Step step, bool isAskedFor)
    {
        switch (step)
        {
            case Step.Decided decided:
                if (engine.Submit(decided.Transaction, decided.Facts) is JudgeResult.Decided { Decision: var decision }
                    && isAskedFor)
                {
                    Count(decided, decision);
                }

                break;
            case Step.Reversed reversed:
                engine.Reverse(reversed.Key);
                break;
            default:
                engine.TakeNumber();
                break;
        }

        engine.Commit();
    }

    private void Count(Step.Decided stored, Decision decision)
    {
        using var record = JsonDocument.Parse(stored.Record);
        var hadAlert = record.RootElement.GetProperty("alert").GetBoolean();
        var hasAlert = decision.Alert is not null;
        Transactions++;
        AlertsBefore += hadAlert ? 1 : 0;
        Alerts += hasAlert ? 1 : 0;
        OtherOutcomes +=
            record.RootElement.GetProperty("outcome").GetString() == Outcomes.Wire(decision.Outcome) ? 0 : 1;
        ShadowAlerts += decision is { Alert: null, Shadow.Alert: not null } ? 1 : 0;
        foreach (var contribution in decision.Contributions.Concat(decision.Shadow?.Contributions ?? []))
        {
            _byRule[contribution.Rule] = _byRule.GetValueOrDefault(contribution.Rule) + 1;
        }

        var list = hasAlert && !hadAlert ? Gained : hadAlert && !hasAlert ? Lost : null;
        if (list?.Count < mostShown)
        {
            list.Add(stored.Number);
        }

        var at = stored.Transaction.OccurredAt;
        _first = _first is null || at < _first ? at : _first;
        _last = _last is null || at > _last ? at : _last;
    }
}
