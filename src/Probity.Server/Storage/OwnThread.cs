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
    /// How long a thread that makes way works without a rest. A low priority alone does not make way: while it works,
    /// its processor is not idle, and what waits for the other one is seldom moved there.
    /// </summary>
    private static readonly TimeSpan s_stretch = TimeSpan.FromMilliseconds(1);

    /// <summary>How long a rest is: three times the work, so that it takes a quarter of a processor at most.</summary>
    private static readonly TimeSpan s_rest = TimeSpan.FromMilliseconds(3);

    /// <summary>How long it is while there is much to do: then it takes half of a processor.</summary>
    private static readonly TimeSpan s_shortRest = TimeSpan.FromMilliseconds(1);

    private static readonly ManualResetEventSlim s_never = new(initialState: false, spinCount: 0);

    /// <summary>The one whose thread this is, where it makes way.</summary>
    [ThreadStatic]
    private static OwnThread? t_makingWay;

    [ThreadStatic]
    private static long t_rested;

    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread _thread;
    private readonly bool _makesWay;
    private volatile bool _isHurried;

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
    public static bool IsMakingWay => t_makingWay is not null;

    /// <summary>Whether there is much to do, so that rests are short; false at first.</summary>
    public bool IsHurried
    {
        get => _isHurried;
        set => _isHurried = value;
    }

    /// <summary>
    /// Long work calls this between two steps of it: on a thread that makes way it rests for 3 ms once it has worked
    /// for 1 ms, or for 1 ms while <see cref="IsHurried"/>. Elsewhere nothing happens.
    /// </summary>
    /// <returns>Whether it rested.</returns>
    public static bool Breathe()
    {
        if (t_makingWay is not { } own || Stopwatch.GetElapsedTime(t_rested) < s_stretch)
        {
            return false;
        }

        s_never.Wait(own.IsHurried ? s_shortRest : s_rest);
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
        if (_makesWay)
        {
            t_makingWay = this;
            LibC.MakeWay();
        }

        foreach (var work in _work.GetConsumingEnumerable())
        {
            work();
        }

        _work.Dispose();
    }
}
