using System.Globalization;
using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Probity.Server.Access;
using Probity.Server.AuditTrail.Cli;
using Probity.Server.Hosting.Cli;

namespace Probity.Server.Customers.Import;

/// <summary>
/// <c>probity customers import</c>: through a server when one is named or holds the data folder, else in the folder
/// itself. Refused lines are shown as they come, the progress every 1,000 lines, the summary at the end.
/// </summary>
internal static class CustomersBody
{
    private const int ProgressEvery = 1_000;
    private const int MostShown = 20;

    public static async Task<int> RunAsync(
        CustomerImportRequest request, VerbContext context, CancellationToken cancellationToken)
    {
        var remote = request.Remote ?? (context.TryGetServer(out var server) ? server : null);
        var report = new ImportReport(context);
        await using var file = Open(request.Path);
        if (remote is not null)
        {
            await SendAsync(file, IsTable(request.Path), remote, report, cancellationToken);
        }
        else
        {
            await using var ledger = await LocalLedger.OpenAsync(context, cancellationToken);
            await LocalAsync(file, request.Path, ledger.Services, report, cancellationToken);
        }

        return report.Finish();
    }

    private static async Task LocalAsync(
        Stream file, string path, IServiceProvider services, ImportReport report, CancellationToken cancellationToken)
    {
        var time = services.GetRequiredService<TimeProvider>();
        using var text = IsTable(path) ? new StreamReader(file, new UTF8Encoding(false, true)) : null;
        var lines = text is null
            ? CustomerLines.NdjsonAsync(file, cancellationToken) : CustomerLines.CsvAsync(path, text);
        await foreach (var result in services.GetRequiredService<CustomerImport>().RunAsync(
            lines, EntityScope.All, new AccessEntry(Caller.Server.ToActor(), null, time), cancellationToken))
        {
            report.Take(result);
        }
    }

    private static async Task SendAsync(
        Stream file, bool isTable, ServerAddress remote, ImportReport report, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = remote.Url, Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.Authorization = new("Bearer", remote.Key);
        using var request = new HttpRequestMessage(HttpMethod.Post, "api/v1/customers:import")
        {
            Content = new StreamContent(file),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(isTable ? "text/csv" : "application/x-ndjson");
        using var response = await http.SendAsync(
            request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        using var text = new StreamReader(body);
        if (!response.IsSuccessStatusCode)
        {
            throw new ExpectedFaultException(
                $"The server answers {(int)response.StatusCode}: {await text.ReadToEndAsync(cancellationToken)}",
                "Check --url, the key and its permission customers.record.manage.");
        }

        while (await text.ReadLineAsync(cancellationToken) is { } line)
        {
            if (JsonNode.Parse(line) is JsonObject result)
            {
                report.Take(result);
            }
        }
    }

    private static bool IsTable(string path) =>
        path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase)
        || path.EndsWith(".csv.gz", StringComparison.OrdinalIgnoreCase);

    private static Stream Open(string path)
    {
        try
        {
            Stream file = File.OpenRead(path);
            return path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase)
                ? new GZipStream(file, CompressionMode.Decompress) : file;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new ExpectedFaultException(
                $"{path} cannot be read: {fault.Message}", "Correct the path or the rights of the file.", cause: fault);
        }
    }

    /// <summary>Counts and tells.</summary>
    private sealed class ImportReport(VerbContext context)
    {
        private readonly SortedDictionary<string, long> _counts = new(StringComparer.Ordinal);
        private long _lines;
        private long _refused;

        public void Take(ImportLineResult result)
        {
            if (result.Outcome is CustomerOutcome.Refused refused)
            {
                Refused(
                    result.Line, refused.Problem.Code.Code, refused.Problem.Detail ?? refused.Problem.Code.Title,
                    (refused.Problem.Faults ?? []).Select(fault => $"{fault.Pointer} {fault.Detail}"));
                return;
            }

            Count(((CustomerOutcome.Kept)result.Outcome).What); // There is no other outcome.
        }

        public void Take(JsonObject result)
        {
            if (result["outcome"]?.GetValue<string>() is not { } outcome)
            {
                return; // The summary: it is counted here.
            }

            if (result["problem"] is not { } problem)
            {
                Count(outcome);
                return;
            }

            var errors = problem["errors"]?.AsArray() ?? [];
            Refused(
                result["line"]?.GetValue<long>() ?? 0, problem["code"]?.GetValue<string>() ?? "",
                problem["detail"]?.GetValue<string>() ?? "",
                errors.Select(error => $"{error?["pointer"]} {error?["detail"]}"));
        }

        public int Finish()
        {
            if (context.IsJson)
            {
                context.Output.WriteLine(JsonSerializer.Serialize(
                    new { lines = _lines, outcomes = _counts }, CliJson.Options));
            }
            else
            {
                context.Output.WriteLine(
                    string.Create(CultureInfo.InvariantCulture, $"{_lines} lines: ")
                    + string.Join(
                        ", ", _counts.Select(pair => FormattableString.Invariant($"{pair.Value} {pair.Key}"))));
            }

            return _refused > 0 ? ExitCode.CannotTell : ExitCode.Done;
        }

        // Places and rules only: a refused line is personal data.
        private void Refused(long line, string code, string detail, IEnumerable<string> faults)
        {
            Count("refused");
            if (++_refused <= MostShown)
            {
                context.Error.WriteLine(FormattableString.Invariant(
                    $"line {line}: {code}. {string.Join(' ', faults.DefaultIfEmpty(detail))}"));
            }
        }

        private void Count(string outcome)
        {
            _counts[outcome] = _counts.GetValueOrDefault(outcome) + 1;
            if (++_lines % ProgressEvery == 0 && !context.IsJson)
            {
                context.Error.WriteLine(FormattableString.Invariant($"{_lines} lines"));
            }
        }
    }
}
