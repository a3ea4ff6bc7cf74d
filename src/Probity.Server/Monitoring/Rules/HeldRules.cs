using Microsoft.EntityFrameworkCore;
using Probity.Monitoring.Rules;
using Probity.Server.Access;
using Probity.Server.Cases;
using Probity.Server.Monitoring.Decisions;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Monitoring.Rules;

/// <summary>
/// Makes a draft again of what was agreed to against another set than the one that is live, and raises an alert about
/// it: better as soon as that is so than on the day the rules were to be live. Thread safe.
/// </summary>
internal sealed class HeldRules(IDatabase database, Lazy<ILedgerWriter> ledger, AlertDesk alerts, TimeProvider time)
{
    /// <summary>Looks once.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        await using (var db = database.CreateContext())
        {
            if (!await db.Set<RuleSetRow>().AnyAsync(row => row.Status == RuleSetRow.Approved, cancellationToken))
            {
                return;
            }
        }

        try
        {
            await HoldAsync(cancellationToken);
        }
        catch (Exception raced) when (CommitRaces.IsRace(raced))
        {
            // Another request, node or decision was first; it is looked at again.
        }
    }

    private async Task HoldAsync(CancellationToken cancellationToken)
    {
        await using var work = new UnitOfWork(database, ledger.Value);
        var entry = new AccessEntry(Caller.Server.ToActor(), null, time);
        var isHeld = false;
        foreach (var row in await work.Db.Set<RuleSetRow>().Where(item => item.Status == RuleSetRow.Approved)
            .OrderBy(item => item.Id).ToListAsync(cancellationToken))
        {
            if (await RuleLineage.BehindAsync(work.Db, row, cancellationToken) is not { } live)
            {
                continue;
            }

            isHeld = true;
            row.Status = RuleSetRow.Draft;
            var draft = entry.Draft(
                MonitoringEvents.RulesHeld, "monitoring.rules.hold", "system_configuration_changed",
                new EntryTarget("monitoring_rule_set", row.Id), ("base", row.BaseId), ("live", live));
            work.Record(draft, row);
            await alerts.RaiseAsync(work, Alert(row.Id, draft.Id), entry, cancellationToken);
        }

        if (isHeld)
        {
            await work.CommitAsync(cancellationToken);
        }
    }

    private static NewAlert Alert(string id, string evidence) => new()
    {
        Source = DecisionAlerts.Source,
        Kind = "rules_held",
        FoldKey = "held " + id,
        Subject = new EntryTarget("monitoring_rule_set", id),
        Severity = Severity.High.ToString().ToLowerInvariant(),
        Route = FloodGuard.Route,
        Evidence = evidence,
    };
}
