using Probity.Monitoring;
using Probity.Server.Access;

namespace Probity.Server.Monitoring.Decisions;

/// <summary>A stored transaction that something is said about.</summary>
/// <param name="Transaction">What it was.</param>
/// <param name="Id"><c>txn_…</c>.</param>
/// <param name="Number">Its number.</param>
internal sealed record KnownTransaction(Transaction Transaction, string Id, long Number);

/// <summary>What one item of a message asks for.</summary>
/// <param name="Place">Where it stands in the message.</param>
internal abstract record MessageStep(string Place)
{
    /// <param name="Place">Where it stands.</param>
    /// <param name="Names">The same transaction under its names, the preferred one first; at least one.</param>
    /// <param name="Facts">What is known of its parties.</param>
    /// <param name="Follows">The instruction that it takes the place of; null for none.</param>
    internal sealed record Judge(
        string Place, IReadOnlyList<Transaction> Names, PartyFacts Facts, KnownTransaction? Follows)
        : MessageStep(Place);

    /// <param name="Place">Where it stands.</param>
    /// <param name="Known">What is taken back.</param>
    /// <param name="Reason">Why, in codes.</param>
    internal sealed record TakeBack(string Place, KnownTransaction Known, string Reason) : MessageStep(Place);

    /// <param name="Place">Where it stands.</param>
    /// <param name="Known">What was confirmed, or is on its way.</param>
    internal sealed record Note(string Place, KnownTransaction Known) : MessageStep(Place);
}

/// <summary>What became of one item.</summary>
/// <param name="Place">Where it stands in the message.</param>
/// <param name="Status">decided, duplicate, reversed or noted.</param>
/// <param name="Answer">The step.</param>
internal sealed record MessageOutcome(string Place, string Status, StepAnswer Answer);

/// <summary>
/// Judge and keep all that a message tells, together with its original, in one commit: all of it or nothing. The answer
/// is in the order of the steps.
/// </summary>
/// <param name="steps">What it asks for.</param>
/// <param name="originals">The entries that keep the original; written when anything is.</param>
/// <param name="entry">Who sent it.</param>
internal sealed class MessageJob(
    IReadOnlyList<MessageStep> steps, IReadOnlyList<Storage.Commits.EntryDraft> originals, AccessEntry entry)
    : DecisionJob<IReadOnlyList<MessageOutcome>>(entry)
{
    private readonly MessageOutcome?[] _outcomes = new MessageOutcome?[steps.Count];
    private int _open = steps.Count;

    public IReadOnlyList<MessageStep> Steps => steps;

    public IReadOnlyList<Storage.Commits.EntryDraft> Originals => originals;

    /// <summary>Tells what became of a step; after the last one the answer is given.</summary>
    public void Tell(int at, string status, StepAnswer answer)
    {
        _outcomes[at] = new MessageOutcome(steps[at].Place, status, answer);
        if (--_open == 0)
        {
            Complete(_outcomes!); // All of them are told.
        }
    }
}

/// <summary>Which numbers transactions have, by their names; null for one that is not known.</summary>
internal sealed class LookUpJob(IReadOnlyList<TransactionKey> keys, AccessEntry entry)
    : DecisionJob<IReadOnlyList<long?>>(entry)
{
    public IReadOnlyList<TransactionKey> Keys => keys;
}
