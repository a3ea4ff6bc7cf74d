using Probity.Screening.Text;

namespace Probity.Screening.Matching;

/// <summary>
/// The best score that a name can have of which no more is known than which parts of a query it covers: what is not
/// covered counts as missing on the query's side alone, and nothing but the query is looked at. A name whose bound is
/// below the floor cannot be a hit, so that the many names which share but a common word are left without being laid
/// against the query. Reused by one thread.
/// </summary>
internal sealed class NameBound
{
    /// <summary>Of so many parts at most, what each set of them needs is kept.</summary>
    private const int MostKept = 10;

    /// <summary>A word in Arabic or Hebrew letters of so few has hardly a consonant to be found by.</summary>
    private const int ShortPattern = 5;

    private const int Never = int.MaxValue;

    private readonly int[][] _needed = [new int[1 << MostKept], new int[1 << MostKept]];

    // What a part adds that no word found covers: to names without initials and to those that have some.
    private readonly (int Gain, int Evidence, int Lost)[][] _open =
        [new (int, int, int)[NameReader.MaxTokens], new (int, int, int)[NameReader.MaxTokens]];

    private readonly (int Gain, int Evidence)[] _best = new (int, int)[NameReader.MaxTokens];
    private MatchWeights _weights = MatchWeights.Default;
    private int _count;
    private int _floor;
    private bool _isPerson;
    private bool _isOtherScript;
    private uint _left;

    /// <summary>Begins a query; each part counts as not covered by any word yet.</summary>
    public void Begin(Part[] parts, int floor, bool isPerson, MatchWeights weights)
    {
        (_weights, _floor, _count, _left) = (weights, floor, parts.Length, 0);
        (_isPerson, _isOtherScript) = (isPerson, false);
        for (var i = 0; i < parts.Length; i++)
        {
            _isOtherScript |= parts[i].IsAbjad;
            _open[0][i] = Uncovered(parts[i], hasInitials: false);
            _open[1][i] = Uncovered(parts[i], hasInitials: true);
            _best[i] = (_open[0][i].Gain, _open[0][i].Evidence);
        }
    }

    /// <summary>Takes note of a word that a part of the query may stand for.</summary>
    public void Note(int part, in FoundWord found)
    {
        ref var best = ref _best[part];
        best = (Math.Max(best.Gain, found.Value), Math.Max(best.Evidence, found.Evidence));
        _isOtherScript |= found.Match.Relation == PartRelation.CrossScript;
    }

    /// <summary>
    /// Chooses the parts by which names need not be looked for: a name that has nothing but them is below the floor,
    /// whatever it has of them. Those with the longest postings first. That holds for names without initials.
    /// </summary>
    /// <param name="postings">How many names the words of each part lead to.</param>
    /// <returns>A mask of parts.</returns>
    public uint Unneeded(ReadOnlySpan<int> postings)
    {
        var tried = 0u;
        for (var round = 0; round < _count; round++)
        {
            var next = -1;
            for (var i = 0; i < _count; i++)
            {
                next = (tried & (1u << i)) == 0 && (next < 0 || postings[i] > postings[next]) ? i : next;
            }

            tried |= 1u << next;
            if (postings[next] != 0 && IsBelow(_left | (1u << next)))
            {
                _left |= 1u << next;
            }
        }

        Array.Fill(_needed[0], -1, 0, 1 << Math.Min(_count, MostKept));
        Array.Fill(_needed[1], -1, 0, 1 << Math.Min(_count, MostKept));
        return _left;
    }

    /// <summary>Gets whether a name may reach the floor.</summary>
    /// <param name="mask">The parts it is known to cover; of <see cref="Unneeded"/> nothing is known, unless it has
    /// initials.</param>
    /// <param name="covered">What they add, in sixteenths of a bit.</param>
    /// <param name="hasInitials">Whether the name has initials, which stand for any part.</param>
    public bool MayReach(uint mask, int covered, bool hasInitials)
    {
        if (_count > MostKept)
        {
            return covered >= Needed(mask, hasInitials);
        }

        ref var needed = ref _needed[hasInitials ? 1 : 0][mask];
        needed = needed < 0 ? Needed(mask, hasInitials) : needed;
        return covered >= needed;
    }

    /// <summary>Gets whether a name may reach the floor of which it is known what each part adds at most.</summary>
    public bool MayReach(ReadOnlySpan<(int Gain, int Evidence)> parts, bool isOtherScript, bool hasInitials)
    {
        int gain = 0, evidence = 0, lost = 0;
        var open = _open[hasInitials ? 1 : 0];
        for (var i = 0; i < parts.Length; i++)
        {
            gain += Math.Max(parts[i].Gain, open[i].Gain);
            evidence += Math.Max(parts[i].Evidence, open[i].Evidence);
            lost += parts[i].Gain == 0 ? open[i].Lost : 0;
        }

        return gain * 10000L >= (_floor + Taken(evidence, isOtherScript)) * (long)(gain + Missing(lost));
    }

    // A name that covers the parts of the mask with all they may be.
    private bool IsBelow(uint mask)
    {
        int gain = 0, evidence = 0, lost = 0;
        var open = _open[0];
        for (var i = 0; i < _count; i++)
        {
            var isCovered = (mask & (1u << i)) != 0;
            gain += isCovered ? _best[i].Gain : open[i].Gain;
            evidence += isCovered ? _best[i].Evidence : open[i].Evidence;
            lost += isCovered ? 0 : open[i].Lost;
        }

        return gain * 10000L < (_floor + Taken(evidence, _isOtherScript)) * (long)(gain + Missing(lost));
    }

    private int Needed(uint mask, bool hasInitials)
    {
        int gain = 0, evidence = 0, lost = 0;
        var open = _open[hasInitials ? 1 : 0];
        for (var i = 0; i < _count; i++)
        {
            var isKnown = (mask & (1u << i)) != 0;
            var isLeft = !hasInitials && (_left & (1u << i)) != 0;
            gain += isKnown ? 0 : isLeft ? _best[i].Gain : open[i].Gain;
            evidence += isKnown || isLeft ? _best[i].Evidence : open[i].Evidence;
            lost += isKnown || isLeft ? 0 : open[i].Lost;
        }

        // (gain + covered) * 10000 >= least * (gain + covered + missing), for covered.
        long least = _floor + Taken(evidence, _isOtherScript);
        if (least >= 10000)
        {
            return least == 10000 && Missing(lost) == 0 ? 0 : Never;
        }

        var needed = ((least * Missing(lost)) + (10000 - least) - 1) / (10000 - least);
        return (int)Math.Max(0, needed - gain);
    }

    private int Missing(int lost) => (int)(lost * (long)_weights.UnmatchedQuery / 1000);

    private int Taken(int evidence, bool isOtherScript)
    {
        var taken = _weights.LostTo(evidence, _isPerson);
        return isOtherScript ? Math.Min(taken, _weights.WholeNameMost) : taken;
    }

    // What a part adds that no word found covers, and what it takes when it is missing.
    private (int Gain, int Evidence, int Lost) Uncovered(in Part part, bool hasInitials) =>
        part.IsLight || part.Kind == TokenKind.LegalForm ? (part.Bits, part.Bits, 0)
        : part.Kind == TokenKind.Initial ? (_weights.InitialBits, _weights.InitialBits / 2, 0)
        : part.IsAbjad && part.Text.Length <= ShortPattern ? (part.Bits, part.Bits, 0)
        : part.IsAbjad ? (_weights.InitialBits, part.Bits, part.Bits)
        : part.Kind == TokenKind.Word && hasInitials
            // "D Company" is not every company with a D: there a word that fits an initial counts as missing too.
            ? (_weights.InitialBits, _weights.InitialBits / 2, _isPerson ? 0 : part.Bits)
        : (0, 0, part.Bits);
}
