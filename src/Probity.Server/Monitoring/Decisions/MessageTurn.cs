using Probity.Contracts.Problems;
using Probity.Monitoring;
using Probity.Server.Hosting.Problems;

namespace Probity.Server.Monitoring.Decisions;

/// <summary>One message in a turn of its own. Used once; not thread safe.</summary>
internal sealed class MessageTurn(MonitoringEngine engine, DecisionTurn turn, MessageJob job)
{
    /// <summary>Judges every step; nothing is answered yet.</summary>
    /// <exception cref="ProblemException">A step is refused, and with it the message: the overlay is taken
    /// back.</exception>
    public void Take()
    {
        for (var at = 0; at < job.Steps.Count; at++)
        {
            switch (job.Steps[at])
            {
                case MessageStep.Judge judge:
                    Judge(at, judge);
                    break;
                case MessageStep.TakeBack back:
                    TakeBack(at, back.Known, back.Reason);
                    break;
                case MessageStep.Note note:
                    var (place, known) = (at, note.Known);
                    turn.After(_ => job.Tell(
                        place, "noted", new StepAnswer(known.Id, known.Number, null, "", null, null)));
                    break;
                default:
                    throw new InvalidOperationException("There is no other step.");
            }
        }

        if (turn.Entries > 0 || job.Steps.All(step => step is MessageStep.Note))
        {
            foreach (var original in job.Originals)
            {
                turn.Record(original);
            }
        }
    }

    private void Judge(int at, MessageStep.Judge step)
    {
        foreach (var transaction in step.Names)
        {
            var isNew = engine.NumberOf(transaction.Key) is null;
            if (isNew && step.Follows is { } instruction
                && engine.Reverse(instruction.Transaction.Key) == ReversalResult.Reversed)
            {
                turn.TakenBack(job.Entry, instruction, "carried out by " + step.Place, static _ => { });
            }

            switch (engine.Submit(transaction, step.Facts))
            {
                case JudgeResult.Decided { Decision: var decision }:
                    turn.Keep(
                        job.Entry, transaction, step.Facts, decision, answer => job.Tell(at, "decided", answer),
                        new MessageOrigin(job.Originals[0].Id, step.Place));
                    return;
                case JudgeResult.Duplicate duplicate:
                    turn.Repeat(duplicate.Number, answer => job.Tell(at, "duplicate", answer));
                    return;
                case JudgeResult.Conflict:
                    continue; // The reference names something else already: the next name is taken.
                case JudgeResult.Refused refused:
                    throw MessageRefusals.Of(
                        [.. refused.Faults.Select(fault => fault with { Place = step.Place + fault.Place })]);
                default:
                    throw new InvalidOperationException("There is no other result.");
            }
        }

        throw MessageRefusals.Of([new InputFault(step.Place, ErrorCodes.MonitoringKeyReused.Code,
            "Another transaction has these references; give the message or the payment one of its own.")]);
    }

    private void TakeBack(int at, KnownTransaction known, string reason)
    {
        if (engine.Reverse(known.Transaction.Key) == ReversalResult.Reversed)
        {
            turn.TakenBack(job.Entry, known, reason, answer => job.Tell(at, "reversed", answer));
            return;
        }

        turn.After(_ => job.Tell(at, "duplicate", new StepAnswer(known.Id, known.Number, null, "", null, null)));
    }
}

/// <summary>Refusals of messages.</summary>
internal static class MessageRefusals
{
    /// <summary>A refusal that says where and what.</summary>
    public static ProblemException Of(IReadOnlyList<InputFault> faults) => new(ErrorCodes.MonitoringMessageRefused)
    {
        Faults = [.. faults.Select(fault => new ProblemFault(fault.Place, fault.Code, fault.Message))],
    };
}
