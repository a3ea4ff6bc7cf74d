using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Probity.Ledger.Evidence;
using Probity.Server.AuditTrail.Api;
using Probity.Server.AuditTrail.Events;
using Probity.Server.AuditTrail.Query;
using Probity.Server.AuditTrail.Reading;
using Probity.Server.AuditTrail.Stores;
using Probity.Server.AuditTrail.Verification;

namespace Probity.Server.AuditTrail.Exporting;

/// <summary>Writes the ledger out, in constant memory, to be read and checked without us.</summary>
internal sealed class EventExporter(
    ILedgerStore store, LedgerReader reader, EntryOpener opener, ISearchIndex index, LogIdentity log, TimeProvider time)
{
    private const int Batch = 500;

    /// <summary>Writes everything but the tlog format to a stream.</summary>
    public async Task WriteAsync(ExportOrder order, Stream to, CancellationToken cancellationToken)
    {
        switch (order.Format)
        {
            case "pack":
                await WritePackAsync(order, to, cancellationToken);
                break;
            case "csv":
                await WriteCsvAsync(order, to, cancellationToken);
                break;
            case "json":
                await WriteJsonAsync(order, to, "[\n", ",\n", "\n]\n", cancellationToken);
                break;
            case "ndjson":
                await WriteJsonAsync(order, to, "", "\n", "\n", cancellationToken);
                break;
            default:
                throw new RefusedException(
                    "query.bad_value", "/format", $"Formats are {string.Join(", ", ExportOrder.Formats)}.");
        }
    }

    /// <summary>Writes the whole log to a folder at the paths of tlog-tiles.</summary>
    /// <param name="folder">The folder, made if missing; it must be empty.</param>
    /// <param name="progress">Is told how many entries have been written; null for nobody.</param>
    /// <param name="cancellationToken">Ends the export; what was written so far stays.</param>
    /// <returns>Entries written.</returns>
    public async Task<long> WriteLogAsync(
        string folder, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        var stored = await StoredLog.OpenAsync(store, log.Origin, cancellationToken);
        return await ExportedLogWriter.WriteAsync(stored, folder, log.Keys, stored, progress, cancellationToken);
    }

    private async Task WriteJsonAsync(
        ExportOrder order, Stream to, string open, string between, string close, CancellationToken cancellationToken)
    {
        await to.WriteAsync(Encoding.UTF8.GetBytes(open), cancellationToken);
        var isFirst = true;
        await foreach (var entry in EntriesAsync(order, cancellationToken))
        {
            if (!isFirst)
            {
                await to.WriteAsync(Encoding.UTF8.GetBytes(between), cancellationToken);
            }

            isFirst = false;
            var opened = await opener.OpenAsync(entry.Body, withBlobs: true, cancellationToken);
            await JsonSerializer.SerializeAsync(to, EventView.Of(entry, opened), EventJson.Options, cancellationToken);
        }

        await to.WriteAsync(Encoding.UTF8.GetBytes(close), cancellationToken);
    }

    private async Task WriteCsvAsync(ExportOrder order, Stream to, CancellationToken cancellationToken)
    {
        await to.WriteAsync(EventCsv.Header, cancellationToken);
        await foreach (var entry in EntriesAsync(order, cancellationToken))
        {
            var opened = await opener.OpenAsync(entry.Body, withBlobs: false, cancellationToken);
            await to.WriteAsync(EventCsv.Row(EventView.Of(entry, opened)), cancellationToken);
        }
    }

    private async Task WritePackAsync(ExportOrder order, Stream to, CancellationToken cancellationToken)
    {
        var head = await reader.HeadAsync(cancellationToken);
        var source = new PackSource(store, reader, opener, index);
        var notes = new List<string> { head.Checkpoint };
        foreach (var former in log.Formers)
        {
            notes.Add(await source.NoteAsync(former.End, cancellationToken));
        }

        var contents = new PackContents(log.Origin, time.GetUtcNow(), order.Filter ?? "", log.Keys, notes);
        var part = order with { To = Math.Min(order.To ?? head.Size, head.Size) };
        var entries = source.ReadAsync(part, head, EntriesAsync(part, cancellationToken), cancellationToken);
        await EvidencePack.WriteAsync(to, contents, entries, cancellationToken);
    }

    private async IAsyncEnumerable<StoredEntry> EntriesAsync(
        ExportOrder order, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var end = order.To ?? (await reader.HeadAsync(cancellationToken)).Size;
        if (!string.IsNullOrEmpty(order.Filter))
        {
            foreach (var seq in await MatchesAsync(order, end, cancellationToken))
            {
                if (await reader.EntryAsync(seq, cancellationToken) is { } entry)
                {
                    yield return entry;
                }
            }

            yield break;
        }

        for (var next = order.From; next < end;)
        {
            var entries = await store.ReadEntriesAsync(
                next, (int)Math.Min(Batch, end - next), cancellationToken);
            foreach (var entry in entries)
            {
                // Where entries were purged, as many as were asked for reach beyond the end.
                if (entry.Seq >= end)
                {
                    yield break;
                }

                yield return entry;
            }

            if (entries.Count == 0)
            {
                yield break;
            }

            next = entries[^1].Seq + 1;
        }
    }

    /// <summary>The matching sequence numbers, ascending; eight bytes each are all that is held.</summary>
    private async Task<List<long>> MatchesAsync(ExportOrder order, long end, CancellationToken cancellationToken)
    {
        var filter = EventFilter.Parse(order.Filter!, time.GetUtcNow()); // Only called with a filter.
        var matches = new List<long>();
        long? before = end;
        do
        {
            var page = await index.SearchAsync(new SearchQuery(filter, before, PageSizes.Max), cancellationToken);
            matches.AddRange(page.Sequences.Where(seq => seq >= order.From));
            before = page.NextBefore;
        }
        while (before is { } next && next > order.From);

        matches.Reverse();
        return matches;
    }
}
