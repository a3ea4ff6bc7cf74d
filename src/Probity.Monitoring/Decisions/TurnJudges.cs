using Probity.Monitoring.Evaluation;
using Probity.Monitoring.Rules;

namespace Probity.Monitoring.Decisions;

/// <summary>A transaction that was numbered, and is to be added to its logs and judged.</summary>
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
    private readonly List<Asked> _asked = []; // Of a turn; used again.

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

    /// <summary>Adds one and judges it.</summary>
    public Decision Decide(in Asked asked)
    {
        Add(0, in asked);
        return Judge(0, in asked);
    }

    /// <summary>Judges those of a turn on all processors.</summary>
    /// <param name="room">How many they are at most.</param>
    /// <param name="results">What they come to, by their places.</param>
    /// <param name="turn">Numbers them.</param>
    public void Take(int room, JudgeResult[] results, Action<Turn> turn) => TurnCrew.Lead(
        _judges.Length - 1,
        crew =>
        {
            var taken = new Turn(this, crew, room, results);
            turn(taken);
            taken.Decide();
        });

    private void Add(int worker, in Asked asked) => _judges[worker].History.AddLogs(asked.Booked, in asked.Sides);

    private Decision Judge(int worker, in Asked asked)
    {
        var (history, judge) = _judges[worker];
        history.TakeUp(asked.Booked, in asked.Sides, asked.IsLate);
        return judge.Decide(asked.Booked, asked.Facts);
    }

    /// <summary>A turn that is being taken.</summary>
    internal sealed class Turn
    {
        private readonly TurnJudges _to;
        private readonly TurnCrew _crew;
        private readonly JudgeResult[] _results;
        private readonly List<Asked> _asked;
        private bool _hasDecided;

        public Turn(TurnJudges to, TurnCrew crew, int room, JudgeResult[] results)
        {
            (_to, _crew, _results, _asked) = (to, crew, results, to._asked);
            _asked.Clear(); // One that failed may have left something.
            _to._chains.Begin(room);
        }

        /// <summary>Does something for each place on all processors, in any order.</summary>
        public void Each(int count, Action<int> work) => _crew.Each(count, Piece, (_, place) => work(place));

        /// <summary>Whether something later than an instant came into these logs in this turn.</summary>
        public bool HasAfter(in Sides sides, long micros) =>
            _to._chains.HaveAfter(in sides, micros) || (_hasDecided && sides.HaveAfter(micros));

        /// <summary>Takes the next one; before one that is late, all that came before are judged.</summary>
        public void Take(in Asked asked)
        {
            if (asked.IsLate)
            {
                Decide(); // Those before it do not see it.
            }

            _asked.Add(asked);
            _to._chains.Add(in asked);
        }

        /// <summary>Adds those that were taken to their logs, then judges them.</summary>
        public void Decide()
        {
            var chains = _to._chains;
            chains.Close();
            _crew.Each(chains.Count, Piece, (worker, chain) => AddChain(worker, chain));
            _crew.Each(chains.Count, 1, (worker, chain) => JudgeChain(worker, chain));
            _asked.Clear();
            chains.Begin(0);
            _hasDecided = true;
        }

        private void AddChain(int worker, int chain)
        {
            for (var place = _to._chains.FirstOf(chain); place >= 0; place = _to._chains.After(place))
            {
                var item = _asked[place];
                _to.Add(worker, in item);
            }
        }

        private void JudgeChain(int worker, int chain)
        {
            for (var place = _to._chains.FirstOf(chain); place >= 0; place = _to._chains.After(place))
            {
                var item = _asked[place];
                _results[item.Place] = new JudgeResult.Decided(_to.Judge(worker, in item));
            }
        }
    }
}
