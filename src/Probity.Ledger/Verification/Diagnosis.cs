using Probity.Ledger.Merkle;
using Probity.Ledger.Tiles;

namespace Probity.Ledger.Verification;

/// <summary>Explains what a pass has noted. Each rule adds findings; causes come before what they cause.</summary>
internal sealed class Diagnosis(AuditNotes notes, HeadVerdict? head, long end)
{
    private readonly List<Finding> _findings = [];

    /// <summary>The findings in the order of the entries they begin at, those without an entry last.</summary>
    public List<Finding> Findings()
    {
        var order = new OrderDiagnosis(notes, end);
        _findings.AddRange(order.Findings());
        foreach (var place in notes.Places)
        {
            if (place.Kind == SlotKind.Filled && !order.IsExplained(place.First))
            {
                ExplainPlace(place);
            }
        }

        ExplainSizes();
        ExplainHead();
        ExplainContradictions(CheckpointSource.Stored);
        ExplainContradictions(CheckpointSource.Outside);
        ExplainBeyond();
        ExplainTiles();
        ExplainBadCheckpoints();
        _findings.AddRange(notes.Origins);
        _findings.AddRange(notes.Blobs);
        return FindingList.Fold(_findings);
    }

    private void ExplainPlace(PlaceRecord place)
    {
        var witnesses = place.Witnesses;
        var (truth, isSigned) = notes.TruthAt(place.First);
        if (witnesses.Agree)
        {
            Add(FindingKind.Unreadable, place, "The entry is genuine as far as all hashes tell, but it is no entry of this log: "
                + "version, log, number or link is not as it must be.", null, null);
            return;
        }

        var leaf = place.Leaf?.Under(truth);
        if (witnesses.Body != leaf)
        {
            Add(FindingKind.Changed, place, ChangedDetail(place, leaf, isSigned), leaf, witnesses.Body);
            return;
        }

        if (witnesses.Stored is { } stored && stored != leaf)
        {
            Add(FindingKind.HashAltered, place,
                "The hash stored beside the entry is not the entry's. The entry itself is genuine.", leaf, stored);
        }

        if (witnesses.Tile is { } tile && tile != leaf)
        {
            _findings.Add(new Finding(FindingKind.TileAltered, place.First, place.Last, TileName(0, place.First / TilePath.FullWidth),
                "The hash in the tile is not the entry's. The entry itself is genuine.", leaf?.ToString(), tile.ToString(),
                place.LastGood, "Proofs made from this tile fail. The entries hold, and the tile can be computed from them."));
        }

        if (!isSigned && witnesses.Weight == LinkWeight.Sound && witnesses.Link is { } link && link != leaf)
        {
            Add(FindingKind.Changed, place, "The entry and the hashes stored of it have been replaced together; the next entry "
                + "still links to the former one.", link, witnesses.Body);
        }
    }

    private static string ChangedDetail(PlaceRecord place, Digest? leaf, bool isSigned)
    {
        var also = place.Witnesses.Stored is { } stored && stored != leaf
            ? " The hash stored beside it was altered with it."
            : string.Empty;
        var by = isSigned ? "a signed checkpoint shows what it was" : "most hashes kept of it show what it was";
        return place.First == place.Last
            ? $"The entry is not the one that was sequenced; {by}.{also}"
            : $"From this entry on the log was rewritten with its links; {by}.{also}";
    }

    /// <summary>Rows beyond, or short of, what head and checkpoints count.</summary>
    private void ExplainSizes()
    {
        var size = head?.Size;
        if (size is null)
        {
            // Where a stranger's checkpoint covers the rows, the wrong key is the finding, not the rows.
            var isStrangers = head?.Note is { Fault: FindingKind.WrongKey } note && note.Size >= end;
            if (notes.SignedSize > 0 && end > notes.SignedSize && !isStrangers)
            {
                AddRange(FindingKind.Inserted, notes.SignedSize, end - 1, "Rows follow the last entry that was signed for.");
            }
        }
        else if (size > end && notes.SignedSize <= end)
        {
            if (IsHeadOfRows)
            {
                AddHead("size", "The head counts more entries than there are, while its hashes are those of the entries there.");
            }
            else
            {
                AddRange(FindingKind.Truncated, end, size.Value - 1, "The newest entries are missing; the head still counts them.");
            }
        }
        else if (size < end)
        {
            ExplainSmallHead(size.Value);
        }
        else if (size != end && size != notes.SignedSize)
        {
            AddHead("size", $"The head counts {size} entries, the newest signed checkpoint {notes.SignedSize}.");
        }
    }

    private void ExplainSmallHead(long size)
    {
        if (notes.SignedSize > size)
        {
            if (head!.Note is { IsTrusted: true } note && note.Size == size)
            {
                _findings.Add(new Finding(FindingKind.RolledBack, size, notes.SignedSize - 1, "head",
                    $"The head is that of size {size}, while checkpoints up to {notes.SignedSize} are signed and stored: "
                    + "an old head has been put back.", null, null, notes.LastGood,
                    "New entries would be given numbers that are taken. The entries there hold."));
            }
            else
            {
                AddHead("size", $"The head counts {size} entries, the newest signed checkpoint {notes.SignedSize}.");
            }

            if (end > notes.SignedSize)
            {
                AddRange(FindingKind.Inserted, notes.SignedSize, end - 1, "Rows follow the last entry that was signed for.");
            }
        }
        else if (IsHeadOfRows)
        {
            AddHead("size", "The head counts fewer entries than there are, while its hashes are those of the entries there.");
        }
        else
        {
            AddRange(FindingKind.Inserted, size, end - 1, "Rows follow the last entry that the head counts.");
        }
    }

    /// <summary>Whether root and frontier of the head are those of the rows, whatever its size says.</summary>
    private bool IsHeadOfRows => notes.BlindFrom is null && head is { } verdict
        && verdict.RootFits != Hypothesis.None && verdict.FrontierFits != Hypothesis.None && verdict.ActualRoot is not null;

    private void ExplainHead()
    {
        if (head is null)
        {
            return;
        }

        if (!head.IsOriginRight)
        {
            AddHead("origin", "The head names another log.");
        }

        if (head.Note is { IsTrusted: true } note && note.Size < notes.SignedSize && (head.Size is null || head.Size == end))
        {
            AddHead("checkpoint", $"The head's checkpoint is of size {note.Size}, while one of {notes.SignedSize} is stored.");
        }

        if (head.Size != end || notes.BlindFrom is not null)
        {
            return;
        }

        var (truth, isSigned) = end == 0 ? (Hypothesis.Majority, true) : notes.TruthAt(end - 1);
        var isRootRight = head.RootFits.HasFlag(truth);
        var isFrontierRight = head.FrontierFits.HasFlag(truth);
        if (!isRootRight && !isFrontierRight && !isSigned && head.IsCoherent)
        {
            if (!IsAnyEntryBad(notes.Confirmed, end - 1))
            {
                AddRange(FindingKind.Changed, notes.Confirmed, end - 1, "The head was made of other entries than those there: one "
                    + "or more of the entries that no checkpoint covers were rewritten with all that follows.");
            }

            return;
        }

        if (!isRootRight)
        {
            _findings.Add(HeadFinding("root", "The root in the head is not that of the entries.") with
            {
                Expected = head.ExpectedRoot,
                Actual = head.ActualRoot,
            });
        }

        if (!isFrontierRight)
        {
            AddHead("frontier", "The frontier in the head is not that of the entries.");
        }

        if (!head.LastHashFits && !IsAnyEntryBad(end - 1, end - 1))
        {
            AddHead("last_hash", "The last hash in the head is not that of the last entry.");
        }

        if (!head.IsTimeRight && !IsAnyEntryBad(end - 1, end - 1))
        {
            AddHead("recorded_at", "The time in the head is not that of the newest entry.");
        }
    }

    /// <summary>Signed checkpoints whose root no reading of the entries has.</summary>
    private void ExplainContradictions(CheckpointSource source)
    {
        foreach (var contradicted in notes.Contradicted)
        {
            var judged = contradicted.Judged;
            if ((judged.Source == CheckpointSource.Outside) != (source == CheckpointSource.Outside))
            {
                continue;
            }

            if (judged.Size > notes.Confirmed && IsAnyEntryBad(notes.Confirmed, judged.Size - 1))
            {
                ExtendRewritten(judged.Size - 1);
                continue;
            }

            var from = contradicted.Before?.Size ?? 0;
            var isFork = judged.Size <= notes.Confirmed || source == CheckpointSource.Outside;
            var expected = judged.Checkpoint!.Root.ToString(); // trusted ones have been read
            var located = $"The difference begins between entries {from} and {judged.Size - 1}.";
            _findings.Add(isFork
                ? new Finding(FindingKind.Forked, from, judged.Size - 1, judged.Where,
                    $"The log's key has signed another root for size {judged.Size}: either two copies of the log were "
                    + $"continued, or it was rewritten and signed anew. {located}", expected, contradicted.Derived?.ToString(),
                    contradicted.Before, $"Entries from {from} on; proofs against the other history fail.")
                : new Finding(FindingKind.Changed, from, judged.Size - 1, judged.Where,
                    "One or more entries were rewritten with every link, hash and tile after them; the signed checkpoint of "
                    + $"size {judged.Size} remembers the former ones. {located}", expected, contradicted.Derived?.ToString(),
                    contradicted.Before, $"Entries from {from} on; checkpoints and proofs of sizes above {from} fail."));
        }
    }

    /// <summary>A checkpoint that still fails shows how far a rewritten part reaches, also where no tile tells.</summary>
    private void ExtendRewritten(long last)
    {
        var at = _findings.FindLastIndex(f => f.Kind == FindingKind.Changed && f.Where.StartsWith("entry/", StringComparison.Ordinal)
            && f.FirstSeq != f.LastSeq
            && f.LastSeq >= notes.Confirmed && f.LastSeq < last);
        if (at >= 0)
        {
            var first = _findings[at].FirstSeq!.Value; // Changed findings have one
            _findings[at] = _findings[at] with
            {
                LastSeq = last,
                Where = FindingList.Entries(first, last),
                Affected = FindingList.Affected(FindingKind.Changed, first, last),
            };
        }
    }

    private void ExplainBeyond()
    {
        if (notes.Beyond.Count == 0)
        {
            return;
        }

        var size = Math.Max(end, notes.SignedSize);
        var beyond = notes.Beyond.MaxBy(c => c.Size)!; // there is one
        _findings.Add(new Finding(FindingKind.RolledBack, size, beyond.Size - 1, beyond.Where,
            $"A checkpoint kept outside counts {beyond.Size} entries, the log has {size}: an old copy of the log was put back, "
            + "or its newest entries were removed together with head and checkpoints.", null, null, notes.LastGood,
            $"Entries {size} to {beyond.Size - 1} are missing; proofs of them and against later checkpoints fail."));
    }

    private void ExplainTiles()
    {
        var isShort = _findings.Exists(f => f.Kind is FindingKind.Truncated or FindingKind.RolledBack);
        foreach (var tile in notes.Tiles)
        {
            if (tile.Fits.HasFlag(notes.TruthAt(Math.Min(tile.LastSeq, Math.Max(end - 1, tile.FirstSeq))).Truth) || (isShort && tile.Fault is "stray" or "missing")
                || IsAlteredWithEntry(tile))
            {
                continue;
            }

            var detail = tile.Fault switch
            {
                "stray" => "A hash tile is stored for entries that the log does not have.",
                "missing" => "A hash tile is not there.",
                "root" => "The root stored beside a hash tile is not that of the entries.",
                _ => "A hash in the tile is not that of the entries below it.",
            };
            _findings.Add(new Finding(FindingKind.TileAltered, tile.FirstSeq, tile.LastSeq,
                TileName(tile.Level, tile.Index), detail, tile.Expected, tile.Actual, tile.LastGood,
                "Proofs made from this tile fail. The entries hold, and the tile can be computed from them."));
        }
    }

    /// <summary>Whether the tile fits an entry that has been changed, so that it is part of that finding.</summary>
    private bool IsAlteredWithEntry(TileRecord tile) => tile.Fits != Hypothesis.None
        && _findings.Exists(f => f.Kind == FindingKind.Changed && f.FirstSeq <= tile.LastSeq && f.LastSeq >= tile.FirstSeq);

    private void ExplainBadCheckpoints()
    {
        var strangers = notes.BadCheckpoints.Where(c => c.Fault == FindingKind.WrongKey).ToList();
        if (strangers.Count > 0)
        {
            var sizes = strangers.Count == 1 ? $"size {strangers[0].Size}"
                : $"sizes {strangers.Min(c => c.Size)} to {strangers.Max(c => c.Size)} ({strangers.Count} of them)";
            _findings.Add(new Finding(FindingKind.WrongKey, null, null, strangers[0].Where,
                $"Checkpoint of {sizes}: {strangers[0].FaultDetail}", null, null, notes.LastGood,
                "These checkpoints and every proof against them prove nothing."));
        }

        foreach (var bad in notes.BadCheckpoints.Where(c => c.Fault != FindingKind.WrongKey))
        {
            _findings.Add(new Finding(bad.Fault ?? FindingKind.Unreadable, null, null, bad.Where, bad.FaultDetail, null, null,
                notes.LastGood, "This checkpoint and the proofs against it prove nothing. The entries are judged without it."));
        }
    }

    private bool IsAnyEntryBad(long from, long to) => _findings.Exists(f => f.FirstSeq <= to && f.LastSeq >= from
        && f.Kind is FindingKind.Changed or FindingKind.Deleted or FindingKind.Inserted or FindingKind.Reordered
            or FindingKind.Truncated);

    private void Add(FindingKind kind, PlaceRecord place, string detail, Digest? expected, Digest? actual) =>
        _findings.Add(new Finding(kind, place.First, place.Last, FindingList.Entries(place.First, place.Last), detail,
            expected?.ToString(), actual?.ToString(), place.LastGood, FindingList.Affected(kind, place.First, place.Last)));

    private void AddRange(FindingKind kind, long first, long last, string detail) =>
        _findings.Add(new Finding(kind, first, last, FindingList.Entries(first, last), detail, null, null, notes.LastGood,
            FindingList.Affected(kind, first, last)));

    private void AddHead(string part, string detail) => _findings.Add(HeadFinding(part, detail));

    private Finding HeadFinding(string part, string detail) => new(FindingKind.HeadAltered, null, null, $"head/{part}", detail,
        null, null, notes.LastGood, "Nothing may be appended before the head is right. The entries and their proofs hold.");

    private static string TileName(int level, long index) => new TilePath(level, index, TilePath.FullWidth).ToString();
}
