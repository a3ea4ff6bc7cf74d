namespace Probity.Screening.Matching;

/// <summary>The working memory of one search; one thread at a time.</summary>
internal sealed class SearchScratch
{
    public Alignment Alignment { get; } = new();

    public BitPattern Pattern { get; } = new();

    public List<int> Found { get; } = new(512);

    public NameBound Bound { get; } = new();

    /// <summary>What was found for one part of the query.</summary>
    public List<FoundWord> Matches { get; } = new(128);

    /// <summary>What was found for all of them, one after the other.</summary>
    public List<FoundWord> AllMatches { get; } = new(512);

    public List<int> Touched { get; } = new(4096);

    public List<JoinHit> Joins { get; } = new(64);

    public List<NameHit> Hits { get; } = new(64);

    /// <summary>What the query's parts have covered of each name.</summary>
    public CoveredName[] Covered { get; private set; } = [];

    /// <summary>Stamp and slot of each word of the vocabulary.</summary>
    public WordPlace[] Places { get; private set; } = [];

    public int[] SeenStamp { get; private set; } = [];

    /// <summary>Matches of the words found, by slot and part of the query.</summary>
    public WordMatch[] Slots { get; private set; } = [];

    public int Stamp { get; private set; }

    public int SeenRound { get; private set; }

    private int _slotCount;
    private int _parts;

    /// <summary>Makes room and begins a search.</summary>
    public void Begin(int names, int words, int parts)
    {
        if (Covered.Length < names)
        {
            Covered = new CoveredName[names];
        }

        if (Places.Length < words)
        {
            Places = new WordPlace[words];
            SeenStamp = new int[words];
            Stamp = SeenRound = 0;
        }

        if (Stamp == int.MaxValue)
        {
            Array.Clear(Places);
            Stamp = 0;
        }

        Stamp++;
        (_slotCount, _parts) = (0, parts);
        Joins.Clear();
        Hits.Clear();
        Touched.Clear();
        AllMatches.Clear();
    }

    /// <summary>What a listed name covers of each asker's name; all empty between searches.</summary>
    public AskerPlace[] Askers { get; private set; } = [];

    /// <summary>Makes room for a search turned round.</summary>
    public void BeginAskers(int names) => Askers = Askers.Length < names ? new AskerPlace[names] : Askers;

    /// <summary>Begins a round in which each word is looked at once.</summary>
    public void BeginRound()
    {
        if (SeenRound == int.MaxValue)
        {
            Array.Clear(SeenStamp);
            SeenRound = 0;
        }

        SeenRound++;
    }

    /// <summary>Gets the matches of a word of the vocabulary with each part of the query; empty for none.</summary>
    public Span<WordMatch> MatchesOf(int word) => Places[word].Stamp == Stamp
        ? Slots.AsSpan(Places[word].Slot * _parts, _parts) : [];

    /// <summary>The same, with room made where there was none.</summary>
    public Span<WordMatch> RoomFor(int word)
    {
        ref var place = ref Places[word];
        if (place.Stamp != Stamp)
        {
            place = new WordPlace(Stamp, _slotCount++);
            if (Slots.Length < _slotCount * _parts)
            {
                var slots = Slots;
                Array.Resize(ref slots, Math.Max(4096, Math.Max(Slots.Length * 2, _slotCount * _parts)));
                Slots = slots;
            }

            Slots.AsSpan(place.Slot * _parts, _parts).Clear();
        }

        return Slots.AsSpan(place.Slot * _parts, _parts);
    }
}

/// <summary>What parts of a query have covered of a name so far.</summary>
/// <param name="Parts">A mask of parts; 0 for a name that none has led to.</param>
/// <param name="Value">What they add, in sixteenths of a bit; means nothing while no part is covered.</param>
internal record struct CoveredName(uint Parts, int Value);

/// <summary>Where the matches of a word stand.</summary>
internal readonly record struct WordPlace(int Stamp, int Slot);

/// <summary>Parts of the query that together are parts of a listed name ("abdul rahman", "abdulrahman").</summary>
internal readonly record struct JoinHit(int Name, uint Query, uint Listed, WordMatch Match);
