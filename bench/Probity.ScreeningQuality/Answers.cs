using System.Globalization;
using System.Text;
using Probity.Screening.Matching;
using Probity.Screening.Model;

namespace Probity.ScreeningQuality;

/// <summary>
/// Writes every answer of a build to a file, so that two builds can be compared byte for byte: a change that is meant
/// to be of speed alone must leave the file as it was.
/// </summary>
internal static class Answers
{
    private const int Low = 4_000;
    private const int Explained = 3;

    /// <summary>Asks names of every kind, script and population; the same on every machine.</summary>
    /// <returns>How many questions were asked.</returns>
    public static int Write(ScreeningEngine engine, ScreeningList sdn, ScreeningList un, string path)
    {
        var probes = Questions(sdn, un);
        var lines = new string[probes.Count];
        Parallel.For(0, probes.Count, new ParallelOptions { MaxDegreeOfParallelism = 2 },
            i => lines[i] = Line(engine, probes[i].Query));
        File.WriteAllLines(path, lines);
        return probes.Count;
    }

    private static List<Probe> Questions(ScreeningList sdn, ScreeningList un)
    {
        var persons = Probes.OfInnocents(Innocents.Persons(24, 31), EntityKind.Person);
        return
        [
            .. persons,
            .. Probes.OfInnocents(Innocents.Persons(6, 32), EntityKind.Unknown),
            .. Probes.OfInnocents(Innocents.Companies(12, 33), EntityKind.Organisation),
            .. Probes.Mutated(sdn.Entities, EntityKind.Person, 24, 8),
            .. Probes.Mutated(sdn.Entities, EntityKind.Organisation, 16, 8),
            .. Probes.Mutated(sdn.Entities, EntityKind.Person, 8, 9, withEvidence: true),
            .. Probes.Aliases(sdn.Entities, EntityKind.Person, 600),
            .. Probes.Aliases(sdn.Entities, EntityKind.Organisation, 300),
            .. Probes.Aliases(sdn.Entities, EntityKind.Person, 200, resembling: false),
            .. Probes.Native(un.Entities),
        ];
    }

    private static string Line(ScreeningEngine engine, ScreeningQuery query)
    {
        var text = new StringBuilder(query.Name).Append('\t').Append(query.Kind);
        foreach (var match in engine.Search(query, Low))
        {
            text.Append(CultureInfo.InvariantCulture,
                $"\t{match.Entity.List} {match.Entity.Uid} {match.Name?.Full} {match.Score} {match.NameScore} "
                + $"{match.Information}");
        }

        foreach (var match in engine.Search(query).Take(Explained))
        {
            text.Append("\t= ").Append(match.Score).Append(' ')
                .Append(engine.Explain(query, match).ToString()?.ReplaceLineEndings(" "));
        }

        return text.ToString();
    }
}
