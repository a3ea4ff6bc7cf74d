using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Probity.Contracts.Problems;
using Probity.Monitoring;
using Probity.Server.Access;
using Probity.Server.AuditTrail.Events;
using Probity.Server.Cases;
using Probity.Server.Hosting.Problems;
using Probity.Server.Monitoring.Rules;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Monitoring.Decisions;

/// <summary>Jobs that are judged and committed together. Used once; not thread safe.</summary>
/// <param name="engine">Judges.</param>
/// <param name="work">What entries and rows are committed with.</param>
/// <param name="alerts">Raises alerts.</param>
/// <param name="time">The clock.</param>
internal sealed class DecisionTurn(
    MonitoringEngine engine, UnitOfWork work, AlertDesk alerts, TimeProvider time)
{
    private readonly List<Func<EntryDraft>> _entries = [];
    private bool _activates;
    private readonly List<Action<AppendReceipt?>> _answers = [];
    private readonly List<(Action<StepAnswer> Tell, long Number)> _duplicates = [];
    private readonly List<Decision> _decisions = [];
    private readonly List<NewAlert> _alerts = [];
    private KnownParties _known = KnownParties.None;

    /// <summary>Whether there is anything to commit.</summary>
    public bool HasChanges => Entries > 0 || _activates;

    /// <summary>How many entries of steps and dry runs are to be committed.</summary>
    public int Entries => _entries.Count;

    /// <summary>
    /// Judges jobs in their order; transactions that come one after the other are judged together. What depends on what
    /// was judged before is answered after the commit, refusals too: until then it may be taken back.
    /// </summary>
    /// <param name="jobs">The jobs.</param>
    /// <param name="known">What is known of the parties.</param>
    public void Take(List<DecisionJob> jobs, KnownParties known)
    {
        _known = known;
        for (var at = 0; at < jobs.Count;)
        {
            var end = jobs.FindIndex(at, job => job is not DecideJob) is >= 0 and var other ? other : jobs.Count;
            if (end > at)
            {
                Decide(jobs.GetRange(at, end - at).Cast<DecideJob>());
                at = end;
                continue;
            }

            Take(jobs[at++]);
        }
    }

    private void Take(DecisionJob job)
    {
        switch (job)
        {
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

        await RuleLineage.CheckAsync(work.Db, row, cancellationToken);

        var documents = row.DocumentList();
        var compiled = await library.CompileAsync(documents, row.Book, row.Digest, cancellationToken);
        var rules = new ActiveRules(row.Id, row.Digest, documents, row.Book, options);
        var number = engine.TakeNumber();
        row.Status = RuleSetRow.Active;
        var draft = StepEntries.Activated(job.Entry, number, rules);
        work.Add(RuleSeed.Step(draft, number, row.Id, time.GetUtcNow()));
        work.Record(draft, row);
        _activates = true;
        _answers.Add(_ => job.Complete(number));
        return (rules, compiled);
    }

    /// <summary>
    /// Writes the entries of what was judged, in its order. It is most of the work of a step and asks nothing of the
    /// engine, so that all processors share it.
    /// </summary>
    public void WriteEntries() =>
        Array.ForEach(ManyEntries.Make(_entries.Count, place => _entries[place]()), work.Record);

    /// <summary>Raises the alerts that decisions ask for; their entries come after those of the steps.</summary>
    public Task RaiseAlertsAsync(CancellationToken cancellationToken) => alerts.RaiseAllAsync(
        work, _alerts, new AccessEntry(Caller.Server.ToActor(), null, time), cancellationToken);

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

    private void Decide(IEnumerable<DecideJob> jobs)
    {
        var asked = new List<(DecideJob Job, PartyFacts Facts)>();
        foreach (var job in jobs)
        {
            if (FactsOf(job, job.Transaction) is { } facts)
            {
                asked.Add((job, facts));
            }
        }

        var results = engine.Submit(asked.ConvertAll(item => new Submission(item.Job.Transaction, item.Facts)));
        for (var place = 0; place < asked.Count; place++)
        {
            Keep(asked[place].Job, asked[place].Facts, results[place]);
        }
    }

    private void Keep(DecideJob job, PartyFacts facts, JudgeResult result)
    {
        switch (result)
        {
            case JudgeResult.Decided { Decision: var decision }:
                Keep(job.Entry, job.Transaction, facts, decision, job.Complete);
                break;
            case JudgeResult.Duplicate duplicate:
                Repeat(duplicate.Number, job.Complete);
                break;
            case JudgeResult.Conflict:
                Refuse(job, ErrorCodes.MonitoringKeyReused);
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
        _entries.Add(() => draft);
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
        var entryId = EntryIds.New(now);
        var at = Entries;
        _entries.Add(() => StepEntries.Decided(entry, entryId, id, transaction, facts, decision, origin));
        work.AddInBulk(new StepRow
        {
            Number = decision.Number,
            Kind = StepRow.Transaction,
            TransactionId = id,
            EntryId = entryId,
            RecordedAt = now,
            OccurredAt = transaction.OccurredAt,
            Type = transaction.Type,
            Amount = transaction.Amount.ToWire(),
            Currency = transaction.Amount.Currency.Value,
            Outcome = Outcomes.Wire(decision.Outcome),
            Score = (int)decimal.Round(decision.Score * 1_000_000),
            AlertRule = decision.Alert?.Rule,
            ShadowRule = decision is { Alert: null, Shadow: { Alert: not null } shadow } ? shadow.Foremost : null,
        });
        _decisions.Add(decision);
        if (decision.Alert is { } alert)
        {
            _alerts.Add(DecisionAlerts.Of(alert, id, entryId));
        }

        _answers.Add(receipt => tell(new StepAnswer(
            id, decision.Number, decision, entryId, receipt!.FirstSeq + at, receipt.Checkpoint)));
    }

    private void Refuse(DecisionJob job, ErrorCode code) => _answers.Add(_ => job.Fail(new ProblemException(code)));

    // A customer whose row does not open holds up its own transactions alone.
    private PartyFacts? FactsOf(DecisionJob job, Transaction transaction)
    {
        try
        {
            return _known.Of(transaction);
        }
        catch (CryptographicException altered)
        {
            _answers.Add(_ => job.Fail(altered));
            return null;
        }
    }

    private void Evaluate(EvaluateJob job)
    {
        if (FactsOf(job, job.Transaction) is not { } facts)
        {
            return;
        }

        switch (engine.Evaluate(job.Transaction, facts))
        {
            case JudgeResult.Decided { Decision: var decision }:
                Record(StepEntries.Draft(
                    job.Entry, MonitoringEvents.Evaluated, "monitoring.evaluate", [], json =>
                    {
                        json.WriteString("outcome", Outcomes.Wire(decision.Outcome));
                        json.WriteString("owasp", "sensitive_read");
                        json.WriteString("rules", engine.Rules.Digest);
                    }));
                _answers.Add(_ => job.Complete(decision));
                break;
            case JudgeResult.Refused refused:
                job.Fail(Refusals.Of(refused.Faults));
                break;
            default:
                Refuse(job, ErrorCodes.MonitoringKeyReused);
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
                Refuse(job, ErrorCodes.MonitoringAlreadyReversed);
                break;
            default:
                Refuse(job, ErrorCodes.MonitoringTransactionNotFound);
                break;
        }
    }

    /// <summary>Adds the entry and row of a reversal that the engine has numbered.</summary>
    public void TakenBack(AccessEntry entry, KnownTransaction known, string reason, Action<StepAnswer> tell)
    {
        var number = engine.LastNumber;
        var draft = StepEntries.Reversed(entry, known.Id, known.Transaction, number, reason);
        var at = Entries;
        Record(draft);
        work.AddInBulk(new StepRow
        {
            Number = number, Kind = StepRow.Reversal, EntryId = draft.Id, RecordedAt = time.GetUtcNow(),
            Reverses = known.Number,
        });
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
