using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.EntityFrameworkCore;
using Probity.Contracts.Problems;
using Probity.Monitoring;
using Probity.Server.AuditTrail.Append;
using Probity.Server.Cases;
using Probity.Server.Hosting.Problems;
using Probity.Server.Hosting.Settings;
using Probity.Server.Monitoring.Packs;
using Probity.Server.Monitoring.Rules;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Monitoring.Decisions;

/// <summary>
/// The one writer of monitoring. What waits is judged in turn in the overlay of the engine and committed together; an
/// answer is given only when its step is durable, and a commit that fails takes the overlay back. Thread safe.
/// </summary>
internal sealed class DecisionDesk : IHostedService, IAsyncDisposable
{
    /// <summary>The most jobs that wait; more are refused with 503.</summary>
    public const int MostWaiting = 8_192;

    /// <summary>The most steps of one commit.</summary>
    public const int MostTogether = 256;

    private const int Attempts = 3;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private readonly Channel<DecisionJob> _jobs = Channel.CreateBounded<DecisionJob>(
        new BoundedChannelOptions(MostWaiting) { SingleReader = true });

    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource<bool> _rebuilt = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IDatabase _database;
    private readonly Lazy<ILedgerWriter> _ledger;
    private readonly StepReader _steps;
    private readonly StepPacks _packs;
    private readonly RuleLibrary _library;
    private readonly RuleSeed _seed;
    private readonly IPartyFactSource _facts;
    private readonly AlertDesk _alerts;
    private readonly DecisionMetrics _metrics;
    private readonly ProbitySettings _settings;
    private readonly TimeProvider _time;
    private readonly ILogger<DecisionDesk> _log;
    private MonitoringState? _state; // of the loop
    private bool _isBehind; // of the loop: the log may hold steps that the state lacks
    private Task? _loop;
    private bool _isDisposed;

    public DecisionDesk(
        IDatabase database, Lazy<ILedgerWriter> ledger, StepReader steps, StepPacks packs, RuleLibrary library,
        RuleSeed seed, IPartyFactSource facts, AlertDesk alerts, DecisionMetrics metrics, ProbitySettings settings,
        TimeProvider time, ILogger<DecisionDesk> log)
    {
        (_database, _ledger, _steps, _packs, _library, _seed) = (database, ledger, steps, packs, library, seed);
        (_facts, _alerts, _metrics, _settings, _time, _log) = (facts, alerts, metrics, settings, time, log);
    }

    /// <summary>Completes when the state was rebuilt after the start: true when anything is monitored.</summary>
    public Task<bool> Rebuilt => _rebuilt.Task;

    /// <summary>Puts a job into the queue; its answer says what became of it.</summary>
    /// <exception cref="ProblemException">monitoring.busy: too much waits.</exception>
    public Task<T> AskAsync<T>(DecisionJob<T> job)
    {
        if (!_jobs.Writer.TryWrite(job))
        {
            throw new ProblemException(ErrorCodes.MonitoringBusy) { RetryAfter = TimeSpan.FromSeconds(1) };
        }

        return job.Answer;
    }

    /// <summary>How this server is set to judge.</summary>
    public static MonitoringOptions OptionsOf(ProbitySettings settings) => new()
    {
        // Zero would alert on everything that any rule touches; the least step above it says the same.
        RiskThreshold = Math.Max(settings.RiskThreshold, 0.000001m),
        HomeJurisdiction = settings.HomeJurisdiction,
    };

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _loop ??= Task.Run(RunAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    /// <summary>Takes no more jobs and ends those that wait.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _jobs.Writer.TryComplete();
        if (_loop is { IsCompleted: false })
        {
            await Task.WhenAny(_loop, Task.Delay(s_patience, cancellationToken));
            await _stop.CancelAsync();
        }
    }

    // The container knows it twice, as itself and as a hosted service.
    public async ValueTask DisposeAsync()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            await StopAsync(CancellationToken.None);
            _stop.Dispose();
        }
    }

    private async Task RunAsync()
    {
        await RebuildAsync();
        _rebuilt.TrySetResult(_state is not null);
        var batch = new List<DecisionJob>();
        while (await _jobs.Reader.WaitToReadAsync(_stop.Token))
        {
            batch.Clear();
            while (batch.Count < MostTogether && _jobs.Reader.TryPeek(out var next)
                && (batch.Count == 0 || !IsAlone(next)))
            {
                _jobs.Reader.TryRead(out _);
                batch.Add(next);
                if (IsAlone(next))
                {
                    break;
                }
            }

            await RunAsync(batch);
        }
    }

    // Rules change between two commits, never inside one; a message is kept whole or refused whole, alone.
    private static bool IsAlone(DecisionJob job) => job is ActivateJob or MessageJob;

    // An installation that monitors is ready before the first request; one that does not reads nothing.
    private async Task RebuildAsync()
    {
        try
        {
            await using var db = _database.CreateContext();
            if (await db.Set<StepRow>().AnyAsync(_stop.Token))
            {
                await ReadyAsync();
            }
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            _state = null;
            _log.RebuildFailed(fault);
        }
    }

    private async Task RunAsync(List<DecisionJob> batch)
    {
        // Dry runs take no number that could be taken already: only the log tells what another node judged meanwhile.
        _isBehind |= batch.TrueForAll(job => job is EvaluateJob or LookUpJob);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await CommitAsync(await ReadyAsync(), batch);
                return;
            }
            catch (Exception fault)
            {
                TakeBack();
                if (fault is DbUpdateException or StorageException { Code: "storage.row_changed" }
                    && attempt < Attempts)
                {
                    continue; // Another node gave the number first, or an alert was decided: read on, judge anew.
                }

                var told = Told(fault);
                batch.ForEach(job => job.Fail(told));
                return;
            }
        }
    }

    private void TakeBack()
    {
        _metrics.CommitFailed();
        _isBehind = true; // It may have been committed all the same: the log says.
        try
        {
            _state?.Engine?.Discard();
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            _log.RebuildFailed(fault);
            _state = null;
        }
    }

    private Exception Told(Exception fault)
    {
        if (fault is ProblemException)
        {
            return fault;
        }

        if (LedgerUnavailable.Within(fault) is { } away)
        {
            return away;
        }

        _log.BatchFailed(fault);
        return fault;
    }

    /// <summary>The state, with every step of the log in it.</summary>
    private async Task<MonitoringState> ReadyAsync()
    {
        if (_state is not null && !_isBehind)
        {
            return _state;
        }

        var state = _state ?? new MonitoringState(_library, _time);
        _state = null; // Half read is not read.
        await CatchUpAsync(state);
        var wanted = OptionsOf(_settings);
        if (state.Engine is null || (state.Rules is { } held && held.Options != wanted))
        {
            await _seed.ActivateAsync(state.Rules, wanted, state.LastNumber + 1, _stop.Token);
            await CatchUpAsync(state);
        }

        (_state, _isBehind) = (state, false);
        return state;
    }

    private async Task CatchUpAsync(MonitoringState state)
    {
        if (state.NextSeq == 0)
        {
            (state.NextSeq, _) = await _packs.ReadAsync(state.TakeAsync, _stop.Token);
        }

        await foreach (var step in _steps.ReadAsync(
            state.NextSeq, state.LastNumber, seq => state.NextSeq = seq, _stop.Token, withRecords: false))
        {
            await state.TakeAsync(step, _stop.Token);
        }
    }

    private static Transaction? TransactionOf(DecisionJob job) => job switch
    {
        DecideJob decide => decide.Transaction,
        EvaluateJob evaluate => evaluate.Transaction,
        _ => null, // A message was told of its parties when it was read.
    };

    private async Task CommitAsync(MonitoringState state, List<DecisionJob> batch)
    {
        var engine = state.Engine!; // Ready has made it.
        var last = state.LastNumber;
        var at = Stopwatch.GetTimestamp();
        await using var work = new UnitOfWork(_database, _ledger.Value);
        var known = await _facts.OfAsync([.. batch.Select(TransactionOf).OfType<Transaction>()], _stop.Token);
        at = _metrics.Stage("facts", at);
        var turn = new DecisionTurn(engine, work, known, _alerts, _time);
        (ActiveRules Rules, Probity.Monitoring.Rules.RuleSet Compiled)? next = null;
        foreach (var job in batch)
        {
            if (job is ActivateJob activate)
            {
                next = await turn.ActivateAsync(activate, OptionsOf(_settings), _library, _stop.Token);
            }
            else
            {
                turn.Take(job);
            }
        }

        at = _metrics.Stage("judge", at);
        turn.WriteEntries();
        await turn.RaiseAlertsAsync(_stop.Token);
        at = _metrics.Stage("entries", at);
        var receipt = turn.HasChanges ? await work.CommitAsync(CancellationToken.None) : null;
        engine.Commit();
        _metrics.Stage("commit", at);
        _metrics.Turn(batch.Count);
        if (receipt is not null && state.LastNumber > last)
        {
            // A number that was still free proves that no step of another node came before. A dry run takes none, so
            // it proves nothing, and what lies before its entry is still to be read.
            state.NextSeq = receipt.FirstSeq + receipt.Hashes.Count;
        }

        if (next is { } rules)
        {
            state.Exchange(rules.Rules, rules.Compiled);
        }

        await turn.AnswerAsync(receipt, _database, _metrics);
    }
}

internal static partial class DecisionLog
{
    [LoggerMessage(
        1, LogLevel.Error, "The state of monitoring could not be rebuilt; it is tried again with the next request")]
    public static partial void RebuildFailed(this ILogger log, Exception fault);

    [LoggerMessage(2, LogLevel.Error, "A batch of decisions could not be committed and was taken back")]
    public static partial void BatchFailed(this ILogger log, Exception fault);
}
