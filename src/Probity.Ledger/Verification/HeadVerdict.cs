using Probity.Ledger.Merkle;

namespace Probity.Ledger.Verification;

/// <summary>How the head compares with the rows that are there.</summary>
/// <remarks>
/// Size: entries the head counts; null where it does not say. Rows: places that rows reach up to. RootFits: the
/// readings of the rows that have the head's root; all when it has none or none is known. FrontierFits: the same of
/// the frontier. LastHashFits: whether the last hash is that of the last place under some reading. IsCoherent:
/// whether the head's root is that of its own frontier, so that it was made, not damaged.
/// </remarks>
internal sealed record HeadVerdict(
    long? Size, long Rows, Hypothesis RootFits, Hypothesis FrontierFits, bool LastHashFits, bool IsCoherent,
    bool IsOriginRight, JudgedCheckpoint? Note, string? ExpectedRoot, string? ActualRoot)
{
    /// <summary>Whether the head bears the time of the newest entry.</summary>
    public bool IsTimeRight { get; init; } = true;

    public static HeadVerdict Of(
        AuditedHead head, JudgedCheckpoint? note, string origin, TreeHypotheses tree, AuditNotes notes, long rows)
    {
        var isKnown = notes.BlindFrom is null && tree.Size == rows;
        var root = isKnown ? tree.Tree(Hypothesis.Majority).Root() : (Digest?)null;
        var rootFits = !isKnown || head.Root.IsEmpty
            ? Hypothesis.All
            : tree.Where(t => t.Root().Bytes.SequenceEqual(head.Root.Span));
        var frontierFits = !isKnown || head.Frontier is not { } frontier
            ? Hypothesis.All
            : tree.Where(t => t.CopyFrontier().Encode().AsSpan().SequenceEqual(frontier.Span));
        notes.HeadFits = isKnown && head.Size == rows && !head.Root.IsEmpty ? rootFits & frontierFits : Hypothesis.None;
        return new HeadVerdict(head.Size, rows, rootFits, frontierFits, FitsLast(head, notes, rows), IsOfItself(head),
            head.Origin is null || head.Origin == origin, note, root?.ToString(),
            head.Root.IsEmpty ? null : Convert.ToHexStringLower(head.Root.Span));
    }

    private static bool FitsLast(AuditedHead head, AuditNotes notes, long rows)
    {
        if (head.LastHash.IsEmpty)
        {
            return true;
        }

        if (head.LastHash.Length != Digest.Length)
        {
            return false;
        }

        // The last place was compared with the head's hash as its link; only a disagreement has left a record.
        var last = Digest.From(head.LastHash.Span);
        return rows == 0
            ? last == default
            : !notes.Places.Exists(p => p.First <= rows - 1 && p.Last >= rows - 1 && p.Witnesses.Link == last
                && p.Witnesses.Weight == LinkWeight.Head && p.Witnesses.Body != last);
    }

    private static bool IsOfItself(AuditedHead head)
    {
        if (head.Size is not { } size || head.Frontier is not { } frontier || head.Root.Length != Digest.Length)
        {
            return false;
        }

        try
        {
            return Frontier.Decode(size, frontier.Span).Root().Bytes.SequenceEqual(head.Root.Span);
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
