using Probity.Monitoring.Rules;

namespace Probity.Monitoring.Worlds;

/// <summary>What a budget of alerts a day found.</summary>
/// <param name="AlertsADay">The budget.</param>
/// <param name="Alerts">Alerts raised in all; one is an account on a day.</param>
/// <param name="TrueAlerts">Those whose transaction was laundering.</param>
/// <param name="RingsAlerted">Rings with an alert.</param>
/// <param name="RingsInTime">Rings of two transfers and more with an alert before their last one.</param>
/// <param name="MedianHours">Median hours from the first transfer of an alerted ring to its first alert.</param>
/// <param name="ByTypology">For each typology: rings, those alerted, those alerted in time.</param>
public sealed record BudgetFigures(
    int AlertsADay, int Alerts, int TrueAlerts, int RingsAlerted, int RingsInTime, double MedianHours,
    IReadOnlyDictionary<string, (int Rings, int Alerted, int InTime)> ByTypology);

/// <summary>What one rule matched, whatever the budget.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Alerts">Accounts on a day that it matched.</param>
/// <param name="TrueAlerts">Those of laundering.</param>
/// <param name="Rings">Rings it matched.</param>
public sealed record RuleFigures(string Rule, int Alerts, int TrueAlerts, int Rings);

/// <summary>How well a set of rules finds the rings of a world.</summary>
/// <param name="Transactions">Transactions judged.</param>
/// <param name="LaunderingTransactions">Those of rings.</param>
/// <param name="Rings">Rings.</param>
/// <param name="RingsOfTwoOrMore">Rings that can be alerted before their last transfer.</param>
/// <param name="Budgets">By alerts a day.</param>
/// <param name="Rules">By rule.</param>
/// <param name="Cycles">Rings of the world's own time-ordered cycles.</param>
/// <param name="CyclesFound">Those that a rule of the pattern <c>cycle</c> matched.</param>
/// <param name="Audit">What single features would reach.</param>
public sealed record DetectionFigures(
    long Transactions, long LaunderingTransactions, int Rings, int RingsOfTwoOrMore,
    IReadOnlyList<BudgetFigures> Budgets, IReadOnlyList<RuleFigures> Rules, int Cycles, int CyclesFound,
    IReadOnlyList<AuditedFeature> Audit);

/// <summary>
/// Judges a world and holds the alerts against the truth. Alerts are ranked by the sum of their contributions; those of
/// one rank are drawn by lot from the seed, since a queue has no better order for them.
/// </summary>
public static class DetectionReport
{
    private static readonly int[] s_budgets = [10, 20, 50, 100, 200];

    /// <summary>Judges all of a world; takes as long as the engine needs for it.</summary>
    public static DetectionFigures Run(World world, RuleSet rules, MonitoringOptions options)
    {
        ArgumentNullException.ThrowIfNull(world);
        var engine = new MonitoringEngine(rules, options);
        var audit = new WorldAudit();
        var first = new DateTimeOffset(world.FirstRingDay, TimeOnly.MinValue, TimeSpan.Zero);
        var candidates = new List<Candidate>();
        var (judged, laundering) = (0L, 0L);
        foreach (var item in world.Events())
        {
            var facts = world.FactsOf(item.Transaction);
            var decision = ((JudgeResult.Decided)engine.Submit(item.Transaction, facts)).Decision; // Made sound, once.
            engine.Commit();
            var counts = item.Transaction.OccurredAt >= first;
            audit.Add(item, counts, facts);
            judged += counts ? 1 : 0;
            laundering += item.Ring is null ? 0 : 1;
            if (counts && decision.Contributions.Any(part => part.Digest is not null))
            {
                candidates.Add(CandidateOf(item, decision, world.Options.Seed));
            }
        }

        return Figures(world, candidates, judged, laundering, audit);
    }

    private static Candidate CandidateOf(WorldEvent item, Decision decision, ulong seed)
    {
        var best = decision.Contributions.MaxBy(part => part.Score)!; // There is one.
        var party = best.Side == "creditor" ? item.Transaction.Creditor : item.Transaction.Debtor;
        return new Candidate(
            (party.Account ?? item.Transaction.Creditor.Account ?? string.Empty,
                DateOnly.FromDateTime(item.Transaction.OccurredAt.UtcDateTime)),
            decision.Contributions.Sum(part => part.Score),
            new WorldDice(seed, decision.Number, 3).Below(1_000_000),
            item.Transaction.OccurredAt,
            item.Ring,
            [.. decision.Contributions.Select(part => part.Rule)]);
    }

    private static DetectionFigures Figures(
        World world, List<Candidate> candidates, long judged, long laundering, WorldAudit audit)
    {
        var rings = world.Rings.Where(ring => ring.Transfers.Count > 0).ToList();
        var byRule = candidates.SelectMany(item => item.Rules.Select(rule => (rule, item)))
            .GroupBy(pair => pair.rule, pair => pair.item, StringComparer.Ordinal)
            .Select(group => new RuleFigures(
                group.Key,
                group.Select(item => item.Unit).Distinct().Count(),
                group.Where(item => item.Ring is not null).Select(item => item.Unit).Distinct().Count(),
                group.Where(item => item.Ring is not null).Select(item => item.Ring).Distinct().Count()))
            .OrderByDescending(rule => rule.Alerts).ToList();
        var cycles = rings.Where(ring => ring.Typology == "CYCLE" && !ring.Id.StartsWith("AW-", StringComparison.Ordinal))
            .Select(ring => ring.Id).ToHashSet(StringComparer.Ordinal);
        var found = candidates.Where(item => item.Ring is { } ring && cycles.Contains(ring)
            && item.Rules.Any(rule => rule.StartsWith("Cycle", StringComparison.Ordinal)));
        return new DetectionFigures(
            judged, laundering, rings.Count, rings.Count(ring => ring.Transfers.Count > 1),
            [.. s_budgets.Select(budget => Budget(world, rings, candidates, budget))],
            byRule, cycles.Count, found.Select(item => item.Ring).Distinct().Count(), audit.Features);
    }

    private static BudgetFigures Budget(World world, List<WorldRing> rings, List<Candidate> candidates, int budget)
    {
        var units = candidates.GroupBy(item => item.Unit)
            .Select(group => (Items: group.ToList(), Best: group.Max(item => (item.Rank, item.Lot))))
            .OrderByDescending(unit => unit.Best).Take(budget * world.Options.Days).ToList();
        var least = units.Count == 0 ? 0 : units[^1].Best.Rank;
        var alerts = units.SelectMany(unit => unit.Items.Where(item => item.Rank >= least))
            .Where(item => item.Ring is not null)
            .GroupBy(item => item.Ring!, StringComparer.Ordinal) // Checked.
            .ToDictionary(group => group.Key, group => group.Min(item => item.At), StringComparer.Ordinal);
        var hours = new List<double>();
        var byTypology = new SortedDictionary<string, (int Rings, int Alerted, int InTime)>(StringComparer.Ordinal);
        foreach (var ring in rings)
        {
            var (count, alerted, inTime) = byTypology.GetValueOrDefault(ring.Typology);
            var isAlerted = alerts.TryGetValue(ring.Id, out var at);
            var isInTime = isAlerted && ring.Transfers.Count > 1 && at < TimeOf(world, ring.Transfers[^1]);
            byTypology[ring.Typology] = (count + 1, alerted + (isAlerted ? 1 : 0), inTime + (isInTime ? 1 : 0));
            if (isAlerted)
            {
                hours.Add((at - TimeOf(world, ring.Transfers[0])).TotalHours);
            }
        }

        hours.Sort();
        return new BudgetFigures(
            budget, units.Count,
            units.Count(unit => unit.Items.Exists(item => item.Rank >= least && item.Ring is not null)),
            alerts.Count, byTypology.Values.Sum(item => item.InTime),
            hours.Count == 0 ? 0 : Math.Round(hours[hours.Count / 2], 1), byTypology);
    }

    private static DateTimeOffset TimeOf(World world, RingTransfer transfer) =>
        world.TimeOf(transfer.Day, transfer.Second);

    private sealed record Candidate(
        (string Account, DateOnly Day) Unit, decimal Rank, int Lot, DateTimeOffset At, string? Ring,
        IReadOnlyList<string> Rules);
}
