using System.Runtime.CompilerServices;
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
/// (initials, words in Arabic letters, misspelt legal forms) it counts what is most. Words written together are found
/// with one edit among their first seven letters, where the search itself allows two. Immutable but for a cache of
/// weights; safe for all threads with a scratch each.
/// </remarks>
internal sealed class AskerSearch(NameIndex askers, Postings postings, WordFinder finder, JoinFinder joins)
{
    private readonly ConditionalWeakTable<Vocabulary, AskerWord[]> _weighed = [];
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
        for (var at = 0; at < parts.Length; at++)
        {
            // Where a Han or Hangul name is listed, an asker's in Latin letters has typing errors.
            parts[at] = askers.Vocabulary.Of(listed.Tokens[at]) with { IsSyllabic = false };
            var bits = entries.Vocabulary.Of(listed.Tokens[at]).Bits;
            limits.Listed[at] = parts[at].IsLight || parts[at].Kind is TokenKind.Initial or TokenKind.LegalForm
                ? 0 : bits;
            Cover(at, parts[at], bits, words, limits, scratch);
        }

        joins.Find(listed, parts, scratch);
        foreach (var join in scratch.Joins)
        {
            found.Add(join.Name);
        }

        foreach (var name in scratch.Touched)
        {
            if (MayReach(name, words, limits, scratch))
            {
                found.Add(name);
            }

            scratch.Askers[name] = default;
        }
    }

    private void Cover(
        int at, in Part part, int bits, AskerWord[] words, Limits limits, SearchScratch scratch)
    {
        if (part.Kind == TokenKind.Initial)
        {
            return; // It stands for any word; see Limits.
        }

        finder.FindBothWays(part, scratch);
        var evidence = 0;
        foreach (var match in scratch.Matches)
        {
            evidence = Math.Max(evidence, limits.EvidenceOf(words[match.Word].Bits, bits, match.Match));
            limits.IsOtherScript |= match.Match.Relation == PartRelation.CrossScript;
        }

        limits.Evidence[at] = evidence;
        scratch.Matches.Sort((one, other) => Limits.ValueOf(words[other.Word].Bits, bits, other.Match)
            .CompareTo(Limits.ValueOf(words[one.Word].Bits, bits, one.Match)));
        var bit = 1u << at;
        foreach (var match in scratch.Matches)
        {
            var value = Limits.ValueOf(words[match.Word].Bits, bits, match.Match);
            foreach (var name in postings.Of(match.Word))
            {
                ref var place = ref scratch.Askers[name];
                if (place.Parts == 0)
                {
                    scratch.Touched.Add(name);
                }

                place.Gain += (place.Parts & bit) == 0 ? value : 0;
                place.Covered += words[match.Word].Bits;
                place.Parts |= bit;
            }
        }
    }

    private bool MayReach(int name, AskerWord[] words, Limits limits, SearchScratch scratch)
    {
        ref readonly var place = ref scratch.Askers[name];
        var (gain, evidence, left) = (place.Gain + limits.InitialGain, limits.InitialEvidence, 0);
        for (var at = 0; at < limits.Listed.Length; at++)
        {
            var isCovered = (place.Parts & (1u << at)) != 0;
            evidence += isCovered ? limits.Evidence[at] : 0;
            left += isCovered ? 0 : limits.Listed[at];
        }

        var (missing, isOtherScript) = (-place.Covered, limits.IsOtherScript);
        var weighed = askers.WeighedOf(name);
        var numbers = postings.WordsOf(name);
        for (var i = 0; i < weighed.Length; i++)
        {
            ref readonly var word = ref words[numbers[i]];
            var open = limits.OpenOf(weighed[i], word);
            gain += open.Gain;
            evidence += open.Evidence;
            missing += open.Lost;
            isOtherScript |= word.IsAbjad;
            left = word.IsAbjad || word.IsMisspelt || weighed[i].Kind == TokenKind.Initial ? 0 : left;
        }

        missing = Math.Max(0, missing - limits.InitialBits);
        return limits.MayReach(gain, evidence, missing, left, isOtherScript);
    }

    private AskerWord[] Weigh(Vocabulary entries)
    {
        var parts = askers.Vocabulary.Parts;
        var words = new AskerWord[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            words[i] = new AskerWord(
                entries.BitsOf(parts[i].Text, parts[i].Kind), parts[i].IsAbjad,
                _misspelt.Value[i] && !entries.Knows(parts[i].Text));
        }

        return words;
    }

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

    /// <summary>What one listed name gives to whoever is asked of it.</summary>
    private sealed class Limits
    {
        private readonly MatchWeights _weights;
        private readonly bool _isPerson;
        private readonly int _floor;

        public Limits(MatchWeights weights, bool isPerson, int floor, NormalName listed)
        {
            (_weights, _isPerson, _floor) = (weights, isPerson, floor);
            (Evidence, Listed) = (new int[listed.Tokens.Length], new int[listed.Tokens.Length]);
            var initials = listed.Tokens.Count(token => token.Kind == TokenKind.Initial);
            InitialGain = initials * weights.InitialBits;
            InitialEvidence = initials * weights.InitialBits / 2;
            InitialBits = isPerson ? initials * weights.UnknownBits : 0;
        }

        /// <summary>What each part adds as evidence at most.</summary>
        public int[] Evidence { get; }

        /// <summary>What each part takes when nothing covers it; 0 for those that cannot be missing.</summary>
        public int[] Listed { get; }

        public int InitialGain { get; }

        public int InitialEvidence { get; }

        /// <summary>What the words that initials of the listed name stand for would count as missing.</summary>
        public int InitialBits { get; }

        public bool IsOtherScript { get; set; }

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

        // As Alignment scores, with everything that is not known at its best.
        public bool MayReach(int gain, int evidence, int missing, int left, bool isOtherScript)
        {
            var conflict = Math.Min(missing, left);
            conflict = conflict == 0 ? 0 : Math.Max(conflict, _weights.ConflictLeast);
            var taken = _weights.LostTo(evidence - (conflict / 4), _isPerson);
            taken = isOtherScript ? Math.Min(taken, _weights.WholeNameMost) : taken;
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
