using System.Runtime.ExceptionServices;
using Probity.Monitoring.Evaluation;
using Probity.Monitoring.Rules;

namespace Probity.Monitoring.Decisions;

/// <summary>A transaction that was numbered and added to its logs, and is to be judged.</summary>
/// <param name="Place">Its place in the turn.</param>
/// <param name="Booked">The transaction.</param>
/// <param name="Facts">What is known of its parties.</param>
/// <param name="Sides">Its logs.</param>
/// <param name="IsLate">Whether one of them had something later in time.</param>
internal readonly record struct Asked(int Place, Booked Booked, PartyFacts Facts, Sides Sides, bool IsLate)
{
    public readonly Sides Sides = Sides;
}

/// <summary>
/// A judge for each processor. Transactions that share no account and no customer share no running value, so that they
/// are judged at once; those that do are judged by one judge, in their order. What is read beyond them, the flows of
/// other accounts, moves for nobody while a turn is judged, and what is numbered later is left out there. One turn at a
/// time.
/// </summary>
internal sealed class TurnJudges
{
    /// <summary>Below this many a second thread costs more than it takes over.</summary>
    public const int Few = 16;

    private const int Piece = 8;

    private readonly (FastHistory History, Judge Judge)[] _judges;
    private readonly TurnChains _chains;

    /// <summary>Makes judges over a history.</summary>
    /// <param name="rules">The rules.</param>
    /// <param name="options">How they judge.</param>
    /// <param name="writer">What the one who adds sees of the history; the first judge asks it.</param>
    /// <param name="logs">The history.</param>
    /// <param name="count">How many judges, 1 or more.</param>
    public TurnJudges(RuleSet rules, MonitoringOptions options, FastHistory writer, HistoryLogs logs, int count)
    {
        _chains = new TurnChains(logs);
        var histories = Enumerable.Range(0, count)
            .Select(worker => worker == 0 ? writer : new FastHistory(logs, worker));
        _judges = [.. histories.Select(history => (history, new Judge(rules, options, history)))];
    }

    /// <summary>How often an event was added to or taken from a running value.</summary>
    public long Steps => _judges.Sum(judge => judge.History.Steps);

    /// <summary>Judges one.</summary>
    public Decision Decide(in Asked asked) => Decide(0, in asked);

    /// <summary>Judges all of them and puts what they come to at their places.</summary>
    public void Decide(List<Asked> asked, JudgeResult[] results)
    {
        if (asked.Count < Few || _judges.Length == 1)
        {
            asked.ForEach(item => results[item.Place] = new JudgeResult.Decided(Decide(0, in item)));
            return;
        }

        _chains.Link(asked);
        Each(_chains.Count, 1, (worker, chain) =>
        {
            for (var place = _chains.FirstOf(chain); place >= 0; place = _chains.After(place))
            {
                var item = asked[place];
                results[item.Place] = new JudgeResult.Decided(Decide(worker, in item));
            }
        });
    }

    /// <summary>Does something for each place on all processors, in any order.</summary>
    public void Each(int count, Action<int> work) => Each(count, Piece, (_, place) => work(place));

    private Decision Decide(int worker, in Asked asked)
    {
        var (history, judge) = _judges[worker];
        history.TakeUp(asked.Booked, in asked.Sides, asked.IsLate);
        return judge.Decide(asked.Booked, asked.Facts);
    }

    private void Each(int count, int piece, Action<int, int> work)
    {
        var taken = 0;
        try
        {
            Parallel.For(0, _judges.Length, worker =>
            {
                for (var from = Next(); from < count; from = Next())
                {
                    for (var place = from; place < Math.Min(from + piece, count); place++)
                    {
                        work(worker, place);
                    }
                }
            });
        }
        catch (AggregateException several)
        {
            ExceptionDispatchInfo.Throw(several.InnerExceptions[0]);
        }

        int Next() => Interlocked.Add(ref taken, piece) - piece;
    }
}
