using System.Text.Json;
using Probity.Monitoring;
using Probity.Server.Monitoring.Decisions;
using Probity.Server.Monitoring.Rules;

namespace Probity.Server.Monitoring.Replay;

/// <summary>What a replay came to.</summary>
/// <param name="Decisions">Decisions that were asked for.</param>
/// <param name="Identical">Those that came out to the byte.</param>
/// <param name="Different">The entries of those that did not; the first ones.</param>
/// <param name="Differences">How many did not.</param>
/// <param name="Erased">Decisions whose person was erased: nothing is left to compare.</param>
/// <param name="Uncertain">Differences after an erasure, which may come from what is missing.</param>
/// <param name="OtherEngine">Decisions of another version of the arithmetic, which this build cannot judge.</param>
internal sealed record ReplayReport(
    long Decisions, long Identical, IReadOnlyList<long> Different, long Differences, long Erased, long Uncertain,
    long OtherEngine);

/// <summary>
/// Computes stored decisions again with the rules, reference data and options of their day and compares the records
/// byte for byte. Nothing that is configured today takes part. Used once; not thread safe.
/// </summary>
internal sealed class DecisionReplay(RuleLibrary library)
{
    private const int MostShown = 20;

    private readonly List<long> _different = [];
    private MonitoringEngine? _engine;
    private long _decisions;
    private long _identical;
    private long _differences;
    private long _erased;
    private long _uncertain;
    private long _otherEngine;

    /// <summary>What it came to so far.</summary>
    public ReplayReport Report =>
        new(_decisions, _identical, _different, _differences, _erased, _uncertain, _otherEngine);

    /// <summary>Takes a step; one that was not asked for is history only.</summary>
    public async Task TakeAsync(Step step, bool isAskedFor, CancellationToken cancellationToken)
    {
        switch (step)
        {
            case Step.Activated activated:
                var compiled = await library.CompileAsync(
                    activated.Rules.Documents, activated.Rules.Book, activated.Rules.Digest, cancellationToken);
                _engine ??= new MonitoringEngine(compiled, activated.Rules.Options);
                _engine.Pass(activated.Number);
                _engine.Exchange(compiled, activated.Rules.Options);
                break;
            case Step.Decided decided when isAskedFor:
                Compare(decided);
                break;
            case Step.Decided decided:
                Require().Load(decided.Transaction, decided.Number);
                break;
            case Step.Reversed reversed when Require().Reverse(reversed.Key) == ReversalResult.Reversed:
                Require().Commit();
                break;
            case Step.Reversed reversed:
                Require().Pass(reversed.Number); // What it took back was erased.
                break;
            case Step.Erased erased:
                Require().Pass(erased.Number);
                _erased++;
                break;
            default:
                throw new InvalidOperationException("There is no other step.");
        }
    }

    private void Compare(Step.Decided step)
    {
        _decisions++;
        using var record = JsonDocument.Parse(step.Record);
        if (record.RootElement.GetProperty("engine").GetInt64() != MonitoringEngine.Version)
        {
            _otherEngine++;
            Require().Load(step.Transaction, step.Number);
            return;
        }

        var result = Require().Submit(step.Transaction, step.Facts);
        Require().Commit();
        if (result is JudgeResult.Decided { Decision: var again } && again.Record.Span.SequenceEqual(step.Record))
        {
            _identical++;
        }
        else if (_erased > 0)
        {
            _uncertain++;
        }
        else
        {
            _differences++;
            if (_different.Count < MostShown)
            {
                _different.Add(step.Seq);
            }
        }
    }

    private MonitoringEngine Require() => _engine
        ?? throw new InvalidOperationException("A step comes before the first rules: the log is not what it was.");
}

/// <summary>Which decisions are asked for: by the number of their entries, or by when these were recorded.</summary>
/// <param name="FromSeq">The first entry; null for the first of all.</param>
/// <param name="ToSeq">The last entry; null for the newest.</param>
/// <param name="From">Recorded at or after; null for no bound.</param>
/// <param name="To">Recorded before; null for no bound.</param>
internal sealed record ReplayRange(long? FromSeq, long? ToSeq, DateTimeOffset? From, DateTimeOffset? To)
{
    public bool Includes(Step step) =>
        step.Seq >= (FromSeq ?? 0) && step.Seq <= (ToSeq ?? long.MaxValue)
        && (From is null || step.RecordedAt >= From) && (To is null || step.RecordedAt < To);

    /// <summary>Replays a ledger from its beginning: what comes before the range is history.</summary>
    public async Task<ReplayReport> RunAsync(
        StepReader steps, RuleLibrary library, Action<long, ReplayReport>? progress,
        CancellationToken cancellationToken)
    {
        var replay = new DecisionReplay(library);
        await foreach (var step in steps.ReadAsync(
            0, 0, seq => progress?.Invoke(seq, replay.Report), cancellationToken))
        {
            if (step.Seq > ToSeq || step.RecordedAt >= To)
            {
                break;
            }

            await replay.TakeAsync(step, Includes(step), cancellationToken);
        }

        return replay.Report;
    }
}
