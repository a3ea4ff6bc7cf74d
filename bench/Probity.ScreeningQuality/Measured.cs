using Probity.Screening.Matching;
using Probity.Screening.Model;

namespace Probity.ScreeningQuality;

/// <summary>One query whose answer is known: the entity to find, or none for an innocent.</summary>
internal sealed record Probe(string Set, string Group, ScreeningQuery Query, ListedEntity? Target);

/// <summary>The score the target had, or for an innocent the best score of all; 0 when below the floor.</summary>
internal sealed record Measured(Probe Probe, int Score, string Found);

/// <summary>Runs probes.</summary>
internal static class Measuring
{
    /// <summary>Scores below this are not looked at: no threshold of interest lies there.</summary>
    public const int Floor = 4000;

    public static Measured[] Run(ScreeningEngine engine, IReadOnlyList<Probe> probes)
    {
        var results = new Measured[probes.Count];
        Parallel.For(0, probes.Count, new ParallelOptions { MaxDegreeOfParallelism = 2 }, i =>
        {
            var matches = engine.Search(probes[i].Query, Floor);
            var match = probes[i].Target is { } target
                ? matches.FirstOrDefault(found => found.Entity.Uid == target.Uid && found.Entity.List == target.List)
                : matches.FirstOrDefault();
            results[i] = new Measured(probes[i], match?.Score ?? 0, match?.Name?.Full ?? "");
        });
        return results;
    }

    /// <summary>Gets the share of scores at or above a threshold.</summary>
    public static double Share(IReadOnlyCollection<Measured> set, int threshold) =>
        set.Count == 0 ? double.NaN : (double)set.Count(row => row.Score >= threshold) / set.Count;

    /// <summary>Gets the lowest threshold at which at most this share of a set alerts.</summary>
    public static int ThresholdAt(IReadOnlyCollection<Measured> set, double share)
    {
        for (var threshold = Floor; threshold <= 10000; threshold += 10)
        {
            if (Share(set, threshold) <= share)
            {
                return threshold;
            }
        }

        return 10001;
    }
}
