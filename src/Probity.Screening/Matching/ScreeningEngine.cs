using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using Probity.Screening.Explaining;
using Probity.Screening.Model;
using Probity.Screening.Text;

namespace Probity.Screening.Matching;

/// <summary>Finds listed entities for names and identifiers: one immutable snapshot of some list versions.</summary>
/// <remarks>
/// Deterministic: the same lists, weights and query give the same bytes on every machine. Safe for all threads. To
/// change lists, build another engine and exchange the reference; searches under way end on the one they began with.
/// </remarks>
public sealed class ScreeningEngine
{
    private readonly ImmutableArray<ListedEntity> _entities;
    private readonly NameIndex _persons;
    private readonly NameIndex _others;
    private readonly IdentifierIndex _identifiers;
    private readonly Lazy<FrozenSet<string>> _texts;
    private readonly ScreeningOptions _options;
    private readonly ConcurrentBag<SearchScratch> _scratches = [];

    private ScreeningEngine(ImmutableArray<ListedEntity> entities, ImmutableArray<ListVersion> versions,
        ScreeningOptions options, ScreeningEngine? weighedBy)
    {
        _entities = entities;
        _options = options;
        Versions = versions;
        NameIndex? persons = null, others = null;
        Parallel.Invoke(
            () => persons = NameIndex.Build(Entries(isPerson: true), true, options, weighedBy?._persons),
            () => others = NameIndex.Build(Entries(isPerson: false), false, options, weighedBy?._others));
        (_persons, _others) = (persons!, others!); // Both ran to their end, or Invoke threw.
        _identifiers = IdentifierIndex.Build(entities);
        _texts = new Lazy<FrozenSet<string>>(() => _entities.SelectMany(entity => entity.Names)
            .Select(name => Spaced(name.Full)).ToFrozenSet(StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>Gets the list versions searched, in the order given.</summary>
    public ImmutableArray<ListVersion> Versions { get; }

    /// <summary>Gets the options in force.</summary>
    public ScreeningOptions Options => _options;

    /// <summary>Gets the entries searched, in the order of the lists given.</summary>
    public ImmutableArray<ListedEntity> Entities => _entities;

    /// <summary>Gets how many names are searched.</summary>
    public int NameCount => _persons.Entries.Length + _others.Entries.Length;

    /// <summary>Builds an engine.</summary>
    public static ScreeningEngine Build(IEnumerable<ScreeningList> lists, ScreeningOptions? options = null)
    {
        var all = lists.ToArray();
        return new ScreeningEngine(
            [.. all.SelectMany(list => list.Entities)], [.. all.Select(list => list.Version)],
                options ?? ScreeningOptions.Default, null);
    }

    /// <summary>Builds an engine of some entries of this one, which gives each of them the score it has here.</summary>
    /// <remarks>How common a word is, is told by all names of this engine. An entry that is not in it is scored as
    /// nearly as its words are known here.</remarks>
    public ScreeningEngine Of(IEnumerable<ListedEntity> entries)
    {
        ImmutableArray<ListedEntity> some = [.. entries];
        var versions = some.GroupBy(entry => entry.List)
            .Select(list => new ListVersion(list.Key, null, "", list.Count()));
        return new ScreeningEngine(some, [.. versions], _options, this);
    }

    /// <summary>
    /// Finds who of this engine, asked of another one, may have a hit there: the search turned round, for a few entries
    /// and many who may ask. It proposes; whether there is a hit is told by asking.
    /// </summary>
    /// <param name="entries">The engine that would be asked; few entries.</param>
    /// <param name="threshold">The score of interest, 0 to 10,000, whatever fields beside the name say.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <returns>The entities, each once, in no order.</returns>
    public IReadOnlyCollection<ListedEntity> FindAskers(
        ScreeningEngine entries, int threshold, CancellationToken cancellationToken)
    {
        var found = new ConcurrentDictionary<int, byte>();
        var names = Enumerable.Range(0, entries._persons.Entries.Length).Select(name => (IsPerson: true, name))
            .Concat(Enumerable.Range(0, entries._others.Entries.Length).Select(name => (IsPerson: false, name)));
        var parallel = new ParallelOptions { CancellationToken = cancellationToken };
        Parallel.ForEach(
            names, parallel, listed => FindAskers(entries, listed.IsPerson, listed.name, threshold, found));
        foreach (var identifier in entries._entities.SelectMany(entity => entity.Identifiers))
        {
            foreach (var (entity, _) in _identifiers.Find(identifier.Value))
            {
                found.TryAdd(entity, 0);
            }
        }

        return [.. found.Keys.Select(entity => _entities[entity])];
    }

    private void FindAskers(
        ScreeningEngine entries, bool isPerson, int listed, int threshold, ConcurrentDictionary<int, byte> found)
    {
        var (index, others) = isPerson ? (_persons, entries._persons) : (_others, entries._others);
        var weights = entries._options.Weights;
        Calibration[] scales = isPerson
            ? [weights.Persons, weights.NativePersons] : [weights.Others, weights.NativeOthers];
        var floor = Math.Max(weights.CandidateFloor, scales.Min(scale => scale.Invert(threshold)));
        var scratch = _scratches.TryTake(out var free) ? free : new SearchScratch();
        try
        {
            var names = new HashSet<int>();
            index.Askers.Find(others, listed, floor, scratch, names);
            foreach (var name in names)
            {
                found.TryAdd(index.Entries[name].Entity, 0);
            }
        }
        finally
        {
            _scratches.Add(scratch);
        }
    }

    /// <summary>Finds the listed entities whose score reaches the threshold, best first.</summary>
    /// <param name="query">Whom to look for.</param>
    /// <param name="threshold">0 to 10,000; null for <see cref="ScreeningOptions.Threshold"/>.</param>
    /// <returns>One match for each entity, ordered by score, name score, list and uid; all of them.</returns>
    public ImmutableArray<ScreeningMatch> Search(ScreeningQuery query, int? threshold = null)
    {
        var bound = threshold ?? _options.Threshold;
        var scratch = _scratches.TryTake(out var free) ? free : new SearchScratch();
        try
        {
            var best = new Dictionary<int, ScreeningMatch>();
            if (query.Name.Length != 0
                && (query.Kind == EntityKind.Person || (query.Kind == EntityKind.Unknown
                    && NameReader.Organisation(Cut(query.Name)).IsPersonal)))
            {
                SearchNames(_persons, NameReader.Person(Cut(query.Name)), query, bound, scratch, best);
            }

            if (query.Name.Length != 0 && query.Kind != EntityKind.Person)
            {
                SearchNames(_others, NameReader.Organisation(Cut(query.Name)), query, bound, scratch, best);
            }

            AddIdentifiers(query, best);
            return [.. best.Values.Where(match => match.Score >= bound).Order(ScreeningMatch.BestFirst)];
        }
        finally
        {
            _scratches.Add(scratch);
        }
    }

    private int MostGain(ScreeningQuery query) =>
        (query.Date is null ? 0 : _options.Points.DayAgrees)
        + (query.Countries.Length == 0 ? 0 : _options.Points.CountryAgrees)
        + (query.Address is null ? 0 : _options.Points.AddressAgrees)
        + (query.OtherNames.Length == 0 ? 0 : _options.Points.WeakNameAgrees);

    // The name as the list prints it; where no list prints it so, the name that reads the same.
    private static bool IsIgnored(string full, string plain, string ignored, bool isListed) => isListed
        ? string.Equals(Spaced(full), ignored, StringComparison.OrdinalIgnoreCase)
        : string.Equals(plain, NameReader.Person(ignored).Plain, StringComparison.Ordinal)
            || string.Equals(plain, NameReader.Organisation(ignored).Plain, StringComparison.Ordinal);

    private static string Spaced(string name) =>
        string.Join(' ', name.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    /// <summary>Explains a match of this engine: which parts matched how, what contradicts, what is missing.</summary>
    public MatchExplanation Explain(ScreeningQuery query, ScreeningMatch match)
    {
        if (match.IndexNumber < 0)
        {
            return MatchExplanation.OfIdentifier(match);
        }

        var index = match.IsPerson ? _persons : _others;
        var name = match.IsPerson ? NameReader.Person(Cut(query.Name)) : NameReader.Organisation(Cut(query.Name));
        var scratch = _scratches.TryTake(out var free) ? free : new SearchScratch();
        try
        {
            index.Explain(name, match.IndexNumber, scratch, out var ours, out var theirs);
            return MatchExplanation.Of(match, name, index.Entries[match.IndexNumber].Name, scratch.Alignment.Chosen,
                ours, theirs);
        }
        finally
        {
            _scratches.Add(scratch);
        }
    }

    private static string Cut(string name) =>
        name.Length > ScreeningQuery.MaxNameLength ? name[..ScreeningQuery.MaxNameLength] : name;

    private void SearchNames(
        NameIndex index, NormalName name, ScreeningQuery query, int bound, SearchScratch scratch,
        Dictionary<int, ScreeningMatch> best)
    {
        var scale = ScaleOf(index == _persons, name);
        index.Search(name, Math.Max(_options.Weights.CandidateFloor, scale.Invert(bound - MostGain(query))), scratch);
        var ignored = query.IgnoreListedName is { Length: > 0 } listedName ? Spaced(listedName) : null;
        var isListed = ignored is not null && _texts.Value.Contains(ignored);

        // Of names that score alike the first of the list is shown, however the search came to them.
        scratch.Hits.Sort(static (one, other) => one.Name.CompareTo(other.Name));
        foreach (var hit in scratch.Hits)
        {
            var entry = index.Entries[hit.Name];
            var entity = _entities[entry.Entity];
            if (!IsWanted(query.Kind, entity.Kind)
                || (ignored is not null && IsIgnored(entity.Names[entry.NameNumber].Full, entry.Name.Plain, ignored,
                    isListed)))
            {
                continue;
            }

            var score = hit.Score with { Score = scale.Apply(hit.Score.Score) };
            if (best.TryGetValue(entry.Entity, out var other) && other.NameScore >= score.Score)
            {
                continue;
            }

            if (MatchOf(query, entity, entity.Names[entry.NameNumber], score) is { } match)
            {
                best[entry.Entity] = match with { IndexNumber = hit.Name, IsPerson = index == _persons };
            }
        }
    }

    private Calibration ScaleOf(bool isPerson, NormalName name)
    {
        var isNative = name.Tokens.Any(token => token.IsAbjad);
        return isPerson
            ? isNative ? _options.Weights.NativePersons : _options.Weights.Persons
            : isNative ? _options.Weights.NativeOthers : _options.Weights.Others;
    }

    private ScreeningMatch? MatchOf(ScreeningQuery query, ListedEntity entity, ListedName name, NameScore score)
    {
        if (name.Kind == NameKind.Weak && score.Score < 10000
            && _options.WeakNames(entity.List) != WeakNamePolicy.Fuzzy)
        {
            return null;
        }

        var evidence = EvidenceComparison.Compare(query, entity, _options.Points);
        if (_options.WeakNames(entity.List) != WeakNamePolicy.Off
            && EvidenceComparison.WeakNameOf(query, entity, name, _options.Points) is { } weak)
        {
            evidence = evidence.Add(weak);
        }

        var sum = score.Score + evidence.Sum(field => field.Points);
        var contradictions = evidence.Count(field => field.Points < 0);

        // A name typed exactly stays an alert until two other fields contradict it.
        var least = score.Score == 10000 && contradictions < 2 ? _options.Threshold : 0;
        return new ScreeningMatch(entity, name, Math.Clamp(sum, least, 10000), score.Score, score.Evidence, evidence);
    }

    private void AddIdentifiers(ScreeningQuery query, Dictionary<int, ScreeningMatch> best)
    {
        foreach (var identifier in query.Identifiers)
        {
            foreach (var (number, listed) in _identifiers.Find(identifier))
            {
                var entity = _entities[number];
                var before = best.GetValueOrDefault(number);
                var evidence = (before?.Evidence ?? EvidenceComparison.Compare(query, entity, _options.Points))
                    .Add(new Evidence(EvidenceField.Identifier, Agreement.Agree, identifier, listed.Value, 0));
                best[number] = new ScreeningMatch(
                    entity, before?.Name ?? entity.Names.FirstOrDefault(), 10000, before?.NameScore ?? 0,
                        before?.Information ?? 0, evidence)
                {
                    IndexNumber = before?.IndexNumber ?? -1,
                    IsPerson = before?.IsPerson ?? false,
                };
            }
        }
    }

    private static bool IsWanted(EntityKind wanted, EntityKind listed) =>
        wanted == EntityKind.Unknown || listed == EntityKind.Unknown || wanted == listed;

    private List<NameEntry> Entries(bool isPerson)
    {
        var entries = new List<NameEntry>();
        for (var number = 0; number < _entities.Length; number++)
        {
            var entity = _entities[number];
            var isWanted = isPerson
                ? entity.Kind is EntityKind.Person or EntityKind.Unknown : entity.Kind != EntityKind.Person;
            for (var name = 0; isWanted && name < entity.Names.Length; name++)
            {
                if (entity.Names[name].Kind == NameKind.Weak
                    && _options.WeakNames(entity.List) is WeakNamePolicy.Off or WeakNamePolicy.ConfirmOnly)
                {
                    continue;
                }

                var text = Cut(entity.Names[name].Full);
                if (isPerson && entity.Kind == EntityKind.Unknown && !NameReader.Organisation(text).IsPersonal)
                {
                    continue;
                }

                entries.Add(new NameEntry(isPerson ? NameReader.Person(text) : NameReader.Organisation(text), number,
                    name));
            }
        }

        return entries;
    }
}
