using System.Diagnostics;
using Probity.Hammer.Checking;
using Probity.Hammer.Http;

namespace Probity.Hammer.Load;

/// <summary>What every load mode needs: where to send, as whom, how much of it is checked.</summary>
internal sealed class LoadContext
{
    private const int MaxConnections = 1_024;
    private readonly int _checkPercent;
    private readonly int _maxChecks;

    public LoadContext(HammerOptions options, int connections)
    {
        Options = options;
        Target = LoopbackTarget.Parse(options.Required("url"));
        Key = ReadKey(options.Required("key-file"));
        Connections = options.Number("connections", connections, MaxConnections);
        _checkPercent = options.Number("check-percent", 1, 100);
        _maxChecks = options.Number("max-checks", 1_000, 100_000);
    }

    public HammerOptions Options { get; }

    public LoopbackTarget Target { get; }

    public string Key { get; }

    public int Connections { get; }

    public string Run { get; } = EventTemplate.NewRun();

    public AnswerCounts Answers { get; } = new();

    /// <summary>Whether names are screened instead of events posted.</summary>
    public bool IsScreening => Options.Flag("screen");

    /// <summary>What one connection sends.</summary>
    public IRequests RequestsOf(int connection) =>
        IsScreening ? new MatchRequests(this, connection) : new EventRequests(this, connection);

    /// <summary>A sample for one connection.</summary>
    public ReceiptSample NewSample() => new(100 / _checkPercent, Math.Max(1, _maxChecks / Connections));

    /// <summary>The seconds of a run.</summary>
    public TimeSpan Duration(string name = "seconds", int otherwise = 10) =>
        TimeSpan.FromSeconds(Options.Number(name, otherwise, 600));

    /// <summary>The same target with a run and counts of its own.</summary>
    public LoadContext ForWarmUp() => new(Options, Connections);

    /// <summary>Checks receipts by entry and proof, and adds the outcome to the report.</summary>
    public async Task CheckAsync(Report report, IReadOnlyList<Receipt> receipts, CancellationToken cancellationToken)
    {
        await Console.Error.WriteLineAsync($"checking {receipts.Count} receipts…");
        var tally = new CheckTally();
        using var log = new LogClient(Target, Key);
        var check = new ReceiptCheck(log);
        foreach (var receipt in receipts.Take(_maxChecks))
        {
            tally.Add(await check.ProveAsync(receipt, cancellationToken));
        }

        report.With("receipts", tally.ToJson()).Require(tally.Failed == 0 && tally.Checked > 0);
    }

    /// <summary>Adds what was accepted, how fast, and every error; an error makes the run unsound.</summary>
    public Report Summarise(TimeSpan took, LatencyHistogram latencies)
    {
        var perSecond = Math.Round(Answers.Created / took.TotalSeconds, 1);
        return new Report(Options)
            .With("connections", Connections)
            .With("event_bytes", EventTemplate.EventBytes)
            .With("events", Answers.Created)
            .With("seconds", Math.Round(took.TotalSeconds, 3))
            .With("events_per_second", perSecond)
            .With("requests", latencies.Count)
            .With("latency_ms", latencies.ToJson())
            .With("errors", Answers.ErrorsToJson())
            .Require(Answers.Created > 0 && Answers.Errors == 0);
    }

    /// <summary>Writes a line a second to stderr until the work is done.</summary>
    public async Task<TimeSpan> WithProgressAsync(Func<Task> work)
    {
        var started = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        var running = work();
        while (await Task.WhenAny(running, timer.WaitForNextTickAsync().AsTask()) != running)
        {
            await Console.Error.WriteLineAsync(
                $"{Stopwatch.GetElapsedTime(started).TotalSeconds:0} s: {Answers.Created} events, {Answers.Errors} errors");
        }

        await running;
        return Stopwatch.GetElapsedTime(started);
    }

    private static string ReadKey(string file) => File.Exists(file)
        ? File.ReadAllText(file).Trim()
        : throw new UsageException($"The key file {file} does not exist.");
}
