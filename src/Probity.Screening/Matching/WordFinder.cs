using Probity.Screening.Text;

namespace Probity.Screening.Matching;

/// <summary>A word of the vocabulary that a part of a query may stand for, and what it may add to a score.</summary>
/// <param name="Word">Number of the word.</param>
/// <param name="Match">How they match.</param>
/// <param name="Value">The information they share, by their similarity, in sixteenths of a bit.</param>
/// <param name="Evidence">What they may say for the whole, in sixteenths of a bit.</param>
internal readonly record struct FoundWord(int Word, WordMatch Match, int Value, int Evidence);

/// <summary>
/// Finds the words of a vocabulary that a part of a query may stand for: by its deletion neighbourhood, its consonants
/// and names known to stand for it. What is found is compared once. Immutable; safe for all threads with a scratch
/// each.
/// </summary>
internal sealed class WordFinder
{
    private const int LongFold = 8;

    private readonly Vocabulary _vocabulary;
    private readonly MatchWeights _weights;
    private readonly DeletionIndex _folds;
    private readonly Skeletons _abjads;
    private readonly Skeletons _latins;
    private readonly Dictionary<string, int[]> _skeletons;
    private readonly Dictionary<int, int[]> _nicknames;
    private readonly Dictionary<string, int[]> _stems;

    public WordFinder(Vocabulary vocabulary, MatchWeights weights)
    {
        _vocabulary = vocabulary;
        _weights = weights;
        var parts = vocabulary.Parts;
        _folds = DeletionIndex.Build([.. parts.Select(part => part.Fold)], Edits, id => SignOf(parts[id]));
        _abjads = Skeletons.Of(parts, static part => part.IsAbjad);
        _latins = Skeletons.Of(parts, static part => !part.IsAbjad);
        _skeletons = Group(parts.Select((part, id) => (part.Skeleton, id))
            .Where(row => IsFindable(parts[row.id]) && row.Skeleton.Length >= 3));
        _nicknames = Group(parts.SelectMany((part, id) => Nicknames.GroupsOf(part.Text).Select(group => (group, id))));
        _stems = Group(parts.Select((part, id) => (Stem: Nicknames.StemOf(part.Text) ?? "", id))
            .Where(row => row.Stem.Length != 0));
    }

    /// <summary>Finds what a part may stand for; the matches are in the scratch, in no order, each word once but
    /// for short forms.</summary>
    public void Find(in Part part, SearchScratch scratch)
    {
        Begin(part, scratch);
        Compare(part, _vocabulary.IdOf(part.Text), scratch);
        if (part.Kind is TokenKind.Word)
        {
            FindSpellings(part, scratch);
            FindAbjad(part, scratch.Found);
            if (_skeletons.TryGetValue(part.Skeleton, out var words))
            {
                scratch.Found.AddRange(words);
            }

            CompareFound(part, scratch);
            FindNicknames(part, scratch);
        }
    }

    /// <summary>
    /// The same for a listed word, to find the words of a query that would find it: a word that only weighs nothing on
    /// one side is found as it stands, and kh and gh of the listed word may be two letters of another script.
    /// </summary>
    public void FindBothWays(in Part part, SearchScratch scratch)
    {
        Find(part, scratch);
        if (part.Kind is TokenKind.Word && !part.IsAbjad && !_abjads.IsEmpty
            && AbjadDistance.SecondSkeleton(part.Text) is { Length: > 0 } second)
        {
            scratch.Found.Clear();
            _abjads.Find(second, scratch.Found);
            CompareFound(part, scratch);
        }
    }

    /// <summary>The same for several words of a query written together, which have no short forms.</summary>
    public void FindJoined(in Part part, SearchScratch scratch)
    {
        Begin(part, scratch);
        FindSpellings(part, scratch);
        if (part.IsAbjad)
        {
            FindAbjad(part, scratch.Found);
        }

        CompareFound(part, scratch);
    }

    /// <summary>Gets the most edits at which a word is found by its letters, or -1 for not at all.</summary>
    public static int Edits(string fold) =>
        !char.IsAsciiLetterOrDigit(fold[0]) ? (fold[0] is '§' or '~' ? -1 : fold.Length >= 5 ? 1 : 0)
        : fold.Length >= 6 ? 2 : fold.Length >= 3 ? 1 : 0;

    private static void Begin(in Part part, SearchScratch scratch)
    {
        scratch.Matches.Clear();
        scratch.Found.Clear();
        scratch.BeginRound();
        scratch.Pattern.Set(part.Fold);
    }

    private static ulong SignOf(in Part part) =>
        part.IsAbjad ? WordSign.Any : WordSign.Of(part.Fold, part.Skeleton);

    private static bool IsFindable(in Part part) => part.Kind is TokenKind.Word && part.Text[0] is not ('§' or '~');

    private void FindSpellings(in Part part, SearchScratch scratch) => _folds.Find(
        part.Fold, Math.Max(0, Edits(part.Fold)), SignOf(part), MostEdits(part.Fold.Length), scratch.Found);

    private static int MostEdits(int shorter) => shorter >= LongFold ? 4 : 3;

    // Latin words find Latin words by their spelling; this way is for the other script.
    private void FindAbjad(in Part part, List<int> found)
    {
        if (_abjads.IsEmpty && !part.IsAbjad)
        {
            return;
        }

        var skeleton = AbjadDistance.Skeleton(part.Text);
        if (skeleton.Length == 0)
        {
            return;
        }

        _abjads.Find(skeleton, found);
        if (part.IsAbjad)
        {
            _latins.Find(skeleton, found);
        }
    }

    private void FindNicknames(in Part part, SearchScratch scratch)
    {
        foreach (var group in Nicknames.GroupsOf(part.Text))
        {
            foreach (var word in _nicknames.GetValueOrDefault(group, []))
            {
                if (!string.Equals(_vocabulary.Parts[word].Text, part.Text, StringComparison.Ordinal))
                {
                    AddNickname(part, word, scratch);
                }
            }
        }

        foreach (var word in _stems.GetValueOrDefault(part.Text, []))
        {
            AddNickname(part, word, scratch);
        }

        if (Nicknames.StemOf(part.Text) is { } stem && _vocabulary.IdOf(stem) is var id and >= 0)
        {
            AddNickname(part, id, scratch);
        }
    }

    private void AddNickname(in Part part, int word, SearchScratch scratch) => scratch.Matches.Add(Weighed(
        part, word, new WordMatch(_weights.Nickname, 12, PartRelation.Nickname)));

    private void CompareFound(in Part part, SearchScratch scratch)
    {
        foreach (var word in scratch.Found)
        {
            Compare(part, word, scratch);
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
            scratch.Matches.Add(Weighed(part, word, match));
        }
    }

    private FoundWord Weighed(in Part part, int word, WordMatch match)
    {
        var bits = _vocabulary.Parts[word].Bits;
        return new FoundWord(
            word, match, (part.Bits + bits) / 2 * match.Similarity / 1000,
            Math.Max(0, Math.Min(part.Bits, bits) - (match.Cost * _weights.EditBits / TokenDistance.Edit)));
    }

    // A plain distance of whole words costs a fraction of the weighed one and settles most of what is found.
    private static bool IsHopeless(in Part query, in Part listed, BitPattern pattern) =>
        !query.IsAbjad && !listed.IsAbjad
        && !string.Equals(query.Skeleton, listed.Skeleton, StringComparison.Ordinal)
        && pattern.Distance(listed.Fold) > MostEdits(Math.Min(query.Fold.Length, listed.Fold.Length));

    private static Dictionary<TKey, int[]> Group<TKey>(IEnumerable<(TKey Key, int Id)> rows)
        where TKey : notnull =>
        rows.GroupBy(row => row.Key, row => row.Id).ToDictionary(group => group.Key, group => group.ToArray());

    /// <summary>Words by their consonants in one alphabet, one missing at most.</summary>
    private sealed record Skeletons(DeletionIndex Index, int[] Words)
    {
        public bool IsEmpty => Words.Length == 0;

        public static Skeletons Of(Part[] parts, Predicate<Part> isWanted)
        {
            var wanted = parts.Select((part, id) => (part, id)).Where(row => IsFindable(row.part) && isWanted(row.part))
                .ToArray();
            var rows = wanted.Select(row => (Text: AbjadDistance.Skeleton(row.part.Text), row.id))
                .Concat(wanted.Select(row => (Text: AbjadDistance.SecondSkeleton(row.part.Text) ?? "", row.id)))
                .Where(row => row.Text.Length != 0).ToArray();
            return new Skeletons(
                DeletionIndex.Build([.. rows.Select(row => row.Text)], static skeleton => EditsOf(skeleton)),
                [.. rows.Select(row => row.id)]);
        }

        public void Find(string skeleton, List<int> found)
        {
            var start = found.Count;
            Index.Find(skeleton, EditsOf(skeleton), found);
            for (var i = start; i < found.Count; i++)
            {
                found[i] = Words[found[i]];
            }
        }

        private static int EditsOf(string skeleton) => skeleton.Length >= 3 ? 1 : 0;
    }
}
