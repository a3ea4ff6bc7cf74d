using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Probity.Hammer.Load;

namespace Probity.Hammer.Search;

/// <summary>Fills a log, waits for its search index, then asks what people ask and times the answers.</summary>
internal static class SearchMode
{
    private const int DefaultLines = 1_000_000;
    private const int MaxLines = 100_000_000;
    private const int DefaultRounds = 50;
    private static readonly TimeSpan s_longestIndexing = TimeSpan.FromHours(2);

    public static async Task<Report> RunAsync(HammerOptions options, CancellationToken cancellationToken)
    {
        var context = new LoadContext(options, 2);
        using var client = new HttpClient();
        client.BaseAddress = new Uri(context.Target.Url);
        client.Timeout = TimeSpan.FromMinutes(10);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", context.Key);
        var report = new Report(options);
        if (!options.Flag("filled"))
        {
            var lines = options.Number("lines", DefaultLines, MaxLines);
            var fill = new SearchFill(client, context);
            var took = await context.WithProgressAsync(() => fill.RunAsync(lines, cancellationToken));
            var behind = await IndexedAsync(client, cancellationToken);
            report.With("events", lines)
                .With("fill_per_second", Math.Round(lines / took.TotalSeconds))
                .With("index_behind_seconds", Math.Round(behind.TotalSeconds, 1))
                .With("indexed_per_second", Math.Round(lines / (took + behind).TotalSeconds));
        }

        return await AskAsync(report, client, options.Number("rounds", DefaultRounds, 10_000), cancellationToken);
    }

    private static async Task<Report> AskAsync(
        Report report, HttpClient client, int rounds, CancellationToken cancellationToken)
    {
        var all = new LatencyHistogram();
        var byKind = new JsonObject();
        foreach (var question in SearchQuestion.All)
        {
            await Console.Error.WriteLineAsync($"asking: {question.Name}");
            var (latencies, found) = await question.AskAsync(client, rounds, cancellationToken);
            all.Add(latencies);
            var json = latencies.ToJson();
            json["example"] = question.Filter(new Draw(1));
            json["events_found"] = found;
            byKind[question.Name] = json;
            report.Require(question.MayFindNothing || found > 0);
        }

        return report.With("searches", all.Count).With("latency_ms", all.ToJson()).With("by_question", byKind);
    }

    private static async Task<TimeSpan> IndexedAsync(HttpClient client, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < s_longestIndexing)
        {
            using var page = JsonDocument.Parse(
                await client.GetStringAsync("/api/v1/events?page_size=1", cancellationToken));
            var lag = page.RootElement.GetProperty("index_lag_events").GetInt64();
            // Reading is itself an entry, so that the index is always a little behind.
            if (lag <= 10)
            {
                return Stopwatch.GetElapsedTime(started);
            }

            await Console.Error.WriteLineAsync($"the index is {lag} events behind");
            await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
        }

        throw new HammerException("The search index did not catch up.");
    }
}
