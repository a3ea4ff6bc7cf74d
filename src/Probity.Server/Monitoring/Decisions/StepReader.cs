using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Probity.Server.AuditTrail.Reading;
using Probity.Server.AuditTrail.Stores;
using Probity.Server.Monitoring.Input;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Monitoring.Decisions;

/// <summary>Reads the steps of a ledger in their order, opening them on all processors. Thread safe.</summary>
internal sealed class StepReader(ILedgerStore store, EntryOpener opener)
{
    private const int Page = 2_048;

    private static readonly byte[] s_decided = Encoding.UTF8.GetBytes(MonitoringEvents.Decided);
    private static readonly byte[] s_reversed = Encoding.UTF8.GetBytes(MonitoringEvents.Reversed);
    private static readonly byte[] s_activated = Encoding.UTF8.GetBytes(MonitoringEvents.RulesActivated);

    private readonly ConcurrentBag<SealedMembers> _members = [];

    /// <summary>
    /// Reads steps from an entry on. Numbers that are missing, since their entries were purged, are told as erased and
    /// as old as the step after them, which came later.
    /// </summary>
    /// <param name="fromSeq">The first entry to look at.</param>
    /// <param name="lastNumber">The number of the last step before it; 0 for none.</param>
    /// <param name="read">Told after each page: the entry that comes next.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <param name="endSeq">The first entry that is not looked at.</param>
    /// <param name="withRecords">Whether the records of decisions are unpacked; they are empty otherwise.</param>
    public async IAsyncEnumerable<Step> ReadAsync(
        long fromSeq, long lastNumber, Action<long>? read,
        [EnumeratorCancellation] CancellationToken cancellationToken, long endSeq = long.MaxValue,
        bool withRecords = true)
    {
        while (fromSeq < endSeq)
        {
            var entries = await store.ReadEntriesAsync(
                fromSeq, (int)Math.Min(Page, endSeq - fromSeq), cancellationToken);
            if (entries.Count == 0)
            {
                yield break;
            }

            // Where entries were purged, a page reaches beyond the end.
            foreach (var step in await OpenAsync(
                [.. entries.Where(entry => entry.Seq < endSeq).Select(entry => (entry.Seq, entry.Body))],
                withRecords, cancellationToken))
            {
                var numbered = step is Step.Erased erased ? erased with { Number = lastNumber + 1 } : step;
                while (++lastNumber < numbered.Number)
                {
                    yield return new Step.Erased(lastNumber) { Seq = step.Seq, RecordedAt = step.RecordedAt };
                }

                yield return numbered;
            }

            fromSeq = entries[^1].Seq + 1;
            read?.Invoke(Math.Min(fromSeq, endSeq));
        }
    }

    /// <summary>
    /// Opens the steps among some entries, in their order. One that cannot be opened has no number of its own: it
    /// follows the one before it.
    /// </summary>
    public async Task<IReadOnlyList<Step>> OpenAsync(
        IReadOnlyList<(long Seq, ReadOnlyMemory<byte> Body)> entries, bool withRecords,
        CancellationToken cancellationToken)
    {
        var opened = ManyEntries.Make(entries.Count, place =>
            TypeOf(entries[place].Body) is { } type ? Open(entries[place].Seq, entries[place].Body, type, withRecords)
                : null);
        var steps = new List<Step>(opened.Length);
        for (var i = 0; i < opened.Length; i++)
        {
            if (opened[i] is { } step)
            {
                steps.Add(step.IsElsewhere
                    ? await OpenAsync(entries[i].Seq, entries[i].Body, step.ContentKey, withRecords, cancellationToken)
                    : step.Step!); // One of the two.
            }
        }

        return steps;
    }

    // The usual step: all of it in the entry, sealed once. Nothing is copied that is not asked for.
    private Opened Open(long seq, ReadOnlyMemory<byte> body, string type, bool withRecord)
    {
        using var document = JsonDocument.Parse(body);
        var entry = document.RootElement;
        var key = ContentKey(entry);
        if (entry.TryGetProperty("blobs"u8, out _))
        {
            return new Opened(null, key);
        }

        var at = InputText.Instant(entry.GetProperty("recorded_at"u8).GetString()!, "/recorded_at");
        var head = new StepHead(seq, at, type, key, withRecord);
        if (entry.TryGetProperty("data"u8, out var plain))
        {
            return new Opened(StepEntries.Read(head, plain), key);
        }

        Step? step = null;
        var members = _members.TryTake(out var used) ? used : opener.NewMembers();
        members.Open(entry, (pointer, value) =>
        {
            if (pointer.ValueEquals("/data"u8))
            {
                step = StepEntries.Read(head, value);
            }
        });
        _members.Add(members);
        return new Opened(step ?? StepEntries.Read(head, null), key);
    }

    private async Task<Step> OpenAsync(
        long seq, ReadOnlyMemory<byte> body, string? key, bool withRecord, CancellationToken cancellationToken)
    {
        var opened = await opener.OpenAsync(body, withBlobs: true, cancellationToken);
        var at = InputText.Instant(opened.Json["recorded_at"]!.GetValue<string>(), "/recorded_at");
        var head = new StepHead(seq, at, opened.Json["type"]!.GetValue<string>(), key, withRecord);
        return opened.Json["data"] is { } data
            ? StepEntries.Read(head, JsonSerializer.SerializeToElement(data))
            : StepEntries.Read(head, null);
    }

    /// <summary>What the data is sealed under: the root of a person's key, or the segment's; null when it is
    /// plain.</summary>
    private static string? ContentKey(JsonElement entry)
    {
        if (entry.TryGetProperty("blobs"u8, out var blobs))
        {
            foreach (var blob in blobs.EnumerateArray())
            {
                if (blob.GetProperty("field"u8).ValueEquals("/data"u8))
                {
                    return Root(blob.GetProperty("key"u8).GetString());
                }
            }
        }

        if (entry.TryGetProperty("enc"u8, out var elements))
        {
            foreach (var one in elements.EnumerateArray())
            {
                var element = new SealedElement(one);
                if (element.Holds("/data"u8))
                {
                    return Root(element.Key.GetString());
                }
            }
        }

        return null;
    }

    private static string? Root(string? keyId) =>
        string.IsNullOrEmpty(keyId) ? null : Keys.SubjectKey.RootOf(keyId) ?? keyId;

    // The type is plain in every entry; only steps are worth parsing and decrypting.
    private static string? TypeOf(ReadOnlyMemory<byte> body)
    {
        var type = EntryTypes.Of(body.Span);
        return type.SequenceEqual(s_decided) ? MonitoringEvents.Decided
            : type.SequenceEqual(s_reversed) ? MonitoringEvents.Reversed
            : type.SequenceEqual(s_activated) ? MonitoringEvents.RulesActivated
            : null;
    }

    /// <summary>A step, or what is to be opened the long way since its content lies beside the entry.</summary>
    private sealed record Opened(Step? Step, string? ContentKey)
    {
        public bool IsElsewhere => Step is null;
    }
}
