using Probity.Ledger.Merkle;

namespace Probity.Ledger.Verification;

/// <summary>
/// Compares the witnesses of each place in turn and grows the tree. A place is settled when its successor has said what
/// it links to, and, if anything is in doubt, when the successor's own successor has.
/// </summary>
internal sealed class SlotJudge(AuditNotes notes, CheckpointCursor checkpoints)
{
    private readonly List<Pending> _pending = new(2);
    private bool _isCalm;

    public TreeHypotheses Tree { get; } = new();

    /// <summary>Takes the next filled place, with its leaf hash in the tile if there is one.</summary>
    public void Take(in Slot slot, Digest? tile)
    {
        ref readonly var row = ref slot.Row;
        var isClean = slot.Kind == SlotKind.Filled && row.IsReadable && tile.GetValueOrDefault(row.Leaf) == row.Leaf
            && (!row.HasStored || row.Stored == row.Leaf) && (slot.Place > 0 || row.Prev == default);
        if (_isCalm && isClean && row.Prev == _pending[0].Leaf)
        {
            Append(_pending[0].Leaf);
            _pending[0].Become(slot, tile);
            return;
        }

        if (_pending.Count > 0)
        {
            _pending[^1].Link(slot.Kind == SlotKind.Filled && row.HasPrev ? row.Prev : null);
        }

        _pending.Add(new Pending(slot, tile, isClean));
        SettleAll(leave: 2);
        _isCalm = _pending.Count == 1 && isClean;
    }

    /// <summary>Takes a place without a row.</summary>
    public void Miss(long place, Digest? tile) => Take(new Slot { Place = place, Kind = SlotKind.Missing }, tile);

    /// <summary>Settles the last places; the last of all is linked by the head.</summary>
    public void End(Digest? lastHash)
    {
        if (_pending.Count > 0)
        {
            _pending[^1].Link(lastHash);
        }

        SettleAll(leave: 0);
        _isCalm = false;
    }

    private void SettleAll(int leave)
    {
        while (_pending.Count > leave || (leave > 0 && _pending.Count > 1 && _pending[0].IsSettled && _pending[1].IsClean))
        {
            var next = _pending.Count > 1 ? _pending[1] : null;
            Settle(_pending[0], next is null ? LinkWeight.Head : next.IsUndisputed ? LinkWeight.Sound : LinkWeight.Doubtful);
            _pending.RemoveAt(0);
        }
    }

    private void Settle(Pending place, LinkWeight weight)
    {
        if (place.IsSettled)
        {
            Append(place.Leaf);
            return;
        }

        var witnesses = place.Witnesses(weight);
        var leaf = witnesses.Leaf();
        notes.Add(new PlaceRecord(place.Slot.Place, place.Slot.Kind, witnesses, leaf, place.Slot.Row.Seq,
            place.Slot.Row.Row, place.Leaf, place.Slot.Row.IsReadable, notes.LastGood));
        if (notes.BlindFrom is not null || leaf is null)
        {
            notes.BlindFrom ??= place.Slot.Place;
            return;
        }

        if (leaf.Value is var l && l.Majority == l.Tiles && l.Majority == l.Chain && l.Majority == l.Bodies)
        {
            Append(l.Majority);
            return;
        }

        Tree.Append(leaf.Value);
        CompareIfDue();
    }

    private void Append(in Digest leaf)
    {
        if (notes.BlindFrom is null)
        {
            Tree.Append(leaf);
            CompareIfDue();
        }
    }

    /// <summary>Compares the checkpoints of the size that the tree has.</summary>
    public void CompareIfDue()
    {
        while (checkpoints.NextSize <= Tree.Size)
        {
            Compare(checkpoints.Take());
        }
    }

    private void Compare(JudgedCheckpoint judged)
    {
        var root = judged.Checkpoint!.Root; // only trusted ones come here, and they have been read
        var fits = Tree.Where(t => t.Root() == root);
        notes.Compared(new ComparedCheckpoint(judged, fits,
            fits == Hypothesis.None ? Tree.Tree(Hypothesis.Majority).Root() : null,
            judged.Source == CheckpointSource.Outside ? notes.LastGoodOutside : notes.GoodBefore(judged.Size)));
    }

    /// <summary>A place whose successors have not yet been heard. One object serves a whole run of clean places.</summary>
    private sealed class Pending(Slot slot, Digest? tile, bool isClean)
    {
        private Slot _slot = slot;
        private Digest? _tile = tile;
        private Digest? _link;
        private bool _isLinked;

        public ref readonly Slot Slot => ref _slot;

        public bool IsClean { get; } = isClean;

        public ref readonly Digest Leaf => ref _slot.Row.Leaf;

        /// <summary>Whether the place is beyond doubt, its link included.</summary>
        public bool IsSettled => IsClean && _isLinked && (_link is null || _link == Leaf);

        /// <summary>Whether nothing known so far speaks against the body, so that its link may be believed.</summary>
        public bool IsUndisputed => Slot.Kind == SlotKind.Filled && Witnesses(LinkWeight.Sound).Agree;

        /// <summary>Becomes the next clean place.</summary>
        public void Become(in Slot next, Digest? tile)
        {
            _slot = next;
            _tile = tile;
            _link = null;
            _isLinked = false;
        }

        public void Link(Digest? link)
        {
            _link = link;
            _isLinked = true;
        }

        public Witnesses Witnesses(LinkWeight weight)
        {
            // Beside a strange body the stored hash is only worth anything where it is not that body's.
            var isFilled = Slot.Kind == SlotKind.Filled;
            Digest? stored = Slot.Kind != SlotKind.Missing && Slot.Row.HasStored && (isFilled || Slot.Row.Stored != Leaf)
                ? Slot.Row.Stored
                : null;
            return new Witnesses(isFilled ? Leaf : null, stored, _tile, _link, weight);
        }
    }
}
