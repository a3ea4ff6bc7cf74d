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
    private const int FirstBatch = 16; // It mostly is among the first that were recorded since its id was made.
    private const int MostInBatch = 1_024;

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
        var first = await FirstSinceAsync(EntryIds.TimeOf(id), cursor, size, cancellationToken);
        if (await ScanAsync(id, first, size, cancellationToken) is { } found)
        {
            return found;
        }

        // An entry is recorded after its id was made. Where the clock was set back in between it is not found so: a
        // short tail is looked through from its beginning; whether a long one has it is not known before the index
        // has come that far.
        return size - cursor > MostScanned
            ? throw new LedgerIndexLagException()
            : await ScanAsync(id, cursor, first, cancellationToken) ?? throw NotFound();
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

    /// <summary>Looks through the entries [next, end), but at most <see cref="MostScanned"/> of them.</summary>
    private async Task<StoredEntry?> ScanAsync(string id, long next, long end, CancellationToken cancellationToken)
    {
        end = Math.Min(end, next + MostScanned);
        for (var batch = FirstBatch; next < end; batch = Math.Min(batch * 2, MostInBatch))
        {
            var entries = await store.ReadEntriesAsync(next, (int)Math.Min(batch, end - next), cancellationToken);
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
        }

        return null;
    }

    private static RefusedException NotFound() => new("event.not_found", "", "There is no event with this id.");
}

/// <summary>The search index is too far behind to answer; ask again.</summary>
internal sealed class LedgerIndexLagException : Exception;
