using System.Security.Cryptography;
using Probity.Hammer.Checking;
using Probity.Ledger.Notes;

namespace Probity.Hammer.Crash;

/// <summary>
/// After each restart: the newest acknowledged events and a few older ones are there, and the tree extends every
/// checkpoint that was given out before.
/// </summary>
internal sealed class RoundCheck(LogClient log, CheckTally tally)
{
    private const int Newest = 100;
    private const int Older = 50;
    private readonly ReceiptCheck _receipts = new(log);
    private Checkpoint? _current;

    /// <param name="all">Everything acknowledged so far, oldest first.</param>
    /// <param name="notes">Checkpoints of receipts, newest of each writer.</param>
    /// <param name="cancellationToken">Ends the check.</param>
    public async Task RunAsync(
        IReadOnlyList<Acknowledged> all, IEnumerable<string> notes, CancellationToken cancellationToken)
    {
        foreach (var acknowledged in Choose(all))
        {
            var failure = await _receipts.CheckEntryAsync(acknowledged.Receipt, cancellationToken);
            tally.Add(failure is null ? null : $"lost: {acknowledged.ExternalId}: {failure}");
        }

        var older = new List<Checkpoint>();
        foreach (var note in notes)
        {
            older.Add(await log.VerifyAsync(note, cancellationToken));
        }

        var current = await log.CheckpointAsync(cancellationToken);
        foreach (var checkpoint in older.Append(_current).OfType<Checkpoint>().Distinct())
        {
            tally.Add(await CheckExtendsAsync(checkpoint, current, cancellationToken));
        }

        _current = current;
    }

    private static IEnumerable<Acknowledged> Choose(IReadOnlyList<Acknowledged> all)
    {
        // What was acknowledged last is what a crash loses first.
        var newest = Math.Max(0, all.Count - Newest);
        for (var i = newest; i < all.Count; i++)
        {
            yield return all[i];
        }

        for (var i = 0; i < Older && newest > 0; i++)
        {
            yield return all[RandomNumberGenerator.GetInt32(newest)];
        }
    }

    private async Task<string?> CheckExtendsAsync(
        Checkpoint older, Checkpoint current, CancellationToken cancellationToken)
    {
        if (current.Size < older.Size)
        {
            return $"rolled back: the log has {current.Size} entries, a checkpoint of {older.Size} was given out.";
        }

        var proof = await log.ConsistencyAsync(older.Size, current.Size, cancellationToken);
        return CheckpointConsistency.Verify(older, current, proof) is ConsistencyVerdict.Refused refused
            ? $"{refused.Code}: {refused.Detail}"
            : null;
    }
}
