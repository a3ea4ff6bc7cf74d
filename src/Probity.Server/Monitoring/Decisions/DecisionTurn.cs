using Microsoft.EntityFrameworkCore;
using Probity.Contracts.Problems;
using Probity.Monitoring;
using Probity.Server.Access;
using Probity.Server.Cases;
using Probity.Server.Hosting.Problems;
using Probity.Server.Monitoring.Rules;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Monitoring.Decisions;

/// <summary>Jobs that are judged and committed together. Used once; not thread safe.</summary>
internal sealed class DecisionTurn(MonitoringEngine engine, UnitOfWork work, AlertDesk alerts, TimeProvider time)
{
    private readonly List<Action<AppendReceipt?>> _answers = [];
    private readonly List<(Action<StepAnswer> Tell, long Number)> _duplicates = [];
    private readonly List<Decision> _decisions = [];
    private readonly List<(AlertRequest Alert, string TransactionId, string Evidence)> _alerts = [];

    /// <summary>How many entries of steps and dry runs are to be committed.</summary>
    public int Entries { get; private set; }

    /// <summary>Judges a job; nothing is answered yet.</summary>
    public void Take(DecisionJob job)
    {
        switch (job)
        {
            case DecideJob decide:
                Decide(decide);
                break;
            case EvaluateJob evaluate:
                Evaluate(evaluate);
                break;
            case ReverseJob reverse:
                Reverse(reverse);
                break;
            case MessageJob message:
                new MessageTurn(engine, this, message).Take();
                break;
            case LookUpJob lookUp:
                var numbers = lookUp.Keys.Select(engine.NumberOf).ToList();
                _answers.Add(_ => lookUp.Complete(numbers));
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(job), job, "There is no other job here.");
        }
    }

    /// <summary>Goes over to a set of rules that was agreed to.</summary>
    /// <exception cref="ProblemException">There is no such set, or nobody agreed to it.</exception>
    public async Task<(ActiveRules Rules, Probity.Monitoring.Rules.RuleSet Compiled)> ActivateAsync(
        ActivateJob job, MonitoringOptions options, RuleLibrary library, CancellationToken cancellationToken)
    {
        var row = await work.Db.Set<RuleSetRow>()
            .SingleOrDefaultAsync(item => item.Id == job.RuleSetId, cancellationToken)
            ?? throw new ProblemException(ErrorCodes.MonitoringRuleSetNotFound);
        if (row.Status != RuleSetRow.Approved || row.ActiveFrom > time.GetUtcNow())
        {
            throw new ProblemException(ErrorCodes.MonitoringRuleSetState, "It waits for nothing.");
        }

        var documents = row.DocumentList();
        var compiled = await library.CompileAsync(documents, row.Book, row.Digest, cancellationToken);
        var rules = new ActiveRules(row.Id, row.Digest, documents, row.Book, options);
        var number = engine.TakeNumber();
        row.Status = RuleSetRow.Active;
        var draft = StepEntries.Activated(job.Entry, number, rules);
        work.Add(RuleSeed.Step(draft, number, row.Id, time.GetUtcNow()));
        work.Record(draft, row);
        Entries++;
        _answers.Add(_ => job.Complete(number));
        return (rules, compiled);
    }

    /// <summary>Raises the alerts that decisions ask for; their entries come after those of the steps.</summary>
    public async Task RaiseAlertsAsync(CancellationToken cancellationToken)
    {
        var entry = new AccessEntry(Caller.Server.ToActor(), null, time);
        foreach (var (alert, transaction, evidence) in _alerts)
        {
            await DecisionAlerts.RaiseAsync(alerts, work, alert, transaction, evidence, entry, cancellationToken);
        }
    }

    /// <summary>Tells everybody, after the commit.</summary>
    public async Task AnswerAsync(AppendReceipt? receipt, IDatabase database, DecisionMetrics metrics)
    {
        _decisions.ForEach(metrics.Decided);
        _answers.ForEach(answer => answer(receipt));
        if (_duplicates.Count == 0)
        {
            return;
        }

        await using var db = database.CreateContext();
        var numbers = _duplicates.ConvertAll(item => item.Number);
        var rows = await db.Set<StepRow>().AsNoTracking().Where(row => numbers.Contains(row.Number))
            .ToDictionaryAsync(row => row.Number);
        foreach (var (tell, number) in _duplicates)
        {
            var row = rows[number];
            tell(new StepAnswer(row.TransactionId!, number, null, row.EntryId, null, null));
        }
    }

    private void Decide(DecideJob job)
    {
        switch (engine.Submit(job.Transaction, job.Facts))
        {
            case JudgeResult.Decided { Decision: var decision }:
                Keep(job.Entry, job.Transaction, job.Facts, decision, job.Complete);
                break;
            case JudgeResult.Duplicate duplicate:
                Repeat(duplicate.Number, job.Complete);
                break;
            case JudgeResult.Conflict:
                job.Fail(new ProblemException(ErrorCodes.MonitoringKeyReused));
                break;
            case JudgeResult.Refused refused:
                job.Fail(Refusals.Of(refused.Faults));
                break;
            default:
                throw new InvalidOperationException("There is no other result.");
        }
    }

    /// <summary>Has somebody told of the step that is there already.</summary>
    public void Repeat(long number, Action<StepAnswer> tell) => _duplicates.Add((tell, number));

    /// <summary>Adds an entry that is no step.</summary>
    public void Record(EntryDraft draft)
    {
        work.Record(draft);
        Entries++;
    }

    /// <summary>Has something done after the commit.</summary>
    public void After(Action<AppendReceipt?> answer) => _answers.Add(answer);

    /// <summary>Adds the entry and row of a decision.</summary>
    public void Keep(
        AccessEntry entry, Transaction transaction, PartyFacts facts, Decision decision, Action<StepAnswer> tell,
        MessageOrigin? origin = null)
    {
        var now = time.GetUtcNow();
        var id = AccessIds.New("txn_", now);
        var draft = StepEntries.Decided(entry, id, transaction, facts, decision, origin);
        work.Record(draft);
        work.Add(new StepRow
        {
            Number = decision.Number,
            Kind = StepRow.Transaction,
            TransactionId = id,
            EntryId = draft.Id,
            RecordedAt = now,
            OccurredAt = transaction.OccurredAt,
            Type = transaction.Type,
            Amount = transaction.Amount.ToWire(),
            Currency = transaction.Amount.Currency.Value,
            Outcome = Outcomes.Wire(decision.Outcome),
            Score = (int)decimal.Round(decision.Score * 1_000_000),
            AlertRule = decision.Alert?.Rule,
        });
        _decisions.Add(decision);
        if (decision.Alert is { } alert)
        {
            _alerts.Add((alert, id, draft.Id));
        }

        var at = Entries++;
        _answers.Add(receipt => tell(new StepAnswer(
            id, decision.Number, decision, draft.Id, receipt!.FirstSeq + at, receipt.Checkpoint)));
    }

    private void Evaluate(EvaluateJob job)
    {
        switch (engine.Evaluate(job.Transaction, job.Facts))
        {
            case JudgeResult.Decided { Decision: var decision }:
                work.Record(StepEntries.Draft(
                    job.Entry, MonitoringEvents.Evaluated, "monitoring.evaluate", [], json =>
                    {
                        json.WriteString("outcome", Outcomes.Wire(decision.Outcome));
                        json.WriteString("owasp", "sensitive_read");
                        json.WriteString("rules", engine.Rules.Digest);
                    }));
                Entries++;
                _answers.Add(_ => job.Complete(decision));
                break;
            case JudgeResult.Refused refused:
                job.Fail(Refusals.Of(refused.Faults));
                break;
            default:
                job.Fail(new ProblemException(ErrorCodes.MonitoringKeyReused));
                break;
        }
    }

    private void Reverse(ReverseJob job)
    {
        switch (engine.Reverse(job.Transaction.Key))
        {
            case ReversalResult.Reversed:
                TakenBack(
                    job.Entry, new KnownTransaction(job.Transaction, job.TransactionId, job.Reversed), job.Reason,
                    job.Complete);
                break;
            case ReversalResult.AlreadyReversed:
                job.Fail(new ProblemException(ErrorCodes.MonitoringAlreadyReversed));
                break;
            default:
                job.Fail(new ProblemException(ErrorCodes.MonitoringTransactionNotFound));
                break;
        }
    }

    /// <summary>Adds the entry and row of a reversal that the engine has numbered.</summary>
    public void TakenBack(AccessEntry entry, KnownTransaction known, string reason, Action<StepAnswer> tell)
    {
        var number = engine.LastNumber;
        var draft = StepEntries.Reversed(entry, known.Id, known.Transaction, number, reason);
        work.Record(draft);
        work.Add(new StepRow
        {
            Number = number, Kind = StepRow.Reversal, EntryId = draft.Id, RecordedAt = time.GetUtcNow(),
            Reverses = known.Number,
        });
        var at = Entries++;
        _answers.Add(receipt => tell(new StepAnswer(
            known.Id, number, null, draft.Id, receipt!.FirstSeq + at, receipt.Checkpoint)));
    }
}

/// <summary>Refusals of transactions.</summary>
internal static class Refusals
{
    /// <summary>A refusal that says where and what.</summary>
    public static ProblemException Of(IEnumerable<InputFault> faults) =>
        new(ErrorCodes.MonitoringTransactionRefused)
        {
            Faults = [.. faults.Select(fault => new ProblemFault(fault.Place, fault.Code, fault.Message))],
        };
}
