using Probity.Screening.Text;

namespace Probity.Screening.Matching;

/// <summary>How two parts of a name were found to belong together.</summary>
internal enum PartRelation : byte
{
    None,
    Exact,
    Spelling,
    Typo,
    Phonetic,
    Nickname,
    Initial,
    CrossScript,
    Joined,
}

/// <summary>What the matcher knows about a word on either side.</summary>
internal readonly record struct Part(string Text, string Fold, string Skeleton, TokenKind Kind, int Bits, bool IsKnown)
{
    /// <summary>Gets whether it was romanised from Han or Hangul.</summary>
    public bool IsSyllabic { get; init; }

    /// <summary>Gets the letters of <see cref="Text"/> as a set (see <see cref="WordSign"/>).</summary>
    public uint Letters { get; } = WordSign.Letters(Text);

    /// <summary>Gets the pattern of an Arabic or Hebrew word; null for others.</summary>
    public AbjadPattern? Pattern { get; } = Text[0] is NameToken.Arabic or NameToken.Hebrew
        ? new AbjadPattern(Text) : null;

    public bool IsAbjad => Text[0] is NameToken.Arabic or NameToken.Hebrew;

    public bool IsLight => Kind is TokenKind.Particle or TokenKind.Servant or TokenKind.Title;
}

/// <summary>The similarity of two words: per mille, cost in sixteenths of an edit, and why.</summary>
internal readonly record struct WordMatch(int Similarity, int Cost, PartRelation Relation)
{
    public static WordMatch None => default;
}

/// <summary>Compares two words. Whole numbers only; the result depends on nothing but the words and the
/// weights.</summary>
internal static class TokenSimilarity
{
    /// <summary>What romanisations of one syllable may differ by; a typing error is more.</summary>
    public const int Romanisation = 8;

    public static WordMatch Compare(in Part query, in Part listed, MatchWeights weights)
    {
        if (string.Equals(query.Text, listed.Text, StringComparison.Ordinal))
        {
            return new WordMatch(1000, 0, PartRelation.Exact);
        }

        if (query.IsAbjad || listed.IsAbjad)
        {
            return CrossScript(query, listed);
        }

        if (query.Kind is TokenKind.LegalForm or TokenKind.Generic
            || listed.Kind is TokenKind.LegalForm or TokenKind.Generic)
        {
            return LegalForms(query, listed);
        }

        return query.Kind is TokenKind.Number || listed.Kind is TokenKind.Number
            ? WordMatch.None
            : Latin(query, listed, weights);
    }

    private static WordMatch LegalForms(in Part query, in Part listed) =>
        query.Kind == TokenKind.LegalForm && listed.Kind == TokenKind.LegalForm
            ? new WordMatch(
                OrganisationWords.ClassOf(query.Text[1..]) == OrganisationWords.ClassOf(listed.Text[1..]) ? 900 : 500,
                    4, PartRelation.Spelling)
            : WordMatch.None;

    private static WordMatch CrossScript(in Part query, in Part listed)
    {
        if (query.IsAbjad && listed.IsAbjad)
        {
            var limit = TokenDistance.Limit(Math.Min(query.Text.Length, listed.Text.Length));
            var edits = TokenDistance.Cost(query.Text, listed.Text, limit);
            return edits > limit ? WordMatch.None : Of(edits, Math.Max(query.Text.Length, listed.Text.Length) - 1,
                PartRelation.Typo);
        }

        ref readonly var word = ref query.IsAbjad ? ref query : ref listed;
        ref readonly var other = ref query.IsAbjad ? ref listed : ref query;
        var (pattern, latin) = (word.Text, other.Text);
        if (latin[0] is '§' or '~')
        {
            return WordMatch.None;
        }

        var length = Math.Max(pattern.Length, latin.Length - 1);
        // Vowels cost next to nothing, so that what a consonant costs must stand out: none may differ in a short word.
        var bound = length switch { <= 3 => 5, 4 => 6, 5 => 8, 6 => 9, 7 => 11, 8 => 14, _ => 18 };
        if (word.Pattern is { } compiled && compiled.LeastCost(other.Letters, bound) > bound)
        {
            return WordMatch.None;
        }

        var cost = AbjadDistance.Cost(pattern, latin, bound);
        return cost > bound ? WordMatch.None : Of(cost * 3 / 2, length, PartRelation.CrossScript);
    }

    private static WordMatch Latin(in Part query, in Part listed, MatchWeights weights)
    {
        var shorter = Math.Min(query.Text.Length, listed.Text.Length);
        var longer = Math.Max(query.Text.Length, listed.Text.Length);
        var limit = TokenDistance.Limit(shorter);
        limit = query.IsSyllabic ? Math.Min(Romanisation, limit) : limit;
        var isFolded = query.Fold.Length >= 3 && longer - shorter <= 2 && string.Equals(query.Fold, listed.Fold,
            StringComparison.Ordinal);
        var cost = isFolded ? 3 : int.MaxValue;
        if (!isFolded)
        {
            if (longer - shorter <= 4)
            {
                cost = TokenDistance.Cost(query.Text, listed.Text, limit);
            }

            if (cost > 6)
            {
                var folded = TokenDistance.Cost(query.Fold, listed.Fold, limit) + 2;
                cost = Math.Min(cost, folded);
            }
        }

        if (shorter >= 4 && longer - shorter is >= 1 and <= 4 && !query.IsSyllabic && IsCut(query.Text, listed.Text))
        {
            cost = Math.Min(cost, 6 + (6 * (longer - shorter)));
            limit = Math.Max(limit, cost);
        }

        if (cost > limit)
        {
            return !query.IsSyllabic && IsPhonetic(query, listed, shorter)
                ? Damp(new WordMatch(weights.Phonetic, 24, PartRelation.Phonetic), query, listed, weights)
                : WordMatch.None;
        }

        // A first letter that is another one is rarer among errors than among different names.
        cost += query.Fold[0] != listed.Fold[0] && cost > 8 ? 4 : 0;
        var match = Of(cost, longer, cost <= 8 ? PartRelation.Spelling : PartRelation.Typo);
        return cost <= 8 ? match : Damp(match, query, listed, weights);
    }

    // A field was too short for the name.
    private static bool IsCut(string one, string other) =>
        one.StartsWith(other, StringComparison.Ordinal) || other.StartsWith(one, StringComparison.Ordinal);

    private static bool IsPhonetic(in Part query, in Part listed, int shorter) =>
        shorter >= 4 && query.Skeleton.Length >= 3 && string.Equals(query.Skeleton, listed.Skeleton,
            StringComparison.Ordinal);

    // A common known name is not a typing error of another one.
    private static WordMatch Damp(WordMatch match, in Part query, in Part listed, MatchWeights weights) =>
        query.IsKnown && listed.IsKnown
            ? match with { Similarity = Math.Max(0, match.Similarity - weights.KnownNames), Cost = match.Cost + 16 }
            : match;

    private static WordMatch Of(int cost, int length, PartRelation relation) =>
        new(Math.Max(0, 1000 - (cost * 1000 / (TokenDistance.Edit * Math.Max(length, 1)))), cost, relation);
}
