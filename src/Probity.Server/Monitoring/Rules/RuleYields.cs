using Microsoft.EntityFrameworkCore;
using Probity.Server.Cases;
using Probity.Server.Monitoring.Decisions;
using Probity.Server.Storage;

namespace Probity.Server.Monitoring.Rules;

/// <summary>What a rule brought: how many decisions raised its alert, and what became of the alerts.</summary>
/// <param name="Decisions">Decisions that raised an alert for it, or counted on one.</param>
/// <param name="Alerts">Alerts, repeats folded.</param>
/// <param name="Open">Of these, not decided.</param>
/// <param name="Escalated">Of these, handed on.</param>
/// <param name="Closed">Of these, closed.</param>
/// <param name="Shadow">Decisions without an alert that would have had one for it while it ran in shadow.</param>
internal sealed record RuleYield(long Decisions, long Alerts, long Open, long Escalated, long Closed, long Shadow)
{
    public static RuleYield None { get; } = new(0, 0, 0, 0, 0, 0);
}

/// <summary>Counts what rules brought. Thread safe.</summary>
internal sealed class RuleYields(IDatabase database)
{
    /// <summary>The yield of every rule that ever raised an alert, or would have in shadow, by its name.</summary>
    public async Task<IReadOnlyDictionary<string, RuleYield>> ReadAsync(CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        var decisions = await db.Set<StepRow>().AsNoTracking().Where(row => row.AlertRule != null)
            .GroupBy(row => row.AlertRule!).Select(group => new { group.Key, Count = group.LongCount() })
            .ToListAsync(cancellationToken);
        var shadows = await db.Set<StepRow>().AsNoTracking().Where(row => row.ShadowRule != null)
            .GroupBy(row => row.ShadowRule!).Select(group => new { group.Key, Count = group.LongCount() })
            .ToDictionaryAsync(item => item.Key, item => item.Count, StringComparer.Ordinal, cancellationToken);
        var counts = decisions.ToDictionary(item => item.Key, item => item.Count, StringComparer.Ordinal);
        var alerts = await db.Set<AlertRow>().AsNoTracking().Where(alert => alert.Source == DecisionAlerts.Source)
            .Join(
                db.Set<StepRow>().AsNoTracking(), alert => alert.Reference, row => row.TransactionId,
                (alert, row) => new { row.AlertRule, alert.Status })
            .Where(item => item.AlertRule != null).GroupBy(item => new { item.AlertRule, item.Status })
            .Select(group => new { group.Key.AlertRule, group.Key.Status, Count = group.LongCount() })
            .ToListAsync(cancellationToken);
        long Of(string rule, string? status) =>
            alerts.Where(item => item.AlertRule == rule && (status is null || item.Status == status))
                .Sum(item => item.Count);
        return counts.Keys.Union(shadows.Keys, StringComparer.Ordinal).ToDictionary(
            rule => rule,
            rule => new RuleYield(
                counts.GetValueOrDefault(rule), Of(rule, null), Of(rule, AlertRow.Open), Of(rule, AlertRow.Escalated),
                Of(rule, AlertRow.Closed), shadows.GetValueOrDefault(rule)),
            StringComparer.Ordinal);
    }
}
