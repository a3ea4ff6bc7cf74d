using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Probity.Monitoring;
using Probity.Server.Hosting.Cli;
using Probity.Server.Hosting.Tables;
using Probity.Server.Monitoring.Input;

namespace Probity.Server.Monitoring.Import;

/// <summary>
/// <c>probity transactions import</c>: through a server when one is named or holds the data folder, else in the folder
/// itself. Rows keep the order of the file. A row that is refused is named with its line and left out; the same file
/// again changes nothing, since source and id name a transaction for all time.
/// </summary>
internal static class TransactionsBody
{
    private const int Together = 2_000;
    private const int MostShown = 20;

    /// <summary>Runs an import.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="context">What the verb works with.</param>
    /// <param name="more">Adds the services of the modules that monitoring needs in a data folder.</param>
    /// <param name="cancellationToken">Ends the import; what was committed stays.</param>
    public static async Task<int> RunAsync(
        TransactionImportRequest request, VerbContext context, Action<IServiceCollection> more,
        CancellationToken cancellationToken)
    {
        var remote = request.Remote ?? (context.TryGetServer(out var server) ? server : null);
        var report = new Report(context);
        var lines = request.Path.Contains(".ndjson", StringComparison.OrdinalIgnoreCase)
            ? Documents(request.Path) : Rows(request, report);
        await using ITransactionSink sink = remote is not null
            ? new RemoteSink(remote) : await LocalSink.OpenAsync(context, more, cancellationToken);
        foreach (var batch in lines.Chunk(Together))
        {
            var answers = await sink.SendAsync([.. batch.Select(item => item.Json)], cancellationToken);
            foreach (var (item, answer) in batch.Zip(answers))
            {
                report.Take(item.Line, answer);
            }
        }

        return report.Finish();
    }

    private static IEnumerable<(long Line, string Json)> Documents(string path)
    {
        using var text = new StreamReader(Open(path), new UTF8Encoding(false, true));
        for (var line = 1L; text.ReadLine() is { } document; line++)
        {
            if (!string.IsNullOrWhiteSpace(document))
            {
                yield return (line, document);
            }
        }
    }

    private static IEnumerable<(long Line, string Json)> Rows(TransactionImportRequest request, Report report)
    {
        using var rows = CsvRows.Open(request.Path);
        var mapping = request.Mapping is { } path ? TableMapping.Read(path) : TableMapping.Default;
        mapping.Check(rows);
        var table = new TableTransactions(rows, mapping, request.Source);
        foreach (var row in rows.Read())
        {
            string json;
            try
            {
                json = Text(table.Read(row));
            }
            catch (InputRefusedException refused)
            {
                report.Refuse(row.Line, refused.Faults);
                continue;
            }

            yield return (row.Line, json);
        }
    }

    private static string Text(Transaction transaction)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            TransactionJson.Write(json, transaction);
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

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
    private sealed class Report(VerbContext context)
    {
        private readonly SortedDictionary<string, long> _counts = new(StringComparer.Ordinal);
        private long _alerts;
        private long _refused;

        public void Take(long line, JsonObject answer)
        {
            var status = answer["status"]!.GetValue<string>();
            Count(status);
            _alerts += answer["alert_rule"] is null ? 0 : 1;
            if (status is "refused" or "failed")
            {
                var errors = answer["errors"]?.AsArray() ?? [];
                var faults = errors.Select(error => $"{error?["pointer"]} {error?["detail"]}")
                    .DefaultIfEmpty(answer["detail"]?.GetValue<string>());
                Tell(line, $"{answer["code"]}: {string.Join(' ', faults)}");
            }
        }

        public void Refuse(long line, IReadOnlyList<InputFault> faults)
        {
            Count("refused");
            Tell(line, string.Join(' ', faults.Select(fault => $"{fault.Place.TrimStart('/')}: {fault.Message}")));
        }

        public int Finish()
        {
            if (context.IsJson)
            {
                context.Output.WriteLine(JsonSerializer.Serialize(
                    new { outcomes = _counts, alerts = _alerts }, CliJson.Options));
            }
            else
            {
                context.Output.WriteLine(
                    string.Join(", ", _counts.Select(pair => FormattableString.Invariant($"{pair.Value} {pair.Key}")))
                    + string.Create(CultureInfo.InvariantCulture, $"; {_alerts} decisions with an alert"));
            }

            return _refused > 0 ? ExitCode.CannotTell : ExitCode.Done;
        }

        private void Count(string status) => _counts[status] = _counts.GetValueOrDefault(status) + 1;

        // Places and rules only: a refused row is personal data.
        private void Tell(long line, string text)
        {
            if (++_refused <= MostShown)
            {
                context.Error.WriteLine(FormattableString.Invariant($"line {line}: {text}"));
            }
            else if (_refused == MostShown + 1)
            {
                context.Error.WriteLine("more rows are refused, which are counted and not shown");
            }
        }
    }
}
