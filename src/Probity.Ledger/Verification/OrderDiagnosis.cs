namespace Probity.Ledger.Verification;

/// <summary>Explains missing places and strange rows: what has gone, what has come, what has changed places.</summary>
internal sealed class OrderDiagnosis
{
    private readonly AuditNotes _notes;
    private readonly long _end;
    private readonly List<Finding> _findings = [];
    private readonly List<Span> _missing;
    private readonly Dictionary<long, PlaceRecord> _occupied;
    private readonly List<(Span Span, GoodCheckpoint? LastGood)> _moved = [];
    private readonly List<Span> _found = [];
    private readonly HashSet<long> _explained = [];

    public OrderDiagnosis(AuditNotes notes, long end)
    {
        _notes = notes;
        _end = end;
        _missing = [.. notes.Places.Where(p => p.Kind == SlotKind.Missing).Select(p => new Span(p.First, p.Last))];
        _occupied = notes.Places.Where(p => p.Kind == SlotKind.Occupied).ToDictionary(p => p.First);
    }

    /// <summary>Whether a place with a row of its own number is explained here, because that row was put in.</summary>
    public bool IsExplained(long place) => _explained.Contains(place);

    public List<Finding> Findings()
    {
        FindMoved();
        ExplainExtras();
        ExplainOccupied();
        ExplainMissing();
        AddMoved();
        foreach (var (place, row) in _notes.Renumbered)
        {
            Add(FindingKind.Reordered, place, place, $"From entry {place} on the rows are numbered anew, beginning with {row}.",
                null, null, _notes.LastGood);
        }

        return _findings;
    }

    private void FindMoved()
    {
        foreach (var place in _occupied.Values)
        {
            if (IsGenuine(place.OwnSeq, place.RowLeaf))
            {
                Move(new Span(place.OwnSeq, place.OwnSeq), new Span(place.First, place.First), place.LastGood);
            }
        }

        foreach (var row in _notes.Extras)
        {
            if (IsGenuine(row.Seq, row.Leaf))
            {
                Move(new Span(row.Seq, row.LastSeq), new Span(row.Row, row.LastRow), row.LastGood);
            }
        }
    }

    private void Move(Span seqs, Span rows, GoodCheckpoint? lastGood)
    {
        _found.Add(seqs);
        // A row number below 0 is no place: the first place concerned is then the entry's own.
        var first = rows.First < 0 ? seqs.First : Math.Min(seqs.First, rows.First);
        _moved.Add((new Span(first, Math.Max(seqs.Last, rows.Last)), lastGood));
    }

    /// <summary>Whether a strange row is the entry whose number it bears, whose own place does not hold it.</summary>
    private bool IsGenuine(long seq, in Merkle.Digest leaf) =>
        (_occupied.ContainsKey(seq) || _missing.Exists(m => m.Contains(seq)))
        && (_notes.LeafOf(seq) is not { } known || known.Under(_notes.TruthAt(seq).Truth) == leaf);

    private void ExplainExtras()
    {
        foreach (var row in _notes.Extras.Where(r => !IsGenuine(r.Seq, r.Leaf)))
        {
            var (first, last) = (row.Row, row.LastRow);
            var detail = row.Seq >= 0 && row.Seq < _end
                ? $"A row is there that bears the number of entry {row.Seq}, which is in its own place."
                : "A row is there that was never sequenced.";
            var impostor = _notes.Places.Find(p => p.Kind == SlotKind.Filled && p.First == row.Seq && !p.Witnesses.Agree);
            if (impostor?.Leaf?.Under(_notes.TruthAt(row.Seq).Truth) == row.Leaf && row.Seq == row.LastSeq)
            {
                // The genuine entry follows: what stands in its place was put before it.
                _explained.Add(row.Seq);
                (first, last) = (row.Row - 1, row.Row - 1);
                detail = $"A row was put before entry {row.Seq} and bears its number.";
            }

            Add(FindingKind.Inserted, first, last, detail, null, row.Leaf.ToString(), row.LastGood);
        }
    }

    private void ExplainOccupied()
    {
        foreach (var place in _occupied.Values)
        {
            if (_moved.Exists(m => m.Span.Contains(place.First)))
            {
                continue;
            }

            var detail = place.OwnSeq >= 0
                ? $"The entry is not the one that was sequenced; it bears the number {place.OwnSeq}."
                : "The entry is not the one that was sequenced, and no number can be read in it.";
            Add(FindingKind.Changed, place.First, place.First, detail,
                place.Leaf?.Under(_notes.TruthAt(place.First).Truth).ToString(), place.RowLeaf.ToString(), place.LastGood);
        }
    }

    private void ExplainMissing()
    {
        foreach (var place in _notes.Places.Where(p => p.Kind == SlotKind.Missing))
        {
            foreach (var span in new Span(place.First, place.Last).Without(_found))
            {
                var isTail = span.First >= _end;
                var expected = place.First == span.First ? place.Leaf?.Majority.ToString() : null;
                Add(isTail ? FindingKind.Truncated : FindingKind.Deleted, span.First, span.Last, isTail
                    ? "The newest entries are missing; signed checkpoints still count them."
                    : "Entries are missing between their neighbours.", expected, null, place.LastGood);
            }
        }
    }

    private void AddMoved()
    {
        _moved.Sort((a, b) => a.Span.First.CompareTo(b.Span.First));
        for (var i = 0; i < _moved.Count;)
        {
            var (first, last) = (_moved[i].Span.First, _moved[i].Span.Last);
            var lastGood = _moved[i].LastGood;
            for (i++; i < _moved.Count && _moved[i].Span.First <= last; i++)
            {
                last = Math.Max(last, _moved[i].Span.Last);
            }

            Add(FindingKind.Reordered, first, last, "Genuine entries stand in other places than their own.", null, null, lastGood);
        }
    }

    private void Add(FindingKind kind, long first, long last, string detail, string? expected, string? actual,
        GoodCheckpoint? lastGood) =>
        _findings.Add(new Finding(kind, first, last, FindingList.Entries(first, last), detail, expected, actual, lastGood,
            FindingList.Affected(kind, first, last)));

    /// <summary>Places from the first to the last.</summary>
    private readonly record struct Span(long First, long Last)
    {
        public bool Contains(long place) => place >= First && place <= Last;

        /// <summary>What is left of it after others are taken out.</summary>
        public IEnumerable<Span> Without(IEnumerable<Span> others)
        {
            var (from, first, last) = (First, First, Last);
            foreach (var other in others.Where(o => o.Last >= first && o.First <= last).OrderBy(o => o.First))
            {
                if (other.First > from)
                {
                    yield return new Span(from, other.First - 1);
                }

                from = Math.Max(from, other.Last + 1);
            }

            if (from <= Last)
            {
                yield return this with { First = from };
            }
        }
    }
}
