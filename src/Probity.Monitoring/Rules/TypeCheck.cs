using Probity.Monitoring.Evaluation;

namespace Probity.Monitoring.Rules;

/// <summary>
/// Tells from the type of a transaction alone that a condition is false: most rules are about one type. Exact, since a
/// conjunction with a false term is false whatever its other terms are, and a check of the type is asked before every
/// aggregate.
/// </summary>
internal static class TypeCheck
{
    private const string TypeField = "$tx_type";

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
