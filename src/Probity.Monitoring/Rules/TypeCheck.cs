using Probity.Contracts.Finance;
using Probity.Monitoring.Evaluation;

namespace Probity.Monitoring.Rules;

/// <summary>
/// Tells from the type of a transaction alone that a condition is false: most rules are about one type. Exact, since a
/// conjunction with a false term is false whatever its other terms are, and a check of the type is asked before every
/// aggregate.
/// </summary>
internal static class TypeCheck
{
    /// <summary>The field of the type.</summary>
    public const string TypeField = "$tx_type";

    /// <summary>False when no transaction of this type can meet the condition.</summary>
    public static bool MayHold(Expr condition, string type) => condition is Logic { Op: LogicKind.All } all
        ? all.Terms.All(term => Holds(term, type))
        : Holds(condition, type);

    private static bool Holds(Expr term, string type) => term switch
    {
        Comparison { Op: CompareOp.Eq, Left: FieldRef { Field.Name: TypeField }, Right: Literal literal } =>
            literal.Value.Text == type,
        Membership { Members: { } members, Subject: FieldRef { Field.Name: TypeField } } =>
            members.Contains(type, StringComparer.Ordinal),
        _ => true,
    };
}

/// <summary>
/// The least amount that a rule asks for, where it asks for one outright: a smaller transaction in that currency is not
/// asked about. Exact for the reasons of <see cref="TypeCheck"/>.
/// </summary>
/// <param name="Currency">The currency of the amount.</param>
/// <param name="Units">In ten-thousandths; amounts below it are excluded.</param>
internal sealed record AmountGate(CurrencyCode Currency, long Units)
{
    /// <summary>The gate of a condition, or null when it has none.</summary>
    public static AmountGate? Of(Expr condition) => condition is Logic { Op: LogicKind.All } all
        ? all.Terms.Select(OfTerm).FirstOrDefault(gate => gate is not null)
        : OfTerm(condition);

    /// <summary>Whether a transaction is excluded.</summary>
    public bool Excludes(Booked booked) => booked.Units < Units && booked.Transaction.Amount.Currency == Currency;

    private static AmountGate? OfTerm(Expr term) => term is Comparison
    {
        Op: CompareOp.Gte or CompareOp.Gt, Left: FieldRef { Field.Name: "$amount" },
        Right: Literal { Value.Number: < Transaction.AmountLimit and > 0 } literal,
    }
        ? new AmountGate(literal.Value.Currency, Booked.ToUnits(literal.Value.Money))
        : null;
}
