namespace Probity.Monitoring.Evaluation;

internal enum LogicKind
{
    All,
    Any,
    None,
    AtLeast,
}

/// <summary>
/// Logic of three values (Kleene): an unknown term decides nothing, so <c>all</c> with a false term is false and
/// <c>any</c> with a true one is true whatever the unknown would say. Cheap terms are asked first. What lacks a fact is
/// not asked of history: <c>all</c> stays unknown then, and no aggregate is computed that could not make it true.
/// </summary>
internal sealed class Logic : Expr
{
    private const int CostOfHistory = 50; // Of the least aggregate.

    private readonly Expr[] _byCost;
    private readonly int[] _costs;
    private readonly int _needed;

    public Logic(LogicKind kind, IReadOnlyList<Expr> terms, int needed = 0)
    {
        Op = kind;
        Terms = terms;
        _byCost = [.. terms.OrderBy(term => term.Cost)];
        _costs = [.. _byCost.Select(term => term.Cost)];
        _needed = kind switch
        {
            LogicKind.All => terms.Count,
            LogicKind.Any => 1,
            LogicKind.None => 1,
            LogicKind.AtLeast => needed,
            _ => throw new ArgumentOutOfRangeException(nameof(kind)),
        };
    }

    public LogicKind Op { get; }

    public IReadOnlyList<Expr> Terms { get; }

    public override ValueKind Kind => ValueKind.Truth;

    public override int Cost => Terms.Sum(term => term.Cost);

    public override bool DependsOnSide => Terms.Any(term => term.DependsOnSide);

    public override Value Evaluate(Scope scope)
    {
        var trueTerms = 0;
        var undecided = _byCost.Length;
        var reason = UnknownReason.None;
        for (var i = 0; i < _byCost.Length; i++)
        {
            if (reason == UnknownReason.MissingField && Op == LogicKind.All && _costs[i] >= CostOfHistory)
            {
                return Value.Unknown(reason);
            }

            var value = _byCost[i].Evaluate(scope);
            undecided--;
            if (value.IsUnknown)
            {
                // The gravest reason wins, whatever the order: a missing rate asks for review, short history does not.
                reason = Graver(reason, value.Reason);
                continue;
            }

            trueTerms += value.IsTrue ? 1 : 0;
            if (trueTerms >= _needed)
            {
                return Value.Of(Op != LogicKind.None);
            }

            if (reason == UnknownReason.None && trueTerms + undecided < _needed)
            {
                return Value.Of(Op == LogicKind.None);
            }

            if (Op == LogicKind.All && !value.IsTrue)
            {
                return Value.Of(false);
            }
        }

        return reason == UnknownReason.None ? Value.Of(Op == LogicKind.None) : Settled(scope, reason);
    }

    public override IReadOnlyList<string> Counterfactual(Scope scope) => Op switch
    {
        // One term is enough to break a conjunction: the one that says most, the dearest.
        LogicKind.All => Dearest(scope),
        LogicKind.Any or LogicKind.AtLeast => [.. _byCost.Where(term => term.Evaluate(scope).IsTrue)
            .SelectMany(term => term.Counterfactual(scope))],
        LogicKind.None => [],
        _ => throw new InvalidOperationException(),
    };

    protected override string Describe() => Op switch
    {
        LogicKind.All => string.Join(" and ", Terms),
        LogicKind.Any => "(" + string.Join(" or ", Terms) + ")",
        LogicKind.None => "none of (" + string.Join("; ", Terms) + ")",
        LogicKind.AtLeast => $"at least {_needed} of (" + string.Join("; ", Terms) + ")",
        _ => throw new InvalidOperationException(),
    };

    private IReadOnlyList<string> Dearest(Scope scope)
    {
        for (var at = _byCost.Length - 1; at >= 0; at--)
        {
            if (_byCost[at].Counterfactual(scope) is { Count: > 0 } changes)
            {
                return changes;
            }
        }

        return [];
    }

    private static UnknownReason Graver(UnknownReason one, UnknownReason other) =>
        Gravity(one) >= Gravity(other) ? one : other;

    private static int Gravity(UnknownReason reason) => reason switch
    {
        UnknownReason.None => 0,
        UnknownReason.InsufficientHistory => 1,
        UnknownReason.NoVariance => 2,
        UnknownReason.MissingField => 3,
        UnknownReason.SearchBound => 4,
        UnknownReason.OutOfRange => 5,
        UnknownReason.NoRate => 6,
        _ => throw new ArgumentOutOfRangeException(nameof(reason)),
    };

    /// <summary>Some terms are unknown: the answer is known all the same when they could not change it.</summary>
    private Value Settled(Scope scope, UnknownReason reason)
    {
        var possible = _byCost.Count(term => term.Evaluate(scope) is { } value && (value.IsUnknown || value.IsTrue));
        return possible < _needed ? Value.Of(Op == LogicKind.None) : Value.Unknown(reason);
    }
}

internal sealed class Not(Expr term) : Expr
{
    public Expr Term => term;

    public override ValueKind Kind => ValueKind.Truth;

    public override int Cost => term.Cost;

    public override bool DependsOnSide => term.DependsOnSide;

    public override Value Evaluate(Scope scope)
    {
        var value = term.Evaluate(scope);
        return value.IsUnknown ? value : Value.Of(!value.IsTrue);
    }

    public override IReadOnlyList<string> Counterfactual(Scope scope) => [$"{term} held"];

    protected override string Describe() => $"not ({term})";
}
