using System.Numerics;
using System.Runtime.InteropServices;
using Probity.Screening.Text;

namespace Probity.Screening.Matching;

/// <summary>A way in which parts of the query may go with parts of the listed name.</summary>
internal readonly record struct PartLink(uint Query, uint Listed, int Similarity, int Cost, PartRelation Relation,
    int Value);

/// <summary>What laying names against each other looks at of a part.</summary>
/// <param name="Bits">Its information, in sixteenths of a bit.</param>
/// <param name="Kind">What it is for in this name.</param>
/// <param name="First">Its first letter.</param>
internal readonly record struct WeighedPart(int Bits, TokenKind Kind, char First)
{
    public bool IsLight => Kind is TokenKind.Particle or TokenKind.Servant or TokenKind.Title;

    /// <summary>Gets whether the list prints it as part of the family name.</summary>
    public bool IsFamily { get; init; }

    public static WeighedPart Of(in Part part) => new(part.Bits, part.Kind, part.Text[0]);

    public static WeighedPart[] Of(Part[] parts)
    {
        var weighed = new WeighedPart[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            weighed[i] = Of(parts[i]);
        }

        return weighed;
    }
}

/// <summary>The result of laying one name against another.</summary>
/// <param name="Score">0 to 10,000.</param>
/// <param name="Similarity">The score before commonness, 0 to 10,000.</param>
/// <param name="Evidence">Information of what agrees, in sixteenths of a bit.</param>
internal readonly record struct NameScore(int Score, int Similarity, int Evidence);

/// <summary>Lays the parts of two names against each other, best links first, and makes a score of what is
/// left.</summary>
/// <remarks>Reused by one thread; allocates nothing once its lists have grown.</remarks>
internal sealed class Alignment
{
    /// <summary>What a word costs in another script when it is romanised as usual, its short vowels included.</summary>
    private const int UsualRomanisation = 5;

    private readonly List<PartLink> _links = new(64);

    /// <summary>Gets the links chosen by the last call of <see cref="Score"/>.</summary>
    public List<PartLink> Chosen { get; } = new(16);

    /// <summary>Forgets all links.</summary>
    public void Clear()
    {
        _links.Clear();
        Chosen.Clear();
    }

    /// <summary>Offers a link between parts.</summary>
    public void Offer(uint query, uint listed, WordMatch match, int weight) =>
        _links.Add(new PartLink(query, listed, match.Similarity, match.Cost, match.Relation,
            weight * match.Similarity));

    /// <summary>Chooses links and scores them.</summary>
    public NameScore Score(
        ReadOnlySpan<WeighedPart> query, ReadOnlySpan<WeighedPart> listed, MatchWeights weights, bool isPerson,
        bool isStrict)
    {
        OfferInitials(query, listed, weights);
        SortLinks();
        var used = Choose(withJoined: true);
        var score = ScoreChosen(query, listed, used, weights, isPerson, isStrict);
        if (!IsAnyJoined())
        {
            return score;
        }

        // Words written together take more parts at once; without them the parts may fit better one by one.
        used = Choose(withJoined: false);
        var single = ScoreChosen(query, listed, used, weights, isPerson, isStrict);
        if (single.Score >= score.Score)
        {
            return single;
        }

        Choose(withJoined: true);
        return score;
    }

    // There are few of them, and those of one pair of parts come in the order in which they were offered.
    private void SortLinks()
    {
        var links = CollectionsMarshal.AsSpan(_links);
        for (var i = 1; i < links.Length; i++)
        {
            var link = links[i];
            var at = i;
            for (; at > 0 && IsBefore(link, links[at - 1]); at--)
            {
                links[at] = links[at - 1];
            }

            links[at] = link;
        }
    }

    private static bool IsBefore(in PartLink one, in PartLink other) =>
        one.Value != other.Value ? one.Value > other.Value
        : one.Query != other.Query ? one.Query < other.Query : one.Listed < other.Listed;

    private NameScore ScoreChosen(
        ReadOnlySpan<WeighedPart> query, ReadOnlySpan<WeighedPart> listed, (uint Query, uint Listed) used,
        MatchWeights weights, bool isPerson, bool isStrict)
    {
        int total = 0, matched = 0, evidence = 0;
        foreach (ref readonly var link in CollectionsMarshal.AsSpan(Chosen))
        {
            var (bitsQuery, bitsListed) = (Sum(query, link.Query), Sum(listed, link.Listed));
            var weight = link.Relation == PartRelation.Initial ? weights.InitialBits : (bitsQuery + bitsListed) / 2;
            total += weight;
            matched += weight * link.Similarity / 1000;
            var common = link.Relation == PartRelation.Initial ? weights.InitialBits / 2 : Math.Min(bitsQuery,
                bitsListed);
            evidence += Math.Max(0, common - (link.Cost * weights.EditBits / TokenDistance.Edit));
        }

        var leftListed = Left(listed, used.Listed);
        var leftQuery = Left(query, used.Query) + (leftListed == 0 ? 0 : AgainstInitials(query, listed));
        var conflict = Math.Min(leftQuery, leftListed);
        conflict = conflict == 0 ? 0 : Math.Max(conflict, weights.ConflictLeast);
        conflict = isPerson && conflict != 0 && IsSameInitial(query, listed, used)
            ? conflict * weights.SameInitial / 1000 : conflict;
        var whole = total + (leftQuery * (isStrict ? 1000 : weights.UnmatchedQuery) / 1000)
            + (leftListed * (isStrict ? 1000 : weights.UnmatchedListed) / 1000)
            + (conflict * weights.Conflict / 1000);
        if (whole == 0 || total == 0)
        {
            return default;
        }

        var isInOrder = IsInOrder();
        var similarity = (int)((long)matched * 10000 / whole) - (isInOrder ? 0 : weights.OrderPenalty);
        evidence -= conflict / 4;
        evidence -= !isPerson && (leftQuery | leftListed) != 0 && IsOneWordSpelt(query) ? weights.OneWordSpelt : 0;
        var lost = weights.LostTo(evidence, isPerson);
        if (isPerson)
        {
            // A number says nothing of a name of which it is a part ("1", GRACE 1).
            long factor = (leftListed != 0 && isStrict ? weights.HalfCovered
                    : leftListed != 0 ? PartlyCovered(listed, used.Listed, weights)
                    : leftQuery != 0 && IsOneWord(listed, used.Listed) ? weights.OneWordOfMore : 1000)
                * (isInOrder ? 1000 : IsAnyMisspelt() ? weights.MisspeltOutOfOrder : weights.OutOfOrder);
            lost = (int)(lost * factor / 1_000_000);
        }

        if (leftQuery == 0 && leftListed == 0 && IsSameInOtherScript())
        {
            lost = Math.Min(lost, weights.WholeNameMost);
        }

        return new NameScore(Math.Max(0, similarity - lost), Math.Max(0, similarity), evidence);
    }

    private bool IsAnyJoined()
    {
        foreach (var link in CollectionsMarshal.AsSpan(Chosen))
        {
            if (link.Relation == PartRelation.Joined)
            {
                return true;
            }
        }

        return false;
    }

    // How much more commonness counts where the listed name has words that the query lacks: most when they are half of
    // it, the family name, or the first of two surnames, by which its holder is known.
    private static int PartlyCovered(ReadOnlySpan<WeighedPart> listed, uint used, MatchWeights weights)
    {
        var (first, isAny, words, covered) = (-1, false, 0, 0);
        for (var i = 0; i < listed.Length; i++)
        {
            if (!listed[i].IsLight)
            {
                var isCovered = (used & (1u << i)) != 0;
                first = first < 0 && listed[i].IsFamily ? i : first;
                isAny |= isCovered && listed[i].IsFamily;
                words++;
                covered += isCovered ? 1 : 0;
            }
        }

        var factor = first < 0 || (used & (1u << first)) != 0 ? weights.PartCovered
            : isAny ? weights.FirstFamilyMissing : weights.FamilyMissing;
        return words > 2 && covered * 2 <= words ? Math.Max(factor, weights.HalfCovered) : factor;
    }

    // "HASHIM, Abdul": all that the listed name says is one word, and the query has more of them.
    private static bool IsOneWord(ReadOnlySpan<WeighedPart> listed, uint used)
    {
        var words = 0;
        for (; used != 0; used &= used - 1)
        {
            words += listed[BitOperations.TrailingZeroCount(used)].IsLight ? 0 : 1;
        }

        return words == 1;
    }

    // Short forms and forms of other languages mostly keep the first letter (Sam, Saalim).
    private static bool IsSameInitial(
        ReadOnlySpan<WeighedPart> query, ReadOnlySpan<WeighedPart> listed, (uint Query, uint Listed) used)
    {
        for (var i = 0; i < query.Length; i++)
        {
            for (var j = 0; j < listed.Length && (used.Query & (1u << i)) == 0 && IsWord(query[i]); j++)
            {
                if ((used.Listed & (1u << j)) == 0 && IsWord(listed[j]) && query[i].First == listed[j].First)
                {
                    return true;
                }
            }
        }

        return false;

        static bool IsWord(in WeighedPart part) => part.Kind == TokenKind.Word;
    }

    // One word that tells holders apart, and it is not written the same.
    private bool IsOneWordSpelt(ReadOnlySpan<WeighedPart> query)
    {
        var (words, cost) = (0, 0);
        foreach (ref readonly var link in CollectionsMarshal.AsSpan(Chosen))
        {
            var kind = query[BitOperations.TrailingZeroCount(link.Query)].Kind;
            if (kind is TokenKind.Word or TokenKind.Number)
            {
                words += BitOperations.PopCount(link.Query);
                cost += link.Cost;
            }
        }

        return words == 1 && cost != 0;
    }

    private bool IsAnyMisspelt()
    {
        foreach (ref readonly var link in CollectionsMarshal.AsSpan(Chosen))
        {
            if (link.Relation is PartRelation.Typo or PartRelation.Phonetic)
            {
                return true;
            }
        }

        return false;
    }

    // The counterpart of a name typed exactly: each part is a usual romanisation of its counterpart.
    private bool IsSameInOtherScript()
    {
        var hasOther = false;
        foreach (ref readonly var link in CollectionsMarshal.AsSpan(Chosen))
        {
            if (link.Cost > UsualRomanisation
                || link.Relation is not (PartRelation.CrossScript or PartRelation.Exact or PartRelation.Joined))
            {
                return false;
            }

            hasOther |= link.Relation == PartRelation.CrossScript;
        }

        return hasOther;
    }

    private void OfferInitials(ReadOnlySpan<WeighedPart> query, ReadOnlySpan<WeighedPart> listed, MatchWeights weights)
    {
        for (var i = 0; i < query.Length; i++)
        {
            if (query[i].Kind is not (TokenKind.Initial or TokenKind.Word))
            {
                continue;
            }

            for (var j = 0; j < listed.Length; j++)
            {
                var isInitial = query[i].Kind == TokenKind.Initial
                    ? listed[j].Kind is TokenKind.Word or TokenKind.Initial
                    : listed[j].Kind == TokenKind.Initial && query[i].Kind == TokenKind.Word;
                if (isInitial && query[i].First == listed[j].First)
                {
                    Offer(1u << i, 1u << j, new WordMatch(1000, 0, PartRelation.Initial), weights.InitialBits / 2);
                }
            }
        }
    }

    private (uint Query, uint Listed) Choose(bool withJoined)
    {
        Chosen.Clear();
        var (query, listed) = (0u, 0u);
        foreach (ref readonly var link in CollectionsMarshal.AsSpan(_links))
        {
            if ((link.Query & query) == 0 && (link.Listed & listed) == 0
                && (withJoined || link.Relation != PartRelation.Joined))
            {
                Chosen.Add(link);
                query |= link.Query;
                listed |= link.Listed;
            }
        }

        return (query, listed);
    }

    // A word that only meets an initial explains little while other words of the listed name are left over.
    private int AgainstInitials(ReadOnlySpan<WeighedPart> query, ReadOnlySpan<WeighedPart> listed)
    {
        var bits = 0;
        foreach (ref readonly var link in CollectionsMarshal.AsSpan(Chosen))
        {
            if (link.Relation == PartRelation.Initial
                && listed[BitOperations.TrailingZeroCount(link.Listed)].Kind == TokenKind.Initial)
            {
                bits += query[BitOperations.TrailingZeroCount(link.Query)].Kind == TokenKind.Initial ? 0 : Sum(query,
                    link.Query) / 2;
            }
        }

        return bits;
    }

    private bool IsInOrder()
    {
        var chosen = CollectionsMarshal.AsSpan(Chosen);
        foreach (ref readonly var one in chosen)
        {
            foreach (ref readonly var other in chosen)
            {
                if (one.Query < other.Query && one.Listed > other.Listed)
                {
                    return false;
                }
            }
        }

        return true;
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

    private static int Left(ReadOnlySpan<WeighedPart> parts, uint used)
    {
        var left = 0;
        for (var i = 0; i < parts.Length; i++)
        {
            if ((used & (1u << i)) == 0 && !parts[i].IsLight)
            {
                left += parts[i].Kind == TokenKind.Initial ? 32 : parts[i].Bits;
            }
        }

        return left;
    }
}
