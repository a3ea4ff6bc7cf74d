using Probity.Monitoring.Decisions;
using Probity.Monitoring.Evaluation;
using Probity.Monitoring.Rules;

namespace Probity.Monitoring;

/// <summary>How an engine judges.</summary>
public sealed record MonitoringOptions
{
    /// <summary>Gets the score from which alerts are raised and the decision is review; above 0 to 1.</summary>
    public decimal RiskThreshold { get; init; } = 0.7m;

    /// <summary>Gets the law that accounts without one are under; null for all.</summary>
    public string? HomeJurisdiction { get; init; }

    /// <summary>Gets what a customer who is rated high adds to the score of each transaction.</summary>
    public decimal HighRatingScore { get; init; } = 0.1m;

    /// <summary>
    /// Gets whether the state holds all it should; if not, every decision is review at least and says so.
    /// </summary>
    public bool IsStateComplete { get; init; } = true;
}

/// <summary>What became of a transaction that was handed to an engine.</summary>
public abstract record JudgeResult
{
    private JudgeResult()
    {
    }

    /// <summary>It was judged, and is in the overlay until it is committed.</summary>
    public sealed record Decided(Decision Decision) : JudgeResult;

    /// <summary>The same transaction has this number already; nothing changed.</summary>
    public sealed record Duplicate(long Number) : JudgeResult;

    /// <summary>
    /// A different transaction has its key already; nothing changed. Code <c>monitoring.key_reused</c>.
    /// </summary>
    public sealed record Conflict(long Number) : JudgeResult;

    /// <summary>It cannot be judged; nothing changed.</summary>
    public sealed record Refused(IReadOnlyList<InputFault> Faults) : JudgeResult;
}

/// <summary>A transaction to be judged.</summary>
/// <param name="Transaction">The transaction.</param>
/// <param name="Facts">What is known of its parties.</param>
public readonly record struct Submission(Transaction Transaction, PartyFacts Facts);

/// <summary>What became of a reversal.</summary>
public enum ReversalResult
{
    /// <summary>The transaction counts no more, from this number on.</summary>
    Reversed,

    /// <summary>It was reversed before; nothing changed.</summary>
    AlreadyReversed,

    /// <summary>There is no such transaction; nothing changed.</summary>
    Unknown,
}

/// <summary>
/// The monitoring machine: numbers transactions and judges each in that order. What it was given since the last
/// <see cref="Commit"/> is an overlay that <see cref="Discard"/> takes back, so that memory and store never part. One
/// writer; not thread safe.
/// </summary>
/// <remarks>
/// Windows go by the time of the event, ties by number. A late event is judged as of its own time and is in the windows
/// of later ones from then on; decisions already made stay as they are. A failed transaction is kept and counts where a
/// rule asks for failed ones. A reversed one counts in decisions before its reversal and in none after.
/// </remarks>
public sealed class MonitoringEngine
{
    /// <summary>The version of the arithmetic, which records name: another one may give other bytes.</summary>
    public const long Version = DecisionRecord.EngineVersion;

    private readonly NumberedTransactions _transactions = new();
    private readonly TransactionIndex _byKey;
    private readonly List<Undo> _undo = [];
    private readonly FastHistory _fast;
    private readonly int _processors;
    private readonly HistoryLogs _logs;
    private TurnJudges _judges;
    private Known[] _found = []; // Of a turn; used again.
    private long _number;

    /// <summary>Makes an engine without history.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The threshold is not above 0 up to 1.</exception>
    public MonitoringEngine(RuleSet rules, MonitoringOptions options)
        : this(rules, options, Environment.ProcessorCount)
    {
    }

    /// <summary>Makes an engine that judges a turn on so many processors.</summary>
    internal MonitoringEngine(RuleSet rules, MonitoringOptions options, int processors)
    {
        ArgumentNullException.ThrowIfNull(rules);
        Check(options);
        (Rules, Options, _processors) = (rules, options, processors);
        _byKey = new TransactionIndex(_transactions);
        _logs = new HistoryLogs(rules, _transactions);
        _fast = new FastHistory(_logs, 0);
        _judges = new TurnJudges(rules, options, _fast, _logs, _processors);
    }

    /// <summary>Gets the rules that judge.</summary>
    public RuleSet Rules { get; private set; }

    /// <summary>Gets how it judges.</summary>
    public MonitoringOptions Options { get; private set; }

    /// <summary>Gets how many transactions are in the state, those of the overlay included.</summary>
    public int Count => _byKey.Count;

    /// <summary>Gets how often an event was added to or taken from a running value: what deciding costs.</summary>
    internal long WindowSteps => _judges.Steps;

    /// <summary>Gets the number given last; 0 at the start.</summary>
    public long LastNumber => _number;

    /// <summary>Gets the number of a transaction, reversed or not; null when its key names none.</summary>
    public long? NumberOf(TransactionKey key) => _byKey.Find(key)?.Number;

    /// <summary>
    /// Takes in a transaction that was judged before, under the number it has had since. It is not judged again and is
    /// no part of the overlay: what is stored is rebuilt with this.
    /// </summary>
    /// <exception cref="InvalidOperationException">
    /// The overlay is not empty, the number does not follow, or the key is taken: what is read is not what was stored.
    /// </exception>
    public void Load(Transaction transaction, long number)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        RequireNext(number);
        var booked = new Booked(transaction, number);
        if (!_byKey.TryAdd(booked))
        {
            throw KeyTaken(number);
        }

        _fast.Load(booked);
        _number = number;
    }

    /// <summary>
    /// Says how many transactions of packs are to be loaded, some more or less, so that room for them is made in few
    /// steps; 0, the default, when it is not known or when no more come.
    /// </summary>
    public void Expect(int transactions) => _fast.Expected = transactions;

    /// <summary>
    /// Takes in a transaction of a pack as <see cref="Load(Transaction, long)"/> does. It is made when a rule asks for
    /// more of it than the pack has at hand, so the pack is kept.
    /// </summary>
    /// <param name="pack">The pack.</param>
    /// <param name="place">The place of the transaction in it.</param>
    /// <exception cref="InvalidOperationException">As there.</exception>
    public void Load(ITransactionPack pack, int place)
    {
        ArgumentNullException.ThrowIfNull(pack);
        var number = pack[place].Number;
        RequireNext(number);
        if (!_byKey.TryAdd(pack, place))
        {
            throw KeyTaken(number);
        }

        _fast.Load(pack, place);
        _number = number;
    }

    /// <summary>
    /// Gives the next number to something that is no transaction, such as an exchange of rules; part of the overlay.
    /// </summary>
    public long TakeNumber()
    {
        _number++;
        _undo.Add(default);
        return _number;
    }

    /// <summary>Passes a number that was given to something that is no transaction.</summary>
    /// <exception cref="InvalidOperationException">As with <see cref="Load"/>.</exception>
    public void Pass(long number)
    {
        RequireNext(number);
        _number = number;
    }

    /// <summary>
    /// Goes over to other rules, over the same history; what they keep of it is made when it is asked for.
    /// </summary>
    /// <exception cref="InvalidOperationException">The overlay is not empty.</exception>
    public void Exchange(RuleSet rules, MonitoringOptions options)
    {
        ArgumentNullException.ThrowIfNull(rules);
        Check(options);
        if (_undo.Count > 0)
        {
            throw new InvalidOperationException("Commit or discard first.");
        }

        if (!ReferenceEquals(rules, Rules))
        {
            _fast.Exchange(rules);
        }

        (Rules, Options) = (rules, options);
        _judges = new TurnJudges(rules, options, _fast, _logs, _processors);
    }

    /// <summary>Numbers and judges a transaction.</summary>
    public JudgeResult Submit(Transaction transaction, PartyFacts facts)
    {
        var faults = TransactionCheck.FaultsOf(transaction);
        if (faults.Count > 0)
        {
            return new JudgeResult.Refused(faults);
        }

        var booked = _byKey.Book(transaction, _number + 1, out var isNew);
        if (!isNew)
        {
            return Repeated(booked, transaction);
        }

        var sides = _fast.Complete(transaction, default);
        var asked = new Asked(0, booked, facts, sides, sides.HaveAfter(booked.Micros));
        Enter(booked);
        return new JudgeResult.Decided(_judges.Decide(in asked));
    }

    /// <summary>
    /// Numbers and judges transactions in their order, as <see cref="Submit(Transaction, PartyFacts)"/> does one after
    /// the other, but many of them on all processors: they are numbered and added first, and then those that share no
    /// account and no customer are judged at once. One that is late waits until those before it are judged.
    /// </summary>
    /// <returns>What became of each, in their order; the same as one after the other.</returns>
    public IReadOnlyList<JudgeResult> Submit(IReadOnlyList<Submission> turn)
    {
        ArgumentNullException.ThrowIfNull(turn);
        if (turn.Count < TurnJudges.Few)
        {
            return [.. turn.Select(item => Submit(item.Transaction, item.Facts))];
        }

        var results = new JudgeResult[turn.Count];
        _judges.Take(turn.Count, results, taken => Number(turn, taken, results));
        return results;
    }

    /// <summary>Judges a transaction and takes it back at once: a dry run.</summary>
    public JudgeResult Evaluate(Transaction transaction, PartyFacts facts)
    {
        var before = _undo.Count;
        var result = Submit(transaction, facts);
        UndoTo(before);
        return result;
    }

    /// <summary>Numbers a reversal: the transaction counts in no later decision.</summary>
    public ReversalResult Reverse(TransactionKey key)
    {
        if (_byKey.Find(key) is not { } booked)
        {
            return ReversalResult.Unknown;
        }

        if (booked.Status == TransactionStatus.Reversed)
        {
            return ReversalResult.AlreadyReversed;
        }

        _number++;
        _undo.Add(new Undo(booked, booked.Status));
        _fast.SetStatus(booked, TransactionStatus.Reversed);
        return ReversalResult.Reversed;
    }

    /// <summary>Gets how many steps the overlay has.</summary>
    public int OverlaySteps => _undo.Count;

    /// <summary>Keeps what was given since the last commit: the store has it.</summary>
    public void Commit() => _undo.Clear();

    /// <summary>Keeps the first steps of the overlay: the store has them and not yet what was given after.</summary>
    /// <exception cref="ArgumentException">The overlay has fewer.</exception>
    public void Commit(int steps) => _undo.RemoveRange(0, steps);

    /// <summary>Takes back what was given since the last commit: the store does not have it.</summary>
    public void Discard() => UndoTo(0);

    private static void Check(MonitoringOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.RiskThreshold is <= 0 or > 1)
        {
            throw new ArgumentOutOfRangeException(nameof(options), "The threshold is above 0 and at most 1.");
        }
    }

    private static JudgeResult Repeated(Booked booked, Transaction transaction) => booked.Transaction == transaction
        ? new JudgeResult.Duplicate(booked.Number)
        : new JudgeResult.Conflict(booked.Number);

    private Known LookUp(Transaction transaction)
    {
        var faults = TransactionCheck.FaultsOf(transaction);
        if (faults.Count > 0)
        {
            return new Known(faults, null, default, false);
        }

        var sides = _fast.Find(transaction);
        return new Known(
            faults, _byKey.Find(transaction.Key), sides,
            _fast.HaveAfter(in sides, Instants.ToMicros(transaction.OccurredAt)));
    }

    private void Number(IReadOnlyList<Submission> turn, TurnJudges.Turn taken, JudgeResult[] results)
    {
        if (_found.Length < turn.Count)
        {
            _found = new Known[turn.Count];
        }

        taken.Each(turn.Count, place => _found[place] = LookUp(turn[place].Transaction));
        for (var place = 0; place < turn.Count; place++)
        {
            if (Number(turn[place], place, in _found[place], taken) is { } known)
            {
                results[place] = known;
            }
        }

        Array.Clear(_found, 0, turn.Count);
    }

    /// <summary>What a transaction of a turn comes to at once; null when it is to be judged.</summary>
    private JudgeResult? Number(Submission item, int place, in Known known, TurnJudges.Turn taken)
    {
        if (known.Faults.Count > 0)
        {
            return new JudgeResult.Refused(known.Faults);
        }

        var isNew = false;
        var booked = known.Held ?? _byKey.Book(item.Transaction, _number + 1, out isNew);
        if (!isNew)
        {
            return Repeated(booked, item.Transaction);
        }

        var sides = _fast.Complete(item.Transaction, in known.Sides);
        var isLate = known.IsLate || taken.HasAfter(in sides, booked.Micros);
        Enter(booked);
        taken.Take(new Asked(place, booked, item.Facts, sides, isLate));
        return null;
    }

    private void Enter(Booked booked)
    {
        _number++;
        _fast.Enter(booked);
        _undo.Add(new Undo(booked, null));
    }

    private static InvalidOperationException KeyTaken(long number) =>
        new($"Number {number} has the key of an earlier transaction.");

    private void RequireNext(long number)
    {
        if (_undo.Count > 0 || number != _number + 1)
        {
            throw new InvalidOperationException($"Number {number} does not follow {_number}.");
        }
    }

    private void UndoTo(int count)
    {
        for (var i = _undo.Count - 1; i >= count; i--)
        {
            Take(_undo[i]);
        }

        _undo.RemoveRange(count, _undo.Count - count);
    }

    private void Take(Undo undo)
    {
        _number--;
        if (undo is { Booked: { } booked, Status: { } status })
        {
            _fast.SetStatus(booked, status);
        }
        else if (undo.Booked is { } added)
        {
            _fast.Remove(added);
            _byKey.Remove(added);
        }
    }

    /// <summary>What was looked up of a transaction of a turn before any of it was numbered.</summary>
    /// <param name="Faults">Why it cannot be judged; empty when it can.</param>
    /// <param name="Held">What has its key already; null for nothing.</param>
    /// <param name="Sides">Its logs, as far as there are any.</param>
    /// <param name="IsLate">Whether one of them had something later.</param>
    private readonly record struct Known(IReadOnlyList<InputFault> Faults, Booked? Held, Sides Sides, bool IsLate)
    {
        public readonly Sides Sides = Sides;
    }

    /// <summary>How a step of the overlay is taken back, beside its number.</summary>
    /// <param name="Booked">The transaction that goes or gets its status back; null for neither.</param>
    /// <param name="Status">The status it had; null when it goes.</param>
    private readonly record struct Undo(Booked? Booked, TransactionStatus? Status);
}
