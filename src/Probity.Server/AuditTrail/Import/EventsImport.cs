using System.Globalization;
using System.Text.Json;
using Probity.Server.AuditTrail.Import.Formats;

namespace Probity.Server.AuditTrail.Import;

/// <summary>What <c>probity events import</c> was asked to do.</summary>
internal sealed record EventsImportOptions
{
    /// <summary>Gets the files, directories and patterns to read.</summary>
    public required IReadOnlyList<string> Paths { get; init; }

    /// <summary>Gets the format of all files, or <c>auto</c>.</summary>
    public string Format { get; init; } = ImportFormats.Auto;

    /// <summary>Gets whether the summary is written as one JSON object.</summary>
    public bool Json { get; init; }

    /// <summary>Gets whether no progress is written.</summary>
    public bool Quiet { get; init; }
}

/// <summary>The command <c>probity events import</c>: plan, run, and a summary per file.</summary>
/// <remarks>Exit codes: 0 every event is in the log; 2 some are refused, nothing was found, or it could not finish.</remarks>
internal sealed class EventsImport(TimeProvider clock)
{
    private const int Done = 0;
    private const int Incomplete = 2;

    /// <summary>Runs the import; the summary goes to <paramref name="output"/>, progress and problems to <paramref name="error"/>.</summary>
    public async Task<int> RunAsync(
        EventsImportOptions options,
        TextWriter output,
        TextWriter error,
        IImportSink sink,
        CancellationToken cancellationToken)
    {
        var forced = ImportFormats.ByName(options.Format);
        if (forced is null && options.Format != ImportFormats.Auto)
        {
            await error.WriteLineAsync(
                $"Unknown format '{options.Format}'. Known: {string.Join(", ", ImportFormats.Names)}.");
            return Incomplete;
        }

        if (await PlanAsync(options, forced, error, cancellationToken) is not { } plan)
        {
            return Incomplete;
        }

        var progress = options.Quiet ? null : new ProgressLine(error, clock);
        var summary = await new ImportRun(plan, sink, clock, progress).RunAsync(cancellationToken);
        await WriteAsync(options, summary, output);
        await WriteStopAsync(summary, error);
        var isDone = summary is { Refused: 0, Unreadable: 0, Interrupted: false, Failure: null };
        return isDone ? Done : Incomplete;
    }

    private static async Task<ImportPlan?> PlanAsync(
        EventsImportOptions options, IEventFormat? forced, TextWriter error, CancellationToken cancellationToken)
    {
        try
        {
            var plan = await ImportPlan.MakeAsync(options.Paths, forced, cancellationToken);
            foreach (var path in plan.Missing)
            {
                await error.WriteLineAsync($"Nothing found: '{path}'. Name a file, a directory or a pattern.");
            }

            if (plan.Missing.Count > 0)
            {
                return null;
            }

            if (plan.Files.Any(file => file.Format is not null))
            {
                return plan;
            }

            await error.WriteLineAsync("No file with events found:");
            foreach (var file in plan.Files)
            {
                await error.WriteLineAsync($"  {file.Path}: {file.SkipReason}");
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await error.WriteLineAsync("Interrupted before anything was sent.");
        }

        return null;
    }

    private static async Task WriteStopAsync(ImportSummary summary, TextWriter error)
    {
        if (summary.Failure is { } failure)
        {
            await error.WriteLineAsync($"Stopped: {failure.Message} [{failure.Code}]");
        }

        if (summary.Interrupted || summary.Failure is not null)
        {
            await error.WriteLineAsync(
                "To go on, run the same command again: events that are in the log already are counted as duplicates.");
        }
    }

    private static Task WriteAsync(EventsImportOptions options, ImportSummary summary, TextWriter output)
        => options.Json ? WriteJsonAsync(summary, output) : WriteTextAsync(summary, output);

    private static async Task WriteTextAsync(ImportSummary summary, TextWriter output)
    {
        await output.WriteLineAsync("accepted  duplicate  refused  format            file");
        foreach (var file in summary.Files.Where(file => file.SkipReason is null))
        {
            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"{file.Accepted,8}  {file.Duplicate,9}  {file.Refused,7}  {file.Format,-16}  {file.Path}"));
            foreach (var refused in file.RefusedEvents)
            {
                await output.WriteLineAsync(string.Create(
                    CultureInfo.InvariantCulture,
                    $"          line {refused.Line}: {refused.Refusal.Detail} [{refused.Refusal.Code}]"));
            }

            if (file.Refused > file.RefusedEvents.Count)
            {
                await output.WriteLineAsync(string.Create(
                    CultureInfo.InvariantCulture, $"          ... and {file.Refused - file.RefusedEvents.Count} more refused"));
            }
        }

        foreach (var file in summary.Files.Where(file => file.SkipReason is not null))
        {
            await output.WriteLineAsync($" skipped  {file.Path}: {file.SkipReason}");
        }

        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"{summary.Accepted} accepted, {summary.Duplicate} duplicate, {summary.Refused} refused, {summary.Skipped} files skipped, {summary.Elapsed.TotalSeconds:0.0} s"));
    }

    private static async Task WriteJsonAsync(ImportSummary summary, TextWriter output)
    {
        var answer = new
        {
            accepted = summary.Accepted,
            duplicate = summary.Duplicate,
            refused = summary.Refused,
            interrupted = summary.Interrupted,
            failure = summary.Failure?.Code,
            elapsed_ms = (long)summary.Elapsed.TotalMilliseconds,
            files = summary.Files.Select(file => new
            {
                path = file.Path,
                format = file.Format,
                skipped = file.SkipReason,
                accepted = file.Accepted,
                duplicate = file.Duplicate,
                refused = file.Refused,
                refused_events = file.RefusedEvents.Select(item => new
                {
                    line = item.Line,
                    byte_offset = item.ByteOffset,
                    code = item.Refusal.Code,
                    detail = item.Refusal.Detail,
                }),
            }),
        };
        await output.WriteLineAsync(JsonSerializer.Serialize(answer));
    }

    /// <summary>Writes a line of progress at most once a second.</summary>
    private sealed class ProgressLine(TextWriter error, TimeProvider clock) : IProgress<ImportProgress>
    {
        private long? writtenAt;

        public void Report(ImportProgress value)
        {
            var now = clock.GetTimestamp();
            if (writtenAt is { } last && clock.GetElapsedTime(last, now) < TimeSpan.FromSeconds(1))
            {
                return;
            }

            writtenAt = now;
            var left = value.Remaining is { } remaining && value.Elapsed > TimeSpan.FromSeconds(1)
                ? string.Create(CultureInfo.InvariantCulture, $", about {Math.Ceiling(remaining.TotalSeconds)} s left")
                : "";
            error.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{value.FilesDone}/{value.Files} files, {value.Events} events, {value.BytesRead / 1048576.0:0.0} of {value.Bytes / 1048576.0:0.0} MiB, {value.EventsPerSecond:0} events/s{left}"));
        }
    }
}
