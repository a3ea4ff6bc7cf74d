using Probity.Hammer.Checking;

namespace Probity.Hammer.Load;

/// <summary>Streams of NDJSON: results are read while lines are still being sent.</summary>
internal static class IngestMode
{
    private const int DefaultConnections = 2;
    private const int MaxLines = 10_000_000;

    public static async Task<Report> RunAsync(HammerOptions options, CancellationToken cancellationToken)
    {
        var context = new LoadContext(options, DefaultConnections);
        var lines = options.Number("lines", 100_000, MaxLines);
        var loads = Enumerable.Range(0, context.Connections).Select(i => new IngestLoad(context, i)).ToArray();
        var latencies = new LatencyHistogram();
        var took = await context.WithProgressAsync(
            () => Task.WhenAll(loads.Select(load => Task.Run(() => load.RunAsync(lines, cancellationToken)))));
        foreach (var load in loads)
        {
            latencies.Add(load.Latencies);
        }

        var report = context.Summarise(took, latencies)
            .With("lines_per_connection", lines)
            .With("latency_is", "of a whole request")
            .Require(context.Answers.Created == (long)lines * context.Connections);
        Receipt[] receipts = [.. loads.SelectMany(load => load.Sample.Answers).Select(json => Receipt.Parse(json))];
        await context.CheckAsync(report, receipts, cancellationToken);
        return report;
    }
}
