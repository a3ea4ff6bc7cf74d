using System.Runtime.InteropServices;
using Probity.Monitoring.Rules;

namespace Probity.Monitoring.Evaluation;

/// <summary>The value of an aggregate in an expression.</summary>
internal sealed class AggregateExpr(AggregateSpec spec) : Aggregated(spec.Slot)
{
    public AggregateSpec Spec { get; } = spec;

    public override ValueKind Kind => Spec.NeedsAmount ? ValueKind.Money : ValueKind.Number;

    public override int Cost => 50 + (Spec.DependsOnCurrent ? 100 : 0) + (Spec.Where?.Cost ?? 0) + CostOfScan;

    public override bool DependsOnSide => true;

    private int CostOfScan => Spec switch
    {
        { Near: not null } => 500, // A distance is some hundred decimal operations.
        { Fn: AggregateFn.StepAvg or AggregateFn.StepStdDev } => 300, // Every transaction of the window.
        { IsScanned: true } or { Window.ChoosesAfter: true } => 50,
        _ => 0,
    };

    public override void Compute(Scope scope, out AggregateResult result)
    {
        if (LacksWhatItIsHeldAgainst(scope))
        {
            var (after, until) = Spec.Window.Bounds(scope.Subject.Micros, scope.Book);
            result = new AggregateResult(Value.Unknown(UnknownReason.MissingField), after, until, 0);
            return;
        }

        scope.History.Aggregate(Spec, scope, out result);
    }

    // Edits are counted in a field: the reader sees to it.
    private bool LacksWhatItIsHeldAgainst(Scope scope) =>
        (Spec.NeedsPlace && scope.Subject.Transaction.Location is null)
        || (Spec.Fn == AggregateFn.EditDistance
            && Spec.Of!.Read(scope, scope.Subject, scope.IsDebtorSide).IsUnknown);

    protected override string Describe() => Spec.ToString();
}

/// <summary>
/// The number of transfers, of a least number up, in the shortest way that money took from the creditor of this
/// transaction back to its debtor,
/// this transaction included, each transfer later than the one before; 0 when there is none.
/// </summary>
internal sealed class CycleExpr(int slot, int minHops, int maxHops, long withinMicros, decimal? tolerance)
    : CycleSearch(slot, maxHops, withinMicros)
{
    protected override Value Search(Scope scope, in LoggedEvent paid, int creditor, long after)
    {
        // Backwards in time, level by level. Of all ways to reach an account at a level the latest one serves best:
        // what may come before it includes what may come before any other.
        var (room, debtor) = (scope.Search, paid.Counterparty);
        room.Level.Clear();
        room.Level.Add(debtor, paid);
        var visits = 0;
        var isBounded = false;
        for (var hops = 2; hops <= MaxHops && room.Level.Count > 0; hops++)
        {
            room.Next.Clear();
            foreach (var (account, deadline) in room.Level)
            {
                var inflows = room.Inflows(0);
                scope.History.Inflows(QueryOf(in paid, account, after, deadline), inflows);
                isBounded |= inflows.Count > MostInflows;
                visits += Math.Min(inflows.Count, MostInflows);
                if (visits > MostVisits)
                {
                    return Value.Unknown(UnknownReason.SearchBound);
                }

                Reach(room.Next, inflows);
            }

            // A way that passes through either end on its way is two cycles, not one.
            room.Next.Remove(debtor);
            if (room.Next.Remove(creditor) && hops >= minHops)
            {
                return Value.Of((decimal)hops);
            }

            (room.Level, room.Next) = (room.Next, room.Level);
        }

        return isBounded ? Value.Unknown(UnknownReason.SearchBound) : Value.Of(0m);
    }

    // One more than are looked at, to know whether there were more.
    private InflowQuery QueryOf(in LoggedEvent paid, int account, long after, LoggedEvent deadline) =>
        tolerance is { } share
        ? new InflowQuery(account, after, deadline, MostInflows + 1, paid, share)
        : new InflowQuery(account, after, deadline, MostInflows + 1);

    private static void Reach(Dictionary<int, LoggedEvent> next, List<LoggedEvent> inflows)
    {
        for (var i = 0; i < inflows.Count && i < MostInflows; i++)
        {
            var inflow = inflows[i];
            if (inflow.Counterparty < 0)
            {
                continue;
            }

            ref var held = ref CollectionsMarshal.GetValueRefOrAddDefault(next, inflow.Counterparty, out var isThere);
            if (!isThere || Order.IsBefore(in held, in inflow))
            {
                held = inflow;
            }
        }
    }
}

/// <summary>
/// How many accounts between share one origin: money from one account that reached the creditor of this transaction
/// over several accounts, each time later (scatter-gather). 0 when there is no common origin.
/// </summary>
internal sealed class ScatterGatherExpr(int slot, long withinMicros) : Aggregated(slot)
{
    private const int MostInflows = 50;

    public override ValueKind Kind => ValueKind.Number;

    public override int Cost => 1_500;

    public override bool DependsOnSide => false;

    public override void Compute(Scope scope, out AggregateResult result)
    {
        var last = scope.Subject;
        var after = last.Micros - withinMicros;
        var widest = last.Transaction is { Debtor.Account: not null, Creditor.Account: not null }
            ? Widest(scope, after)
            : 0;
        result = new AggregateResult(Value.Of((decimal)widest), after, last.Micros, widest);
    }

    public override IReadOnlyList<string> Counterfactual(Scope scope) => [$"no {this}"];

    protected override string Describe() =>
        "accounts between one origin and this creditor within " + Durations.Text(withinMicros);

    private static int Widest(Scope scope, long after)
    {
        var room = scope.Search;
        room.Between.Clear();
        var paid = scope.History.Seen(scope.Subject, isDebtorSide: false);
        var creditor = scope.History.Seen(scope.Subject, isDebtorSide: true).Counterparty;
        var gathered = room.Inflows(0);
        scope.History.Inflows(new InflowQuery(creditor, after, paid, MostInflows), gathered);
        gathered.Add(paid);
        foreach (var second in gathered)
        {
            var middle = second.Counterparty;
            if (middle < 0 || middle == creditor)
            {
                continue;
            }

            var before = room.Inflows(1);
            scope.History.Inflows(new InflowQuery(middle, after, second, MostInflows), before);
            foreach (var first in before)
            {
                if (first.Counterparty >= 0 && first.Counterparty != middle && first.Counterparty != creditor)
                {
                    room.Between.Add((first.Counterparty, middle));
                }
            }
        }

        return MostOfOne(room.Between);
    }

    /// <summary>How many different accounts between the origin with most of them has.</summary>
    private static int MostOfOne(List<(int Origin, int Middle)> between)
    {
        between.Sort();
        var (widest, width) = (0, 0);
        for (var i = 0; i < between.Count; i++)
        {
            if (i > 0 && between[i] == between[i - 1])
            {
                continue;
            }

            width = i > 0 && between[i].Origin == between[i - 1].Origin ? width + 1 : 1;
            widest = Math.Max(widest, width);
        }

        return widest;
    }
}

/// <summary>Order in time: by instant, then by number.</summary>
internal static class Order
{
    public static bool IsBefore(Booked one, Booked other) =>
        one.Micros < other.Micros || (one.Micros == other.Micros && one.Number < other.Number);

    public static bool IsBefore(Booked one, in LoggedEvent other) => IsBefore(new LoggedEvent(one), in other);

    public static bool IsBefore(in LoggedEvent one, in LoggedEvent other) =>
        one.Micros < other.Micros || (one.Micros == other.Micros && one.Number < other.Number);
}

/// <summary>Whether two amounts are alike, in the currency of the one that is judged.</summary>
internal static class Likeness
{
    public static bool Holds(ReferenceBook book, Booked earlier, Booked judged, decimal tolerance)
    {
        var amount = judged.Transaction.Amount;
        return book.Convert(earlier.Transaction.Amount, amount.Currency, earlier.Day) is { } other
            && Math.Abs(other.Amount - amount.Amount) <= amount.Amount * tolerance;
    }

    /// <summary>
    /// How far in ten-thousandths an amount of the same currency may be away: a difference of whole numbers is at most
    /// a number just when it is at most the whole part of it.
    /// </summary>
    /// <param name="units">The amount that the other is held against, in ten-thousandths.</param>
    /// <param name="tolerance">How far, as a share of it.</param>
    public static long Room(long units, decimal tolerance) => decimal.ToInt64(decimal.Floor(units * tolerance));
}
