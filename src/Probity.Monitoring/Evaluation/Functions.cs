namespace Probity.Monitoring.Evaluation;

internal enum ArithmeticOp
{
    Add,
    Sub,
    Mul,
    Div,
    Min,
    Max,
}

/// <summary>
/// Exact decimal arithmetic. Quotients have six places, half to even. Money adds to money in the currency of the first
/// term; money by money divides to a number; a division by zero is unknown.
/// </summary>
internal sealed class Arithmetic(ArithmeticOp op, ValueKind kind, IReadOnlyList<Expr> terms) : Expr
{
    public const int QuotientPlaces = 6;

    public override ValueKind Kind => kind;

    public override int Cost => terms.Sum(term => term.Cost) + 1;

    public override bool DependsOnSide => terms.Any(term => term.DependsOnSide);

    public override Value Evaluate(Scope scope)
    {
        var total = terms[0].Evaluate(scope);
        for (var i = 1; i < terms.Count && !total.IsUnknown; i++)
        {
            var term = Units.InUnitOf(total, terms[i].Evaluate(scope), scope);
            total = term.IsUnknown ? term : Apply(total, term);
        }

        return total;
    }

    protected override string Describe() => op switch
    {
        ArithmeticOp.Min or ArithmeticOp.Max => (op == ArithmeticOp.Min ? "least" : "greatest") + Listed(", "),
        ArithmeticOp.Add => Listed(" + "),
        ArithmeticOp.Sub => Listed(" − "),
        ArithmeticOp.Mul => Listed(" × "),
        ArithmeticOp.Div => Listed(" ÷ "),
        _ => throw new InvalidOperationException(),
    };

    private string Listed(string sign) => "(" + string.Join(sign, terms) + ")";

    private Value Apply(Value one, Value other)
    {
        var unit = one.Kind == ValueKind.Money ? one : other;
        try
        {
            return op switch
            {
                ArithmeticOp.Add => Value.Like(unit, one.Number + other.Number),
                ArithmeticOp.Sub => Value.Like(unit, one.Number - other.Number),
                ArithmeticOp.Mul => Value.Like(unit, one.Number * other.Number),
                ArithmeticOp.Min => Value.Like(unit, Math.Min(one.Number, other.Number)),
                ArithmeticOp.Max => Value.Like(unit, Math.Max(one.Number, other.Number)),
                ArithmeticOp.Div => Quotient(one, other),
                _ => throw new InvalidOperationException(),
            };
        }
        catch (OverflowException)
        {
            return Value.Unknown(UnknownReason.OutOfRange);
        }
    }

    private static Value Quotient(Value one, Value other)
    {
        if (other.Number == 0)
        {
            return Value.Unknown(UnknownReason.NoVariance);
        }

        var quotient = decimal.Round(one.Number / other.Number, QuotientPlaces, MidpointRounding.ToEven);
        return one.Kind == other.Kind ? Value.Of(quotient) : Value.Like(one, quotient);
    }
}

/// <summary>How many deviations a value lies above a mean: (value − mean) ÷ deviation, six places.</summary>
internal sealed class ZScore(Expr value, Expr mean, Expr deviation) : Expr
{
    public override ValueKind Kind => ValueKind.Number;

    public override int Cost => value.Cost + mean.Cost + deviation.Cost + 1;

    public override bool DependsOnSide => value.DependsOnSide || mean.DependsOnSide || deviation.DependsOnSide;

    public override Value Evaluate(Scope scope)
    {
        var centre = mean.Evaluate(scope);
        var spread = Units.InUnitOf(centre, deviation.Evaluate(scope), scope);
        var at = Units.InUnitOf(centre, value.Evaluate(scope), scope);
        foreach (var part in (ReadOnlySpan<Value>)[centre, spread, at])
        {
            if (part.IsUnknown)
            {
                return part;
            }
        }

        return spread.Number == 0
            ? Value.Unknown(UnknownReason.NoVariance)
            : Value.Of(decimal.Round(
                (at.Number - centre.Number) / spread.Number, Arithmetic.QuotientPlaces, MidpointRounding.ToEven));
    }

    protected override string Describe() => $"deviations of {value} from {mean}";
}

/// <summary>The first of several values that is known.</summary>
internal sealed class Coalesce(IReadOnlyList<Expr> terms) : Expr
{
    public override ValueKind Kind => terms[0].Kind;

    public override int Cost => terms.Sum(term => term.Cost);

    public override bool DependsOnSide => terms.Any(term => term.DependsOnSide);

    public override Value Evaluate(Scope scope)
    {
        var value = Value.Unknown(UnknownReason.MissingField);
        foreach (var term in terms)
        {
            value = term.Evaluate(scope);
            if (!value.IsUnknown)
            {
                break;
            }
        }

        return value;
    }

    protected override string Describe() => terms[0].ToString();
}

/// <summary>Whether a value is unknown because it is missing.</summary>
internal sealed class IsEmpty(Expr term) : Expr
{
    public override ValueKind Kind => ValueKind.Truth;

    public override int Cost => term.Cost;

    public override bool DependsOnSide => term.DependsOnSide;

    public override Value Evaluate(Scope scope) => Value.Of(term.Evaluate(scope).Reason == UnknownReason.MissingField);

    public override IReadOnlyList<string> Counterfactual(Scope scope) => [$"{term} had been given"];

    protected override string Describe() => $"{term} is missing";
}

/// <summary>Whether an amount is a whole multiple of another: round sums.</summary>
internal sealed class MultipleOf(Expr value, decimal unit) : Expr
{
    public Expr Term => value;

    public decimal Unit => unit;

    public override ValueKind Kind => ValueKind.Truth;

    public override int Cost => value.Cost + 1;

    public override bool DependsOnSide => value.DependsOnSide;

    public override Value Evaluate(Scope scope)
    {
        var number = value.Evaluate(scope);
        return number.IsUnknown ? number : Value.Of(number.Number % unit == 0);
    }

    public override IReadOnlyList<string> Counterfactual(Scope scope) =>
        [$"{value} had not been a multiple of {Value.Of(unit)}"];

    protected override string Describe() => $"{value} is a multiple of {Value.Of(unit)}";
}

/// <summary>Whether a text is one of a few, or on a dated list as it stood on the day of the transaction.</summary>
internal sealed class Membership(Expr value, IReadOnlyList<string>? members, string? list) : Expr
{
    public string? List { get; } = list;

    public IReadOnlyList<string>? Members { get; } = members;

    public Expr Subject => value;

    public override ValueKind Kind => ValueKind.Truth;

    public override int Cost => value.Cost + 1;

    public override bool DependsOnSide => value.DependsOnSide;

    public override Value Evaluate(Scope scope)
    {
        var text = value.Evaluate(scope);
        if (text.IsUnknown)
        {
            return text;
        }

        var member = text.Text ?? string.Empty;
        return Value.Of(List is null
            ? Members!.Contains(member, StringComparer.Ordinal) // One of the two is given.
            : scope.Book.IsListed(List, member, scope.Subject.Day));
    }

    public override IReadOnlyList<string> Counterfactual(Scope scope) => [$"not: {this} ({value.Evaluate(scope)})"];

    protected override string Describe() =>
        List is null ? $"{value} is one of {string.Join(", ", Members!)}" : $"{value} is on {List}"; // As above.
}

internal enum TextOp
{
    Contains,
    StartsWith,
    EndsWith,
}

/// <summary>Looks for a text in another, letter case of ASCII apart; no culture takes part.</summary>
internal sealed class TextSearch(TextOp op, Expr value, string sought) : Expr
{
    public override ValueKind Kind => ValueKind.Truth;

    public override int Cost => value.Cost + 5;

    public override bool DependsOnSide => value.DependsOnSide;

    public override Value Evaluate(Scope scope)
    {
        var text = value.Evaluate(scope);
        if (text.IsUnknown)
        {
            return text;
        }

        var whole = Folded(text.Text ?? string.Empty);
        var part = Folded(sought);
        return Value.Of(op switch
        {
            TextOp.Contains => whole.Contains(part, StringComparison.Ordinal),
            TextOp.StartsWith => whole.StartsWith(part, StringComparison.Ordinal),
            TextOp.EndsWith => whole.EndsWith(part, StringComparison.Ordinal),
            _ => throw new InvalidOperationException(),
        });
    }

    public override IReadOnlyList<string> Counterfactual(Scope scope) => [$"not: {this}"];

    protected override string Describe() => op switch
    {
        TextOp.Contains => $"{value} contains “{sought}”",
        TextOp.StartsWith => $"{value} starts with “{sought}”",
        TextOp.EndsWith => $"{value} ends with “{sought}”",
        _ => throw new InvalidOperationException(),
    };

    private static string Folded(string text) => string.Create(text.Length, text, static (to, from) =>
    {
        for (var i = 0; i < to.Length; i++)
        {
            to[i] = from[i] is >= 'A' and <= 'Z' ? (char)(from[i] + 32) : from[i];
        }
    });
}

internal enum CalendarQuestion
{
    Hour,
    Weekday,
    IsBusinessDay,
}

/// <summary>Asks a calendar about the instant of the transaction, in the zone of the calendar.</summary>
internal sealed class CalendarValue(CalendarQuestion question, string calendar) : Expr
{
    public override ValueKind Kind =>
        question == CalendarQuestion.IsBusinessDay ? ValueKind.Truth : ValueKind.Number;

    public override int Cost => 2;

    public override bool DependsOnSide => false;

    public override Value Evaluate(Scope scope)
    {
        if (!scope.Book.Calendars.TryGetValue(calendar, out var days))
        {
            return Value.Unknown(UnknownReason.MissingField);
        }

        var date = days.DateOf(scope.Subject.Micros);
        return question switch
        {
            CalendarQuestion.Hour => Value.Of((decimal)days.HourOf(scope.Subject.Micros)),
            CalendarQuestion.Weekday => Value.Of(date.DayOfWeek == DayOfWeek.Sunday ? 7m
                : (decimal)(int)date.DayOfWeek),
            CalendarQuestion.IsBusinessDay => Value.Of(days.IsBusinessDay(date)),
            _ => throw new InvalidOperationException(),
        };
    }

    protected override string Describe() => question switch
    {
        CalendarQuestion.Hour => $"hour ({calendar})",
        CalendarQuestion.Weekday => $"weekday ({calendar})",
        CalendarQuestion.IsBusinessDay => $"business day ({calendar})",
        _ => throw new InvalidOperationException(),
    };
}

/// <summary>One case of a <see cref="Switch"/>.</summary>
internal sealed record SwitchCase(Expr When, Expr Then);

/// <summary>The value of the first case that holds, else the default; an unknown case makes it unknown.</summary>
internal sealed class Switch(IReadOnlyList<SwitchCase> cases, Expr otherwise) : Expr
{
    public override ValueKind Kind => otherwise.Kind;

    public override int Cost => cases.Sum(item => item.When.Cost + item.Then.Cost) + otherwise.Cost;

    public override bool DependsOnSide =>
        otherwise.DependsOnSide || cases.Any(item => item.When.DependsOnSide || item.Then.DependsOnSide);

    public override Value Evaluate(Scope scope)
    {
        foreach (var item in cases)
        {
            var holds = item.When.Evaluate(scope);
            if (holds.IsUnknown)
            {
                return holds;
            }

            if (holds.IsTrue)
            {
                return item.Then.Evaluate(scope);
            }
        }

        return otherwise.Evaluate(scope);
    }

    protected override string Describe() => $"by case ({string.Join("; ", cases.Select(item => item.When))})";
}
