using Probity.Contracts.Finance;
using Probity.Monitoring.Rules;

namespace Probity.Monitoring.Evaluation;

internal enum CompareOp
{
    Eq,
    Ne,
    Gt,
    Gte,
    Lt,
    Lte,
}

/// <summary>
/// Compares two values of one kind. Money is compared in the currency of the right side, at the rates of the day of the
/// transaction; without a rate the answer is unknown, never a comparison of bare numbers. The left side is not asked
/// for
/// when the right one is unknown.
/// </summary>
internal sealed class Comparison(CompareOp op, Expr left, Expr right) : Expr
{
    private readonly CountBound? _bound = CountBound.Of(op, left, right);

    public CompareOp Op { get; } = op;

    public Expr Left { get; } = left;

    public Expr Right { get; } = right;

    public override ValueKind Kind => ValueKind.Truth;

    public override int Cost => Left.Cost + Right.Cost + 1;

    public override bool DependsOnSide => Left.DependsOnSide || Right.DependsOnSide;

    public override Value Evaluate(Scope scope)
    {
        if (_bound is not null && scope.History.HasFewer(_bound.Spec, scope, _bound.Least))
        {
            return Value.Of(false);
        }

        var limit = Right.Evaluate(scope);
        if (limit.IsUnknown)
        {
            return limit;
        }

        var value = Units.InUnitOf(limit, Left.Evaluate(scope), scope);
        if (value.IsUnknown)
        {
            return value;
        }

        var order = value.Kind == ValueKind.Text
            ? string.CompareOrdinal(value.Text, limit.Text)
            : value.Number.CompareTo(limit.Number);
        return Value.Of(Op switch
        {
            CompareOp.Eq => order == 0,
            CompareOp.Ne => order != 0,
            CompareOp.Gt => order > 0,
            CompareOp.Gte => order >= 0,
            CompareOp.Lt => order < 0,
            CompareOp.Lte => order <= 0,
            _ => throw new InvalidOperationException(),
        });
    }

    public override IReadOnlyList<string> Counterfactual(Scope scope)
    {
        var limit = Right.Evaluate(scope);
        var value = Units.InUnitOf(limit, Left.Evaluate(scope), scope);
        var edge = Op switch
        {
            CompareOp.Gte => "below",
            CompareOp.Gt => "at or below",
            CompareOp.Lt => "at or above",
            CompareOp.Lte => "above",
            CompareOp.Eq => "other than",
            CompareOp.Ne => "equal to",
            _ => throw new InvalidOperationException(),
        };
        return [$"{Left} had been {edge} {limit} (it was {value})"];
    }

    protected override string Describe() => $"{Left} {Sign} {Right}";

    private string Sign => Op switch
    {
        CompareOp.Eq => "=",
        CompareOp.Ne => "≠",
        CompareOp.Gt => ">",
        CompareOp.Gte => "≥",
        CompareOp.Lt => "<",
        CompareOp.Lte => "≤",
        _ => throw new InvalidOperationException(),
    };
}

/// <summary>
/// How many transactions at least must have happened in a window for a count to reach what is asked of it. With fewer,
/// the comparison is false whatever they are, and the aggregate is not computed.
/// </summary>
/// <param name="Spec">The aggregate.</param>
/// <param name="Least">So many.</param>
internal sealed record CountBound(AggregateSpec Spec, int Least)
{
    private const int Most = 1_000_000;

    /// <summary>The bound of a comparison, or null when it has none.</summary>
    public static CountBound? Of(CompareOp op, Expr left, Expr right)
    {
        if (op is not (CompareOp.Gte or CompareOp.Gt)
            || left is not AggregateExpr
            {
                Spec: { Fn: AggregateFn.Count or AggregateFn.Distinct, MinHistory: 0, Near: null } spec,
            }
            || right is not Literal { Value: { Kind: ValueKind.Number, Number: > 0 and < Most } limit })
        {
            return null;
        }

        var least = op == CompareOp.Gt ? decimal.Floor(limit.Number) + 1 : decimal.Ceiling(limit.Number);
        return new CountBound(spec, decimal.ToInt32(least));
    }
}

/// <summary>Brings amounts to one currency.</summary>
internal static class Units
{
    public static Value InUnitOf(Value unit, Value value, Scope scope) =>
        unit.Kind == ValueKind.Money && value.Kind == ValueKind.Money && unit.Currency != value.Currency
            ? Convert(value.Money, unit.Currency, scope)
            : value;

    private static Value Convert(Money money, CurrencyCode to, Scope scope) =>
        scope.Book.Convert(money, to, scope.Subject.Day) is { } converted
            ? Value.Of(converted)
            : Value.Unknown(UnknownReason.NoRate);
}
