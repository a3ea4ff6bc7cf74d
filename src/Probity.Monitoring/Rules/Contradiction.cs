using Probity.Monitoring.Evaluation;

namespace Probity.Monitoring.Rules;

/// <summary>Finds two comparisons of one value with constants that no value meets both.</summary>
internal static class Contradiction
{
    public static bool Between(Expr one, Expr other)
    {
        if (one is not Comparison { Right: Literal first } a || other is not Comparison { Right: Literal second } b
            || a.Left.ToString() != b.Left.ToString() || first.Value.Currency != second.Value.Currency)
        {
            return false;
        }

        return first.Kind is ValueKind.Text or ValueKind.Truth
            ? a.Op == CompareOp.Eq && b.Op == CompareOp.Eq && first.Value != second.Value
            : Excludes(Range(a.Op, first.Value.Number), Range(b.Op, second.Value.Number));
    }

    private static (decimal Low, bool OpenLow, decimal High, bool OpenHigh) Range(CompareOp op, decimal limit) =>
        op switch
    {
        CompareOp.Eq => (limit, false, limit, false),
        CompareOp.Ne => (decimal.MinValue, false, decimal.MaxValue, false),
        CompareOp.Gt => (limit, true, decimal.MaxValue, false),
        CompareOp.Gte => (limit, false, decimal.MaxValue, false),
        CompareOp.Lt => (decimal.MinValue, false, limit, true),
        CompareOp.Lte => (decimal.MinValue, false, limit, false),
        _ => throw new ArgumentOutOfRangeException(nameof(op)),
    };

    private static bool Excludes(
        (decimal Low, bool OpenLow, decimal High, bool OpenHigh) a,
        (decimal Low, bool OpenLow, decimal High, bool OpenHigh) b)
    {
        var low = Math.Max(a.Low, b.Low);
        var high = Math.Min(a.High, b.High);
        var isOpen = (a.Low == low && a.OpenLow) || (b.Low == low && b.OpenLow)
            || (a.High == high && a.OpenHigh) || (b.High == high && b.OpenHigh);
        return low > high || (low == high && isOpen);
    }
}
