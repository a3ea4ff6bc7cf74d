using Probity.Ledger.Merkle;

namespace Probity.Ledger.Verification;

/// <summary>What the witnesses of one place say of its leaf hash. Absent ones are null.</summary>
/// <remarks>
/// Body: the hash of the body that has the place's number. Stored: the hash stored beside it. Tile: the hash in the
/// level 0 tile. Link: the link in the next entry, or the head's last hash. Weight: what the link is worth.
/// </remarks>
internal readonly record struct Witnesses(Digest? Body, Digest? Stored, Digest? Tile, Digest? Link, LinkWeight Weight)
{
    public bool Agree => Same(Body, Stored) && Same(Body, Tile) && Same(Body, Link);

    /// <summary>The leaf hash under each hypothesis; null when no witness is left.</summary>
    public LeafHypotheses? Leaf()
    {
        if (Majority() is not { } majority)
        {
            return null;
        }

        var chain = Link is { } link && Weight == LinkWeight.Sound ? link : majority;
        return new LeafHypotheses(majority, Tile ?? chain, chain, Body ?? majority);
    }

    /// <summary>
    /// The hash that most witnesses name. A sound link outweighs a stored hash, which whoever alters a body alters with
    /// it, and against a tile the two of them have one vote; tiles and chain come before the body where opinions are even.
    /// </summary>
    private Digest? Majority()
    {
        var link = Weight != LinkWeight.Doubtful || (Tile is null && Stored is null && Body is null) ? Link : null;
        if (Tile is null && link is not null && Weight == LinkWeight.Sound)
        {
            return link;
        }

        Digest? best = null;
        var most = 0;
        foreach (var candidate in (ReadOnlySpan<Digest?>)[Tile, link, Stored, Body])
        {
            var votes = candidate is null ? 0 : Votes(candidate.Value, link);
            if (votes > most)
            {
                (best, most) = (candidate, votes);
            }
        }

        return best;
    }

    private int Votes(Digest candidate, Digest? link) =>
        One(Tile, candidate) + One(link, candidate) + One(Body, candidate)
        + (Tile is not null && Stored == Body ? 0 : One(Stored, candidate));

    private static int One(Digest? witness, Digest candidate) => witness == candidate ? 1 : 0;

    private static bool Same(Digest? body, Digest? witness) => witness is null || witness == body;
}

/// <summary>What a link to an entry is worth as a witness of its hash.</summary>
internal enum LinkWeight
{
    /// <summary>The entry that bears it is itself in doubt.</summary>
    Doubtful,

    /// <summary>It stands in the head, which can be rewritten alone.</summary>
    Head,

    /// <summary>It is part of an entry that nothing speaks against.</summary>
    Sound,
}

/// <summary>
/// A place whose witnesses disagree, or a run of neighbours that disagree in the same way: a rewritten tail is one
/// record. The hashes are those of the first place.
/// </summary>
internal sealed record PlaceRecord(
    long First, SlotKind Kind, Witnesses Witnesses, LeafHypotheses? Leaf, long OwnSeq, long Row, Digest RowLeaf,
    bool IsReadable, GoodCheckpoint? LastGood)
{
    public long Last { get; set; } = First;

    /// <summary>Whether another place disagrees in the same way, so that it can be added to this run.</summary>
    public bool Continues(PlaceRecord next) =>
        next.First == Last + 1 && Kind == next.Kind
        && (Kind == SlotKind.Missing
            || (Kind == SlotKind.Filled && IsReadable == next.IsReadable && Pattern == next.Pattern));

    private (bool?, bool?, bool?, LinkWeight) Pattern => (
        Compare(Witnesses.Stored), Compare(Witnesses.Tile), Compare(Witnesses.Link), Witnesses.Weight);

    private bool? Compare(Digest? witness) => witness is null ? null : witness == Witnesses.Body;
}

/// <summary>A row that has no place of its own.</summary>
internal sealed record ExtraRow(long Before, long Seq, long Row, Digest Leaf, GoodCheckpoint? LastGood)
{
    public long LastRow { get; set; } = Row;

    public long LastSeq { get; set; } = Seq;
}

/// <summary>A stored tile that differs from the tree under at least one hypothesis.</summary>
/// <remarks>
/// Fits: the hypotheses under which it is right.
/// </remarks>
internal sealed record TileRecord(
    int Level, long Index, long FirstSeq, long LastSeq, Hypothesis Fits, string Fault, string? Expected, string? Actual,
    GoodCheckpoint? LastGood);

/// <summary>A checkpoint and the hypotheses under which the tree has its root.</summary>
/// <remarks>
/// Before: the largest confirmed checkpoint before it.
/// </remarks>
internal sealed record ComparedCheckpoint(
    JudgedCheckpoint Judged, Hypothesis Fits, Digest? Derived, GoodCheckpoint? Before);
