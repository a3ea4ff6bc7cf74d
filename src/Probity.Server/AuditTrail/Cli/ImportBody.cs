using Probity.Ledger.Json;
using Probity.Server.AuditTrail.Append;
using Probity.Server.AuditTrail.Events;
using Probity.Server.AuditTrail.Import;
using Probity.Server.Hosting.Cli;

namespace Probity.Server.AuditTrail.Cli;

/// <summary><c>probity events import</c>: to a server, or into the data folder when no server holds it.</summary>
internal static class ImportBody
{
    public static async Task<int> RunAsync(
        ImportRequest request, VerbContext context, CancellationToken cancellationToken)
    {
        var import = new EventsImport(TimeProvider.System);
        var options = new EventsImportOptions
        {
            Paths = request.Paths,
            Format = request.Format,
            Json = context.IsJson,
            Quiet = request.IsQuiet,
        };
        var remote = request.Remote ?? (context.TryGetServer(out var server) ? server : null);
        if (remote is not null)
        {
            using var http = new HttpClient { Timeout = TimeSpan.FromMinutes(5) };
            var sink = new HttpImportSink(http, remote.Url, remote.Key, TimeProvider.System);
            return await import.RunAsync(options, context.Output, context.Error, sink, cancellationToken);
        }

        await using var ledger = await LocalLedger.OpenAsync(context, cancellationToken);
        var local = ActivatorUtilities.CreateInstance<LocalImportSink>(ledger.Services);
        return await import.RunAsync(options, context.Output, context.Error, local, cancellationToken);
    }
}

/// <summary>Takes events straight into the ledger of this process.</summary>
internal sealed class LocalImportSink(LedgerWriter writer, EventPreparer preparer) : IImportSink
{
    private static readonly JsonLimits s_limits = new(EventShape.MaxEventBytes);

    public async Task<IReadOnlyList<ImportOutcome>> SendAsync(
        IReadOnlyList<SourceEvent> batch, CancellationToken cancellationToken)
    {
        var outcomes = new ImportOutcome?[batch.Count];
        while (true)
        {
            var (entries, positions) = Prepare(batch, outcomes);
            if (entries.Count == 0)
            {
                return outcomes!; // Every event has its outcome now.
            }

            switch (await AppendAsync(entries))
            {
                case AppendResult.Committed committed:
                    Settle(outcomes, positions, committed);
                    return outcomes!; // Every event has its outcome now.
                case AppendResult.ExternalIdReused reused:
                    outcomes[positions[reused.Index]] = ImportOutcome.Refused(
                        "event.external_id_reused", $"Its external id was recorded before with other content (entry {reused.Seq}).");
                    break;
                case var other:
                    throw new InvalidOperationException($"Unexpected result {other}.");
            }
        }
    }

    private static void Settle(ImportOutcome?[] outcomes, List<int> positions, AppendResult.Committed committed)
    {
        for (var i = 0; i < positions.Count; i++)
        {
            var place = committed.Places[i];
            outcomes[positions[i]] = place.Duplicate
                ? ImportOutcome.Duplicate(place.Id)
                : ImportOutcome.Accepted(place.Id);
        }
    }

    private (List<PreparedEntry> Entries, List<int> Positions) Prepare(
        IReadOnlyList<SourceEvent> batch, ImportOutcome?[] outcomes)
    {
        var (entries, positions) = (new List<PreparedEntry>(), new List<int>());
        for (var i = 0; i < batch.Count; i++)
        {
            if (outcomes[i] is not null)
            {
                continue;
            }

            try
            {
                using var tape = JsonTape.Parse(batch[i].EventJson, s_limits);
                entries.Add(preparer.Prepare(tape.Root));
                positions.Add(i);
            }
            catch (JsonRefusedException refused)
            {
                outcomes[i] = ImportOutcome.Refused(refused.Code, refused.Message);
            }
            catch (RefusedException refused)
            {
                outcomes[i] = ImportOutcome.Refused(refused.Code, $"{refused.Pointer}: {refused.Message}");
            }
        }

        return (entries, positions);
    }

    private async Task<AppendResult> AppendAsync(List<PreparedEntry> entries)
    {
        try
        {
            return await writer.AppendAsync(new AppendRequest(entries));
        }
        catch (LedgerUnavailableException failure)
        {
            throw new ImportSinkException(failure.Code, failure.Message, failure);
        }
    }
}
