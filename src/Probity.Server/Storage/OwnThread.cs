using System.Collections.Concurrent;
using System.Diagnostics;
using Probity.Server.Hosting;

namespace Probity.Server.Storage;

/// <summary>
/// A thread that does one thing after the other: what is posted to it begins there and stays there as far as it does
/// not wait for I/O, so that it never waits for the thread pool. Thread safe.
/// </summary>
internal sealed class OwnThread : IDisposable
{
    /// <summary>
    /// How long a thread that makes way works without a rest, and how long that is. A low priority alone does not make
    /// way: while it works, its processor is not idle, and what waits for the other one is seldom moved there.
    /// </summary>
    private static readonly TimeSpan s_stretch = TimeSpan.FromMilliseconds(2);

    private static readonly ManualResetEventSlim s_never = new(initialState: false, spinCount: 0);

    [ThreadStatic]
    private static bool t_makesWay;

    [ThreadStatic]
    private static long t_rested;

    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread _thread;
    private readonly bool _makesWay;

    /// <param name="name">The thread's name, for debuggers.</param>
    /// <param name="makesWay">
    /// Whether it works only while the processor has nothing better to do. Then nothing may be held there that others
    /// wait for: they would wait for the processor behind everybody.
    /// </param>
    public OwnThread(string name, bool makesWay)
    {
        _makesWay = makesWay;
        _thread = new Thread(Run) { IsBackground = true, Name = name };
        _thread.Start();
    }

    /// <summary>Whether the caller runs on a thread that makes way.</summary>
    public static bool IsMakingWay => t_makesWay;

    /// <summary>
    /// Long work calls this between two steps of it: on a thread that makes way it rests for 2 ms once it has worked
    /// for 2 ms. Elsewhere nothing happens.
    /// </summary>
    /// <returns>Whether it rested.</returns>
    public static bool Breathe()
    {
        if (!t_makesWay || Stopwatch.GetElapsedTime(t_rested) < s_stretch)
        {
            return false;
        }

        s_never.Wait(s_stretch);
        t_rested = Stopwatch.GetTimestamp();
        return true;
    }

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
        t_makesWay = _makesWay;
        if (_makesWay)
        {
            LibC.MakeWay();
        }

        foreach (var work in _work.GetConsumingEnumerable())
        {
            work();
        }

        _work.Dispose();
    }
}
