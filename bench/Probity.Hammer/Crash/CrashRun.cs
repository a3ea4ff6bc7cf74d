using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Probity.Hammer.Checking;
using Probity.Hammer.Http;
using Probity.Hammer.Load;

namespace Probity.Hammer.Crash;

/// <summary>The rounds of one crash run and what they add up to. Not thread safe.</summary>
internal sealed class CrashRun : IDisposable
{
    private const int DefaultWriters = 8;
    private const int MaxLoadMs = 60_000;

    // The server lives on without its database for a while: it must refuse, and take up again.
    private static readonly TimeSpan s_withoutDatabase = TimeSpan.FromMilliseconds(200);
    private readonly CrashStore _store;
    private readonly ServerProcess _server;
    private readonly Acknowledgements _acknowledgements;
    private readonly (int From, int To) _loadMs;
    private readonly AnswerCounts _interruptions = new();
    private readonly CheckTally _tally = new();
    private readonly Dictionary<Victim, int> _victims = [];
    private readonly CrashWriter[] _writers;
    private readonly LogClient _log;
    private readonly RoundCheck _roundCheck;
    private readonly List<double> _restarts = [];
    private readonly List<double> _startCosts = [];

    public CrashRun(
        HammerOptions options,
        CrashStore store,
        ServerProcess server,
        LoopbackTarget target,
        string key,
        Acknowledgements acknowledgements,
        int maxWriters)
    {
        (_store, _server, _acknowledgements) = (store, server, acknowledgements);
        _loadMs = options.Range("load-ms", 50, 1_500, MaxLoadMs);
        _writers = [.. Enumerable.Range(0, options.Number("writers", DefaultWriters, maxWriters))
            .Select(writer => new CrashWriter(target, key, writer, acknowledgements, _interruptions))];
        _log = new LogClient(target, key);
        _roundCheck = new RoundCheck(_log, _tally);
    }

    /// <summary>Load, a kill at a random moment, restart, check.</summary>
    /// <returns>False when a check failed: whoever looks for the cause needs the log as it is now.</returns>
    public async Task<bool> RoundAsync(int round, CancellationToken cancellationToken)
    {
        var victim = _store.VictimOf(round);
        _victims[victim] = _victims.GetValueOrDefault(victim) + 1;
        var before = _acknowledgements.Count;
        var load = TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(_loadMs.From, _loadMs.To + 1));
        using (var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken))
        {
            var writing = Task.WhenAll(_writers.Select(writer => Task.Run(() => writer.RunAsync(end.Token), end.Token)));
            await Task.Delay(load, cancellationToken);
            await KillAsync(victim);
            await Task.Delay(victim is Victim.Database ? s_withoutDatabase : TimeSpan.Zero, cancellationToken);
            await end.CancelAsync();
            await writing;
        }

        var restart = await RestartAsync(victim, cancellationToken);
        _restarts.Add(restart.TotalSeconds);
        if (victim is not Victim.Database)
        {
            _startCosts.Add(_server.ProcessorTime.TotalSeconds);
        }

        await _roundCheck.RunAsync(
            _acknowledgements.From(0), _writers.Select(writer => writer.Checkpoint).OfType<string>(), cancellationToken);
        await Console.Error.WriteLineAsync(
            $"round {round}: {victim} killed after {load.TotalMilliseconds:0} ms, {_acknowledgements.Count - before} "
            + $"acknowledged, ready in {restart.TotalSeconds:0.00} s, {_tally.Failed} failures");
        return _tally.Failed == 0;
    }

    /// <summary>Reads the whole log, lets the server verify it too, and writes the summary.</summary>
    public async Task FinishAsync(Report report, double maxRestartSeconds, CancellationToken cancellationToken)
    {
        var whole = new WholeLogCheck(_log, _tally);
        await whole.RunAsync(_acknowledgements.From(0), cancellationToken);
        using var verdict = await _log.VerifyLedgerAsync(cancellationToken);
        var isSound = verdict.RootElement.TryGetProperty("sound", out var sound) && sound.ValueKind == JsonValueKind.True;
        var wrong = _writers.Sum(writer => writer.Wrong.Failed);
        report.With("killed", new JsonObject(_victims.Select(pair =>
                KeyValuePair.Create(pair.Key.ToString().ToLowerInvariant(), (JsonNode?)pair.Value))))
            .With("acknowledged", _acknowledgements.Count)
            .With("entries", whole.Entries)
            .With("lost", whole.Lost)
            .With("duplicated", whole.Duplicated)
            .With("answers_lost_and_repeated", _writers.Sum(writer => writer.Repeated))
            .With("wrongly_answered", wrong)
            .With("wrong_answers", new JsonArray([.. _writers.SelectMany(writer => writer.Wrong.Words).Select(word => (JsonNode)word)]))
            .With("max_restart_seconds", Math.Round(_restarts.Max(), 3))
            .With("median_restart_seconds", Median(_restarts))
            .With("median_restart_processor_seconds", Median(_startCosts))
            .With("interruptions", _interruptions.ErrorsToJson())
            .With("checks", _tally.ToJson())
            .With("server_says_sound", isSound)
            .Require(whole.Lost == 0 && whole.Duplicated == 0 && wrong == 0 && _tally.Failed == 0 && isSound)
            .Require(_acknowledgements.Count > 0 && _restarts.Max() < maxRestartSeconds);
    }

    public void Dispose() => _log.Dispose();

    private static double Median(List<double> seconds) =>
        seconds.Count == 0 ? 0 : Math.Round(seconds.Order().ElementAt(seconds.Count / 2), 3);

    private async Task KillAsync(Victim victim)
    {
        if (victim is Victim.Database or Victim.Both && _store.Postgres is { } postgres)
        {
            await postgres.KillAsync();
        }

        if (victim is Victim.Server or Victim.Both)
        {
            await _server.KillAsync();
        }
    }

    /// <summary>Starts what was killed; the time is that of the server, from when its database is there.</summary>
    private async Task<TimeSpan> RestartAsync(Victim victim, CancellationToken cancellationToken)
    {
        if (victim is Victim.Database or Victim.Both && _store.Postgres is { } postgres)
        {
            await postgres.StartAsync();
        }

        return victim is Victim.Database
            ? await _server.WaitReadyAsync(Stopwatch.GetTimestamp(), cancellationToken)
            : await _server.StartAsync(cancellationToken);
    }
}
