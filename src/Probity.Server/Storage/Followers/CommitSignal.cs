namespace Probity.Server.Storage.Followers;

/// <summary>The signal inside one process: the writer publishes each new size. Thread safe.</summary>
internal sealed class CommitSignal : ICommitSignal
{
    private readonly Lock _gate = new();
    private long _size;
    private TaskCompletionSource? _grown;

    /// <summary>Says that the log has at least this many entries; smaller sizes than before change nothing.</summary>
    public void Publish(long size)
    {
        TaskCompletionSource? grown;
        lock (_gate)
        {
            if (size <= _size)
            {
                return;
            }

            _size = size;
            grown = _grown;
            _grown = null;
        }

        grown?.SetResult();
    }

    public async Task WaitBeyondAsync(long seq, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task grown;
            lock (_gate)
            {
                if (_size > seq)
                {
                    return;
                }

                _grown ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                grown = _grown.Task;
            }

            await grown.WaitAsync(cancellationToken);
        }
    }
}
