using Probity.Server.AuditTrail.Query;
using Probity.Server.AuditTrail.Query.Filters;
using Probity.Server.AuditTrail.Query.Segments;
using Probity.Server.AuditTrail.Reading;
using Probity.Server.AuditTrail.Stores;
using Probity.Server.Keys;

namespace Probity.Server.AuditTrail.Indexing;

/// <summary>
/// Takes words out of the search index whose key is gone: the segments that hold the entries are made anew from the
/// log,
/// and what can no longer be opened, or is no longer there, is not in them any more.
/// </summary>
internal sealed class SearchScrub(ISearchIndex index, ILedgerStore store, IFieldCipher cipher, InstallationKeys keys)
{
    private const int ReadBatch = 1_024;

    /// <summary>Makes the segments anew that hold entries which match; returns how many.</summary>
    public async Task<int> RunAsync(FilterNode which, CancellationToken cancellationToken)
    {
        var seqs = new List<long>();
        long? before = null;
        do
        {
            var page = await index.SearchAsync(new SearchQuery(EventFilter.Of(which), before, PageSizes.Max),
                cancellationToken);
            seqs.AddRange(page.Sequences);
            before = page.NextBefore;
        }
        while (before is not null);
        seqs.Sort();
        return await RunAsync([.. seqs.Select(seq => (seq, seq))], cancellationToken);
    }

    /// <summary>Makes the segments anew that hold any of these numbers; returns how many.</summary>
    /// <param name="runs">Runs of numbers, both ends included, ascending, none overlapping another.</param>
    /// <param name="cancellationToken">Stops between two segments.</param>
    public async Task<int> RunAsync(IReadOnlyList<(long First, long Last)> runs, CancellationToken cancellationToken)
    {
        if (runs.Count == 0 || index is not SegmentedSearchIndex segmented)
        {
            return 0;
        }

        // Made here: it reuses its memory and is not thread safe.
        var indexer = new EventIndexer(new TextTokens(keys.BlindIndex), new SealedMembers(cipher));
        return await segmented.RebuildAsync(
            segment => Meets(runs, segment),
            (segment, token) => ReadAsync(indexer, segment, token),
            cancellationToken);
    }

    /// <summary>Whether the first run that ends in or behind a segment begins before its end.</summary>
    private static bool Meets(IReadOnlyList<(long First, long Last)> runs, Segment segment)
    {
        var (low, high) = (0, runs.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = runs[middle].Last < segment.From ? (middle + 1, high) : (low, middle);
        }

        return low < runs.Count && runs[low].First < segment.To;
    }

    private async Task<IReadOnlyList<IndexedEvent>> ReadAsync(
        EventIndexer indexer, Segment segment, CancellationToken cancellationToken)
    {
        var events = new List<IndexedEvent>(segment.Count);
        for (var next = segment.From; next < segment.To;)
        {
            var entries = await store.ReadEntriesAsync(next, (int)Math.Min(ReadBatch, segment.To - next),
                cancellationToken);
            foreach (var entry in entries)
            {
                if (entry.Seq < segment.To)
                {
                    events.Add(indexer.Read(entry.Body));
                }
            }

            if (entries.Count == 0)
            {
                break;
            }

            next = entries[^1].Seq + 1;
        }

        return events;
    }
}
