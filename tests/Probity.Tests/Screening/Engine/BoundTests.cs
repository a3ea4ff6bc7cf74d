using Probity.Screening.Effectiveness;
using Probity.Screening.Matching;
using Probity.Screening.Model;
using Probity.Tests.Screening.Lists;
using Xunit;

namespace Probity.Tests.Screening.Engine;

/// <summary>What is ruled out before names are compared could not have been a hit: on the UN list as
/// published.</summary>
public sealed class BoundTests
{
    private const string UnList = "un_consolidated/un_consolidated_2026-02-27.xml.gz";

    /// <summary>So low that next to nothing is ruled out.</summary>
    private const int Low = 2_000;

    private static readonly Lazy<ScreeningEngine> s_un =
        new(() => ScreeningEngine.Build([RealLists.Read(UnList).List]));

    [Theory]
    [InlineData(5_000)]
    [InlineData(7_000)]
    [InlineData(8_000)]
    public void A_search_at_a_threshold_finds_what_a_search_of_all_has_above_it(int threshold)
    {
        var engine = s_un.Value;
        foreach (var query in Queries(engine))
        {
            var all = engine.Search(query, Low).Where(match => match.Score >= threshold).Select(Text).Order();

            Assert.Equal(all, engine.Search(query, threshold).Select(Text).Order());
        }
    }

    [Fact]
    public void An_engine_of_some_entries_scores_them_as_the_engine_of_all()
    {
        var engine = s_un.Value;
        var some = engine.Entities.Where((_, i) => i % 5 == 0).ToList();
        var part = engine.Of(some);
        var uids = some.Select(entity => entity.Uid).ToHashSet(StringComparer.Ordinal);
        var found = 0;

        foreach (var query in Queries(engine))
        {
            var expected = engine.Search(query, 5_000).Where(match => uids.Contains(match.Entity.Uid)).Select(Text);
            var got = part.Search(query, 5_000).Select(Text).ToList();
            Assert.Equal(expected.Order(), got.Order());
            found += got.Count;
        }

        Assert.True(found > 50, $"Only {found} hits were compared.");
    }

    [Fact]
    public void Whoever_would_find_an_entry_is_found_by_it()
    {
        var engine = s_un.Value;
        var entries = engine.Of(engine.Entities.Where((_, i) => i % 4 == 0));
        var queries = Queries(engine).Where(query => query.Kind != EntityKind.Unknown).ToList();
        var askers = ScreeningEngine.Build(
        [
            new ScreeningList(new ListVersion(Samples.List, null, "", queries.Count), [.. queries.Select((query, i) =>
                new ListedEntity
                {
                    List = Samples.List, Uid = $"{i}", Kind = query.Kind,
                    Names = [new ListedName { Full = query.Name }],
                })]),
        ], new ScreeningOptions { Weights = MatchWeights.Default with { KnownNames = 0 } });

        var proposed = askers.FindAskers(entries, 5_300, TestContext.Current.CancellationToken)
            .Select(asker => asker.Uid).ToHashSet(StringComparer.Ordinal);

        var concerned = queries.Select((query, i) => (Uid: $"{i}", query.Name, Hits: entries.Search(query, 5_300)))
            .Where(row => row.Hits.Length != 0).ToList();
        Assert.True(concerned.Count > 60, $"Only {concerned.Count} would find an entry.");
        Assert.True(proposed.Count < queries.Count * 3 / 4, $"{proposed.Count} of {queries.Count}: that is no index.");
        Assert.Equal([], concerned.Where(row => !proposed.Contains(row.Uid)).Select(row => row.Name));
    }

    // Names of the list in every alteration, its other scripts, and names of nobody.
    private static List<ScreeningQuery> Queries(ScreeningEngine engine)
    {
        var dice = new Dice(5);
        var persons = engine.Entities.Where(entity => entity.Kind == EntityKind.Person).ToArray();
        var others = engine.Entities.Where(entity => entity.Kind == EntityKind.Organisation).ToArray();
        return
        [
            .. Altered(persons, Mutations.Person, dice), .. Altered(others, Mutations.Organisation, dice),
            .. Placebos.Scripts.SelectMany(script => Placebos.Persons(script, 40)).Select(name => Samples.Query(name)),
            .. Placebos.Organisations(40).Select(name => Samples.Query(name, EntityKind.Unknown)),
            .. persons.SelectMany(entity => entity.Names).Where(name => name.Script != NameScript.Latin).Take(60)
                .Select(name => Samples.Query(name.Full)),
            .. Mixed(persons).Select(name => Samples.Query(name)),
        ];
    }

    // The first word in the letters of the one name, the last in those of the other, as a form may have them.
    private static IEnumerable<string> Mixed(ListedEntity[] persons) =>
        from entity in persons
        let native = entity.Names.FirstOrDefault(name => name.Script == NameScript.Arabic)
        where native is not null
        select $"{native.Full.Split(' ')[0]} {entity.Names[0].Full.Split(' ')[^1]}";

    private static IEnumerable<ScreeningQuery> Altered(
        ListedEntity[] entities, IReadOnlyDictionary<string, Func<string, Dice, string?>> kinds, Dice dice) =>
        from kind in kinds.OrderBy(kind => kind.Key, StringComparer.Ordinal)
        from number in Enumerable.Range(0, 8)
        let entity = dice.Pick(entities)
        let altered = kind.Value(dice.Pick(entity.Names).Full, dice)
        where altered is not null
        select Samples.Query(altered, entity.Kind);

    private static string Text(ScreeningMatch match) =>
        $"{match.Entity.Uid} {match.Score} {match.NameScore} {match.Information} {match.Name?.Full}";
}
