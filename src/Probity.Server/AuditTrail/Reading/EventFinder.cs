using Probity.Ledger.Entries;
using Probity.Server.AuditTrail.Events;
using Probity.Server.AuditTrail.Query;
using Probity.Server.AuditTrail.Stores;

namespace Probity.Server.AuditTrail.Reading;

/// <summary>
/// Finds an entry by its id. The search index answers; what it has not reached yet is looked for in the log itself, so
/// an event can be read the moment its receipt is there.
/// </summary>
internal sealed class EventFinder(ILedgerStore store, LedgerReader reader, ISearchIndex index)
{
    private const int ScanBatch = 1_024;
    private const int MaxScanned = 200_000;

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

    private async Task<StoredEntry> ScanTailAsync(string id, long next, CancellationToken cancellationToken)
    {
        for (var scanned = 0; scanned < MaxScanned;)
        {
            var entries = await store.ReadEntriesAsync(next, ScanBatch, cancellationToken);
            foreach (var entry in entries)
            {
                if (EntryReader.ReadId(entry.Body.Span) == id)
                {
                    return entry;
                }
            }

            if (entries.Count == 0)
            {
                throw NotFound();
            }

            next = entries[^1].Seq + 1;
            scanned += entries.Count;
        }

        throw new LedgerIndexLagException();
    }

    private static RefusedException NotFound() => new("event.not_found", "", "There is no event with this id.");
}

/// <summary>The search index is too far behind to answer; ask again.</summary>
internal sealed class LedgerIndexLagException : Exception;
