using System.Text.Json;
using Probity.Contracts.Finance;
using Probity.Ledger.Json;
using Probity.Monitoring.Evaluation;

namespace Probity.Monitoring.Rules;

/// <summary>
/// Reads the expressions of one rule and checks their types. An expression is a value (<c>10</c>, <c>"USD"</c>), a
/// field
/// (<c>"$amount"</c>) or an object with one member, which names the operation.
/// </summary>
/// <remarks>A parser: longer than other files, as its rules refer to each other.</remarks>
internal sealed class ExprReader(AggregateReader aggregates, RuleContext context)
{
    private const int MostTerms = 50;

    private bool _isInWhere;

    /// <summary>Whether what was read in the last <c>where</c> asks for the transaction being judged.</summary>
    public bool WhereDependsOnCurrent { get; private set; }

    public Expr Condition(JsonItem item)
    {
        var expression = Read(item);
        return expression.Kind == ValueKind.Truth
            ? expression
            : throw item.Refuse("bad_type", "A condition belongs here.", "Compare the value, for instance with gte.");
    }

    public Expr Where(JsonItem item)
    {
        if (_isInWhere)
        {
            throw item.Refuse("nested_aggregate", "An aggregate stands inside another.", "Take it out of the where.");
        }

        _isInWhere = true;
        WhereDependsOnCurrent = false;
        try
        {
            return Condition(item);
        }
        finally
        {
            _isInWhere = false;
        }
    }

    public Expr Read(JsonItem item) => item.Kind switch
    {
        JsonValueKind.True or JsonValueKind.False => new Literal(Value.Of(item.Truth())),
        JsonValueKind.Number => new Literal(Value.Of(item.Exact())),
        JsonValueKind.String => ReadText(item),
        JsonValueKind.Object => ReadOperation(item),
        _ => throw item.Refuse("bad_type", "A value or an operation belongs here.", "Write a number, text or object."),
    };

    public Expr OfKind(JsonItem item, params ValueKind[] kinds)
    {
        var expression = Read(item);
        return kinds.Contains(expression.Kind)
            ? expression
            : throw item.Refuse(
                "bad_type",
                $"The value is of kind {Word(expression.Kind)}.",
                "Use a value of kind " + string.Join(" or ", kinds.Select(Word)) + ".");
    }

    private static string Word(ValueKind kind) => kind switch
    {
        ValueKind.Truth => "truth",
        ValueKind.Number => "number",
        ValueKind.Money => "money",
        ValueKind.Text => "text",
        ValueKind.Unknown => "unknown",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    private Expr ReadText(JsonItem item)
    {
        var text = item.Text();
        if (text[0] != '$')
        {
            return new Literal(Value.Of(text));
        }

        const string Current = "$current.";
        var ofCurrent = text.StartsWith(Current, StringComparison.Ordinal);
        var name = ofCurrent ? "$" + text[Current.Length..] : text;
        if (!Field.All.TryGetValue(name, out var field))
        {
            throw item.Refuse("unknown_field", "There is no such field.", JsonReading.Nearest(name, Field.All.Keys));
        }

        if (ofCurrent && !_isInWhere)
        {
            throw item.Refuse("bad_field", "$current is known inside a where only.", $"Write \"{name}\".");
        }

        if (_isInWhere && field.IsOfParties && !ofCurrent)
        {
            throw item.Refuse(
                "bad_field",
                "Facts of a party are known for the transaction being judged only.",
                $"Write \"$current.{name[1..]}\", or take the condition out of the where.");
        }

        WhereDependsOnCurrent |= ofCurrent;
        return new FieldRef(field, ofCurrent);
    }

    private Expr ReadOperation(JsonItem item)
    {
        var members = item.Members();
        if (members.Count != 1)
        {
            throw item.Refuse(
                "bad_operation", "An operation is an object with one member.",
                    "Join several conditions with all or any.");
        }

        var (name, body) = members.First();
        return name switch
        {
            "all" => ReadLogic(LogicKind.All, body),
            "any" => ReadLogic(LogicKind.Any, body),
            "none" => ReadLogic(LogicKind.None, body),
            "at_least" => ReadAtLeast(body),
            "not" => new Not(Condition(body)),
            "eq" => ReadComparison(CompareOp.Eq, body),
            "ne" => ReadComparison(CompareOp.Ne, body),
            "gt" => ReadComparison(CompareOp.Gt, body),
            "gte" => ReadComparison(CompareOp.Gte, body),
            "lt" => ReadComparison(CompareOp.Lt, body),
            "lte" => ReadComparison(CompareOp.Lte, body),
            "between" => ReadBetween(body),
            "in" => ReadIn(body),
            "not_in" => new Not(ReadIn(body)),
            "in_list" => ReadInList(body),
            "not_in_list" => new Not(ReadInList(body)),
            "is_empty" => new IsEmpty(Read(body)),
            "multiple_of" => ReadMultipleOf(body),
            "contains" => ReadSearch(TextOp.Contains, body),
            "starts_with" => ReadSearch(TextOp.StartsWith, body),
            "ends_with" => ReadSearch(TextOp.EndsWith, body),
            "add" => ReadSum(ArithmeticOp.Add, body),
            "sub" => ReadSum(ArithmeticOp.Sub, body),
            "min" => ReadSum(ArithmeticOp.Min, body),
            "max" => ReadSum(ArithmeticOp.Max, body),
            "mul" => ReadProduct(body),
            "div" or "ratio" => ReadQuotient(body),
            "z_score" => ReadZScore(body),
            "coalesce" => new Coalesce(SameKinds(body)),
            "switch" => ReadSwitch(body),
            "hour_of" => new CalendarValue(CalendarQuestion.Hour, context.Calendar(body)),
            "weekday_of" => new CalendarValue(CalendarQuestion.Weekday, context.Calendar(body)),
            "is_business_day" => new CalendarValue(CalendarQuestion.IsBusinessDay, context.Calendar(body)),
            "money" => new Literal(Value.Of(ReadMoney(body))),
            "threshold" => new ThresholdRef(context.Threshold(body)),
            "score" => context.Score(body),
            "agg" or "flow" when _isInWhere => throw item.Refuse(
                "nested_aggregate", "An aggregate stands inside another.", "Take it out of the where."),
            "agg" => aggregates.ReadAggregate(body, this),
            "flow" => aggregates.ReadFlow(body, this),
            _ => throw body.Refuse("unknown_operation", "There is no such operation.",
                JsonReading.Nearest(name, s_names)),
        };
    }

    private static readonly string[] s_names =
    [
        "all", "any", "none", "at_least", "not", "eq", "ne", "gt", "gte", "lt", "lte", "between", "in", "not_in",
            "in_list",
        "not_in_list", "is_empty", "multiple_of", "contains", "starts_with", "ends_with", "add", "sub", "mul", "div",
            "ratio",
        "min", "max", "z_score", "coalesce", "switch", "hour_of", "weekday_of", "is_business_day", "money", "threshold",
        "score", "agg", "flow",
    ];

    public static Money ReadMoney(JsonItem item)
    {
        var parts = item.Elements(2, 2);
        var money = new Money(parts[0].Exact(), ReadCurrency(parts[1]));
        return money.FitsMinorUnits
            ? money
            : throw parts[0].Refuse("bad_minor_units", "The amount has more places than its currency.", "Round it.");
    }

    public static CurrencyCode ReadCurrency(JsonItem item) => CurrencyCode.TryParse(item.Text(), out var currency)
        ? currency
        : throw item.Refuse("bad_currency", "This is no current ISO 4217 code.",
            "Write three capital letters, as USD.");

    private Logic ReadLogic(LogicKind kind, JsonItem body)
    {
        var items = body.Elements(1, MostTerms);
        var terms = items.Select(Condition).ToList();
        for (var i = 1; i < terms.Count; i++)
        {
            if (terms.Take(i).Any(term => term.ToString() == terms[i].ToString()))
            {
                throw items[i].Refuse("duplicate_term", "The condition stands here twice.", "Take one out.");
            }

            if (kind == LogicKind.All && terms.Take(i).Any(term => Contradiction.Between(term, terms[i])))
            {
                throw items[i].Refuse(
                    "unreachable", "No value meets this condition and one before it.", "Mend or remove one of them.");
            }
        }

        return new Logic(kind, terms);
    }

    private Logic ReadAtLeast(JsonItem body)
    {
        var members = body.Members("n", "of");
        var terms = members.Required(body, "of").Elements(1, MostTerms).Select(Condition).ToList();
        return new Logic(LogicKind.AtLeast, terms, members.Required(body, "n").Whole(1, terms.Count));
    }

    private Comparison ReadComparison(CompareOp op, JsonItem body)
    {
        var sides = body.Elements(2, 2);
        var (left, right) = (Read(sides[0]), Read(sides[1]));
        CheckWord(left, sides[1]);
        CheckWord(right, sides[0]);
        return Compare(op, left, right, body);
    }

    // A word that a field never has would make a rule that never matches, or always.
    private static void CheckWord(Expr expression, JsonItem word)
    {
        if (expression is FieldRef { Field.Words: { Count: > 0 } words } && word.Kind == JsonValueKind.String
            && word.Text() is var text && text[0] != '$' && !words.Contains(text, StringComparer.Ordinal))
        {
            throw word.Refuse(
                "unknown_word", $"{expression} never has this word.", JsonReading.Nearest(text, words));
        }
    }

    private static Comparison Compare(CompareOp op, Expr left, Expr right, JsonItem at)
    {
        if (left.Kind != right.Kind)
        {
            throw at.Refuse(
                "bad_type",
                $"A value of kind {Word(left.Kind)} is compared with one of kind {Word(right.Kind)}.",
                left.Kind == ValueKind.Money || right.Kind == ValueKind.Money
                    ? "Write amounts as {\"money\":[10000,\"USD\"]}."
                    : "Compare values of one kind.");
        }

        var isOrdered = left.Kind is ValueKind.Number or ValueKind.Money || op is CompareOp.Eq or CompareOp.Ne;
        return isOrdered
            ? new Comparison(op, left, right)
            : throw at.Refuse("bad_type", "Only numbers and amounts have an order.", "Use eq, ne or in.");
    }

    private Logic ReadBetween(JsonItem body)
    {
        var members = body.Members("value", "lo", "hi");
        var value = Read(members.Required(body, "value"));
        var low = Read(members.Required(body, "lo"));
        var high = Read(members.Required(body, "hi"));
        return new Logic(
            LogicKind.All, [Compare(CompareOp.Gte, value, low, body), Compare(CompareOp.Lte, value, high, body)]);
    }

    private Membership ReadIn(JsonItem body)
    {
        var sides = body.Elements(2, 2);
        var subject = OfKind(sides[0], ValueKind.Text);
        var members = sides[1].Texts();
        foreach (var word in sides[1].EnumerateArray())
        {
            CheckWord(subject, word);
        }

        return new Membership(subject, members, null);
    }

    private Membership ReadInList(JsonItem body)
    {
        var sides = body.Elements(2, 2);
        return new Membership(OfKind(sides[0], ValueKind.Text), null, context.List(sides[1]));
    }

    private MultipleOf ReadMultipleOf(JsonItem body)
    {
        var sides = body.Elements(2, 2);
        var unit = sides[1].Exact();
        return unit > 0
            ? new MultipleOf(OfKind(sides[0], ValueKind.Number, ValueKind.Money), unit)
            : throw sides[1].Refuse("bad_number", "The unit is not above 0.", "Write 100 or 1000.");
    }

    private TextSearch ReadSearch(TextOp op, JsonItem body)
    {
        var sides = body.Elements(2, 2);
        return new TextSearch(op, OfKind(sides[0], ValueKind.Text), sides[1].Text());
    }

    private Arithmetic ReadSum(ArithmeticOp op, JsonItem body)
    {
        var terms = SameKinds(body);
        return terms[0].Kind is ValueKind.Number or ValueKind.Money
            ? new Arithmetic(op, terms[0].Kind, terms)
            : throw body.Refuse("bad_type", "Only numbers and amounts can be reckoned with.",
                "Use a number or an amount.");
    }

    private Arithmetic ReadProduct(JsonItem body)
    {
        var terms = body.Elements(2, MostTerms).Select(item =>
            OfKind(item, ValueKind.Number, ValueKind.Money)).ToList();
        var amounts = terms.Count(term => term.Kind == ValueKind.Money);
        return amounts <= 1
            ? new Arithmetic(ArithmeticOp.Mul, amounts == 1 ? ValueKind.Money : ValueKind.Number, terms)
            : throw body.Refuse("bad_type", "An amount is multiplied by an amount.", "Multiply it by a number.");
    }

    private Arithmetic ReadQuotient(JsonItem body)
    {
        var sides = body.Elements(2, 2);
        var over = OfKind(sides[0], ValueKind.Number, ValueKind.Money);
        var under = OfKind(sides[1], ValueKind.Number, ValueKind.Money);
        return over.Kind == ValueKind.Number && under.Kind == ValueKind.Money
            ? throw body.Refuse("bad_type", "A number is divided by an amount.",
                "Divide amounts by amounts or numbers.")
            : new Arithmetic(ArithmeticOp.Div, over.Kind == under.Kind ? ValueKind.Number : ValueKind.Money,
                [over, under]);
    }

    private ZScore ReadZScore(JsonItem body)
    {
        var members = body.Members("value", "mean", "sd");
        var value = OfKind(members.Required(body, "value"), ValueKind.Number, ValueKind.Money);
        return new ZScore(
            value, OfKind(members.Required(body, "mean"), value.Kind),
                OfKind(members.Required(body, "sd"), value.Kind));
    }

    private List<Expr> SameKinds(JsonItem body)
    {
        var items = body.Elements(2, MostTerms);
        var terms = items.Select(Read).ToList();
        for (var i = 1; i < terms.Count; i++)
        {
            if (terms[i].Kind != terms[0].Kind)
            {
                throw items[i].Refuse(
                    "bad_type", $"The first term is of kind {Word(terms[0].Kind)}, this is not.",
                        "Use terms of one kind.");
            }
        }

        return terms;
    }

    private Switch ReadSwitch(JsonItem body)
    {
        var members = body.Members("cases", "default");
        var otherwise = Read(members.Required(body, "default"));
        var cases = new List<SwitchCase>();
        foreach (var item in members.Required(body, "cases").Elements(1, MostTerms))
        {
            var parts = item.Members("when", "then");
            cases.Add(new SwitchCase(
                Condition(parts.Required(item, "when")), OfKind(parts.Required(item, "then"), otherwise.Kind)));
        }

        return new Switch(cases, otherwise);
    }
}
