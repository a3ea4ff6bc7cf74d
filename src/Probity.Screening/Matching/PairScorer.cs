using System.Collections.Immutable;
using Probity.Screening.Explaining;
using Probity.Screening.Model;
using Probity.Screening.Text;

namespace Probity.Screening.Matching;

/// <summary>A scored pair.</summary>
/// <param name="Match">The candidate with its score.</param>
/// <param name="Explanation">Why.</param>
public sealed record ScoredPair(ScreeningMatch Match, MatchExplanation Explanation);

/// <summary>Scores one name against another with the weights of the engine, without a list.</summary>
/// <remarks>How common a word is comes from the name table alone. One thread at a time.</remarks>
public sealed class PairScorer
{
    private readonly Vocabulary _persons;
    private readonly Vocabulary _others;
    private readonly Alignment _alignment = new();

    /// <summary>Makes a scorer.</summary>
    public PairScorer(ScreeningOptions? options = null)
    {
        Options = options ?? ScreeningOptions.Default;
        _persons = Vocabulary.Build([], true, Options.Frequency, Options.Weights);
        _others = Vocabulary.Build([], false, Options.Frequency, Options.Weights);
    }

    /// <summary>Gets the options in force.</summary>
    public ScreeningOptions Options { get; }

    /// <summary>Makes a candidate of what is known about it.</summary>
    public static ListedEntity Candidate(string name, EntityKind kind, PartialDate? date,
        ImmutableArray<string> countries) => new()
    {
        List = new ListId("pair"),
        Uid = "",
        Kind = kind,
        Names = name.Length == 0 ? [] : [new ListedName { Full = name }],
        Dates = date is { } known ? [new ListedDate(KindOf(kind), known)] : [],
        Countries = [.. countries.Select(code => new ListedCountry(CountryRole.Unspecified, code, code))],
    };

    /// <summary>Scores a query against the first name of a candidate; 0 when a name is missing.</summary>
    public ScoredPair Score(ScreeningQuery query, ListedEntity candidate)
    {
        var listed = candidate.Names.FirstOrDefault()?.Full ?? "";
        var isPerson = IsPerson(query, listed);
        var vocabulary = isPerson ? _persons : _others;
        var (ours, theirs) = isPerson
            ? (NameReader.Person(Cut(query.Name)), NameReader.Person(Cut(listed)))
            : (NameReader.Organisation(Cut(query.Name)), NameReader.Organisation(Cut(listed)));
        Part[] ourParts = [.. ours.Tokens.Select(vocabulary.Of)];
        Part[] theirParts = [.. theirs.Tokens.Select(vocabulary.Of)];
        var weights = Options.Weights;
        var raw = NamePairs.Score(
            ours, ourParts, theirs, theirParts, _alignment, weights, isPerson);
        var scale = !isPerson
            ? weights.Others : ours.Tokens.Any(token => token.IsAbjad) != theirs.Tokens.Any(token => token.IsAbjad)
            ? weights.NativePersons : weights.Persons;
        var name = scale.Apply(raw.Score);
        var evidence = EvidenceComparison.Compare(query, candidate, Options.Points);
        var score = name == 0 ? 0 : Math.Clamp(name + evidence.Sum(field => field.Points), 0, 10000);
        var match = new ScreeningMatch(candidate, candidate.Names.FirstOrDefault(), score, name, raw.Evidence,
            evidence);
        return new ScoredPair(match, MatchExplanation.Of(match, ours, theirs, _alignment.Chosen, ourParts, theirParts));
    }

    // Without a kind, a legal form or a word common to organisations tells which it is.
    private static bool IsPerson(ScreeningQuery query, string listed) => query.Kind switch
    {
        EntityKind.Person => true,
        EntityKind.Unknown => !IsOrganisation(query.Name) && !IsOrganisation(listed),
        _ => false,
    };

    private static bool IsOrganisation(string name)
    {
        var read = NameReader.Organisation(Cut(name));
        return read.IsCommon || read.Tokens.Any(token => token.Kind is TokenKind.Generic or TokenKind.LegalForm);
    }

    private static DateKind KindOf(EntityKind kind) => kind switch
    {
        EntityKind.Person or EntityKind.Unknown => DateKind.Birth,
        EntityKind.Vessel or EntityKind.Aircraft => DateKind.Built,
        _ => DateKind.Incorporation,
    };

    private static string Cut(string name) =>
        name.Length > ScreeningQuery.MaxNameLength ? name[..ScreeningQuery.MaxNameLength] : name;
}
