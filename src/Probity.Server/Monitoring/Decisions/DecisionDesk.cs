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
/// answer is given only when its step is durable, and a commit that fails takes the overlay back. While one turn is
/// committed, what comes is judged for the next (decision record 0079). Thread safe.
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
    private OpenTurn? _judged; // of the loop: waits for the commit before it
    private OpenTurn? _underWay; // of the loop: is being committed
    private Task<bool>? _waiting; // of the loop: for the next job
    private int _answered; // of the loop: how many jobs the last turn had; 0 once it was looked at
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
        using var collector = new OwnThread("collections", makesWay: false);
        var collections = EarlyCollections.OfProcess(collector, _time);
        await RebuildAsync();
        _rebuilt.TrySetResult(_state is not null);
        while (await WaitAsync())
        {
            if (_underWay is { Commit.IsCompleted: true })
            {
                await EndAsync();
            }

            if (Room > 0 && _jobs.Reader.TryPeek(out _))
            {
                await TakeAsync();
            }

            Begin();
            if (_answered > 0)
            {
                collections.After(_answered, isAtRest: _underWay is null);
                _answered = 0;
            }
        }
    }

    /// <summary>
    /// Waits for something to do: a job that can be taken or the end of the commit under way. False when neither comes
    /// any more.
    /// </summary>
    private async Task<bool> WaitAsync()
    {
        _waiting ??= _jobs.Reader.WaitToReadAsync(_stop.Token).AsTask();
        var hasMore = true;
        if (_underWay is null)
        {
            hasMore = await _waiting;
        }
        else if (Room > 0 && !IsOver(_waiting))
        {
            await Task.WhenAny(_waiting, _underWay.Commit);
        }
        else
        {
            await Ended(_underWay.Commit);
        }

        if (_waiting.IsCompleted && !IsOver(_waiting))
        {
            _waiting = null;
        }

        return hasMore;
    }

    // No job comes any more, or it was stopped: the commit under way is answered all the same.
    private static bool IsOver(Task<bool> waiting) =>
        waiting is { IsCompleted: true } and not { IsCompletedSuccessfully: true, Result: true };

    // What it threw is told where it is answered.
    private static async Task Ended(Task commit) =>
        await commit.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    /// <summary>How many more jobs the next turn takes.</summary>
    private int Room => MostTogether - (_judged?.Jobs.Count ?? 0);

    /// <summary>Judges what waits for the next turn; what needs an empty overlay waits for it to be empty.</summary>
    private async Task TakeAsync()
    {
        var jobs = Waiting();
        if (_state is null || _isBehind || IsAlone(jobs[0]) || jobs.TrueForAll(job => job is EvaluateJob or LookUpJob))
        {
            await EmptyAsync();
            await RunAsync(jobs);
            return;
        }

        try
        {
            await JudgeAsync(_judged ??= Open(_state), jobs);
        }
        catch (Exception fault)
        {
            var lost = _judged?.Jobs ?? jobs; // It may not even have been opened.
            await CloseAsync(ref _judged);
            await EmptyAsync(); // What was judged before it stands.
            await RunAsync(lost, fault);
        }
    }

    private List<DecisionJob> Waiting()
    {
        var jobs = new List<DecisionJob>();
        while (jobs.Count < Room && _jobs.Reader.TryPeek(out var next) && (jobs.Count == 0 || !IsAlone(next)))
        {
            _jobs.Reader.TryRead(out _);
            jobs.Add(next);
            if (IsAlone(next))
            {
                break;
            }
        }

        return jobs;
    }

    /// <summary>Begins the commit of what was judged, unless one is under way.</summary>
    private void Begin()
    {
        if (_underWay is null && _judged is { } next)
        {
            (_underWay, _judged) = (next, null);
            next.Steps = _state!.Engine!.OverlaySteps; // It was judged with them.
            next.Commit = CommitAsync(next.Work, next.Turn);
        }
    }

    /// <summary>Answers the turn whose commit has ended; when it failed, it and what was judged since are judged
    /// anew.</summary>
    private async Task EndAsync()
    {
        var ended = _underWay!; // The caller has seen it.
        _underWay = null;
        try
        {
            await AnswerAsync(ended, await ended.Commit, next: null);
            await ended.Work.DisposeAsync();
        }
        catch (Exception fault)
        {
            await ended.Work.DisposeAsync();
            var later = _judged?.Jobs;
            await CloseAsync(ref _judged);
            await RunAsync(ended.Jobs, fault);
            if (later is not null)
            {
                await RunAsync(later);
            }
        }
    }

    private async Task EmptyAsync()
    {
        for (Begin(); _underWay is { } turn; Begin())
        {
            await Ended(turn.Commit);
            await EndAsync();
        }
    }

    private static ValueTask CloseAsync(ref OpenTurn? turn)
    {
        var work = turn?.Work;
        turn = null;
        return work?.DisposeAsync() ?? ValueTask.CompletedTask;
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

    /// <summary>Judges and commits jobs while nothing else is judged.</summary>
    /// <param name="batch">The jobs.</param>
    /// <param name="failed">How they have failed once already; null when they have not.</param>
    private async Task RunAsync(List<DecisionJob> batch, Exception? failed = null)
    {
        // Dry runs take no number that could be taken already: only the log tells what another node judged meanwhile.
        _isBehind |= batch.TrueForAll(job => job is EvaluateJob or LookUpJob);
        for (var attempt = 1; ; attempt++)
        {
            var fault = failed ?? await TryAsync(batch);
            failed = null;
            if (fault is null)
            {
                return;
            }

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

    private async Task<Exception?> TryAsync(List<DecisionJob> batch)
    {
        try
        {
            await CommitAsync(await ReadyAsync(), batch);
            return null;
        }
        catch (Exception fault)
        {
            return fault;
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
            (state.NextSeq, _) = await _packs.ReadAsync(state, _stop.Token);
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

    private OpenTurn Open(MonitoringState state)
    {
        var work = new UnitOfWork(_database, _ledger.Value);
        return new OpenTurn(work, new DecisionTurn(state.Engine!, work, _alerts, _time)); // Ready has made it.
    }

    private async Task JudgeAsync(OpenTurn open, List<DecisionJob> jobs)
    {
        open.Jobs.AddRange(jobs);
        var at = Stopwatch.GetTimestamp();
        var known = await _facts.OfAsync([.. jobs.Select(TransactionOf).OfType<Transaction>()], _stop.Token);
        at = _metrics.Stage("facts", at);
        open.Turn.Take(jobs, known);
        _metrics.Stage("judge", at);
    }

    private async Task<AppendReceipt?> CommitAsync(UnitOfWork work, DecisionTurn turn)
    {
        var at = Stopwatch.GetTimestamp();
        turn.WriteEntries();
        await turn.RaiseAlertsAsync(_stop.Token);
        at = _metrics.Stage("entries", at);
        var receipt = turn.HasChanges ? await work.CommitAsync(CancellationToken.None) : null;
        _metrics.Stage("commit", at);
        return receipt;
    }

    private async Task CommitAsync(MonitoringState state, List<DecisionJob> batch)
    {
        var open = Open(state);
        await using var work = open.Work;
        (ActiveRules Rules, Probity.Monitoring.Rules.RuleSet Compiled)? next = null;
        if (batch is [ActivateJob activate])
        {
            open.Jobs.Add(activate);
            next = await open.Turn.ActivateAsync(activate, OptionsOf(_settings), _library, _stop.Token);
        }
        else
        {
            await JudgeAsync(open, batch);
        }

        open.Steps = state.Engine!.OverlaySteps; // Ready has made it.
        await AnswerAsync(open, await CommitAsync(work, open.Turn), next);
    }

    /// <summary>Keeps what was committed, goes over to the rules it put in force, and answers.</summary>
    private async Task AnswerAsync(
        OpenTurn open, AppendReceipt? receipt,
        (ActiveRules Rules, Probity.Monitoring.Rules.RuleSet Compiled)? next)
    {
        var state = _state!; // It was judged with it.
        state.Engine!.Commit(open.Steps);
        _metrics.Turn(open.Jobs.Count);
        _answered = open.Jobs.Count;
        if (receipt is not null && open.Steps > 0)
        {
            // A number that was still free proves that no step of another node came before. A dry run takes none, so
            // it proves nothing, and what lies before its entry is still to be read.
            state.NextSeq = receipt.FirstSeq + receipt.Hashes.Count;
        }

        if (next is { } rules)
        {
            state.Exchange(rules.Rules, rules.Compiled);
        }

        await open.Turn.AnswerAsync(receipt, _database, _metrics);
    }

    /// <summary>A turn that is not answered yet.</summary>
    private sealed class OpenTurn(UnitOfWork work, DecisionTurn turn)
    {
        public UnitOfWork Work => work;

        public DecisionTurn Turn => turn;

        /// <summary>What it judges, in order.</summary>
        public List<DecisionJob> Jobs { get; } = [];

        /// <summary>How many steps of the overlay are its own.</summary>
        public int Steps { get; set; }

        /// <summary>Its commit; nothing is committed before it is set.</summary>
        public Task<AppendReceipt?> Commit { get; set; } = Task.FromResult<AppendReceipt?>(null);
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
