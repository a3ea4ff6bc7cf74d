using System.Collections.Immutable;
using Probity.Screening.Matching;
using Probity.Screening.Model;

namespace Probity.Screening.Effectiveness;

/// <summary>
/// Tests an engine with names whose answer is known: effectiveness (listed names that are found) and efficiency
/// (names of nobody that stay silent), as 3 NYCRR 504.3 asks of a filtering programme before and after a change.
/// </summary>
/// <remarks>
/// Deterministic: one engine and plan give the same figures on every machine. Parts are independent, so a test can be
/// stopped after any of them and go on later. Safe for all threads once made.
/// </remarks>
public sealed class EffectivenessTest
{
    /// <summary>Scores below the lowest threshold of the curve are not looked at.</summary>
    private static readonly int s_floor = EffectivenessPart.Thresholds[0];

    private readonly ScreeningEngine _engine;
    private readonly EffectivenessPlan _plan;
    private readonly ILookup<EntityKind, ListedEntity> _entities;
    private readonly Lazy<ScreeningEngine> _latin;

    /// <summary>Makes a test of an engine.</summary>
    public EffectivenessTest(ScreeningEngine engine, EffectivenessPlan? plan = null)
    {
        _engine = engine;
        _plan = plan ?? new EffectivenessPlan();
        _entities = engine.Entities.ToLookup(entity => entity.Kind);
        _latin = new Lazy<ScreeningEngine>(BuildLatin);
        Tasks = [.. TasksOf()];
    }

    /// <summary>Gets the parts, in a fixed order.</summary>
    public ImmutableArray<EffectivenessTask> Tasks { get; }

    /// <summary>Runs one part on the calling thread.</summary>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public EffectivenessPart Run(EffectivenessTask task, CancellationToken cancellationToken)
    {
        var counts = new int[EffectivenessPart.Thresholds.Length];
        var failures = new List<string>();
        var cases = 0;
        foreach (var probe in ProbesOf(task))
        {
            cancellationToken.ThrowIfCancellationRequested();
            cases++;
            var (score, found) = Score(task, probe);
            for (var i = 0; i < counts.Length && EffectivenessPart.Thresholds[i] <= score; i++)
            {
                counts[i]++;
            }

            var hasAlerted = score >= _engine.Options.Threshold;
            if (hasAlerted == (task.Set == EffectivenessSet.Placebo) && failures.Count < _plan.MostFailures)
            {
                failures.Add(Told(probe, found));
            }
        }

        return new EffectivenessPart(task, cases, [.. counts], [.. failures]);
    }

    private (int Score, string? Found) Score(EffectivenessTask task, Probe probe)
    {
        var engine = task.Set == EffectivenessSet.OtherScript ? _latin.Value : _engine;
        var matches = engine.Search(probe.Query, s_floor);
        var match = probe.Target is { } target
            ? matches.FirstOrDefault(found => found.Entity.Uid == target.Uid && found.Entity.List == target.List)
            : matches.FirstOrDefault();
        return (match?.Score ?? 0, match?.Name?.Full);
    }

    private static string Told(Probe probe, string? found) => probe.Target is { } target
        ? $"{probe.Query.Name} ({target.DisplayName}, {target.List.Value} {target.Uid})"
        : $"{probe.Query.Name} → {found}";

    private IEnumerable<EffectivenessTask> TasksOf()
    {
        foreach (var row in _engine.Entities.GroupBy(entity => (entity.List, entity.Kind))
            .OrderBy(row => row.Key.List.Value, StringComparer.Ordinal).ThenBy(row => row.Key.Kind))
        {
            if (row.Any(entity => Strong(entity).Any()))
            {
                yield return new(EffectivenessSet.Exact, row.Key.List.Value, Lower(row.Key.Kind));
            }
        }

        foreach (var kind in (EntityKind[])[EntityKind.Person, EntityKind.Organisation])
        {
            foreach (var name in _entities[kind].Any() ? KindsOf(kind).Keys : [])
            {
                yield return new(EffectivenessSet.Mutation, Lower(kind), name);
            }
        }

        foreach (var script in Natives().Select(row => row.Name.Script).Distinct().Order())
        {
            yield return new(EffectivenessSet.OtherScript, "person", script.ToString().ToLowerInvariant());
        }

        foreach (var script in Placebos.Scripts)
        {
            yield return new(EffectivenessSet.Placebo, "person", script);
        }

        yield return new(EffectivenessSet.Placebo, "organisation", "latin");
    }

    private IEnumerable<Probe> ProbesOf(EffectivenessTask task) => task.Set switch
    {
        EffectivenessSet.Exact => Exact(task),
        EffectivenessSet.Mutation => Mutated(
            task.Population == "person" ? EntityKind.Person : EntityKind.Organisation, task.Kind),
        EffectivenessSet.OtherScript => Natives()
            .Where(row => string.Equals(row.Name.Script.ToString(), task.Kind, StringComparison.OrdinalIgnoreCase))
            .Take(_plan.MostOtherScript)
            .Select(row => new Probe(QueryOf(row.Name.Full, EntityKind.Person), row.Entity)),
        EffectivenessSet.Placebo => (task.Population == "person"
                ? Placebos.Persons(task.Kind, _plan.Placebos) : Placebos.Organisations(_plan.Placebos))
            .Select(name => new Probe(
                QueryOf(name, task.Population == "person" ? EntityKind.Person : EntityKind.Organisation), null)),
        _ => throw new InvalidOperationException("No such set."),
    };

    private IEnumerable<Probe> Exact(EffectivenessTask task) => _engine.Entities
        .Where(entity => entity.List.Value == task.Population && Lower(entity.Kind) == task.Kind)
        .SelectMany(entity => Strong(entity).Select(name => new Probe(QueryOf(name.Full, entity.Kind), entity)));

    private IEnumerable<Probe> Mutated(EntityKind kind, string name)
    {
        var mutate = KindsOf(kind)[name];
        var pool = _entities[kind].ToArray();
        var dice = new Dice(3_000 + (ulong)name.Length + name[0]);
        var made = 0;
        for (var attempt = 0; attempt < _plan.EachKind * 4 && made < _plan.EachKind; attempt++)
        {
            var entity = dice.Pick(pool);
            var names = Strong(entity).Where(listed => listed.Script == NameScript.Latin).ToArray();
            if (names.Length != 0 && mutate(Natural(dice.Pick(names).Full, kind), dice) is { } mutated)
            {
                made++;
                yield return new Probe(QueryOf(mutated, kind), entity);
            }
        }
    }

    private IEnumerable<(ListedEntity Entity, ListedName Name)> Natives() => _entities[EntityKind.Person]
        .Where(entity => entity.Names.Any(IsLatin))
        .SelectMany(entity => entity.Names.Where(name => name.Kind != NameKind.Weak && !IsLatin(name)
            && name.Full.Length != 0).Select(name => (entity, name)));

    // All persons with their Latin names, so that a name in another script finds nothing of its own script.
    private ScreeningEngine BuildLatin() => ScreeningEngine.Build(
        _entities[EntityKind.Person].GroupBy(entity => entity.List).Select(list => new ScreeningList(
            new ListVersion(list.Key, null, "", list.Count()),
            [.. list.Select(entity => entity with { Names = [.. entity.Names.Where(IsLatin)] })])),
        _engine.Options);

    private static bool IsLatin(ListedName name) => name.Script is NameScript.Latin or NameScript.None;

    private static IEnumerable<ListedName> Strong(ListedEntity entity) =>
        entity.Names.Where(name => name.Kind != NameKind.Weak && name.Full.Length != 0);

    private static IReadOnlyDictionary<string, Func<string, Dice, string?>> KindsOf(EntityKind kind) =>
        kind == EntityKind.Person ? Mutations.Person : Mutations.Organisation;

    // "SURNAME, Given" as people write it.
    private static string Natural(string name, EntityKind kind) =>
        kind == EntityKind.Person && name.IndexOf(", ", StringComparison.Ordinal) is var comma and > 0
            && name.IndexOf(',', comma + 1) < 0
            ? name[(comma + 2)..] + " " + name[..comma] : name;

    private static ScreeningQuery QueryOf(string name, EntityKind kind) => new() { Name = name, Kind = kind };

    private static string Lower(EntityKind kind) => kind.ToString().ToLowerInvariant();

    private readonly record struct Probe(ScreeningQuery Query, ListedEntity? Target);
}
