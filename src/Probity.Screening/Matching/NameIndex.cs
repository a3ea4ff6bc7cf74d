using System.Runtime.InteropServices;
using Probity.Screening.Text;

namespace Probity.Screening.Matching;

/// <summary>The listed names of one kind, found by score and not by a fixed number of candidates.</summary>
/// <remarks>
/// What a word of the query may stand for is found by <see cref="WordFinder"/>, joined words by <see
/// cref="JoinFinder"/>. Names then gather what their words cover. Parts of the query that cannot bring a name to the
/// floor, not even all of them together, lead to no name but those with initials, which stand for any word: the longest
/// postings are not walked. Each name whose best
/// possible score reaches the floor (<see cref="NameBound"/>) is scored. Immutable; safe for all threads with a
/// scratch each.
/// </remarks>
internal sealed class NameIndex
{
    /// <summary>Marks a name that joined words led to; parts of a query have the lower bits.</summary>
    private const uint Joined = 1u << 31;

    private readonly NameEntry[] _entries;
    private readonly Vocabulary _vocabulary;
    private readonly MatchWeights _weights;
    private readonly bool _isPerson;
    private readonly Postings _postings;
    private readonly WeighedPart[] _weighed;
    private readonly WordFinder _finder;
    private readonly JoinFinder _joins;
    private readonly Dictionary<string, List<int>> _plain;
    private readonly AskerSearch _askers;

    private NameIndex(NameEntry[] entries, Vocabulary vocabulary, bool isPerson, MatchWeights weights)
    {
        _isPerson = isPerson;
        _entries = entries;
        _vocabulary = vocabulary;
        _weights = weights;
        _postings = Postings.Of(entries, vocabulary);
        _weighed = Weigh(entries, vocabulary, _postings, weights);
        _finder = new WordFinder(vocabulary, weights);
        _joins = new JoinFinder(entries, vocabulary, _postings, _finder);
        _askers = new AskerSearch(this, _postings, _finder, _joins);
        _plain = [];
        for (var name = 0; name < entries.Length; name++)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_plain, entries[name].Name.Plain, out _) ??= new List<int>(1);
            _plain[entries[name].Name.Plain].Add(name);
        }
    }

    /// <summary>Gets the listed names; the number of a name is its place.</summary>
    public ReadOnlySpan<NameEntry> Entries => _entries;

    public Vocabulary Vocabulary => _vocabulary;

    public MatchWeights Weights => _weights;

    public bool IsPerson => _isPerson;

    /// <summary>Gets the search turned round.</summary>
    public AskerSearch Askers => _askers;

    /// <summary>Builds an index.</summary>
    /// <param name="entries">The names.</param>
    /// <param name="isPerson">Whether they are of persons.</param>
    /// <param name="options">The options in force.</param>
    /// <param name="weighedBy">An index whose words say how common a word is; null for the names themselves.</param>
    public static NameIndex Build(
        IReadOnlyList<NameEntry> entries, bool isPerson, ScreeningOptions options, NameIndex? weighedBy)
    {
        var vocabulary = Vocabulary.Build(entries, isPerson, options.Frequency, options.Weights);
        return new(
            [.. entries], weighedBy is null ? vocabulary : vocabulary.WeighedBy(weighedBy._vocabulary), isPerson,
            options.Weights);
    }

    /// <summary>Gets the numbers of the names whose words, as they stand, are these.</summary>
    public IReadOnlyList<int> NamesOf(string plain) => _plain.GetValueOrDefault(plain) ?? [];

    /// <summary>Gets the parts of a name as they are laid beside others.</summary>
    public ReadOnlySpan<WeighedPart> WeighedOf(int name) =>
        _weighed.AsSpan(_postings.FirstWord(name), _postings.WordsOf(name).Length);

    /// <summary>Finds every name whose score reaches the floor; the hits are in the scratch, in no order.</summary>
    public void Search(NormalName query, int floor, SearchScratch scratch)
    {
        scratch.Begin(_entries.Length, _vocabulary.Parts.Length, query.Tokens.Length);
        if (query.Tokens.Length == 0)
        {
            return;
        }

        query = _isPerson ? query : WithKnownWords(query);
        if (query.IsDistinctive)
        {
            var parts = PartsOf(query);
            FindWords(parts, floor, scratch);
            _joins.Find(query, parts, scratch);
            ScoreCovered(query, parts, floor, scratch);
        }

        AddExact(query, scratch);
    }

    /// <summary>Compares a query with one name again, leaving the chosen links in the scratch's alignment.</summary>
    public NameScore Explain(NormalName query, int name, SearchScratch scratch, out Part[] queryParts,
        out Part[] listedParts)
    {
        query = _isPerson ? query : WithKnownWords(query);
        queryParts = PartsOf(query);
        listedParts = PartsOf(_entries[name].Name);
        return NamePairs.Score(query, queryParts, _entries[name].Name, listedParts, scratch.Alignment, _weights,
            _isPerson);
    }

    private Part[] PartsOf(NormalName name)
    {
        var parts = new Part[name.Tokens.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            parts[i] = _vocabulary.Of(name.Tokens[i]);
        }

        return parts;
    }

    // A typing error in "limited" or "trading" would be a word that tells holders apart, were it not for this. The last
    // word that does stays, and so does a surname that looks like one ("Marian and Sons" is no marine company).
    private NormalName WithKnownWords(NormalName query)
    {
        NameToken[]? changed = null;
        var distinctive = query.Tokens.Count(token => token.Kind == TokenKind.Word);
        for (var i = 0; i < query.Tokens.Length; i++)
        {
            var token = query.Tokens[i];
            if (token.Kind == TokenKind.Word && token.Text.Length >= 4 && !_vocabulary.Knows(token.Text)
                && distinctive > 1 && OrganisationWords.Near(token.Text) is { } near
                && (near.Kind == TokenKind.LegalForm || !_vocabulary.IsName(token.Text)))
            {
                changed ??= [.. query.Tokens];
                changed[i] = token with { Text = near.Token, Kind = near.Kind };
                distinctive--;
            }
        }

        return changed is null ? query : query with { Tokens = changed };
    }

    private void FindWords(Part[] parts, int floor, SearchScratch scratch)
    {
        Span<int> ends = stackalloc int[parts.Length];
        Span<int> postings = stackalloc int[parts.Length];
        scratch.Bound.Begin(parts, floor, _isPerson, _weights);
        for (var at = 0; at < parts.Length; at++)
        {
            postings[at] = FindWord(parts[at], at, scratch);
            ends[at] = scratch.AllMatches.Count;
        }

        var unneeded = scratch.Bound.Unneeded(postings);
        for (var at = 0; at < parts.Length; at++)
        {
            var found = CollectionsMarshal.AsSpan(scratch.AllMatches)[(at == 0 ? 0 : ends[at - 1])..ends[at]];
            Gather(at, found, (unneeded & (1u << at)) != 0, scratch);
        }
    }

    /// <returns>How many names the words found lead to.</returns>
    private int FindWord(in Part part, int at, SearchScratch scratch)
    {
        if (part.IsLight || part.Kind == TokenKind.Initial)
        {
            // Too light to lead to a name, but it is laid beside its like in names found by other words.
            Note(_vocabulary.IdOf(part.Text), at, new WordMatch(1000, 0, PartRelation.Exact), scratch);
            return 0;
        }

        _finder.Find(part, scratch);
        if (part.Kind is TokenKind.LegalForm)
        {
            NoteForms(part, at, scratch);
        }

        var postings = 0;
        foreach (ref readonly var found in CollectionsMarshal.AsSpan(scratch.Matches))
        {
            Note(found.Word, at, found.Match, scratch);
            scratch.Bound.Note(at, found);
            scratch.AllMatches.Add(found);
            postings += _postings.Of(found.Word).Length;
        }

        return postings;
    }

    private void NoteForms(in Part part, int at, SearchScratch scratch)
    {
        foreach (var spelling in OrganisationWords.Forms)
        {
            var word = _vocabulary.IdOf(spelling);
            if (word >= 0 && !string.Equals(spelling, part.Text, StringComparison.Ordinal))
            {
                Note(word, at, TokenSimilarity.Compare(part, _vocabulary.Parts[word], _weights), scratch);
            }
        }
    }

    private static void Note(int word, int at, WordMatch match, SearchScratch scratch)
    {
        if (word >= 0)
        {
            ref var slot = ref scratch.RoomFor(word)[at];
            slot = match.Similarity > slot.Similarity ? match : slot;
        }
    }

    // Best words first, so that what a part adds to a name is the most that it may.
    private void Gather(int at, Span<FoundWord> found, bool isUnneeded, SearchScratch scratch)
    {
        found.Sort(static (one, other) =>
            one.Value != other.Value ? other.Value.CompareTo(one.Value) : one.Word.CompareTo(other.Word));
        var bit = 1u << at;
        var covered = scratch.Covered;
        foreach (ref readonly var match in found)
        {
            foreach (var name in isUnneeded ? _postings.OfInitials(match.Word) : _postings.Of(match.Word))
            {
                ref var place = ref covered[name];
                if (place.Parts == 0)
                {
                    scratch.Touched.Add(name);
                    place = new CoveredName(bit, match.Value);
                }
                else if ((place.Parts & bit) == 0)
                {
                    place = new CoveredName(place.Parts | bit, place.Value + match.Value);
                }
            }
        }
    }

    private void ScoreCovered(NormalName query, Part[] parts, int floor, SearchScratch scratch)
    {
        MarkJoined(scratch);
        var weighed = WeighedPart.Of(parts);
        foreach (var name in CollectionsMarshal.AsSpan(scratch.Touched))
        {
            var (mask, value) = scratch.Covered[name];
            scratch.Covered[name] = default;
            var isJoined = (mask & Joined) != 0;
            if (isJoined || scratch.Bound.MayReach(mask, value, _postings.HasInitials(name)))
            {
                var score = ScoreOne(query, parts, weighed, name, isJoined ? FirstJoin(scratch.Joins, name) : -1,
                    scratch);
                if (score.Score >= floor)
                {
                    scratch.Hits.Add(new NameHit(name, score));
                }
            }
        }
    }

    private static void MarkJoined(SearchScratch scratch)
    {
        scratch.Joins.Sort(static (a, b) => a.Name.CompareTo(b.Name));
        foreach (ref readonly var join in CollectionsMarshal.AsSpan(scratch.Joins))
        {
            ref var place = ref scratch.Covered[join.Name];
            if (place.Parts == 0)
            {
                scratch.Touched.Add(join.Name);
                place.Value = 0;
            }

            place.Parts |= Joined;
        }
    }

    private static int FirstJoin(List<JoinHit> joins, int name)
    {
        var (low, high) = (0, joins.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = joins[middle].Name < name ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    /// <param name="query">The query.</param>
    /// <param name="parts">Its parts.</param>
    /// <param name="weighed">The same, as they are laid beside others.</param>
    /// <param name="name">The name.</param>
    /// <param name="join">The first join that led to it, or -1.</param>
    /// <param name="scratch">The working memory.</param>
    private NameScore ScoreOne(
        NormalName query, Part[] parts, WeighedPart[] weighed, int name, int join, SearchScratch scratch)
    {
        var words = _postings.WordsOf(name);
        var listed = _weighed.AsSpan(_postings.FirstWord(name), words.Length);
        var alignment = scratch.Alignment;
        alignment.Clear();
        Span<(int Gain, int Evidence)> best = stackalloc (int, int)[parts.Length];
        best.Clear();
        var isOtherScript = false;
        for (var j = 0; j < words.Length; j++)
        {
            var matches = query.IsNative ? scratch.RoomFor(words[j]) : scratch.MatchesOf(words[j]);
            for (var i = 0; i < matches.Length; i++)
            {
                var match = parts[i].IsAbjad
                    ? Known(parts[i], words[j], listed[j].Kind, ref matches[i]) : matches[i];
                if (match.Similarity > 0
                    && (match.Relation == PartRelation.Exact || (!weighed[i].IsLight && !listed[j].IsLight)))
                {
                    var weight = (weighed[i].Bits + listed[j].Bits) / 2;
                    alignment.Offer(1u << i, 1u << j, match, weight);
                    var evidence = Math.Min(weighed[i].Bits, listed[j].Bits)
                        - (match.Cost * _weights.EditBits / TokenDistance.Edit);
                    best[i] = (Math.Max(best[i].Gain, weight * match.Similarity / 1000),
                        Math.Max(best[i].Evidence, evidence));
                    isOtherScript |= match.Relation == PartRelation.CrossScript;
                }
            }
        }

        if (join < 0 && !scratch.Bound.MayReach(best, isOtherScript, _postings.HasInitials(name)))
        {
            return default;
        }

        for (var i = join; i >= 0 && i < scratch.Joins.Count && scratch.Joins[i].Name == name; i++)
        {
            var found = scratch.Joins[i];
            alignment.Offer(found.Query, found.Listed, found.Match, NamePairs.JoinWeight(weighed, listed, found.Query,
                found.Listed));
        }

        return alignment.Score(weighed, listed, _weights, _isPerson, query.IsCommon || _entries[name].Name.IsCommon);
    }

    // Short words in Arabic and Hebrew letters have hardly a consonant to be found by, so they are compared with each
    // word of a name that others led to; once for each word of the vocabulary: a similarity below 0 is one that was
    // compared here, less by one.
    private WordMatch Known(in Part part, int word, TokenKind kind, ref WordMatch match)
    {
        if (match.Similarity > 0 || part.IsLight || kind != TokenKind.Word)
        {
            return match;
        }

        if (match.Similarity == 0)
        {
            var compared = TokenSimilarity.Compare(part, _vocabulary.Parts[word], _weights);
            match = compared with { Similarity = -1 - compared.Similarity };
        }

        return match with { Similarity = -1 - match.Similarity };
    }

    // Typed exactly: the same words in the same order, whatever they weigh.
    private void AddExact(NormalName query, SearchScratch scratch)
    {
        foreach (var name in NamesOf(query.Plain))
        {
            var at = scratch.Hits.FindIndex(hit => hit.Name == name);
            var evidence = at < 0 ? 0 : scratch.Hits[at].Score.Evidence;
            var exact = new NameHit(name, new NameScore(10000, 10000, evidence));
            if (at < 0)
            {
                scratch.Hits.Add(exact);
            }
            else
            {
                scratch.Hits[at] = exact;
            }
        }
    }

    private static WeighedPart[] Weigh(
        NameEntry[] entries, Vocabulary vocabulary, Postings postings, MatchWeights weights)
    {
        var weighed = new WeighedPart[postings.WordCount];
        for (var name = 0; name < entries.Length; name++)
        {
            var words = postings.WordsOf(name);
            for (var i = 0; i < words.Length; i++)
            {
                ref readonly var token = ref entries[name].Name.Tokens[i];
                var part = WeighedPart.Of(vocabulary.Parts[words[i]]) with
                {
                    Kind = token.Kind, IsFamily = token.IsFamily,
                };
                weighed[postings.FirstWord(name) + i] =
                    part.IsLight ? part with { Bits = weights.LightBits } : part;
            }
        }

        return weighed;
    }
}
