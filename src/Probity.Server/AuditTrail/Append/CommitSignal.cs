using Probity.Ledger.Entries;

namespace Probity.Server.AuditTrail.Append;

/// <summary>
/// Tells followers and streams that the log has grown. A signal may be missed or come twice; the log itself is the
/// truth, so waiters look again after a second at the latest (another node may have written). Thread safe.
/// </summary>
internal sealed class CommitSignal
{
    private static readonly TimeSpan s_lookAgain = TimeSpan.FromSeconds(1);
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LogHead? _head;

    /// <summary>The head of the last commit of this process, or null before the first.</summary>
    public LogHead? Head => Volatile.Read(ref _head);

    public void Publish(LogHead head)
    {
        Volatile.Write(ref _head, head);
        Interlocked.Exchange(ref _next, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }

    /// <summary>Completes when the log is known to hold more than <paramref name="size"/> entries, or in a second.</summary>
    public async Task WaitBeyondAsync(long size, CancellationToken cancellationToken)
    {
        var next = Volatile.Read(ref _next).Task;
        if (Head is { } head && head.Size > size)
        {
            return;
        }

        await Task.WhenAny(next, Task.Delay(s_lookAgain, cancellationToken));
        cancellationToken.ThrowIfCancellationRequested();
    }
}
