using Probity.Screening.Effectiveness;
using Probity.Screening.Matching;
using Probity.Screening.Model;

namespace Probity.ScreeningQuality;

/// <summary>Makes probes from lists: mutated names, aliases left out, native-script names, exact names.</summary>
internal static class Probes
{
    public static bool IsTraining(ListedEntity entity)
    {
        unchecked
        {
            var hash = 2166136261u;
            foreach (var letter in entity.Uid)
            {
                hash = (hash ^ letter) * 16777619u;
            }

            return (hash >> 7) % 2 == 0;
        }
    }

    public static List<Probe> Mutated(IReadOnlyList<ListedEntity> entities, EntityKind kind, int each, int seed,
        bool withEvidence = false)
    {
        var kinds = kind == EntityKind.Person ? Mutations.Person : Mutations.Organisation;
        var pool = entities.Where(entity => entity.Kind == kind && (!withEvidence || HasEvidence(entity))).ToArray();
        var probes = new List<Probe>();
        foreach (var (name, mutate) in kinds)
        {
            var dice = new Dice((ulong)seed * 1000 + (ulong)name.Length + name[0]);
            for (var attempt = 0; attempt < each * 4 && probes.Count(probe => probe.Group == name) < each; attempt++)
            {
                var entity = dice.Pick(pool);
                var names = entity.Names.Where(listed => listed.Kind != NameKind.Weak
                    && listed.Script == NameScript.Latin).ToArray();
                if (names.Length != 0
                    && mutate(kind == EntityKind.Person ? Natural(dice.Pick(names).Full) : dice.Pick(names).Full,
                    dice) is { } mutated)
                {
                    probes.Add(new Probe("mutation", name, WithEvidence(mutated, entity, withEvidence), entity));
                }
            }
        }

        return probes;
    }

    /// <summary>Strong aliases that resemble another name of their entity, with the alias itself hidden.</summary>
    public static List<Probe> Aliases(IReadOnlyList<ListedEntity> entities, EntityKind kind, int most,
        bool resembling = true)
    {
        var probes = new List<Probe>();
        foreach (var entity in entities.Where(entity => entity.Kind == kind))
        {
            var names = entity.Names.Where(name => name.Kind != NameKind.Weak
                && name.Script == NameScript.Latin).ToArray();
            foreach (var alias in names.Skip(1))
            {
                var plain = Plain(alias.Full);
                var others = names.Select(name => Plain(name.Full)).Where(other => other != plain).ToArray();
                var ratio = others.Length == 0 ? 0 : others.Max(other => Resemblance(plain, other));
                if (ratio >= 0.7 == resembling)
                {
                    probes.Add(new Probe(
                        "alias", ratio >= 0.85 ? "easy" : ratio >= 0.7 ? "medium" : "hard",
                        new ScreeningQuery { Name = kind == EntityKind.Person ? Natural(alias.Full) : alias.Full,
                            Kind = kind, IgnoreListedName = alias.Full }, entity));
                }
            }
        }

        return [.. probes.Where((_, i) => i % Math.Max(1, probes.Count / most) == 0)];
    }

    /// <summary>Names in other scripts, hidden themselves together with all names of that script.</summary>
    public static List<Probe> Native(IReadOnlyList<ListedEntity> entities) =>
    [
        .. entities.Where(entity => entity.Kind == EntityKind.Person)
            .SelectMany(entity => entity.Names.Where(name => name.Script is not (NameScript.Latin or NameScript.None))
                .Select(name => new Probe(
                    "native", name.Script.ToString(), new ScreeningQuery { Name = name.Full,
                        Kind = EntityKind.Person }, entity))),
    ];

    public static List<Probe> Exact(IReadOnlyList<ListedEntity> entities) =>
    [
        .. entities.SelectMany(entity => entity.Names.Where(name => name.Kind != NameKind.Weak).Select(name =>
            new Probe("exact", entity.Kind.ToString(), new ScreeningQuery { Name = name.Full, Kind = entity.Kind },
                entity))),
    ];

    public static List<Probe> OfInnocents(IReadOnlyDictionary<string, string[]> populations, EntityKind kind) =>
    [
        .. populations.SelectMany(row => row.Value.Select(name =>
            new Probe("innocent", row.Key, new ScreeningQuery { Name = name, Kind = kind }, null))),
    ];

    /// <summary>"SURNAME, Given" as people write it: "Given SURNAME".</summary>
    public static string Natural(string name) =>
        name.IndexOf(", ", StringComparison.Ordinal) is var comma and > 0 && name.IndexOf(',', comma + 1) < 0
            ? name[(comma + 2)..] + " " + name[..comma] : name;

    private static bool HasEvidence(ListedEntity entity) =>
        entity.DatesOf(DateKind.Birth).Any() && entity.Countries.Any(country => country.Code is not null);

    private static ScreeningQuery WithEvidence(string name, ListedEntity entity, bool withEvidence) => withEvidence
        ? new ScreeningQuery
        {
            Name = name,
            Kind = entity.Kind,
            Date = new PartialDate(entity.DatesOf(DateKind.Birth).First().From.Year),
            Countries = [entity.Countries.First(country => country.Code is not null).Code ?? ""],
        }
        : new ScreeningQuery { Name = name, Kind = entity.Kind };

    private static string Plain(string name) =>
        string.Join(' ', Mutations.Words(name.ToLowerInvariant()).Order(StringComparer.Ordinal));

    private static double Resemblance(string one, string other)
    {
        var row = Enumerable.Range(0, other.Length + 1).ToArray();
        for (var i = 1; i <= one.Length; i++)
        {
            var corner = row[0];
            row[0] = i;
            for (var j = 1; j <= other.Length; j++)
            {
                (corner, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1,
                    corner + (one[i - 1] == other[j - 1] ? 0 : 1)));
            }
        }

        return 1 - ((double)row[^1] / Math.Max(1, Math.Max(one.Length, other.Length)));
    }
}
