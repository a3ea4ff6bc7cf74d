using System.Runtime.CompilerServices;
using System.Text.Json;
using Probity.Server.AuditTrail.Reading;
using Probity.Server.AuditTrail.Stores;
using Probity.Server.Monitoring.Input;

namespace Probity.Server.Monitoring.Decisions;

/// <summary>Reads the steps of a ledger in their order. Thread safe.</summary>
internal sealed class StepReader(ILedgerStore store, EntryOpener opener)
{
    private const int Page = 512;

    /// <summary>Reads steps from an entry on.</summary>
    /// <param name="fromSeq">The first entry to look at.</param>
    /// <param name="lastNumber">The number of the last step before it; 0 for none.</param>
    /// <param name="read">Told after each page: the entry that comes next.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async IAsyncEnumerable<Step> ReadAsync(
        long fromSeq, long lastNumber, Action<long>? read,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            var entries = await store.ReadEntriesAsync(fromSeq, Page, cancellationToken);
            foreach (var entry in entries)
            {
                if (StepType(entry.Body) is { } type)
                {
                    yield return await OpenAsync(entry, type, ++lastNumber, cancellationToken);
                }
            }

            if (entries.Count == 0)
            {
                yield break;
            }

            fromSeq = entries[^1].Seq + 1;
            read?.Invoke(fromSeq);
        }
    }

    private async Task<Step> OpenAsync(
        StoredEntry entry, string type, long number, CancellationToken cancellationToken)
    {
        var opened = await opener.OpenAsync(entry.Body, withBlobs: true, cancellationToken);
        var recordedAt = InputText.Instant(opened.Json["recorded_at"]!.GetValue<string>(), "/recorded_at");
        return StepEntries.Read(entry.Seq, recordedAt, type, opened.Json["data"]?.ToJsonString(), number);
    }

    // The type is plain in every entry; only steps are worth decrypting.
    private static string? StepType(ReadOnlyMemory<byte> body)
    {
        if (body.Span.IndexOf("\"probity.monitoring."u8) < 0)
        {
            return null;
        }

        using var json = JsonDocument.Parse(body);
        return json.RootElement.TryGetProperty("type", out var type) ? type.GetString() switch
        {
            MonitoringEvents.Decided => MonitoringEvents.Decided,
            MonitoringEvents.Reversed => MonitoringEvents.Reversed,
            MonitoringEvents.RulesActivated => MonitoringEvents.RulesActivated,
            _ => null,
        } : null;
    }
}
