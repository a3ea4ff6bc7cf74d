namespace Probity.Monitoring.Evaluation;

/// <summary>A typed expression of a rule. Immutable once the rule set is compiled.</summary>
internal abstract class Expr
{
    private string? _text;

    /// <summary>What it yields when it is known.</summary>
    public abstract ValueKind Kind { get; }

    /// <summary>How many units of work it may take; the sum over a rule is bounded.</summary>
    public abstract int Cost { get; }

    /// <summary>Whether the answer can differ between the two sides of a transaction.</summary>
    public abstract bool DependsOnSide { get; }

    public abstract Value Evaluate(Scope scope);

    /// <summary>
    /// What would have had to be otherwise for a condition that holds not to hold; empty when nothing can be said.
    /// </summary>
    public virtual IReadOnlyList<string> Counterfactual(Scope scope) => [];

    /// <summary>Reads as a phrase in explanations; made once, since a rule that matches tells it each time.</summary>
    public sealed override string ToString() => _text ??= Describe();

    /// <summary>What <see cref="ToString"/> tells. Pure.</summary>
    protected abstract string Describe();
}

internal sealed class Literal(Value value) : Expr
{
    public Value Value { get; } = value;

    public override ValueKind Kind => Value.Kind;

    public override int Cost => 0;

    public override bool DependsOnSide => false;

    public override Value Evaluate(Scope scope) => Value;

    protected override string Describe() => Value.ToString();
}

/// <summary>
/// A threshold of a regulation as it stood on the day of the transaction; inside an aggregate, of each earlier one.
/// </summary>
internal sealed class ThresholdRef(string name) : Expr
{
    public override ValueKind Kind => ValueKind.Money;

    public override int Cost => 1;

    public override bool DependsOnSide => false;

    public override Value Evaluate(Scope scope) =>
        scope.Book.ThresholdOn(name, scope.Subject.Day) is { } threshold
            ? Value.Of(threshold.Value)
            : Value.Unknown(UnknownReason.MissingField);

    protected override string Describe() => name;
}

/// <summary>The score of another rule in the same decision; 0 when it did not match.</summary>
internal sealed class ScoreRef(string rule) : Expr
{
    public string Rule { get; } = rule;

    public override ValueKind Kind => ValueKind.Number;

    public override int Cost => 1;

    public override bool DependsOnSide => false;

    public override Value Evaluate(Scope scope) => Value.Of(scope.Scores.GetValueOrDefault(Rule));

    protected override string Describe() => $"score of {Rule}";
}

internal sealed class FieldRef(Field field, bool ofCurrent) : Expr
{
    public Field Field { get; } = field;

    /// <summary>Whether it is that of the transaction being judged, also of an earlier one.</summary>
    public bool IsOfCurrent => ofCurrent;

    public override ValueKind Kind => Field.Kind;

    public override int Cost => 1;

    public override bool DependsOnSide => Field.DependsOnSide;

    public override Value Evaluate(Scope scope) => ofCurrent
        ? Field.Read(scope, scope.Current, scope.CurrentIsDebtorSide)
        : Field.Read(scope, scope.Subject, scope.IsDebtorSide);

    protected override string Describe() => (ofCurrent ? "current " : string.Empty) + Field.Name;
}
