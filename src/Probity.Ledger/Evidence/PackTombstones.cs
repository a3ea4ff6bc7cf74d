using Probity.Ledger.Verification;

namespace Probity.Ledger.Evidence;

/// <summary>
/// The tombstones of a pack against the purge entries in it. A place without an entry is in order only if a proven
/// entry with two approvers names it; what a pack leaves out says nothing of itself.
/// </summary>
internal sealed class PackTombstones
{
    private readonly List<PackTombstone> _proven = [];
    private readonly Dictionary<long, PurgeClaim> _claims = [];

    /// <summary>Tombstones in the pack, proven or not.</summary>
    public long Count { get; set; }

    /// <summary>Those that are in order, by run, once they were judged.</summary>
    public List<PurgedRange> Excused { get; } = [];

    /// <summary>Takes a tombstone whose place is proven; they ascend.</summary>
    public void Add(PackTombstone tombstone) => _proven.Add(tombstone);

    /// <summary>Takes a proven entry, which may be a purge entry.</summary>
    public void Hear(ReadOnlySpan<byte> entry)
    {
        if (PurgeClaims.TryRead(entry) is { } claim)
        {
            _claims.TryAdd(claim.Seq, claim with { Ranges = [.. claim.Ranges.OrderBy(range => range.First)] });
        }
    }

    /// <summary>What is not in order; call it once, when everything was read.</summary>
    public IEnumerable<Finding> Judge()
    {
        foreach (var tombstone in _proven.OrderBy(t => t.Seq))
        {
            if (Fault(tombstone) is { } fault)
            {
                yield return new Finding(
                    FindingKind.Deleted, tombstone.Seq, tombstone.Seq, $"tombstones/{tombstone.Seq}.json", fault,
                    null, tombstone.Leaf.ToString(), null, $"Entry {tombstone.Seq} is missing without excuse.");
                continue;
            }

            var claim = _claims[tombstone.PurgedBy];
            if (Excused.Count > 0 && Excused[^1].Last == tombstone.Seq - 1 && Excused[^1].EntrySeq == claim.Seq)
            {
                Excused[^1] = Excused[^1] with { Last = tombstone.Seq };
            }
            else
            {
                Excused.Add(new PurgedRange(
                    tombstone.Seq, tombstone.Seq, claim.Seq, claim.Id, claim.RecordedAt, claim.Approvers));
            }
        }
    }

    private string? Fault(PackTombstone tombstone)
    {
        if (!_claims.TryGetValue(tombstone.PurgedBy, out var claim))
        {
            return $"Entry {tombstone.PurgedBy}, which is said to have purged it, is not proven by this pack to be a "
                + "purge entry.";
        }

        if (!claim.IsValid)
        {
            return $"The purge entry {claim.Seq} does not count: it needs two approvers and names earlier "
                + "entries only.";
        }

        return Names(claim, tombstone.Seq) ? null : $"The purge entry {claim.Seq} does not name entry {tombstone.Seq}.";
    }

    /// <summary>Whether the last run that begins at or before a number reaches it; runs do not overlap.</summary>
    private static bool Names(PurgeClaim claim, long seq)
    {
        var (low, high) = (0, claim.Ranges.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = claim.Ranges[middle].First <= seq ? (middle + 1, high) : (low, middle);
        }

        return low > 0 && claim.Ranges[low - 1].Last >= seq;
    }
}
