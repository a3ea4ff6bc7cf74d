using System.IO.Compression;
using System.Text.Json.Nodes;
using Probity.Hammer;
using Probity.Monitoring;
using Probity.Monitoring.Pack;
using Probity.Monitoring.Worlds;

namespace Probity.Benchmarks.Measurements;

/// <summary>What the default rules find in a generated world, as JSON, and as text on standard error.</summary>
internal static class DetectionMeasurement
{
    public static JsonObject Run(BenchmarkOptions options)
    {
        var world = new World(new WorldOptions
        {
            Seed = (ulong)options.Seed,
            Accounts = options.DetectionAccounts,
            RingsPerTypology = options.OwnRings > 0
                ? options.OwnRings
                : Math.Max(options.DetectionAccounts / 10_000, 3),
            Placed = options.Rings is null ? [] : Read(options.Rings),
        });
        var figures = DetectionReport.Run(world, RulePack.Compile(RulePack.Book()), new MonitoringOptions());
        Tell(figures);
        return new JsonObject
        {
            ["accounts"] = world.Options.Accounts,
            ["seed"] = options.Seed,
            ["transactions"] = figures.Transactions,
            ["laundering_transactions"] = figures.LaunderingTransactions,
            ["rings"] = figures.Rings,
            ["rings_of_two_or_more"] = figures.RingsOfTwoOrMore,
            ["budgets"] = new JsonArray([.. figures.Budgets.Select(Json)]),
            ["cycles"] = figures.Cycles,
            ["cycles_found"] = figures.CyclesFound,
            ["rules"] = new JsonArray([.. figures.Rules.Select(rule => (JsonNode)new JsonObject
            {
                ["rule"] = rule.Rule, ["alerts"] = rule.Alerts, ["true"] = rule.TrueAlerts, ["rings"] = rule.Rings,
            })]),
            ["audit"] = new JsonObject(figures.Audit.Select(feature => KeyValuePair.Create(
                feature.Feature, (JsonNode?)Math.Round(feature.BestF1, 3)))),
        };
    }

    private static IReadOnlyList<PlacedRing> Read(string path)
    {
        if (!File.Exists(path))
        {
            throw new UsageException($"There is no file {path}.");
        }

        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        return RingFile.Read(reader);
    }

    private static JsonNode Json(BudgetFigures budget) => new JsonObject
    {
        ["alerts_a_day"] = budget.AlertsADay,
        ["alerts"] = budget.Alerts,
        ["precision"] = Share(budget.TrueAlerts, budget.Alerts),
        ["rings_alerted"] = budget.RingsAlerted,
        ["rings_in_time"] = budget.RingsInTime,
        ["median_hours_to_first_alert"] = budget.MedianHours,
        ["typologies"] = new JsonObject(budget.ByTypology.Select(item => KeyValuePair.Create(
            item.Key, (JsonNode?)new JsonObject
            {
                ["rings"] = item.Value.Rings, ["alerted"] = item.Value.Alerted, ["in_time"] = item.Value.InTime,
            }))),
    };

    private static void Tell(DetectionFigures figures)
    {
        BenchmarkRun.Say(
            $"{figures.Transactions} transactions, {figures.LaunderingTransactions} of {figures.Rings} rings");
        foreach (var budget in figures.Budgets)
        {
            BenchmarkRun.Say(
                $"{budget.AlertsADay,4} a day: precision {Share(budget.TrueAlerts, budget.Alerts):P1}, alerted "
                + $"{Share(budget.RingsAlerted, figures.Rings):P1}, before the last transfer "
                + $"{Share(budget.RingsInTime, figures.RingsOfTwoOrMore):P1}, first after {budget.MedianHours} h; "
                + string.Join(", ", budget.ByTypology.Select(item =>
                    $"{item.Key} {item.Value.InTime}/{item.Value.Alerted}/{item.Value.Rings}")));
        }

        BenchmarkRun.Say($"cycles {figures.CyclesFound} of {figures.Cycles}");
        foreach (var rule in figures.Rules)
        {
            BenchmarkRun.Say($"{rule.Alerts,8} alerts {rule.TrueAlerts,5} true {rule.Rings,4} rings  {rule.Rule}");
        }

        foreach (var feature in figures.Audit)
        {
            BenchmarkRun.Say($"{feature.BestF1:F3} {feature.Feature}");
        }
    }

    private static double Share(int part, int whole) => whole == 0 ? 0 : Math.Round((double)part / whole, 4);
}
