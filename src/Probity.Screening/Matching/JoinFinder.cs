using Probity.Screening.Text;

namespace Probity.Screening.Matching;

/// <summary>Finds names where words of the query and words of the list are written together or apart.</summary>
internal sealed class JoinFinder(
    IReadOnlyList<NameEntry> entries, Vocabulary vocabulary, Postings postings, WordFinder finder)
{
    private const int ShortestJoin = 5;

    /// <summary>What a word in another script may cost when several of the query are one of the list.</summary>
    private const int MostCrossCost = 13;

    /// <summary>"Abu" in code letters.</summary>
    private const string FatherOf = "\u0001abw";

    private readonly JoinIndex _joins = JoinIndex.Build(entries);

    /// <summary>Adds the joins to the scratch.</summary>
    public void Find(NormalName query, Part[] parts, SearchScratch scratch)
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

        var part = vocabulary.Of(new NameToken(joined, TokenKind.Word, joined));
        finder.FindJoined(part, scratch);
        var mask = JoinIndex.All(count) << start;
        foreach (var found in scratch.Matches)
        {
            var listed = vocabulary.Parts[found.Word].Text;
            var isCross = part.IsAbjad != vocabulary.Parts[found.Word].IsAbjad;
            var cost = 3 + (isCross ? AbjadDistance.Cost(joined, listed, MostCrossCost)
                : TokenDistance.Cost(joined, listed, 24));
            var most = isCross ? MostCrossCost : MostJoinCost(query.Tokens[start].IsSyllabic);
            if (cost > most || !JoinIndex.IsNear(cost, joined.Length))
            {
                continue;
            }

            foreach (var name in postings.Of(found.Word))
            {
                var place = postings.WordsOf(name).IndexOf(found.Word);
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
}
