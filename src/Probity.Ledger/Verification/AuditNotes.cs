namespace Probity.Ledger.Verification;

/// <summary>
/// Everything out of order that a pass has met, before it is explained. Bounded: a log in which nothing fits fills it
/// and the pass ends early.
/// </summary>
internal sealed class AuditNotes
{
    private const int MaxRecords = 20_000;

    /// <summary>Runs of missing entries: purges with holds among them leave many, and all of them may be in
    /// order.</summary>
    private const int MaxMissingRuns = 1_000_000;

    private static readonly Hypothesis[] s_order =
        [Hypothesis.Majority, Hypothesis.Tiles, Hypothesis.Chain, Hypothesis.Bodies];

    private readonly Dictionary<Hypothesis, long> _reach = [];
    private readonly Dictionary<long, LeafHypotheses> _leaves = [];
    private GoodCheckpoint? _goodBefore;

    public List<PlaceRecord> Places { get; } = [];

    public List<ExtraRow> Extras { get; } = [];

    public List<TileRecord> Tiles { get; } = [];

    /// <summary>Checkpoints that are no witnesses: unreadable, altered, signed by a strange key.</summary>
    public List<JudgedCheckpoint> BadCheckpoints { get; } = [];

    /// <summary>Trusted checkpoints whose root the tree does not have under any hypothesis.</summary>
    public List<ComparedCheckpoint> Contradicted { get; } = [];

    /// <summary>Trusted checkpoints kept outside that state more entries than the log has.</summary>
    public List<JudgedCheckpoint> Beyond { get; } = [];

    /// <summary>Checkpoints signed under an origin that the log may have had before.</summary>
    public List<JudgedCheckpoint> Former { get; } = [];

    /// <summary>Findings about the origins that entries and checkpoints name.</summary>
    public List<Finding> Origins { get; } = [];

    public List<Finding> Blobs { get; } = [];

    /// <summary>Places from which the row numbers are not the entries' own.</summary>
    public List<(long Place, long Row)> Renumbered { get; } = [];

    /// <summary>The largest trusted checkpoint whose root the tree has had.</summary>
    public GoodCheckpoint? LastGood { get; private set; }

    /// <summary>The largest size that a trusted checkpoint states, kept outside or not.</summary>
    public long SignedSize { get; private set; }

    /// <summary>The place from which no tree can be computed, because an entry and all its witnesses are gone.</summary>
    public long? BlindFrom { get; set; }

    private int _missingRuns;

    public bool IsFull => _missingRuns >= MaxMissingRuns ||
        Places.Count - _missingRuns + Extras.Count + Tiles.Count + BadCheckpoints.Count
            + Contradicted.Count >= MaxRecords;

    public long Reach(Hypothesis hypothesis) => _reach.GetValueOrDefault(hypothesis);

    /// <summary>The largest size up to which signed checkpoints confirm some reading of the log.</summary>
    public long Confirmed => _reach.Count == 0 ? 0 : _reach.Values.Max();

    /// <summary>What is known of the leaf hash of a place that does not hold its entry; null when nothing is.</summary>
    public LeafHypotheses? LeafOf(long place) => _leaves.TryGetValue(place, out var leaf) ? leaf : null;

    public void Add(PlaceRecord record)
    {
        if (record.Kind != SlotKind.Filled && record.Leaf is { } leaf && _leaves.Count < MaxRecords)
        {
            _leaves.Add(record.First, leaf);
        }

        if (Places.Count > 0 && Places[^1].Continues(record))
        {
            Places[^1].Last = record.First;
            return;
        }

        _missingRuns += record.Kind == SlotKind.Missing ? 1 : 0;
        Places.Add(record);
    }

    public void Add(ExtraRow row)
    {
        if (Extras.Count > 0 && Extras[^1] is var run && row.Seq == run.LastSeq + 1 && row.Row == run.LastRow + 1)
        {
            run.LastSeq = row.Seq;
            run.LastRow = row.Row;
            return;
        }

        Extras.Add(row);
    }

    public void Signed(JudgedCheckpoint checkpoint)
    {
        if (checkpoint.IsFormer && (checkpoint.Source == CheckpointSource.Outside || IsTelling(checkpoint)))
        {
            Former.Add(checkpoint);
        }

        if (!checkpoint.IsTrusted)
        {
            BadCheckpoints.Add(checkpoint);
        }
        else if (checkpoint.Source != CheckpointSource.Outside)
        {
            SignedSize = Math.Max(SignedSize, checkpoint.Size);
        }
    }

    /// <summary>Of the stored ones of a former origin the largest is enough: it passes its end if any does.</summary>
    private bool IsTelling(JudgedCheckpoint checkpoint)
    {
        var known = Former.FindIndex(c =>
            c.Source != CheckpointSource.Outside && c.Checkpoint?.Origin == checkpoint.Checkpoint?.Origin);
        if (known >= 0 && Former[known].Size < checkpoint.Size)
        {
            Former.RemoveAt(known);
            return true;
        }

        return known < 0;
    }

    /// <summary>The largest confirmed checkpoint of a smaller size; sizes only rise while a log is read.</summary>
    public GoodCheckpoint? GoodBefore(long size) => LastGood?.Size == size ? _goodBefore : LastGood;

    /// <summary>
    /// The largest confirmed checkpoint kept outside. Where histories differ only these tell how far they are one: a fork
    /// agrees with all checkpoints that it has signed itself.
    /// </summary>
    public GoodCheckpoint? LastGoodOutside { get; private set; }

    public void Compared(ComparedCheckpoint compared)
    {
        var checkpoint = compared.Judged.Checkpoint!; // trusted ones have been read
        if (compared.Fits == Hypothesis.None)
        {
            Contradicted.Add(compared);
            return;
        }

        if (LastGood?.Size != checkpoint.Size)
        {
            _goodBefore = LastGood;
            LastGood = new GoodCheckpoint(checkpoint.Size, checkpoint.Root);
        }

        if (compared.Judged.Source == CheckpointSource.Outside)
        {
            LastGoodOutside = LastGood;
        }

        foreach (var hypothesis in s_order)
        {
            if (compared.Fits.HasFlag(hypothesis))
            {
                _reach[hypothesis] = checkpoint.Size;
            }
        }
    }

    /// <summary>The readings under which the tree has the root that the head states, unsigned.</summary>
    public Hypothesis HeadFits { get; set; }

    /// <summary>
    /// Whom to believe about a place: the first reading that a signed checkpoint confirms, else one that the head confirms,
    /// else the majority.
    /// </summary>
    public (Hypothesis Truth, bool IsSigned) TruthAt(long place)
    {
        foreach (var hypothesis in s_order)
        {
            if (place < Reach(hypothesis))
            {
                return (hypothesis, true);
            }
        }

        if (Contradicted.Exists(c => c.Judged.Size > Confirmed))
        {
            // Whoever rewrote what checkpoints contradict could make the head anew as well, so it has no say here.
            return (s_order.MaxBy(Reach), false);
        }

        foreach (var hypothesis in s_order)
        {
            if (HeadFits.HasFlag(hypothesis))
            {
                return (hypothesis, false);
            }
        }

        return (Hypothesis.Majority, false);
    }
}
