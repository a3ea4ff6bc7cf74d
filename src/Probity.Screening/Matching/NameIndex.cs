using Probity.Screening.Text;

namespace Probity.Screening.Matching;

/// <summary>The listed names of one kind, found by score and not by a fixed number of candidates.</summary>
/// <remarks>
/// A word of the query is found by its deletion neighbourhood, its consonants, names known to stand for it and its
/// joined form; what is found is compared once for each word of the vocabulary. Names then gather what their words
/// cover, and each whose best possible score reaches the floor is scored. Immutable; safe for all threads with a
/// scratch each.
/// </remarks>
internal sealed class NameIndex
{
    private const int ShortestJoin = 5;

    /// <summary>"Abu" in code letters.</summary>
    private const string FatherOf = "\u0001abw";

    /// <summary>Marks a name that joined words led to; parts of a query have the lower bits.</summary>
    private const uint Joined = 1u << 31;

    private readonly NameEntry[] _entries;
    private readonly Vocabulary _vocabulary;
    private readonly MatchWeights _weights;
    private readonly bool _isPerson;
    private readonly int _enoughBits;
    private readonly int[] _wordStarts;
    private readonly int[] _words;
    private readonly int[] _postingStarts;
    private readonly int[] _postings;
    private readonly DeletionIndex _folds;
    private readonly DeletionIndex _abjads;
    private readonly Dictionary<string, int[]> _skeletons;
    private readonly Dictionary<int, int[]> _nicknames;
    private readonly Dictionary<string, List<int>> _plain;
    private readonly JoinIndex _joins;
    private readonly int[] _abjadWords;

    private NameIndex(NameEntry[] entries, Vocabulary vocabulary, bool isPerson, MatchWeights weights)
    {
        _isPerson = isPerson;
        _enoughBits = isPerson ? weights.EnoughBits : weights.EnoughOrganisationBits;
        _entries = entries;
        _vocabulary = vocabulary;
        _weights = weights;
        (_wordStarts, _words) = WordsOf(entries, vocabulary);
        (_postingStarts, _postings) = Postings(_wordStarts, _words, vocabulary.Parts.Length);
        var parts = vocabulary.Parts;
        _folds = DeletionIndex.Build([.. parts.Select(part => part.Fold)], Edits);
        var skeletons = parts.Select((part, id) => (Text: IsFindable(part) ? AbjadDistance.Skeleton(part.Text) : "",
            Id: id))
            .Concat(parts.Select((part,
                id) => (Text: IsFindable(part) ? AbjadDistance.SecondSkeleton(part.Text) ?? "" : "", Id: id)))
            .Where(row => row.Text.Length != 0).ToArray();
        _abjadWords = [.. skeletons.Select(row => row.Id)];
        _abjads = DeletionIndex.Build([.. skeletons.Select(row => row.Text)],
            static skeleton => skeleton.Length >= 3 ? 1 : 0);
        _skeletons = Group(parts.Select((part, id) => (part.Skeleton,
            id)).Where(row => IsFindable(parts[row.id]) && row.Skeleton.Length >= 3));
        _nicknames = Group(parts.SelectMany((part, id) => Nicknames.GroupsOf(part.Text).Select(group => (group, id))));
        _plain = [];
        for (var name = 0; name < entries.Length; name++)
        {
            if (!_plain.TryGetValue(entries[name].Name.Plain, out var same))
            {
                _plain.Add(entries[name].Name.Plain, same = []);
            }

            same.Add(name);
        }

        _joins = JoinIndex.Build(entries);
    }

    /// <summary>Gets the listed names; the number of a name is its place.</summary>
    public ReadOnlySpan<NameEntry> Entries => _entries;

    public Vocabulary Vocabulary => _vocabulary;

    public static NameIndex Build(IReadOnlyList<NameEntry> entries, bool isPerson, NameFrequency frequency,
        MatchWeights weights) =>
        new([.. entries], Vocabulary.Build(entries, isPerson, frequency, weights), isPerson, weights);

    /// <summary>Finds every name whose score reaches the floor; the hits are in the scratch, in no order.</summary>
    public void Search(NormalName query, int floor, SearchScratch scratch)
    {
        scratch.Begin(_entries.Length, _vocabulary.Parts.Length);
        if (query.Tokens.Length == 0)
        {
            return;
        }

        query = _isPerson ? query : WithKnownWords(query);
        var parts = new Part[query.Tokens.Length];
        var total = 0;
        for (var i = 0; i < parts.Length; i++)
        {
            parts[i] = _vocabulary.Of(query.Tokens[i]);
            total += parts[i].IsLight ? 0 : parts[i].Bits;
        }

        if (query.IsDistinctive)
        {
            for (var i = 0; i < parts.Length; i++)
            {
                FindWord(parts, i, scratch);
            }

            FindJoins(query, parts, scratch);
            ScoreCovered(query, parts, total, floor, scratch);
        }

        AddExact(query, scratch);
    }

    /// <summary>Compares a query with one name again, leaving the chosen links in the scratch's alignment.</summary>
    public NameScore Explain(NormalName query, int name, SearchScratch scratch, out Part[] queryParts,
        out Part[] listedParts)
    {
        query = _isPerson ? query : WithKnownWords(query);
        queryParts = [.. query.Tokens.Select(_vocabulary.Of)];
        listedParts = [.. _entries[name].Name.Tokens.Select(_vocabulary.Of)];
        return NamePairs.Score(query, queryParts, _entries[name].Name, listedParts, scratch.Alignment, _weights,
            _enoughBits);
    }

    // A typing error in "limited" or "trading" would be a word that tells holders apart, were it not for this.
    private NormalName WithKnownWords(NormalName query)
    {
        NameToken[]? changed = null;
        for (var i = 0; i < query.Tokens.Length; i++)
        {
            var token = query.Tokens[i];
            if (token.Kind == TokenKind.Word && token.Text.Length >= 4 && _vocabulary.IdOf(token.Text) < 0
                && OrganisationWords.Near(token.Text) is { } near)
            {
                changed ??= [.. query.Tokens];
                changed[i] = token with { Text = near.Token, Kind = near.Kind };
            }
        }

        return changed is null ? query : query with { Tokens = changed };
    }

    private static int Edits(string fold) =>
        !char.IsAsciiLetterOrDigit(fold[0]) ? (fold[0] is '§' or '~' ? -1 : fold.Length >= 5 ? 1 : 0)
        : fold.Length >= 6 ? 2 : fold.Length >= 3 ? 1 : 0;

    private static bool IsFindable(in Part part) => part.Kind is TokenKind.Word && part.Text[0] is not ('§' or '~');

    private void FindWord(Part[] parts, int at, SearchScratch scratch)
    {
        ref readonly var part = ref parts[at];
        if (part.IsLight || part.Kind == TokenKind.Initial)
        {
            // Too light to lead to a name, but it is laid beside its like in names found by other words.
            Note(_vocabulary.IdOf(part.Text), at, new WordMatch(1000, 0, PartRelation.Exact), scratch);
            return;
        }

        scratch.Matches.Clear();
        scratch.BeginRound();
        scratch.Pattern.Set(part.Fold);
        Compare(part, _vocabulary.IdOf(part.Text), scratch);
        if (part.Kind is TokenKind.Word)
        {
            scratch.Found.Clear();
            _folds.Find(part.Fold, Math.Max(0, Edits(part.Fold)), scratch.Found);
            FindAbjad(part, scratch.Found);
            AddAll(_skeletons, part.Skeleton, scratch.Found);
            foreach (var word in scratch.Found)
            {
                Compare(part, word, scratch);
            }

            FindNicknames(part, scratch);
        }
        else if (part.Kind is TokenKind.LegalForm)
        {
            FindForms(part, at, scratch);
        }

        scratch.Matches.Sort(static (a, b) =>
            a.Match.Similarity != b.Match.Similarity
                ? b.Match.Similarity.CompareTo(a.Match.Similarity) : a.Word.CompareTo(b.Word));
        foreach (var (word, match) in scratch.Matches)
        {
            Note(word, at, match, scratch);
            Gather(parts, at, word, match, scratch);
        }
    }

    private void FindForms(in Part part, int at, SearchScratch scratch)
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

    private void FindAbjad(in Part part, List<int> found)
    {
        var skeleton = AbjadDistance.Skeleton(part.Text);
        if (skeleton.Length == 0)
        {
            return;
        }

        var start = found.Count;
        _abjads.Find(skeleton, skeleton.Length >= 3 ? 1 : 0, found);
        var isAbjad = part.IsAbjad;
        var kept = start;
        for (var i = start; i < found.Count; i++)
        {
            // Latin words find Latin words by their spelling; this way is for the other script.
            var word = _abjadWords[found[i]];
            if (isAbjad || _vocabulary.Parts[word].IsAbjad)
            {
                found[kept++] = word;
            }
        }

        found.RemoveRange(kept, found.Count - kept);
    }

    private void FindNicknames(in Part part, SearchScratch scratch)
    {
        foreach (var group in Nicknames.GroupsOf(part.Text))
        {
            foreach (var word in _nicknames.GetValueOrDefault(group, []))
            {
                if (!string.Equals(_vocabulary.Parts[word].Text, part.Text, StringComparison.Ordinal))
                {
                    scratch.Matches.Add((word, new WordMatch(_weights.Nickname, 12, PartRelation.Nickname)));
                }
            }
        }
    }

    private void Compare(in Part part, int word, SearchScratch scratch)
    {
        if (word < 0 || scratch.SeenStamp[word] == scratch.SeenRound)
        {
            return;
        }

        scratch.SeenStamp[word] = scratch.SeenRound;
        if (IsHopeless(part, _vocabulary.Parts[word], scratch.Pattern))
        {
            return;
        }

        var match = TokenSimilarity.Compare(part, _vocabulary.Parts[word], _weights);
        if (match.Similarity != 0)
        {
            scratch.Matches.Add((word, match));
        }
    }

    // A plain distance of whole words costs a fraction of the weighed one and settles most of what is found.
    private static bool IsHopeless(in Part query, in Part listed, BitPattern pattern) =>
        !query.IsAbjad && !listed.IsAbjad
        && !string.Equals(query.Skeleton, listed.Skeleton, StringComparison.Ordinal)
        && pattern.Distance(listed.Fold) > (Math.Min(query.Fold.Length, listed.Fold.Length) >= 8 ? 4 : 3);

    private static void Note(int word, int at, WordMatch match, SearchScratch scratch)
    {
        if (word >= 0)
        {
            ref var slot = ref scratch.Slot(word, at);
            slot = match.Similarity > slot.Similarity ? match : slot;
        }
    }

    private void Gather(Part[] parts, int at, int word, WordMatch match, SearchScratch scratch)
    {
        var value = (parts[at].Bits + _vocabulary.Parts[word].Bits) / 2 * match.Similarity / 1000;
        var bit = 1u << at;
        for (var i = _postingStarts[word]; i < _postingStarts[word + 1]; i++)
        {
            var name = _postings[i];
            if (scratch.CoveredParts[name] == 0)
            {
                scratch.Touched.Add(name);
                scratch.Covered[name] = 0;
            }

            if ((scratch.CoveredParts[name] & bit) == 0)
            {
                scratch.CoveredParts[name] |= bit;
                scratch.Covered[name] += value;
            }
        }
    }

    private void FindJoins(NormalName query, Part[] parts, SearchScratch scratch)
    {
        // Two or three words of the query that are one word of the list.
        for (var start = 0; start + 1 < parts.Length; start++)
        {
            for (var count = 2; count <= 3 && start + count <= parts.Length; count++)
            {
                JoinQuery(query, start, count, scratch);
            }
        }

        // One word of the query, or all of it, that is several words of the list.
        for (var at = 0; at < parts.Length; at++)
        {
            if (parts[at].Kind == TokenKind.Word && parts[at].Text.Length >= ShortestJoin)
            {
                _joins.Find(parts[at].Text, 1u << at, MostJoinCost(parts[at].IsSyllabic), scratch);
            }
        }

        // Where Han and Hangul names end is known, so that surname and given name are not cut anew.
        if (parts.Length > 1 && !parts[0].IsSyllabic && JoinIndex.Whole(query) is { Length: >= ShortestJoin } whole)
        {
            _joins.Find(whole, JoinIndex.All(parts.Length), JoinIndex.MostCost, scratch);
        }
    }

    private static int MostJoinCost(bool isSyllabic) => isSyllabic ? JoinIndex.MostSyllabicCost : JoinIndex.MostCost;

    private void JoinQuery(NormalName query, int start, int count, SearchScratch scratch)
    {
        var joined = JoinIndex.Join(query.Tokens, start, count);
        if (joined.Length < ShortestJoin)
        {
            return;
        }

        // Two short words of consonants read as almost anything; a compound has an article, a servant or God in it.
        if (joined[0] == NameToken.Arabic && joined.Length < 8 && !IsCompound(query.Tokens.AsSpan(start, count)))
        {
            return;
        }

        var part = _vocabulary.Of(new NameToken(joined, TokenKind.Word, joined));
        scratch.Found.Clear();
        scratch.BeginRound();
        scratch.Pattern.Set(part.Fold);
        _folds.Find(part.Fold, Math.Max(0, Edits(part.Fold)), scratch.Found);
        if (part.IsAbjad)
        {
            FindAbjad(part, scratch.Found);
        }

        scratch.Matches.Clear();
        foreach (var word in scratch.Found)
        {
            Compare(part, word, scratch);
        }

        var mask = JoinIndex.All(count) << start;
        foreach (var (word, _) in scratch.Matches)
        {
            var listed = _vocabulary.Parts[word].Text;
            var isCross = part.IsAbjad != _vocabulary.Parts[word].IsAbjad;
            var cost = 3 + (isCross ? AbjadDistance.Cost(joined, listed) : TokenDistance.Cost(joined, listed, 24));
            var most = isCross ? 13 : MostJoinCost(query.Tokens[start].IsSyllabic);
            if (cost > most || cost * 5 > TokenDistance.Edit * joined.Length)
            {
                continue;
            }

            for (var i = _postingStarts[word]; i < _postingStarts[word + 1]; i++)
            {
                var name = _postings[i];
                var place = Array.IndexOf(_words, word, _wordStarts[name],
                    _wordStarts[name + 1] - _wordStarts[name]) - _wordStarts[name];
                scratch.Joins.Add(new JoinHit(name, mask, 1u << place, JoinIndex.MatchOf(cost, joined.Length)));
            }
        }
    }

    private static bool IsCompound(ReadOnlySpan<NameToken> tokens)
    {
        foreach (var token in tokens)
        {
            if (token.Kind is TokenKind.Particle or TokenKind.Servant || token.Text == FatherOf
                || token.Text.EndsWith("allH", StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    private void ScoreCovered(NormalName query, Part[] parts, int total, int floor, SearchScratch scratch)
    {
        scratch.Joins.Sort(static (a, b) => a.Name.CompareTo(b.Name));
        foreach (var join in scratch.Joins)
        {
            if (scratch.CoveredParts[join.Name] == 0)
            {
                scratch.Touched.Add(join.Name);
                scratch.Covered[join.Name] = 0;
            }

            scratch.CoveredParts[join.Name] |= Joined;
        }

        foreach (var name in scratch.Touched)
        {
            var isJoined = (scratch.CoveredParts[name] & Joined) != 0;
            if (isJoined || CouldReach(parts, total, scratch.Covered[name], scratch.CoveredParts[name], floor))
            {
                var score = ScoreOne(query, parts, name, isJoined ? FirstJoin(scratch.Joins,
                    name) : scratch.Joins.Count, scratch);
                if (score.Score >= floor)
                {
                    scratch.Hits.Add(new NameHit(name, score));
                }
            }

            scratch.CoveredParts[name] = 0;
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

    // The best score possible: everything not covered counts as missing on the query's side, initials as matched.
    private bool CouldReach(Part[] parts, int total, int covered, uint mask, int floor)
    {
        var rest = total;
        var light = 0;
        for (var i = 0; i < parts.Length; i++)
        {
            if (parts[i].IsLight || parts[i].Kind == TokenKind.Initial)
            {
                light += parts[i].Bits;
                rest -= parts[i].IsLight ? 0 : parts[i].Bits;
            }
            else if (parts[i].IsAbjad && parts[i].Text.Length <= 5 && (mask & (1u << i)) == 0)
            {
                light += parts[i].Bits;
                rest -= parts[i].Bits;
            }
            else if ((mask & (1u << i)) != 0)
            {
                rest -= parts[i].Bits;
            }
            else if (parts[i].Kind == TokenKind.Word)
            {
                // It may be the long form of an initial on the list.
                light += _weights.InitialBits;
            }
        }

        var gain = covered + light;
        return gain * 10000L >= floor * (gain + (Math.Max(0, rest) * _weights.UnmatchedQuery / 1000L));
    }

    private NameScore ScoreOne(NormalName query, Part[] parts, int name, int joined, SearchScratch scratch)
    {
        var count = _wordStarts[name + 1] - _wordStarts[name];
        Span<int> words = _words.AsSpan(_wordStarts[name], count);
        var listed = scratch.ListedParts(count);
        var alignment = scratch.Alignment;
        alignment.Clear();
        for (var j = 0; j < count; j++)
        {
            listed[j] = _vocabulary.Parts[words[j]] with { Kind = _entries[name].Name.Tokens[j].Kind };
            listed[j] = listed[j].IsLight ? listed[j] with { Bits = _weights.LightBits } : listed[j];
            var isFound = scratch.WordStamp[words[j]] == scratch.Stamp;
            for (var i = 0; i < parts.Length && (isFound || query.IsNative); i++)
            {
                var match = isFound ? scratch.Slot(words[j], i) : WordMatch.None;
                if (match.Similarity == 0 && parts[i].IsAbjad && !parts[i].IsLight && listed[j].Kind == TokenKind.Word)
                {
                    // Short words in these scripts have hardly a consonant to be found by.
                    match = TokenSimilarity.Compare(parts[i], listed[j], _weights);
                }

                if (match.Similarity != 0)
                {
                    alignment.Offer(1u << i, 1u << j, match, (parts[i].Bits + listed[j].Bits) / 2);
                }
            }
        }

        for (var i = joined; i < scratch.Joins.Count && scratch.Joins[i].Name == name; i++)
        {
            var join = scratch.Joins[i];
            alignment.Offer(join.Query, join.Listed, join.Match, NamePairs.JoinWeight(parts, listed, join.Query,
                join.Listed));
        }

        return alignment.Score(parts, listed, _weights, _enoughBits, query.IsCommon || _entries[name].Name.IsCommon);
    }

    // Typed exactly: the same words in the same order, whatever they weigh.
    private void AddExact(NormalName query, SearchScratch scratch)
    {
        foreach (var name in _plain.GetValueOrDefault(query.Plain) ?? [])
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

    private static (int[] Starts, int[] Words) WordsOf(NameEntry[] entries, Vocabulary vocabulary)
    {
        var starts = new int[entries.Length + 1];
        var words = new List<int>(entries.Length * 4);
        for (var name = 0; name < entries.Length; name++)
        {
            starts[name] = words.Count;
            words.AddRange(entries[name].Name.Tokens.Select(token => vocabulary.IdOf(token.Text)));
        }

        starts[^1] = words.Count;
        return (starts, [.. words]);
    }

    private static (int[] Starts, int[] Postings) Postings(int[] wordStarts, int[] words, int vocabulary)
    {
        var starts = new int[vocabulary + 1];
        foreach (var word in words)
        {
            starts[word + 1]++;
        }

        for (var i = 1; i < starts.Length; i++)
        {
            starts[i] += starts[i - 1];
        }

        var next = starts.ToArray();
        var postings = new int[words.Length];
        for (var name = 0; name + 1 < wordStarts.Length; name++)
        {
            for (var at = wordStarts[name]; at < wordStarts[name + 1]; at++)
            {
                postings[next[words[at]]++] = name;
            }
        }

        return (starts, postings);
    }

    private static Dictionary<TKey, int[]> Group<TKey>(IEnumerable<(TKey Key, int Id)> rows)
        where TKey : notnull =>
        rows.GroupBy(row => row.Key, row => row.Id).ToDictionary(group => group.Key, group => group.ToArray());

    private static void AddAll(Dictionary<string, int[]> table, string key, List<int> found)
    {
        if (table.TryGetValue(key, out var words))
        {
            found.AddRange(words);
        }
    }
}
