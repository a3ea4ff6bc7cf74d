using System.Runtime.InteropServices;

namespace Probity.Ledger.Verification;

/// <summary>
/// Puts stored rows into the places of the log, one after another, although rows may be missing, strange, renumbered or
/// out of order. A place is 0, 1, 2 …, as in the tree. Rows that continue the numbering go straight through; at an
/// irregular one up to <see cref="Lookahead"/> rows are looked at to find where the numbering continues.
/// </summary>
/// <remarks>
/// The numbering continues at a row, the anchor, whose body has a number not yet passed and whose next row has the next
/// number and links to it. Rows before the anchor and places before the anchor's are then matched: as many of each is a
/// replacement, more places is a deletion, more rows an insertion. A moved entry shows up as one of each in two places,
/// which <see cref="Diagnosis"/> brings together.
/// </remarks>
internal sealed class RowAligner(long knownSize)
{
    /// <summary>Rows looked at to find where the numbering continues: 64.</summary>
    public const int Lookahead = 64;

    private readonly List<RowFacts> _waiting = [];
    private long _place;

    // What a regular row's number is ahead of its place; not 0 after rows were taken out and the rest renumbered.
    private long _shift;

    /// <summary>The next place to be filled.</summary>
    public long Place => _place;

    /// <summary>Adds rows in their order; what is certain is added to <paramref name="slots"/>.</summary>
    public void Feed(ReadOnlySpan<RowFacts> rows, List<Slot> slots)
    {
        if (_waiting.Count > 0)
        {
            _waiting.AddRange(rows);
            Drain(slots, isEnd: false);
            return;
        }

        for (var i = 0; i < rows.Length; i++)
        {
            if (!IsRegular(rows[i]))
            {
                _waiting.AddRange(rows[i..]);
                Drain(slots, isEnd: false);
                return;
            }

            Fill(rows[i], slots);
        }
    }

    /// <summary>Says that there are no more rows.</summary>
    public void End(List<Slot> slots) => Drain(slots, isEnd: true);

    private bool IsRegular(in RowFacts row) => row.Seq == _place && row.Row == _place + _shift;

    private void Fill(in RowFacts row, List<Slot> slots)
    {
        slots.Add(row.IsGone
            ? new Slot { Place = _place, Kind = SlotKind.Missing, Last = _place }
            : new Slot { Place = _place, Kind = SlotKind.Filled, Row = row });
        _place++;
    }

    private void Drain(List<Slot> slots, bool isEnd)
    {
        var rows = CollectionsMarshal.AsSpan(_waiting);
        var at = 0;
        while (at < rows.Length)
        {
            if (IsRegular(rows[at]))
            {
                Fill(rows[at++], slots);
            }
            else if (!isEnd && rows.Length - at <= Lookahead + 1)
            {
                break;
            }
            else
            {
                at += Resolve(rows[at..], isEnd, slots);
            }
        }

        _waiting.RemoveRange(0, at);
    }

    /// <summary>Settles what stands before the next anchor, or else one row. Returns the rows taken, at least one.</summary>
    private int Resolve(ReadOnlySpan<RowFacts> rows, bool isEnd, List<Slot> slots)
    {
        for (var i = 0; i < rows.Length && i <= Lookahead; i++)
        {
            if (IsAnchor(rows, i, isEnd))
            {
                if (i == 0 && rows[0].Seq == _place)
                {
                    slots.Add(new Slot { Place = _place, Kind = SlotKind.Renumbered, Row = rows[0] });
                }

                Match(rows[..i], rows[i].Seq, slots);
                _shift = rows[i].Row - _place;
                Fill(rows[i], slots);
                return i + 1;
            }
        }

        Strand(rows[0], isEnd, slots);
        return 1;
    }

    private bool IsAnchor(ReadOnlySpan<RowFacts> rows, int i, bool isEnd)
    {
        ref readonly var row = ref rows[i];
        if (row.Seq < _place || row.Seq >= Math.Max(knownSize, _place + rows.Length))
        {
            return false;
        }

        if (i + 1 < rows.Length)
        {
            ref readonly var next = ref rows[i + 1];
            return next.Seq == row.Seq + 1
                && ((next.HasPrev && next.Prev == row.Leaf) || row.Row - _shift == row.Seq);
        }

        // Nothing follows the last row: its number must be where it stands, or the one after what is there.
        return isEnd && (row.Seq == _place || row.Row - _shift == row.Seq || row.Seq - _place <= Lookahead);
    }

    /// <summary>Matches rows that are not regular with the places from here up to the anchor's.</summary>
    private void Match(ReadOnlySpan<RowFacts> rows, long anchor, List<Slot> slots)
    {
        var surplus = rows.Length - (anchor - _place);
        foreach (ref readonly var row in rows)
        {
            var standsAt = row.Row - _shift;
            if (surplus > 0 && !FitsHere(row, surplus, rows.Length))
            {
                slots.Add(new Slot { Place = _place, Kind = SlotKind.Extra, Row = row });
                surplus--;
                continue;
            }

            // With fewer rows than places, a row that kept its number tells which place it stands in.
            var own = row.Seq >= _place && row.Seq < anchor ? row.Seq : standsAt;
            if (surplus < 0 && own > _place && own < anchor)
            {
                surplus += own - _place;
                Miss(own, slots);
            }

            var kind = row.Seq == _place ? SlotKind.Filled : SlotKind.Occupied;
            slots.Add(new Slot { Place = _place, Kind = kind, Row = row });
            _place++;
        }

        Miss(anchor, slots);
    }

    private bool FitsHere(in RowFacts row, long surplus, int rows) => row.Seq == _place && surplus < rows;

    private void Miss(long until, List<Slot> slots)
    {
        if (until > _place)
        {
            slots.Add(new Slot { Place = _place, Kind = SlotKind.Missing, Last = until - 1 });
            _place = until;
        }
    }

    /// <summary>One row of which nothing near tells where it belongs: late, a copy, or one of many changed ones.</summary>
    private void Strand(in RowFacts row, bool isEnd, List<Slot> slots)
    {
        // Near the end a passed number is as likely a changed one, and the place would otherwise stay empty.
        var isLate = !isEnd && row.Seq >= 0 && row.Seq < _place;
        if (isLate || _place >= knownSize)
        {
            slots.Add(new Slot { Place = _place, Kind = SlotKind.Extra, Row = row });
            return;
        }

        var kind = row.Seq == _place ? SlotKind.Filled : SlotKind.Occupied;
        slots.Add(new Slot { Place = _place, Kind = kind, Row = row });
        _place++;
    }
}

/// <summary>How a place of the log is filled.</summary>
internal enum SlotKind
{
    /// <summary>By a row whose body has the place's number.</summary>
    Filled,

    /// <summary>By a row whose body has another number or none.</summary>
    Occupied,

    /// <summary>By no row, from the place up to the last one missing.</summary>
    Missing,

    /// <summary>The row is there beside the rows of the places, before this place.</summary>
    Extra,

    /// <summary>From this place on the numbers of the rows are not those of the entries, though no entry is missing.</summary>
    Renumbered,
}

/// <summary>One place, or one range of missing places, or one row without a place.</summary>
internal struct Slot
{
    public long Place;

    public SlotKind Kind;

    /// <summary>The last missing place.</summary>
    public long Last;

    public RowFacts Row;
}
