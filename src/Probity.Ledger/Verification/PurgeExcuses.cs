namespace Probity.Ledger.Verification;

/// <summary>
/// Sorts what is missing into what a later purge entry excuses and what nothing does. Only a purge entry that is itself
/// genuine counts.
/// </summary>
internal static class PurgeExcuses
{
    /// <summary>Takes the excused places out of the notes and returns them, in order.</summary>
    public static List<PurgedRange> Take(AuditNotes notes, IReadOnlyList<PurgeClaim> claims)
    {
        List<PurgedRange> excused = [];
        var named = Named(notes, claims);
        if (named.Count == 0)
        {
            return excused;
        }

        List<PlaceRecord> left = [];
        foreach (var place in notes.Places)
        {
            if (place.Kind == SlotKind.Missing)
            {
                Split(place, named, excused, left);
            }
            else
            {
                left.Add(place);
            }
        }

        notes.Places.Clear();
        notes.Places.AddRange(left);
        return excused;
    }

    private static List<(long First, long Last, PurgeClaim Claim)> Named(AuditNotes notes,
        IReadOnlyList<PurgeClaim> claims) =>
    [
        .. claims.Where(c => c.IsValid && !notes.Places.Exists(p => p.First <= c.Seq && c.Seq <= p.Last))
            .SelectMany(c => c.Ranges.Select(r => (r.First, r.Last, c))).OrderBy(r => r.First),
    ];

    private static void Split(
        PlaceRecord place, List<(long First, long Last, PurgeClaim Claim)> named, List<PurgedRange> excused,
            List<PlaceRecord> left)
    {
        var at = place.First;
        for (var i = FirstReaching(named, at); at <= place.Last && i < named.Count && named[i].First <= place.Last; i++)
        {
            var (first, last, claim) = named[i];
            if (last < at)
            {
                continue;
            }

            if (first > at)
            {
                left.Add(place with { First = at, Last = first - 1 });
            }

            var from = Math.Max(first, at);
            at = Math.Min(last, place.Last) + 1;
            excused.Add(new PurgedRange(from, at - 1, claim.Seq, claim.Id, claim.RecordedAt, claim.Approvers));
        }

        if (at <= place.Last)
        {
            left.Add(place with { First = at, Last = place.Last });
        }
    }

    /// <summary>The first named run that may reach a place: runs are ascending and do not overlap.</summary>
    private static int FirstReaching(List<(long First, long Last, PurgeClaim Claim)> named, long place)
    {
        var (low, high) = (0, named.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = named[middle].Last < place ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
