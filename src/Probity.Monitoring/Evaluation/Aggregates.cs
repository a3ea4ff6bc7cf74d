using System.Globalization;
using Probity.Monitoring.Rules;

namespace Probity.Monitoring.Evaluation;

/// <summary>The value of an aggregate in an expression.</summary>
internal sealed class AggregateExpr(AggregateSpec spec) : Expr, IAggregated
{
    public AggregateSpec Spec { get; } = spec;

    public int Slot => Spec.Slot;

    public override ValueKind Kind => Spec.NeedsAmount ? ValueKind.Money : ValueKind.Number;

    public override int Cost => 50 + (Spec.DependsOnCurrent ? 100 : 0) + (Spec.Where?.Cost ?? 0);

    public override bool DependsOnSide => true;

    public override Value Evaluate(Scope scope) => scope.ResultOf(this).Value;

    public AggregateResult Compute(Scope scope) => scope.History.Aggregate(Spec, scope);

    public override string ToString() => Spec.ToString();
}

/// <summary>
/// The number of transfers, of a least number up, in the shortest way that money took from the creditor of this
/// transaction back to its debtor,
/// this transaction included, each transfer later than the one before; 0 when there is none.
/// </summary>
/// <remarks>
/// Bounded in hops, in transfers looked at per account and in all; a bound that was hit is said, not hidden.
/// </remarks>
internal sealed class CycleExpr(int slot, int minHops, int maxHops, long withinMicros, decimal? tolerance)
    : Expr, IAggregated
{
    public const int MostInflows = 200;
    public const int MostVisits = 5_000;

    public int Slot => slot;

    public override ValueKind Kind => ValueKind.Number;

    public override int Cost => 500 * maxHops;

    // The way back is the same from both sides.
    public override bool DependsOnSide => false;

    public override Value Evaluate(Scope scope) => scope.ResultOf(this).Value;

    public AggregateResult Compute(Scope scope)
    {
        var last = scope.Subject;
        var after = last.Micros - withinMicros;
        var value = last.Transaction is { Debtor.Account: { } debtor, Creditor.Account: { } creditor }
            && debtor != creditor
            ? Search(scope, debtor, creditor, after)
            : Value.Of(0m);
        return new AggregateResult(value, after, last.Micros, value.IsUnknown ? 0 : (long)value.Number);
    }

    public override IReadOnlyList<string> Counterfactual(Scope scope) => [$"no {this}"];

    public override string ToString() =>
        "transfers in a cycle of at most " + maxHops.ToString(CultureInfo.InvariantCulture) +
        " within " + Durations.Text(withinMicros);

    private Value Search(Scope scope, string debtor, string creditor, long after)
    {
        // Backwards in time, level by level. Of all ways to reach an account at a level the latest one serves best:
        // what
        // may come before it includes what may come before any other.
        var level = new Dictionary<string, Booked>(StringComparer.Ordinal) { [debtor] = scope.Subject };
        var visits = 0;
        var isBounded = false;
        for (var hops = 2; hops <= maxHops && level.Count > 0; hops++)
        {
            var next = new Dictionary<string, Booked>(StringComparer.Ordinal);
            foreach (var (account, deadline) in level.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            {
                var inflows = scope.History.InflowsBefore(account, after, deadline, MostInflows + 1);
                isBounded |= inflows.Count > MostInflows;
                foreach (var inflow in inflows.Take(MostInflows))
                {
                    if (++visits > MostVisits)
                    {
                        return Value.Unknown(UnknownReason.SearchBound);
                    }

                    Reach(scope, next, inflow);
                }
            }

            // A way that passes through either end on its way is two cycles, not one.
            next.Remove(debtor);
            if (next.Remove(creditor) && hops >= minHops)
            {
                return Value.Of((decimal)hops);
            }

            level = next;
        }

        return isBounded ? Value.Unknown(UnknownReason.SearchBound) : Value.Of(0m);
    }

    private void Reach(Scope scope, Dictionary<string, Booked> next, Booked inflow)
    {
        if (inflow.Transaction.Debtor.Account is not { } from || !IsAlike(scope, inflow))
        {
            return;
        }

        if (!next.TryGetValue(from, out var held) || Order.IsBefore(held, inflow))
        {
            next[from] = inflow;
        }
    }

    private bool IsAlike(Scope scope, Booked inflow) =>
        tolerance is not { } share || Likeness.Holds(scope.Book, inflow, scope.Subject, share);
}

/// <summary>
/// How many accounts between share one origin: money from one account that reached the creditor of this transaction
/// over several accounts, each time later (scatter-gather). 0 when there is no common origin.
/// </summary>
internal sealed class ScatterGatherExpr(int slot, long withinMicros) : Expr, IAggregated
{
    private const int MostInflows = 50;

    public int Slot => slot;

    public override ValueKind Kind => ValueKind.Number;

    public override int Cost => 1_500;

    public override bool DependsOnSide => false;

    public override Value Evaluate(Scope scope) => scope.ResultOf(this).Value;

    public AggregateResult Compute(Scope scope)
    {
        var last = scope.Subject;
        var after = last.Micros - withinMicros;
        var widest = last.Transaction is { Debtor.Account: not null, Creditor.Account: { } creditor }
            ? Widest(scope, creditor, after)
            : 0;
        return new AggregateResult(Value.Of((decimal)widest), after, last.Micros, widest);
    }

    public override IReadOnlyList<string> Counterfactual(Scope scope) => [$"no {this}"];

    public override string ToString() =>
        "accounts between one origin and this creditor within " + Durations.Text(withinMicros);

    private static int Widest(Scope scope, string creditor, long after)
    {
        var between = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        List<Booked> gathered = [scope.Subject];
        gathered.AddRange(scope.History.InflowsBefore(creditor, after, scope.Subject, MostInflows));
        foreach (var second in gathered)
        {
            if (second.Transaction.Debtor.Account is not { } middle || middle == creditor)
            {
                continue;
            }

            foreach (var first in scope.History.InflowsBefore(middle, after, second, MostInflows))
            {
                if (first.Transaction.Debtor.Account is { } origin && origin != middle && origin != creditor)
                {
                    Add(between, origin, middle);
                }
            }
        }

        return between.Count == 0 ? 0 : between.Values.Max(middles => middles.Count);
    }

    private static void Add(Dictionary<string, HashSet<string>> between, string origin, string middle)
    {
        if (!between.TryGetValue(origin, out var middles))
        {
            between[origin] = middles = new HashSet<string>(StringComparer.Ordinal);
        }

        middles.Add(middle);
    }
}

/// <summary>Order in time: by instant, then by number.</summary>
internal static class Order
{
    public static bool IsBefore(Booked one, Booked other) =>
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
}
