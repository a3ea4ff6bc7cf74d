using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Probity.Screening.Matching;
using Probity.Screening.Model;

namespace Probity.ScreeningQuality;

/// <summary>Writes whole curves as JSON and as a table in markdown, and measures speed.</summary>
internal static class Report
{
    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true };

    private static readonly int[] s_thresholds =
        [.. Enumerable.Range(0, 21).Select(i => 6000 + (i * 200))];

    /// <summary>Names of each population: of 2,000 a share of 2 % is known to a third of a percent or so.</summary>
    public const int EachPopulation = 2000;

    private readonly record struct Sets(string Title, Measured[] Mutations, Measured[] Aliases, Measured[] Innocents);

    public static void Write(ScreeningEngine engine, IReadOnlyList<ListedEntity> entities, ScreeningList un,
        string list, int each)
    {
        const string json = "screening-quality.json";
        const string markdown = "screening-quality.md";
        var sets = new[] { EntityKind.Person, EntityKind.Organisation }.Select(kind => Measure(engine, entities, kind,
            each)).ToArray();
        var text = new StringBuilder();
        foreach (var set in sets)
        {
            Table(text, set, list, engine.Options.Threshold);
            Populations(text, set, engine);
        }

        Extra.Write(text, engine, entities, un, each);
        Console.Write(text);
        File.WriteAllText(markdown, text.ToString());
        File.WriteAllText(json, JsonSerializer.Serialize(sets.Select(Curve), s_json));
    }

    /// <summary>Prints queries per second on one thread and the 99th percentile, as JSON.</summary>
    public static void Speed(ScreeningEngine engine, string[] names, long loadMs)
    {
        foreach (var name in names.Take(names.Length / 2))
        {
            engine.Search(new ScreeningQuery { Name = name, Kind = EntityKind.Person });
        }

        var times = new long[names.Length];
        var all = Stopwatch.GetTimestamp();
        for (var i = 0; i < names.Length; i++)
        {
            var start = Stopwatch.GetTimestamp();
            engine.Search(new ScreeningQuery { Name = names[i], Kind = EntityKind.Person });
            times[i] = Stopwatch.GetTimestamp() - start;
        }

        var seconds = Stopwatch.GetElapsedTime(all).TotalSeconds;
        Array.Sort(times);
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            names = engine.NameCount,
            queries = names.Length,
            queries_per_second = Math.Round(names.Length / seconds),
            p50_us = times[times.Length / 2] * 1e6 / Stopwatch.Frequency,
            p99_us = times[times.Length * 99 / 100] * 1e6 / Stopwatch.Frequency,
            load_ms = loadMs,
            heap_mb = GC.GetTotalMemory(true) >> 20,
        }, s_json));
    }

    private static Sets Measure(ScreeningEngine engine, IReadOnlyList<ListedEntity> entities, EntityKind kind, int each)
    {
        var populations = kind == EntityKind.Person
            ? Innocents.Persons(EachPopulation, 7) : Innocents.Companies(EachPopulation, 7);
        return new Sets(
            kind.ToString(),
            Measuring.Run(engine, Probes.Mutated(entities, kind, each, 3)),
            Measuring.Run(engine, Probes.Aliases(entities, kind, 6000)),
            Measuring.Run(engine, Probes.OfInnocents(populations, kind)));
    }

    // All populations, with what alerts on a listed name that has all of its words: that is no question of scoring.
    private static void Populations(StringBuilder text, Sets set, ScreeningEngine engine)
    {
        var kind = Enum.Parse<EntityKind>(set.Title);
        var floor = new Floor(engine.Entities, kind);
        text.AppendLine(
            "| population | names | alert at the default | a listed name itself | all words in one listed name |")
            .AppendLine("|---|---|---|---|---|");
        foreach (var group in set.Innocents.GroupBy(row => row.Probe.Group)
                     .OrderByDescending(group => Measuring.Share([.. group], engine.Options.Threshold))
                     .ThenBy(group => group.Key, StringComparer.Ordinal))
        {
            Measured[] rows = [.. group];
            var names = rows.Select(row => row.Probe.Query.Name).ToArray();
            text.AppendLine(CultureInfo.InvariantCulture,
                $"| {group.Key} | {rows.Length} | {Measuring.Share(rows, engine.Options.Threshold):P2} "
                + $"| {(double)names.Count(floor.IsListed) / rows.Length:P2} "
                + $"| {(double)names.Count(floor.IsWithinListed) / rows.Length:P2} |");
        }

        text.AppendLine();
    }

    private static object Curve(Sets set) => new
    {
        set = set.Title,
        mutations = set.Mutations.Length,
        aliases = set.Aliases.Length,
        innocents = set.Innocents.Length,
        curve = s_thresholds.Select(threshold => new
        {
            threshold = threshold / 10000.0,
            mutations = Measuring.Share(set.Mutations, threshold),
            aliases = Measuring.Share(set.Aliases, threshold),
            innocents = Measuring.Share(set.Innocents, threshold),
        }),
        populations = set.Innocents.GroupBy(row => row.Probe.Group).ToDictionary(group => group.Key,
            group => s_thresholds.ToDictionary(
            threshold => threshold.ToString(CultureInfo.InvariantCulture), threshold => Measuring.Share([.. group],
                threshold))),
        kinds = set.Mutations.GroupBy(row => row.Probe.Group).ToDictionary(group => group.Key,
            group => s_thresholds.ToDictionary(
            threshold => threshold.ToString(CultureInfo.InvariantCulture), threshold => Measuring.Share([.. group],
                threshold))),
    };

    private static void Table(StringBuilder text, Sets set, string list, int threshold)
    {
        text.AppendLine(CultureInfo.InvariantCulture, $"### {set.Title}s, {list}").AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture,
            $"{set.Mutations.Length} mutations, {set.Aliases.Length} resembling aliases, {set.Innocents.Length} innocents.").AppendLine();
        text.AppendLine("| threshold | mutations | aliases | innocents |").AppendLine("|---|---|---|---|");
        foreach (var at in s_thresholds)
        {
            text.AppendLine(CultureInfo.InvariantCulture,
                $"| {at / 10000.0:0.00} | {Measuring.Share(set.Mutations, at):P2} | {Measuring.Share(set.Aliases, at):P2} | {Measuring.Share(set.Innocents, at):P2} |");
        }

        var worst = set.Innocents.GroupBy(row => row.Probe.Group).Select(group => (group.Key,
            Share: Measuring.Share([.. group], threshold)))
            .OrderByDescending(row => row.Share).ThenBy(row => row.Key, StringComparer.Ordinal).Take(8);
        text.AppendLine().AppendLine(CultureInfo.InvariantCulture,
            $"Populations that alert most at the default: {string.Join(", ", worst.Select(row => FormattableString.Invariant($"{row.Key} {row.Share:P1}")))}.");
        var kinds = set.Mutations.GroupBy(row => row.Probe.Group).Select(group => (group.Key,
            Share: Measuring.Share([.. group], threshold)))
            .Where(row => row.Share < 0.99).OrderBy(row => row.Share).ThenBy(row => row.Key, StringComparer.Ordinal);
        text.AppendLine().AppendLine(CultureInfo.InvariantCulture,
            $"Kinds found least: {string.Join(", ", kinds.Select(row => FormattableString.Invariant($"{row.Key} {row.Share:P1}")))}.").AppendLine();
    }
}
