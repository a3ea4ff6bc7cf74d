using System.Collections.Concurrent;
using Probity.Server.Hosting;

namespace Probity.Server.Storage.Followers;

/// <summary>
/// A thread of its own that works while the processor has nothing better to do: what is posted to it begins there, at a
/// low priority, and stays there as far as it does not wait for I/O. Thread safe.
/// </summary>
internal sealed class QuietThread : IDisposable
{
    [ThreadStatic]
    private static bool t_isQuiet;

    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread _thread;

    /// <param name="name">The thread's name, for debuggers.</param>
    public QuietThread(string name)
    {
        _thread = new Thread(Run) { IsBackground = true, Name = name };
        _thread.Start();
    }

    /// <summary>
    /// Whether the caller runs at a low priority. What others wait for must not be held there: whoever holds it would wait
    /// for the processor behind them.
    /// </summary>
    public static bool IsCurrent => t_isQuiet;

    /// <summary>Runs work there; what it throws comes out of the task.</summary>
    public Task<T> RunAsync<T>(Func<Task<T>> work)
    {
        var done = new TaskCompletionSource<Task<T>>(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(() =>
        {
            try
            {
                done.SetResult(work());
            }
            catch (Exception failure)
            {
                done.SetException(failure);
            }
        });
        return done.Task.Unwrap();
    }

    /// <summary>Takes no more work; what has been posted is still done.</summary>
    public void Dispose()
    {
        try
        {
            _work.CompleteAdding();
        }
        catch (ObjectDisposedException)
        {
            // It was disposed before, and its thread has ended since.
        }
    }

    private void Run()
    {
        t_isQuiet = true;
        LibC.MakeWay();
        foreach (var work in _work.GetConsumingEnumerable())
        {
            work();
        }

        _work.Dispose();
    }
}
