using System.Diagnostics;
using Probity.Hammer.Checking;

namespace Probity.Hammer.Load;

/// <summary>Single posts over many connections: as many as go, or at a fixed rate.</summary>
internal static class SingleMode
{
    private const int DefaultConnections = 64;
    private const int MaxRate = 1_000_000;

    public static async Task<Report> RunAsync(HammerOptions options, CancellationToken cancellationToken)
    {
        var context = new LoadContext(options, DefaultConnections);
        var rate = options.Text("rate") is null ? 0 : options.Number("rate", 1, MaxRate);
        return await RunAsync(context, rate, cancellationToken);
    }

    /// <param name="context">Where to and how much.</param>
    /// <param name="perSecond">The rate to keep, or 0 for as many as go.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    public static async Task<Report> RunAsync(LoadContext context, int perSecond, CancellationToken cancellationToken)
    {
        await WarmUpAsync(context, cancellationToken);
        var loads = LoadsOf(context);
        var pacer = perSecond == 0 ? null : new Pacer(perSecond, context.Duration());
        var took = await context.WithProgressAsync(() => pacer is null
            ? RunClosedAsync(loads, context.Duration(), cancellationToken)
            : RunPacedAsync(loads, pacer, cancellationToken));

        var latencies = new LatencyHistogram();
        foreach (var load in loads)
        {
            latencies.Add(load.Latencies);
        }

        var report = context.Summarise(took, latencies);
        if (pacer is not null)
        {
            report.With("asked_per_second", perSecond).With("latency_counts_from", "the moment a request was due");
        }

        if (context.IsScreening)
        {
            return report;
        }

        Receipt[] receipts = [.. loads.SelectMany(load => load.Sample.Answers).Select(json => Receipt.Parse(json))];
        await context.CheckAsync(report, receipts, cancellationToken);
        return report;
    }

    /// <summary>Lets both sides compile their code first; what is sent here is not measured.</summary>
    private static Task WarmUpAsync(LoadContext context, CancellationToken cancellationToken)
    {
        var warm = context.ForWarmUp();
        var loads = LoadsOf(warm);
        return RunClosedAsync(loads, context.Duration("warmup", 2), cancellationToken);
    }

    private static SingleLoad[] LoadsOf(LoadContext context) =>
        [.. Enumerable.Range(0, context.Connections).Select(i => new SingleLoad(context, context.RequestsOf(i)))];

    private static Task RunClosedAsync(SingleLoad[] loads, TimeSpan duration, CancellationToken cancellationToken)
    {
        var deadline = Stopwatch.GetTimestamp() + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        return Task.WhenAll(loads.Select(load => load.RunClosedAsync(deadline, cancellationToken)));
    }

    private static Task RunPacedAsync(SingleLoad[] loads, Pacer pacer, CancellationToken cancellationToken) =>
        Task.WhenAll([
            .. loads.Select(load => load.RunPacedAsync(pacer, cancellationToken)), pacer.RunAsync(cancellationToken)]);
}
