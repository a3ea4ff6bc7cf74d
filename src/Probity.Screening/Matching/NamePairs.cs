using System.Numerics;
using Probity.Screening.Text;

namespace Probity.Screening.Matching;

/// <summary>Lays two names against each other without an index; the same links, the same score.</summary>
internal static class NamePairs
{
    public static NameScore Score(
        NormalName query, Part[] queryParts, NormalName listed, Part[] listedParts, Alignment alignment,
            MatchWeights weights, bool isPerson)
    {
        alignment.Clear();
        var (ours, theirs) = (WeighedPart.Of(queryParts), WeighedPart.Of(listedParts));
        for (var j = 0; j < theirs.Length; j++)
        {
            theirs[j] = theirs[j] with { IsFamily = listed.Tokens[j].IsFamily };
        }

        for (var i = 0; i < queryParts.Length; i++)
        {
            for (var j = 0; j < listedParts.Length; j++)
            {
                OfferWord(queryParts, i, listedParts, j, alignment, weights);
            }
        }

        OfferJoins(query, queryParts, listed, listedParts, alignment, ours, theirs);
        var score = alignment.Score(ours, theirs, weights, isPerson, query.IsCommon || listed.IsCommon);
        if (query.Tokens.Length != 0 && string.Equals(query.Plain, listed.Plain, StringComparison.Ordinal))
        {
            return new NameScore(10000, 10000, score.Evidence);
        }

        return query.IsDistinctive && listed.IsDistinctive ? score : default;
    }

    /// <summary>Gets the information that joined parts carry, the mean of both sides.</summary>
    public static int JoinWeight(ReadOnlySpan<WeighedPart> query, ReadOnlySpan<WeighedPart> listed, uint queryMask,
        uint listedMask) =>
        (Sum(query, queryMask) + Sum(listed, listedMask)) / 2;

    private static void OfferWord(Part[] query, int i, Part[] listed, int j, Alignment alignment, MatchWeights weights)
    {
        if (query[i].Kind == TokenKind.Initial || listed[j].Kind == TokenKind.Initial)
        {
            return;
        }

        var match = query[i].IsLight || listed[j].IsLight
            ? query[i].Text == listed[j].Text ? new WordMatch(1000, 0, PartRelation.Exact) : WordMatch.None
            : TokenSimilarity.Compare(query[i], listed[j], weights);
        if (match.Similarity < weights.Nickname && query[i].Text != listed[j].Text
            && Nicknames.AreSame(query[i].Text, listed[j].Text))
        {
            match = new WordMatch(weights.Nickname, 12, PartRelation.Nickname);
        }

        if (match.Similarity != 0)
        {
            alignment.Offer(1u << i, 1u << j, match, (query[i].Bits + listed[j].Bits) / 2);
        }
    }

    private static void OfferJoins(
        NormalName query, Part[] queryParts, NormalName listed, Part[] listedParts, Alignment alignment,
            WeighedPart[] ours, WeighedPart[] theirs)
    {
        foreach (var (word, mask) in Joins(query))
        {
            for (var j = 0; j < listedParts.Length; j++)
            {
                if (listedParts[j].Kind == TokenKind.Word)
                {
                    Offer(word, mask, listedParts[j].Text, 1u << j);
                }
            }
        }

        foreach (var (word, mask) in Joins(listed))
        {
            for (var i = 0; i < queryParts.Length; i++)
            {
                if (queryParts[i].Kind == TokenKind.Word)
                {
                    Offer(queryParts[i].Text, 1u << i, word, mask);
                }
            }

            if (queryParts.Length > 1 && !queryParts[0].IsSyllabic && mask == JoinIndex.All(listedParts.Length))
            {
                Offer(JoinIndex.Whole(query), JoinIndex.All(queryParts.Length), word, mask);
            }
        }

        void Offer(string one, uint oneMask, string other, uint otherMask)
        {
            if (one.Length < 5 || other.Length < 5 || !char.IsAsciiLetterOrDigit(other[0])
                || !char.IsAsciiLetterOrDigit(one[0])
                || Math.Abs(one.Length - other.Length) > 2)
            {
                return;
            }

            var cost = TokenDistance.Cost(one, other, 32) + 3;
            var length = Math.Max(one.Length, other.Length);
            var most = queryParts.Length != 0 && queryParts[0].IsSyllabic
                ? JoinIndex.MostSyllabicCost : JoinIndex.MostCost;
            if (cost <= most && JoinIndex.IsNear(cost, length))
            {
                alignment.Offer(
                    oneMask, otherMask, JoinIndex.MatchOf(cost, length), JoinWeight(ours, theirs, oneMask,
                        otherMask));
            }
        }
    }

    private static IEnumerable<(string Word, uint Mask)> Joins(NormalName name)
    {
        for (var start = 0; start + 1 < name.Tokens.Length; start++)
        {
            for (var count = 2; count <= 3 && start + count <= name.Tokens.Length; count++)
            {
                yield return (JoinIndex.Join(name.Tokens, start, count), JoinIndex.All(count) << start);
            }
        }

        if (name.Tokens.Length > 3)
        {
            yield return (JoinIndex.Whole(name), JoinIndex.All(name.Tokens.Length));
        }
    }

    private static int Sum(ReadOnlySpan<WeighedPart> parts, uint mask)
    {
        var sum = 0;
        for (; mask != 0; mask &= mask - 1)
        {
            sum += parts[BitOperations.TrailingZeroCount(mask)].Bits;
        }

        return sum;
    }
}
