using System.Collections.Immutable;
using System.Numerics;
using Probity.Screening.Matching;
using Probity.Screening.Model;
using Probity.Screening.Text;

namespace Probity.Screening.Explaining;

/// <summary>How a part of a name matched.</summary>
public enum PartMatch : byte
{
    /// <summary>Letter for letter.</summary>
    Same,

    /// <summary>Another spelling of the same sound.</summary>
    Spelling,

    /// <summary>A typing error.</summary>
    Typo,

    /// <summary>The same consonants.</summary>
    Phonetic,

    /// <summary>A short form or translation.</summary>
    Nickname,

    /// <summary>An initial.</summary>
    Initial,

    /// <summary>Another script.</summary>
    CrossScript,

    /// <summary>Written together or apart.</summary>
    Joined,

    /// <summary>Ours has it, the list's name does not.</summary>
    OnlyOurs,

    /// <summary>The list's name has it, ours does not.</summary>
    OnlyTheirs,
}

/// <summary>One part of the comparison of names.</summary>
/// <param name="Ours">Our letters, or "".</param>
/// <param name="Theirs">The list's letters, or "".</param>
/// <param name="Match">How they belong together.</param>
/// <param name="Edits">The cost in sixteenths of an edit; 0 for the same.</param>
public sealed record ExplainedPart(string Ours, string Theirs, PartMatch Match, int Edits);

/// <summary>Why a match is one, as fields and in words an examiner reads.</summary>
/// <param name="List">The list.</param>
/// <param name="Uid">The list's id of the entry.</param>
/// <param name="Name">The listed name that matched, or null.</param>
/// <param name="NameKind">What weight the list gives to that name, or null.</param>
/// <param name="IsExact">The name was typed exactly.</param>
/// <param name="Parts">The parts of the names.</param>
/// <param name="Evidence">The other fields.</param>
/// <param name="InformationBits">How much the agreeing words say: 10 is one name in a thousand, 20 in a
/// million.</param>
public sealed record MatchExplanation(
    ListId List, string Uid, string? Name, NameKind? NameKind, bool IsExact, ImmutableArray<ExplainedPart> Parts,
    ImmutableArray<Evidence> Evidence, int InformationBits)
{
    internal static MatchExplanation OfIdentifier(ScreeningMatch match) =>
        new(match.Entity.List, match.Entity.Uid, match.Name?.Full, match.Name?.Kind, false, [], match.Evidence, 0);

    internal static MatchExplanation Of(
        ScreeningMatch match, NormalName ours, NormalName theirs, List<PartLink> links, Part[] ourParts,
            Part[] theirParts)
    {
        var parts = ImmutableArray.CreateBuilder<ExplainedPart>();
        var (usedOurs, usedTheirs) = (0u, 0u);
        foreach (var link in links.OrderBy(link => BitOperations.TrailingZeroCount(link.Query)))
        {
            parts.Add(new ExplainedPart(Surface(ours, link.Query), Surface(theirs, link.Listed), MatchOf(link),
                link.Cost));
            usedOurs |= link.Query;
            usedTheirs |= link.Listed;
        }

        AddRest(parts, ours, ourParts, usedOurs, isOurs: true);
        AddRest(parts, theirs, theirParts, usedTheirs, isOurs: false);
        return new MatchExplanation(
            match.Entity.List, match.Entity.Uid, match.Name?.Full, match.Name?.Kind, match.NameScore == 10000,
                parts.ToImmutable(),
            match.Evidence, match.Information / 16);
    }

    /// <summary>Writes the explanation in one line of plain English.</summary>
    public override string ToString() => ExplanationWords.Write(this);

    private static void AddRest(ImmutableArray<ExplainedPart>.Builder parts, NormalName name, Part[] all, uint used,
        bool isOurs)
    {
        for (var i = 0; i < all.Length; i++)
        {
            if ((used & (1u << i)) == 0 && !all[i].IsLight)
            {
                var surface = name.Tokens[i].Surface;
                parts.Add(isOurs ? new ExplainedPart(surface, "", PartMatch.OnlyOurs, 0) : new ExplainedPart("",
                    surface, PartMatch.OnlyTheirs, 0));
            }
        }
    }

    private static string Surface(NormalName name, uint mask)
    {
        var words = new List<string>();
        for (; mask != 0; mask &= mask - 1)
        {
            var surface = name.Tokens[BitOperations.TrailingZeroCount(mask)].Surface;
            if (words.Count == 0 || words[^1] != surface)
            {
                words.Add(surface);
            }
        }

        return string.Join(' ', words);
    }

    private static PartMatch MatchOf(PartLink link) => link.Relation switch
    {
        PartRelation.Exact => PartMatch.Same,
        PartRelation.Spelling => PartMatch.Spelling,
        PartRelation.Typo => PartMatch.Typo,
        PartRelation.Phonetic => PartMatch.Phonetic,
        PartRelation.Nickname => PartMatch.Nickname,
        PartRelation.Initial => PartMatch.Initial,
        PartRelation.CrossScript => PartMatch.CrossScript,
        PartRelation.Joined => PartMatch.Joined,
        PartRelation.None => throw new InvalidOperationException("A link without a relation."),
        _ => throw new InvalidOperationException("No such relation."),
    };
}
