using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Probity.Screening.Text;

namespace Probity.Screening.Matching;

/// <summary>
/// The search turned round: whose name, among those of an index, may find a given listed name when it is asked for?
/// </summary>
/// <remarks>
/// What the words of the two names may stand for is the same both ways, so the words near those of the listed name are
/// looked up among the words of the askers, and their postings lead to names. The bound is that of the search itself
/// (<see cref="NameBound"/>), with the weights that the words have there: what an asker's name has beyond the words
/// found counts as missing. An asker is left out only where that bound is below the floor. Where a bound cannot know
/// (initials, what words in Arabic letters add, misspelt legal forms) it counts what is most. Words written together
/// are found with one edit among their first seven letters, where the search itself allows two. Immutable but for a
/// cache of weights; safe for all threads with a scratch each.
/// </remarks>
internal sealed class AskerSearch(NameIndex askers, Postings postings, WordFinder finder, JoinFinder joins)
{
    private readonly ConditionalWeakTable<Vocabulary, AskerWords> _weighed = [];
    private readonly Lazy<bool[]> _misspelt = new(() => Misspelt(askers));

    /// <summary>Adds the numbers of the names that may reach the floor when they are asked of an index.</summary>
    public void Find(NameIndex entries, int entry, int floor, SearchScratch scratch, HashSet<int> found)
    {
        var listed = entries.Entries[entry].Name;
        found.UnionWith(askers.NamesOf(listed.Plain));
        if (listed.Tokens.Length == 0)
        {
            return;
        }

        scratch.Begin(askers.Entries.Length, askers.Vocabulary.Parts.Length, listed.Tokens.Length);
        scratch.BeginAskers(askers.Entries.Length);
        var words = _weighed.GetValue(entries.Vocabulary.Whole, Weigh);
        var limits = new Limits(entries.Weights, entries.IsPerson, floor, listed);
        var parts = new Part[listed.Tokens.Length];
        Span<int> ends = stackalloc int[parts.Length];
        Span<int> lengths = stackalloc int[parts.Length];
        for (var at = 0; at < parts.Length; at++)
        {
            // Where a Han or Hangul name is listed, an asker's in Latin letters has typing errors.
            parts[at] = askers.Vocabulary.Of(listed.Tokens[at]) with { IsSyllabic = false };
            limits.Listed[at] = entries.Vocabulary.Of(listed.Tokens[at]).Bits;
            lengths[at] = Look(at, parts[at], words, limits, scratch);
            ends[at] = scratch.AllMatches.Count;
        }

        limits.Choose(parts, lengths);
        for (var at = 0; at < parts.Length; at++)
        {
            Walk(at, (at == 0 ? 0 : ends[at - 1])..ends[at], words, limits, scratch);
        }

        joins.Find(listed, parts, scratch);
        foreach (var join in scratch.Joins)
        {
            found.Add(join.Name);
        }

        foreach (var name in scratch.Touched)
        {
            if (MayReach(name, words, limits, parts, scratch))
            {
                found.Add(name);
            }

            scratch.Askers[name] = default;
        }
    }

    /// <returns>How many names the words found lead to.</returns>
    private int Look(int at, in Part part, AskerWords words, Limits limits, SearchScratch scratch)
    {
        if (part.Kind == TokenKind.Initial)
        {
            return 0; // It stands for any word; see Limits.
        }

        finder.FindBothWays(part, scratch);
        var bits = limits.Listed[at];
        var length = 0;
        foreach (ref readonly var match in CollectionsMarshal.AsSpan(scratch.Matches))
        {
            var word = words[match.Word];
            var value = Limits.ValueOf(word.Bits, bits, match.Match);
            var evidence = limits.EvidenceOf(word.Bits, bits, match.Match);
            limits.Evidence[at] = Math.Max(limits.Evidence[at], evidence);
            limits.Value[at] = Math.Max(limits.Value[at], value);
            limits.IsOtherScript |= match.Match.Relation == PartRelation.CrossScript;
            scratch.AllMatches.Add(match with { Value = value, Evidence = evidence });
            length += postings.Of(match.Word).Length;
        }

        return length;
    }

    // A part that needs no walk is noted with its words, for the names that other parts lead to. Names with initials
    // and words in Arabic letters are walked in any case: of those a bound knows too little.
    private void Walk(int at, Range range, AskerWords words, Limits limits, SearchScratch scratch)
    {
        var found = CollectionsMarshal.AsSpan(scratch.AllMatches)[range];
        found.Sort(static (one, other) => other.Value.CompareTo(one.Value));
        var bit = 1u << at;
        var isUnneeded = (limits.Unneeded & bit) != 0;
        foreach (ref readonly var match in found)
        {
            var word = words[match.Word];
            if (isUnneeded)
            {
                ref var slot = ref scratch.RoomFor(match.Word)[at];
                slot = match.Match.Similarity > slot.Similarity ? match.Match : slot;
            }

            foreach (var name in isUnneeded && !word.IsAbjad
                         ? postings.OfInitials(match.Word) : postings.Of(match.Word))
            {
                ref var place = ref scratch.Askers[name];
                if (place.Parts == 0)
                {
                    scratch.Touched.Add(name);
                }

                place.Gain += (place.Parts & bit) == 0 ? match.Value : 0;
                place.Covered += word.Bits;
                place.Parts |= bit;
            }
        }
    }

    // Adds what parts that were not walked cover of a name that others led to.
    private static void Complete(ref AskerPlace place, ReadOnlySpan<int> numbers, AskerWords words, Limits limits,
        SearchScratch scratch)
    {
        for (var left = limits.Unneeded & ~place.Parts; left != 0; left &= left - 1)
        {
            var at = BitOperations.TrailingZeroCount(left);
            var best = 0;
            foreach (var number in numbers)
            {
                var matches = scratch.MatchesOf(number);
                if (matches.Length != 0 && matches[at].Similarity > 0)
                {
                    var bits = words[number].Bits;
                    best = Math.Max(best, Limits.ValueOf(bits, limits.Listed[at], matches[at]));
                    place.Covered += bits;
                    place.Parts |= 1u << at;
                }
            }

            place.Gain += best;
        }
    }

    private bool MayReach(int name, AskerWords words, Limits limits, Part[] parts, SearchScratch scratch)
    {
        ref var place = ref scratch.Askers[name];
        var numbers = postings.WordsOf(name);
        Complete(ref place, numbers, words, limits, scratch);
        var (gain, evidence, missing) = (place.Gain + limits.InitialGain, limits.InitialEvidence, -place.Covered);
        var (covered, isOtherScript, isUnknown) = (place.Parts, limits.IsOtherScript, false);
        var weighed = askers.WeighedOf(name);
        for (var i = 0; i < weighed.Length; i++)
        {
            var word = words[numbers[i]];
            var near = word.IsAbjad ? PartsNear(numbers[i], parts, limits) : 0;
            word = word with { IsAbjad = near != 0 };
            var open = limits.OpenOf(weighed[i], word);
            gain += open.Gain;
            evidence += open.Evidence;
            missing += open.Lost;
            covered |= near;
            isOtherScript |= word.IsAbjad;
            isUnknown |= word.IsMisspelt || weighed[i].Kind == TokenKind.Initial;
        }

        var left = 0;
        for (var at = 0; at < limits.Listed.Length; at++)
        {
            evidence += (place.Parts & (1u << at)) != 0 ? limits.Evidence[at] : 0;
            left += isUnknown || (covered & (1u << at)) != 0 ? 0 : limits.Missing(at);
        }

        missing = Math.Max(0, missing - limits.InitialBits);
        return limits.MayReach(gain, evidence, missing, left, covered, isOtherScript);
    }

    // The parts that a word in Arabic letters is like: the search compares it with each word of a name, however it was
    // led there.
    private uint PartsNear(int word, Part[] parts, Limits limits)
    {
        ref var near = ref CollectionsMarshal.GetValueRefOrAddDefault(limits.Near, word, out var isKnown);
        for (var at = 0; !isKnown && at < parts.Length; at++)
        {
            var match = TokenSimilarity.Compare(askers.Vocabulary.Parts[word], parts[at], limits.Weights);
            near |= match.Similarity > 0 ? 1u << at : 0;
        }

        return near;
    }

    private AskerWords Weigh(Vocabulary entries) => new(askers, entries, _misspelt);

    // Legal forms and common words with a typing error, unless an entry has that very word.
    private static bool[] Misspelt(NameIndex askers)
    {
        var misspelt = new bool[askers.Vocabulary.Parts.Length];
        for (var i = 0; i < misspelt.Length && !askers.IsPerson; i++)
        {
            ref readonly var part = ref askers.Vocabulary.Parts[i];
            misspelt[i] = part.Kind == TokenKind.Word && part.Text.Length >= 4
                && OrganisationWords.Near(part.Text) is not null;
        }

        return misspelt;
    }

    /// <summary>A word of the askers as the index they are asked of weighs it.</summary>
    private readonly record struct AskerWord(int Bits, bool IsAbjad, bool IsMisspelt);

    /// <summary>The words of the askers, each weighed when it is first looked at: a delta meets few of them.</summary>
    private sealed class AskerWords(NameIndex askers, Vocabulary entries, Lazy<bool[]> misspelt)
    {
        private const int Known = 1;
        private const int Abjad = 2;
        private const int IsError = 4;
        private const int Shift = 3;

        // Two threads that weigh one word write the same.
        private readonly int[] _words = new int[askers.Vocabulary.Parts.Length];

        public AskerWord this[int word]
        {
            get
            {
                var packed = _words[word];
                packed = packed != 0 ? packed : _words[word] = Weigh(word);
                return new AskerWord(packed >> Shift, (packed & Abjad) != 0, (packed & IsError) != 0);
            }
        }

        private int Weigh(int word)
        {
            ref readonly var part = ref askers.Vocabulary.Parts[word];
            return (entries.BitsOf(part.Text, part.Kind) << Shift) | Known | (part.IsAbjad ? Abjad : 0)
                | (misspelt.Value[word] && !entries.Knows(part.Text) ? IsError : 0);
        }
    }

    /// <summary>What one listed name gives to whoever is asked of it.</summary>
    private sealed class Limits
    {
        private readonly MatchWeights _weights;
        private readonly bool _isPerson;
        private readonly int _floor;
        private readonly NameToken[] _tokens;
        private readonly int _light;

        public Limits(MatchWeights weights, bool isPerson, int floor, NormalName listed)
        {
            (_weights, _isPerson, _floor) = (weights, isPerson, floor);
            _tokens = listed.Tokens;
            (Evidence, Value, Listed) = (new int[_tokens.Length], new int[_tokens.Length], new int[_tokens.Length]);
            _light = listed.Tokens.Count(token => token.IsLight) * weights.LightBits;
            var initials = listed.Tokens.Count(token => token.Kind == TokenKind.Initial);
            InitialGain = initials * weights.InitialBits;
            InitialEvidence = initials * weights.InitialBits / 2;
            InitialBits = isPerson ? initials * weights.UnknownBits : 0;
        }

        public MatchWeights Weights => _weights;

        /// <summary>Words in Arabic letters with the parts that are like them.</summary>
        public Dictionary<int, uint> Near { get; } = [];

        /// <summary>What each part adds as evidence at most.</summary>
        public int[] Evidence { get; }

        /// <summary>What each part adds to a score at most.</summary>
        public int[] Value { get; }

        /// <summary>The information of each part.</summary>
        public int[] Listed { get; }

        /// <summary>Parts that alone lead no asker to the floor.</summary>
        public uint Unneeded { get; private set; }

        public int InitialGain { get; }

        public int InitialEvidence { get; }

        /// <summary>What the words that initials of the listed name stand for would count as missing.</summary>
        public int InitialBits { get; }

        public bool IsOtherScript { get; set; }

        /// <summary>What a part takes when nothing covers it; 0 for those that cannot be missing.</summary>
        public int Missing(int at) => _tokens[at].Kind is TokenKind.Initial or TokenKind.LegalForm or TokenKind.Particle
            or TokenKind.Servant or TokenKind.Title ? 0 : Listed[at];

        /// <summary>Chooses the parts by which askers need not be looked for, those with the longest postings first: a
        /// person who has nothing but them is below the floor. Organisations are looked for by all, since misspelt
        /// legal forms count too.</summary>
        public void Choose(Part[] parts, ReadOnlySpan<int> lengths)
        {
            var tried = 0u;
            for (var round = 0; round < parts.Length && _isPerson; round++)
            {
                var next = -1;
                for (var i = 0; i < parts.Length; i++)
                {
                    next = (tried & (1u << i)) == 0 && (next < 0 || lengths[i] > lengths[next]) ? i : next;
                }

                tried |= 1u << next;
                Unneeded |= lengths[next] != 0 && IsBelow(Unneeded | (1u << next), parts) ? 1u << next : 0;
            }
        }

        // Of an asker who has all that these parts may be, and nothing else.
        private bool IsBelow(uint mask, Part[] parts)
        {
            var (gain, evidence, left, isOtherScript) = (InitialGain + _light, InitialEvidence + _light, 0, false);
            for (var at = 0; at < parts.Length; at++)
            {
                var isCovered = (mask & (1u << at)) != 0;
                gain += isCovered ? Value[at] : 0;
                evidence += isCovered ? Evidence[at] : 0;
                left += isCovered ? 0 : Missing(at);
                isOtherScript |= isCovered && parts[at].IsAbjad;
            }

            return !MayReach(gain, evidence, 0, left, mask, isOtherScript);
        }

        public static int ValueOf(int ours, int theirs, WordMatch match) =>
            (ours + theirs) / 2 * match.Similarity / 1000;

        public int EvidenceOf(int ours, int theirs, WordMatch match) =>
            Math.Max(0, Math.Min(ours, theirs) - (match.Cost * _weights.EditBits / TokenDistance.Edit));

        /// <summary>What a part of the asker's name adds that no word of the listed name may cover.</summary>
        public (int Gain, int Evidence, int Lost) OpenOf(in WeighedPart part, in AskerWord word) =>
            part.IsLight ? (_weights.LightBits, _weights.LightBits, 0)
            : part.Kind == TokenKind.LegalForm ? (word.Bits, word.Bits, 0)
            : part.Kind == TokenKind.Initial ? (_weights.InitialBits, _weights.InitialBits / 2, 0)
            : word.IsAbjad ? (word.Bits, word.Bits, 0)
            : word.IsMisspelt ? (_weights.GenericBits, _weights.GenericBits, 0)
            : (0, 0, word.Bits);

        // The least by which commonness counts more where a part is left out (Alignment.PartlyCovered): no more parts
        // than these are covered, perhaps fewer.
        private int LeastFactor(uint covered)
        {
            if (!_isPerson)
            {
                return 1000;
            }

            var (first, words, most) = (-1, 0, 0);
            for (var at = 0; at < _tokens.Length; at++)
            {
                if (!_tokens[at].IsLight)
                {
                    first = first < 0 && _tokens[at].IsFamily ? at : first;
                    words++;
                    most += (covered & (1u << at)) != 0 || _tokens[at].Kind == TokenKind.Initial ? 1 : 0;
                }
            }

            var missing = Math.Min(_weights.FamilyMissing, _weights.FirstFamilyMissing);
            var factor = first >= 0 && (covered & (1u << first)) == 0 && _tokens[first].Kind != TokenKind.Initial
                ? missing : Math.Min(missing, _weights.PartCovered);
            return words > 2 && most * 2 <= words ? Math.Max(factor, _weights.HalfCovered) : factor;
        }

        // As Alignment scores, with everything that is not known at its best.
        public bool MayReach(int gain, int evidence, int missing, int left, uint covered, bool isOtherScript)
        {
            var conflict = Math.Min(missing, left);
            conflict = conflict == 0 ? 0 : Math.Max(conflict, _weights.ConflictLeast);
            conflict = _isPerson ? conflict * _weights.SameInitial / 1000 : conflict;
            var taken = _weights.LostTo(evidence - (conflict / 4), _isPerson);
            taken = left != 0 ? (int)(taken * (long)LeastFactor(covered) / 1000)
                : isOtherScript ? Math.Min(taken, _weights.WholeNameMost) : taken;
            var whole = gain + (missing * (long)_weights.UnmatchedQuery / 1000)
                + (left * (long)_weights.UnmatchedListed / 1000) + (conflict * (long)_weights.Conflict / 1000);
            return gain * 10000L >= (_floor + taken) * whole;
        }
    }
}

/// <summary>What a listed name has covered of an asker's so far.</summary>
internal struct AskerPlace
{
    /// <summary>The parts of the listed name that led to it.</summary>
    public uint Parts;

    /// <summary>What they add, in sixteenths of a bit.</summary>
    public int Gain;

    /// <summary>The information of the asker's words found.</summary>
    public int Covered;
}
