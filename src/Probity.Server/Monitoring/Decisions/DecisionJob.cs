using Probity.Monitoring;
using Probity.Server.Access;

namespace Probity.Server.Monitoring.Decisions;

/// <summary>What the caller of a step gets, once it is durable.</summary>
/// <param name="TransactionId">The transaction.</param>
/// <param name="Number">The number of the step; of the first one for a duplicate.</param>
/// <param name="Decision">The decision; null for a duplicate and a reversal.</param>
/// <param name="EntryId">The entry that holds it.</param>
/// <param name="Seq">Its place in the ledger; null for a duplicate.</param>
/// <param name="Checkpoint">The signed checkpoint of the commit; null for a duplicate.</param>
internal sealed record StepAnswer(
    string TransactionId, long Number, Decision? Decision, string EntryId, long? Seq, string? Checkpoint);

/// <summary>What waits for the one writer.</summary>
internal abstract class DecisionJob(AccessEntry entry)
{
    /// <summary>Who asks.</summary>
    public AccessEntry Entry { get; } = entry;

    /// <summary>Ends the wait with a failure.</summary>
    public abstract void Fail(Exception fault);
}

/// <summary>A job with an answer.</summary>
internal abstract class DecisionJob<T>(AccessEntry entry) : DecisionJob(entry)
{
    private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Answer => _answer.Task;

    public void Complete(T answer) => _answer.TrySetResult(answer);

    public override void Fail(Exception fault) => _answer.TrySetException(fault);
}

/// <summary>Judge and keep a transaction.</summary>
internal sealed class DecideJob(Transaction transaction, AccessEntry entry) : DecisionJob<StepAnswer>(entry)
{
    public Transaction Transaction => transaction;
}

/// <summary>Judge a transaction and take it back.</summary>
internal sealed class EvaluateJob(Transaction transaction, AccessEntry entry) : DecisionJob<Decision>(entry)
{
    public Transaction Transaction => transaction;
}

/// <summary>Take a transaction back.</summary>
internal sealed class ReverseJob(Transaction transaction, string transactionId, long reversed, string reason,
    AccessEntry entry) : DecisionJob<StepAnswer>(entry)
{
    public Transaction Transaction => transaction;

    public string TransactionId => transactionId;

    public long Reversed => reversed;

    public string Reason => reason;
}

/// <summary>Go over to a set of rules that was agreed to; the answer is the number from which it judges.</summary>
internal sealed class ActivateJob(string ruleSetId, AccessEntry entry) : DecisionJob<long>(entry)
{
    public string RuleSetId => ruleSetId;
}
