using Probity.Ledger.Entries;
using Probity.Server.AuditTrail.Events;
using Probity.Server.AuditTrail.Query;
using Probity.Server.AuditTrail.Stores;

namespace Probity.Server.AuditTrail.Reading;

/// <summary>
/// Finds an entry by its id. The search index answers; what it has not reached yet is looked for in the log itself,
/// from the entries of the id's own time on, so an event can be read the moment its receipt is there, however far
/// behind the index is.
/// </summary>
internal sealed class EventFinder(ILedgerStore store, LedgerReader reader, ISearchIndex index)
{
    private const int ScanBatch = 1_024;

    /// <summary>The most entries looked at for one id; 200,000 by default.</summary>
    public int MostScanned { get; init; } = 200_000;

    /// <summary>The entry with this id.</summary>
    /// <exception cref="RefusedException">There is none, or the index lags too far behind to say so.</exception>
    public async Task<StoredEntry> FindAsync(string id, CancellationToken cancellationToken)
    {
        if (!EntryIds.IsWellFormed(id))
        {
            throw NotFound();
        }

        // The cursor is read first: an entry that is indexed meanwhile is found by one of the two.
        var cursor = await index.ReadCursorAsync(cancellationToken);
        if (await index.FindSeqAsync(id, cancellationToken) is { } seq
            && await reader.EntryAsync(seq, cancellationToken) is { } indexed)
        {
            return indexed;
        }

        return await ScanTailAsync(id, cursor, cancellationToken);
    }

    private async Task<StoredEntry> ScanTailAsync(string id, long cursor, CancellationToken cancellationToken)
    {
        var size = (await store.ReadHeadAsync(cancellationToken))?.Size ?? 0;
        if (size - cursor <= MostScanned)
        {
            return await ScanAsync(id, cursor, cancellationToken) ?? throw NotFound();
        }

        // An entry is recorded after its id was made. Where the clock was set back in between it is not found so, and
        // whether there is one is not known before the index has come that far.
        var first = await FirstSinceAsync(EntryIds.TimeOf(id), cursor, size, cancellationToken);
        return await ScanAsync(id, first, cancellationToken) ?? throw new LedgerIndexLagException();
    }

    private async Task<long> FirstSinceAsync(
        DateTimeOffset at, long low, long high, CancellationToken cancellationToken)
    {
        var since = Storage.Instants.ToText(at);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            var read = await store.ReadEntriesAsync(middle, 1, cancellationToken);
            var isSince = read.Count == 0
                || string.CompareOrdinal(EntryReader.ReadHeader(read[0].Body.Span).RecordedAt, since) >= 0;
            (low, high) = isSince ? (low, middle) : (middle + 1, high);
        }

        return low;
    }

    private async Task<StoredEntry?> ScanAsync(string id, long next, CancellationToken cancellationToken)
    {
        for (var scanned = 0; scanned < MostScanned;)
        {
            var most = Math.Min(ScanBatch, MostScanned - scanned);
            var entries = await store.ReadEntriesAsync(next, most, cancellationToken);
            foreach (var entry in entries)
            {
                if (EntryReader.ReadId(entry.Body.Span) == id)
                {
                    return entry;
                }
            }

            if (entries.Count == 0)
            {
                return null;
            }

            next = entries[^1].Seq + 1;
            scanned += entries.Count;
        }

        return null;
    }

    private static RefusedException NotFound() => new("event.not_found", "", "There is no event with this id.");
}

/// <summary>The search index is too far behind to answer; ask again.</summary>
internal sealed class LedgerIndexLagException : Exception;
