namespace Probity.Ledger.Verification;

/// <summary>
/// Hands out all checkpoints by size: the stored ones, the head's and those kept outside. Stored ones are verified ahead
/// in groups on all processors: a signature costs as much as the hashing of a hundred entries, and busy logs sign after
/// every few.
/// </summary>
internal sealed class CheckpointCursor(
    IAsyncEnumerator<AuditedCheckpoint> stored, CheckpointJudge judge, AuditNotes notes, int parallelism) : IAsyncDisposable
{
    private const int GroupOfMany = 256;
    private const int GroupOfOne = 16; // A millisecond: one worker is asked for by who must not be in the way.

    private readonly int _group = parallelism > 1 ? GroupOfMany : GroupOfOne;
    private readonly PriorityQueue<JudgedCheckpoint, long> _ahead = new();
    private long _reached = -1;
    private bool _isDone;

    public long Count { get; private set; }

    /// <summary>The size of the next checkpoint at hand; 2^63 − 1 when there is none.</summary>
    public long NextSize { get; private set; } = long.MaxValue;

    /// <summary>Adds a checkpoint that is not one of the stored ones.</summary>
    public void Add(JudgedCheckpoint checkpoint)
    {
        notes.Signed(checkpoint);
        Enqueue(checkpoint);
    }

    /// <summary>Reads on until a stored checkpoint beyond <paramref name="size"/> is at hand or there are no more.</summary>
    public async ValueTask ReachAsync(long size)
    {
        while (!_isDone && _reached <= size)
        {
            var group = new List<AuditedCheckpoint>(_group);
            while (group.Count < _group && await stored.MoveNextAsync().ConfigureAwait(false))
            {
                group.Add(stored.Current);
            }

            _isDone = group.Count < _group;
            Verify(group);
        }
    }

    /// <summary>Takes the next checkpoint; there must be one.</summary>
    public JudgedCheckpoint Take()
    {
        var next = _ahead.Dequeue();
        NextSize = _ahead.TryPeek(out var after, out _) ? after.Size : long.MaxValue;
        return next;
    }

    public ValueTask DisposeAsync() => stored.DisposeAsync();

    private void Verify(List<AuditedCheckpoint> group)
    {
        var judged = new JudgedCheckpoint[group.Count];
        Parallel.For(0, group.Count, new ParallelOptions { MaxDegreeOfParallelism = parallelism },
            i => judged[i] = judge.Judge(CheckpointSource.Stored, group[i].Note, group[i].Size));
        foreach (var checkpoint in judged)
        {
            Add(InOrder(checkpoint));
            _reached = Math.Max(_reached, checkpoint.FiledUnder);
        }
    }

    private void Enqueue(JudgedCheckpoint checkpoint)
    {
        Count++;
        if (checkpoint.IsTrusted)
        {
            _ahead.Enqueue(checkpoint, checkpoint.Size);
            NextSize = _ahead.Peek().Size;
        }
    }

    private JudgedCheckpoint InOrder(JudgedCheckpoint checkpoint) =>
        checkpoint.FiledUnder > _reached || !checkpoint.IsTrusted
            ? checkpoint
            : checkpoint with
            {
                Fault = FindingKind.CheckpointAltered,
                FaultDetail = $"A checkpoint of size {checkpoint.FiledUnder} comes after one of size {_reached}.",
            };
}
