using System.Globalization;
using System.Linq.Expressions;
using System.Text.Json;

namespace Probity.Server.Access.Scim;

/// <summary>
/// Reads a filter into a predicate over rows. Source: RFC 7644 section 3.4.2.2; <c>gt ge lt le not</c> and value paths
/// are
/// left out. Values become parameters of the statement, attributes come from a closed list.
/// </summary>
internal sealed class ScimFilter<T>
{
    private const int MaxLength = 1_000;
    private const int MaxDepth = 10;
    private readonly IReadOnlyDictionary<string, ScimAttribute<T>> _attributes;
    private readonly string _text;
    private int _at;

    private ScimFilter(string text, IReadOnlyDictionary<string, ScimAttribute<T>> attributes) =>
        (_text, _attributes) = (text, attributes);

    /// <exception cref="ScimException">invalidFilter.</exception>
    public static Expression<Func<T, bool>> Read(string text, IReadOnlyDictionary<string, ScimAttribute<T>> attributes)
    {
        if (text.Length > MaxLength)
        {
            throw Bad("A filter has 1,000 characters at most.");
        }

        var filter = new ScimFilter<T>(text, attributes);
        var read = filter.Or(0);
        return filter.Peek().Length == 0 ? read : throw Bad("Something follows the end of the filter.");
    }

    private Expression<Func<T, bool>> Or(int depth)
    {
        var left = And(depth);
        while (TakeWord("or"))
        {
            left = Join(left, And(depth), Expression.OrElse);
        }

        return left;
    }

    private Expression<Func<T, bool>> And(int depth)
    {
        var left = One(depth);
        while (TakeWord("and"))
        {
            left = Join(left, One(depth), Expression.AndAlso);
        }

        return left;
    }

    private Expression<Func<T, bool>> One(int depth)
    {
        if (depth > MaxDepth)
        {
            throw Bad("The filter is nested too deeply.");
        }

        if (Peek() == "(")
        {
            Take();
            var inner = Or(depth + 1);
            return Take() == ")" ? inner : throw Bad("A bracket is not closed.");
        }

        var name = Take();
        if (!_attributes.TryGetValue(name, out var attribute))
        {
            throw Bad("An attribute of the filter cannot be filtered by.");
        }

        var comparison = Take().ToLowerInvariant();
        return comparison == "pr" ? attribute.Build("pr", "") : attribute.Build(comparison, Value());
    }

    private string Value()
    {
        var token = Take();
        if (token is "true" or "false" or "True" or "False")
        {
            return token.ToLowerInvariant();
        }

        try
        {
            return token.StartsWith('"') ? JsonSerializer.Deserialize<string>(token) ?? ""
                : throw Bad("A value of the filter is no string or boolean.");
        }
        catch (JsonException)
        {
            throw Bad("A string of the filter is not written as in JSON.");
        }
    }

    private bool TakeWord(string word)
    {
        if (!string.Equals(Peek(), word, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        Take();
        return true;
    }

    private string Peek()
    {
        var at = _at;
        var token = Take();
        _at = at;
        return token;
    }

    /// <summary>The next token; empty at the end.</summary>
    private string Take()
    {
        while (_at < _text.Length && _text[_at] == ' ')
        {
            _at++;
        }

        var start = _at;
        if (_at >= _text.Length)
        {
            return "";
        }

        if (_text[_at] is '(' or ')')
        {
            _at++;
        }
        else if (_text[_at] == '"')
        {
            SkipString();
        }
        else
        {
            while (_at < _text.Length && _text[_at] is not (' ' or '(' or ')' or '"'))
            {
                _at++;
            }
        }

        return _text[start.._at];
    }

    private void SkipString()
    {
        for (_at++; _at < _text.Length && _text[_at] != '"'; _at++)
        {
            if (_text[_at] == '\\')
            {
                _at++;
            }
        }

        _at = Math.Min(_at + 1, _text.Length);
    }

    private static Expression<Func<T, bool>> Join(
        Expression<Func<T, bool>> left, Expression<Func<T, bool>> right, Func<Expression, Expression,
            BinaryExpression> join) =>
        Expression.Lambda<Func<T, bool>>(
            join(left.Body, new Replace(right.Parameters[0], left.Parameters[0]).Visit(right.Body)), left.Parameters);

    private static ScimException Bad(string detail) => new(StatusCodes.Status400BadRequest, "invalidFilter", detail);

    private sealed class Replace(ParameterExpression from, ParameterExpression to) : ExpressionVisitor
    {
        protected override Expression VisitParameter(ParameterExpression node) => node == from ? to : node;
    }
}

/// <summary>An attribute that can be filtered by: what each comparison with a value means for a row.</summary>
/// <param name="Build">Comparison (lower case) and value in, predicate out.</param>
internal sealed record ScimAttribute<T>(Func<string, string, Expression<Func<T, bool>>> Build)
{
    /// <exception cref="ScimException">invalidFilter.</exception>
    public static ScimException Unfit(string comparison) => new(
        StatusCodes.Status400BadRequest,
        "invalidFilter",
        string.Create(CultureInfo.InvariantCulture,
            $"The comparison {(comparison.Length > 10 ? "" : comparison)} does not fit the attribute."));
}
