using Microsoft.EntityFrameworkCore;
using Probity.Monitoring.Rules;
using Probity.Server.Access;
using Probity.Server.Cases;
using Probity.Server.Monitoring.Decisions;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Monitoring.Rules;

/// <summary>
/// Pauses a rule that floods: one that raises so many alerts that nobody can look at them, as a mistake in a rule or a
/// feed does. It looks every minute; the rule is taken out of the set in force by a set of its own, an alert tells
/// whoever keeps the rules, and the set before comes back the usual way, with a second person. Thread safe.
/// </summary>
internal sealed class FloodGuard(
    IDatabase database, Lazy<ILedgerWriter> ledger, Lazy<RuleDesk> desk, AlertDesk alerts, TimeProvider time,
    ILogger<FloodGuard> log) : BackgroundService
{
    /// <summary>Decisions with its alert in an hour from which a rule may flood.</summary>
    public const int LeastAlerts = 500;

    /// <summary>It floods when at least one decision in so many has its alert.</summary>
    public const int OneIn = 10;

    /// <summary>The most steps of the hour that are looked at, the newest.</summary>
    public const int MostLookedAt = 50_000;

    /// <summary>The queue the alert goes to.</summary>
    public const string Route = "rules";

    /// <summary>Steps of one question, which keeps a processor for a millisecond.</summary>
    private const int Piece = 2_000;

    private static readonly TimeSpan s_pause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_rest = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan s_window = TimeSpan.FromHours(1);

    /// <summary>Looks once.</summary>
    /// <returns>The names of the rules that were paused; empty as a rule.</returns>
    public async Task<IReadOnlyList<string>> LookAsync(CancellationToken cancellationToken)
    {
        var paused = new List<string>();
        foreach (var (rule, count) in await FloodsAsync(cancellationToken))
        {
            if (await PauseAsync(rule, count, cancellationToken))
            {
                paused.Add(rule);
            }
        }

        if (paused.Count > 0)
        {
            await desk.Value.GoLiveAsync(cancellationToken);
        }

        return paused;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_pause, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                log.GuardFailed(fault); // It looks again in a minute.
            }
        }
    }

    // Only what the set in force has decided counts: a rule that was paused floods no more.
    private async Task<IReadOnlyList<(string Rule, int Count)>> FloodsAsync(CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        var since = time.GetUtcNow() - s_window;
        var from = await db.Set<StepRow>().AsNoTracking().Where(row => row.Kind == StepRow.Rules)
            .OrderByDescending(row => row.Number).Select(row => row.Number).FirstOrDefaultAsync(cancellationToken);
        var newest = await db.Set<StepRow>().AsNoTracking().MaxAsync(row => (long?)row.Number, cancellationToken);
        from = Math.Max(from, (newest ?? 0) - MostLookedAt);
        var (all, found) = (0L, new Dictionary<string, int>(StringComparer.Ordinal));
        for (var after = from; after < newest; after += Piece)
        {
            var end = after + Piece;
            var steps = db.Set<StepRow>().AsNoTracking().Where(row => row.Kind == StepRow.Transaction
                && row.Number > after && row.Number <= end && row.RecordedAt >= since);
            foreach (var group in await steps.GroupBy(row => row.AlertRule)
                .Select(group => new { Rule = group.Key, Count = group.Count() }).ToListAsync(cancellationToken))
            {
                all += group.Count;
                if (group.Rule is { } rule)
                {
                    found[rule] = found.GetValueOrDefault(rule) + group.Count;
                }
            }

            await Task.Delay(s_rest, TimeProvider.System, cancellationToken);
        }

        return [.. found.Where(item => item.Value >= LeastAlerts && (long)item.Value * OneIn >= all)
            .Select(item => (item.Key, item.Value))];
    }

    private async Task<bool> PauseAsync(string rule, int count, CancellationToken cancellationToken)
    {
        await using var work = new UnitOfWork(database, ledger.Value);
        var entry = new AccessEntry(Caller.Server.ToActor(), null, time);
        RuleSetRow? row = null;
        try
        {
            row = await desk.Value.WithoutAsync(work, rule, entry, cancellationToken);
        }
        catch (Hosting.Problems.ProblemException refused)
        {
            log.CannotPause(refused); // Another rule asks for its score: a person must decide.
        }

        var draft = entry.Draft(
            MonitoringEvents.RulePaused, "monitoring.rules.pause", "system_configuration_changed",
            new EntryTarget("monitoring_rule", rule), ("alerts_in_the_hour", count), ("is_paused", row is not null));
        if (row is null)
        {
            work.Record(draft);
        }
        else
        {
            work.Record(draft, row);
        }

        await alerts.RaiseAsync(work, Alert(rule, draft.Id), entry, cancellationToken);
        await work.CommitAsync(cancellationToken);
        return row is not null;
    }

    private static NewAlert Alert(string rule, string evidence) => new()
    {
        Source = DecisionAlerts.Source,
        Kind = "rule_flood",
        FoldKey = "flood " + RuleLibrary.KeyOf(System.Text.Encoding.UTF8.GetBytes(rule)),
        Subject = new EntryTarget("monitoring_rule", rule),
        Severity = Severity.High.ToString().ToLowerInvariant(),
        Route = Route,
        Evidence = evidence,
    };
}

internal static partial class FloodLog
{
    [LoggerMessage(1, LogLevel.Error, "The guard against floods of alerts could not look; it looks again")]
    public static partial void GuardFailed(this ILogger log, Exception fault);

    [LoggerMessage(2, LogLevel.Warning, "A rule floods and cannot be paused, since another asks for its score")]
    public static partial void CannotPause(this ILogger log, Exception fault);
}
