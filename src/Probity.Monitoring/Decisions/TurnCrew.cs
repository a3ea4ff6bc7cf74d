using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace Probity.Monitoring.Decisions;

/// <summary>
/// Threads that share the work of one turn. They are woken once, and stand by between its parts: waking one takes as
/// long as judging several transactions, and a turn has parts that one alone must do. One that stands by for long, as
/// on processors that others want too, leaves and is woken again. Who comes too late finds nothing to do: the one who
/// leads does all that nobody else took.
/// </summary>
internal sealed class TurnCrew
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMicroseconds(200);

    private readonly bool[] _isHere; // Or has been called; of each of the others.
    private volatile Share? _share;
    private volatile bool _isOver;

    private TurnCrew(int others) => _isHere = new bool[others];

    /// <summary>Leads a turn, with so many others from the thread pool who stand by until it ends.</summary>
    public static void Lead(int others, Action<TurnCrew> turn)
    {
        var crew = new TurnCrew(others);
        try
        {
            crew.Call();
            turn(crew);
        }
        finally
        {
            crew._isOver = true;
        }
    }

    /// <summary>
    /// Does something for each place, in any order, and returns when all of it is done. What failed first is thrown
    /// then; what nobody had begun with is left.
    /// </summary>
    /// <param name="count">How many places, from 0.</param>
    /// <param name="piece">How many are taken at once.</param>
    /// <param name="work">What is done by whom, 0 for the one who leads, for which place.</param>
    public void Each(int count, int piece, Action<int, int> work)
    {
        var share = new Share(count, piece, work);
        _share = share;
        Call();
        share.Take(0);
        _share = null;
        share.AwaitOthers();
    }

    private void Call()
    {
        for (var other = 0; other < _isHere.Length; other++)
        {
            if (!Interlocked.Exchange(ref _isHere[other], true))
            {
                ThreadPool.UnsafeQueueUserWorkItem(
                    static called => called.Crew.StandBy(called.Number), (Crew: this, Number: other + 1), false);
            }
        }
    }

    private void StandBy(int number)
    {
        ref var isHere = ref _isHere[number - 1];
        do
        {
            AwaitWork(number);
            Interlocked.Exchange(ref isHere, false);
        }
        while (_share is not null && !Interlocked.Exchange(ref isHere, true)); // Work came just now.
    }

    // It gives way to whoever wants the processor, but does not sleep: parts follow each other within microseconds.
    private void AwaitWork(int number)
    {
        var (wait, since) = (default(SpinWait), Stopwatch.GetTimestamp());
        while (!_isOver && Stopwatch.GetElapsedTime(since) < s_patience)
        {
            if (_share is { } share && share.Take(number))
            {
                (wait, since) = (default, Stopwatch.GetTimestamp());
            }
            else
            {
                wait.SpinOnce(sleep1Threshold: -1);
            }
        }
    }

    /// <summary>Work that all take from.</summary>
    private sealed class Share(int count, int piece, Action<int, int> work)
    {
        private int _next;
        private int _done;
        private ExceptionDispatchInfo? _fault;

        /// <summary>Does pieces until none is left; false when none was.</summary>
        public bool Take(int number)
        {
            var took = false;
            while (Volatile.Read(ref _next) < count)
            {
                var from = Interlocked.Add(ref _next, piece) - piece;
                if (from < count)
                {
                    Do(number, from, Math.Min(from + piece, count));
                    took = true;
                }
            }

            return took;
        }

        /// <summary>Returns when the pieces that others took are done.</summary>
        public void AwaitOthers()
        {
            var wait = default(SpinWait);
            while (Volatile.Read(ref _done) < count)
            {
                wait.SpinOnce(sleep1Threshold: -1);
            }

            _fault?.Throw();
        }

        private void Do(int number, int from, int to)
        {
            try
            {
                for (var place = from; place < to && _fault is null; place++)
                {
                    work(number, place);
                }
            }
            catch (Exception fault)
            {
                Interlocked.CompareExchange(ref _fault, ExceptionDispatchInfo.Capture(fault), null);
            }
            finally
            {
                Interlocked.Add(ref _done, to - from);
            }
        }
    }
}
