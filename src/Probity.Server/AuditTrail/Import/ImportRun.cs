using Probity.Server.AuditTrail.Import.Reading;

namespace Probity.Server.AuditTrail.Import;

/// <summary>Reads the files of a plan and sends their events, in file order, one batch in flight while the next is read.</summary>
/// <remarks>
/// A repeated run is safe at any point: every event has the same source and external id each time, so what the log has
/// already comes back as a duplicate. Cancelling lets the batch in flight end and drops what is only read.
/// </remarks>
internal sealed class ImportRun(
    ImportPlan plan, IImportSink sink, TimeProvider clock, IProgress<ImportProgress>? progress = null)
{
    private readonly List<FileSummary> summaries = [];
    private readonly long bytes = plan.Files.Where(file => file.Format is not null).Sum(file => file.Bytes);
    private readonly int files = plan.Files.Count(file => file.Format is not null);
    private List<(FileSummary File, SourceEvent Event)> batch = [];
    private Task<Sent> inFlight = Task.FromResult(new Sent([], []));
    private long startedAt;
    private long batchBytes;
    private long bytesDone;
    private long bytesInFile;
    private int filesDone;

    public async Task<ImportSummary> RunAsync(CancellationToken cancellationToken)
    {
        startedAt = clock.GetTimestamp();
        var interrupted = false;
        ImportSinkException? failure = null;
        try
        {
            await ReadAllAsync(cancellationToken);
            await FlushAsync();
            await SettleAsync();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            (interrupted, failure) = (true, await EndInFlightAsync());
        }
        catch (ImportSinkException stopped)
        {
            failure = stopped;
        }

        Report();
        return new ImportSummary(summaries, interrupted, failure, clock.GetElapsedTime(startedAt));
    }

    private async Task<ImportSinkException?> EndInFlightAsync()
    {
        try
        {
            await SettleAsync();
            return null;
        }
        catch (ImportSinkException stopped)
        {
            return stopped;
        }
    }

    private async Task ReadAllAsync(CancellationToken cancellationToken)
    {
        foreach (var file in plan.Files)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var summary = new FileSummary(file.Path, file.Format?.Name)
            {
                SkipReason = file.SkipReason,
                IsUnreadable = file.IsUnreadable,
            };
            summaries.Add(summary);
            if (file.Format is not null)
            {
                await ReadFileAsync(file, file.Format, summary, cancellationToken);
                bytesDone += file.Bytes;
                bytesInFile = 0;
                filesDone++;
            }
        }
    }

    private async Task ReadFileAsync(
        PlannedFile file, IEventFormat format, FileSummary summary, CancellationToken cancellationToken)
    {
        SourceEvent? last = null;
        await using var source = new GuardedEvents(file.Path, format, cancellationToken);
        while (await source.NextAsync() is { } next)
        {
            last = next;
            bytesInFile = Math.Min(source.FileBytesRead, file.Bytes);
            await TakeAsync(summary, next);
            cancellationToken.ThrowIfCancellationRequested();
        }

        if (source.Fault is { } wrong)
        {
            // A damaged archive: what was read of it counts, the rest is one refusal at the place where it ends.
            summary.CountRefused(new RefusedEvent(last?.Line ?? 1, last?.ByteOffset ?? 0, new SourceRefusal(
                "import.unreadable",
                $"The file cannot be read beyond here: {wrong.Message} Fetch it again; what stands before is imported.")));
        }
    }

    private async ValueTask TakeAsync(FileSummary summary, SourceEvent next)
    {
        if (next.Refusal is not null)
        {
            summary.CountRefused(new RefusedEvent(next.Line, next.ByteOffset, next.Refusal));
            return;
        }

        if (batch.Count == ImportLimits.MaxBatchEvents
            || batchBytes + next.EventJson.Length > ImportLimits.MaxBatchBytes)
        {
            await FlushAsync();
        }

        batch.Add((summary, next));
        batchBytes += next.EventJson.Length;
    }

    /// <summary>Waits for the batch in flight and sends the one read.</summary>
    private async Task FlushAsync()
    {
        await SettleAsync();
        Report();
        if (batch.Count > 0)
        {
            inFlight = SendAsync(batch);
            (batch, batchBytes) = ([], 0);
        }
    }

    private async Task<Sent> SendAsync(List<(FileSummary File, SourceEvent Event)> items)
    {
        // Not cancellable: a batch that has begun is finished, so that its outcome is known and counted.
        var outcomes = await sink.SendAsync([.. items.Select(item => item.Event)], CancellationToken.None);
        return outcomes.Count == items.Count
            ? new Sent(items, outcomes)
            : throw new ImportSinkException(
                "import.answer_incomplete",
                $"The log answered {outcomes.Count} of {items.Count} events. Run the import again; nothing is taken in twice.");
    }

    /// <summary>Waits for the batch in flight and counts its outcomes, here so that only the reader ever counts.</summary>
    private async Task SettleAsync()
    {
        var (items, outcomes) = await inFlight;
        inFlight = Task.FromResult(new Sent([], []));
        for (var index = 0; index < items.Count; index++)
        {
            items[index].File.Count(items[index].Event, outcomes[index]);
        }
    }

    private void Report() => progress?.Report(new ImportProgress(
        filesDone,
        files,
        summaries.Sum(file => file.Events),
        Math.Min(bytes, bytesDone + bytesInFile),
        bytes,
        clock.GetElapsedTime(startedAt)));

    private sealed record Sent(
        IReadOnlyList<(FileSummary File, SourceEvent Event)> Items, IReadOnlyList<ImportOutcome> Outcomes);
}
