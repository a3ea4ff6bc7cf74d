namespace Probity.Screening.Matching;

/// <summary>The working memory of one search; one thread at a time.</summary>
internal sealed class SearchScratch
{
    public Alignment Alignment { get; } = new();

    public BitPattern Pattern { get; } = new();

    public List<int> Found { get; } = new(512);

    public List<(int Word, WordMatch Match)> Matches { get; } = new(128);

    public List<int> Touched { get; } = new(4096);

    public List<JoinHit> Joins { get; } = new(64);

    public List<NameHit> Hits { get; } = new(64);

    /// <summary>Covered value of each name, and the query's parts that have covered it.</summary>
    public int[] Covered { get; private set; } = [];

    public uint[] CoveredParts { get; private set; } = [];

    /// <summary>Stamp and slot of each word of the vocabulary.</summary>
    public int[] WordStamp { get; private set; } = [];

    public int[] WordSlot { get; private set; } = [];

    public int[] SeenStamp { get; private set; } = [];

    /// <summary>Matches of the words found, by slot and part of the query.</summary>
    public WordMatch[] Slots { get; private set; } = [];

    public int SlotCount { get; set; }

    public int Stamp { get; private set; }

    public int SeenRound { get; private set; }

    private readonly Part[] _listed = new Part[Text.NameReader.MaxTokens];

    /// <summary>Gets room for the parts of a listed name.</summary>
    public Span<Part> ListedParts(int count) => _listed.AsSpan(0, count);

    /// <summary>Makes room and begins a search.</summary>
    public void Begin(int names, int words)
    {
        if (Covered.Length < names)
        {
            Covered = new int[names];
            CoveredParts = new uint[names];
        }

        if (WordStamp.Length < words)
        {
            WordStamp = new int[words];
            WordSlot = new int[words];
            SeenStamp = new int[words];
        }

        Stamp = Next(Stamp, WordStamp);
        SlotCount = 0;
        Joins.Clear();
        Hits.Clear();
        Touched.Clear();
    }

    /// <summary>Begins a round in which each word is looked at once.</summary>
    public void BeginRound() => SeenRound = Next(SeenRound, SeenStamp);

    /// <summary>Gets the place for the match of a word of the vocabulary with a part of the query.</summary>
    public ref WordMatch Slot(int word, int part)
    {
        if (WordStamp[word] != Stamp)
        {
            WordStamp[word] = Stamp;
            WordSlot[word] = SlotCount++;
            if (Slots.Length < SlotCount * Text.NameReader.MaxTokens)
            {
                var slots = Slots;
                Array.Resize(ref slots, Math.Max(64 * Text.NameReader.MaxTokens, Slots.Length * 2));
                Slots = slots;
            }

            Slots.AsSpan(WordSlot[word] * Text.NameReader.MaxTokens, Text.NameReader.MaxTokens).Clear();
        }

        return ref Slots[(WordSlot[word] * Text.NameReader.MaxTokens) + part];
    }

    private static int Next(int stamp, int[] stamps)
    {
        if (stamp == int.MaxValue)
        {
            Array.Clear(stamps);
            return 1;
        }

        return stamp + 1;
    }
}

/// <summary>Parts of the query that together are parts of a listed name ("abdul rahman", "abdulrahman").</summary>
internal readonly record struct JoinHit(int Name, uint Query, uint Listed, WordMatch Match);
