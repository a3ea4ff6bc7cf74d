using System.Globalization;

namespace Probity.Server.AuditTrail.Query.Filters;

/// <summary>
/// Recursive descent over the grammar of AIP-160:
/// <code>
/// expression  = sequence {"AND" sequence}
/// sequence    = factor {factor}                 juxtaposition: all of them, as AND
/// factor      = term {"OR" term}                OR binds tighter than AND
/// term        = ["NOT" | "-"] simple
/// simple      = restriction | "(" expression ")"
/// restriction = member [comparator arg]
/// arg         = value | "(" expression of values ")"
/// </code>
/// Functions are left out. Source: AIP-160 "Filtering", filtering EBNF.
/// </summary>
internal sealed class FilterParser
{
    public const int MaxTerms = 64;
    public const int MaxDepth = 32;

    private readonly FilterLexer _lexer;
    private readonly FilterConditions _conditions;
    private FilterToken _token;
    private int _terms;
    private int _depth;

    public FilterParser(string filter, DateTimeOffset now)
    {
        _lexer = new FilterLexer(filter);
        _conditions = new FilterConditions(now);
        _token = _lexer.NextTerm();
    }

    /// <summary>Parses the whole text.</summary>
    /// <exception cref="QueryRefusedException">The text is no filter.</exception>
    public FilterNode Parse()
    {
        if (_token.Kind == FilterTokenKind.End)
        {
            return new AndNode([]);
        }

        var filter = Expression(null);
        return _token.Kind switch
        {
            FilterTokenKind.End => filter,
            FilterTokenKind.Close => throw Unexpected("`)` closes no bracket; remove it"),
            _ => throw Unexpected($"{_token.Shown} is not expected here"),
        };
    }

    private FilterNode Expression(Comparison? values)
    {
        List<FilterNode> sequences = [Sequence(values)];
        while (_token.IsKeyword("AND"))
        {
            Advance();
            sequences.Add(Sequence(values));
        }

        return All(sequences);
    }

    private FilterNode Sequence(Comparison? values)
    {
        List<FilterNode> factors = [Factor(values)];
        while (!EndsSequence())
        {
            factors.Add(Factor(values));
        }

        return All(factors);
    }

    private bool EndsSequence() =>
        _token.Kind is FilterTokenKind.End or FilterTokenKind.Close || _token.IsKeyword("AND");

    private FilterNode Factor(Comparison? values)
    {
        List<FilterNode> terms = [Term(values)];
        while (_token.IsKeyword("OR"))
        {
            Advance();
            terms.Add(Term(values));
        }

        return terms.Count == 1 ? terms[0] : new OrNode(terms);
    }

    private FilterNode Term(Comparison? values)
    {
        if (_token.IsKeyword("AND") || _token.IsKeyword("OR"))
        {
            throw Unexpected($"{_token.Shown} has nothing on its left or right; quote it to search for the word");
        }

        if (!_token.IsKeyword("NOT") && _token.Kind != FilterTokenKind.Minus)
        {
            return Simple(values);
        }

        Advance();
        return _token.IsKeyword("NOT") || _token.Kind == FilterTokenKind.Minus
            ? throw Unexpected("a second negation is not allowed here; use brackets")
            : new NotNode(Simple(values));
    }

    private FilterNode Simple(Comparison? values)
    {
        if (_token.Kind == FilterTokenKind.Open)
        {
            return Bracketed(values);
        }

        return values is null ? Restriction() : Value(values, _token);
    }

    private FilterNode Bracketed(Comparison? values)
    {
        var open = _token.Position;
        if (++_depth > MaxDepth)
        {
            throw Unexpected($"brackets are nested deeper than {MaxDepth}; simplify the filter");
        }

        Advance();
        var inside = Expression(values);
        if (_token.Kind != FilterTokenKind.Close)
        {
            throw Unexpected(_token.Kind == FilterTokenKind.End
                ? $"the bracket opened at character {open} is not closed"
                : $"{_token.Shown} is not expected here");
        }

        _depth--;
        Advance();
        return inside;
    }

    private FilterNode Restriction()
    {
        var member = _token;
        if (member.Kind is not (FilterTokenKind.Text or FilterTokenKind.Quoted))
        {
            throw Unexpected($"{member.Shown} is not expected here; a condition is `field = value` or a word");
        }

        Advance();
        if (_token.Kind == FilterTokenKind.Comparator)
        {
            var comparison = FilterConditions.Compare(member, _token.Value);
            _token = _lexer.NextValue();
            return _token.Kind == FilterTokenKind.Open ? Bracketed(comparison) : Value(comparison, _token);
        }

        if (_token.Kind == FilterTokenKind.Open && _token.Position == member.Position + member.Value.Length)
        {
            throw Unexpected($"functions such as `{member.Value}(…)` are not supported");
        }

        return Counted(FilterConditions.Literal(member), member);
    }

    private FilterNode Value(Comparison comparison, FilterToken value)
    {
        if (value.Kind is not (FilterTokenKind.Text or FilterTokenKind.Quoted))
        {
            throw Unexpected($"a value is expected after `{comparison.Sign}`, not {value.Shown}");
        }

        var node = Counted(_conditions.Condition(comparison, value), value);
        Advance();
        return node;
    }

    private FilterNode Counted(FilterNode node, FilterToken token)
    {
        _terms += node is AndNode words ? words.Children.Count : 1;
        return _terms <= MaxTerms
            ? node
            : throw new QueryRefusedException(
                QueryRefusedException.FilterSyntax,
                $"Character {token.Position}: a filter has at most {MaxTerms} conditions and words; "
                + "split it into several queries.",
                token.Position);
    }

    private void Advance() => _token = _lexer.NextTerm();

    private QueryRefusedException Unexpected(string what) => new(
        QueryRefusedException.FilterSyntax,
        string.Create(CultureInfo.InvariantCulture, $"Character {_token.Position}: {what}."),
        _token.Position);

    /// <summary>One AND of all parts; an inner AND dissolves into the outer one.</summary>
    private static FilterNode All(List<FilterNode> parts)
    {
        if (parts.Count == 1)
        {
            return parts[0];
        }

        return new AndNode([.. parts.SelectMany(part => part is AndNode inner ? inner.Children : [part])]);
    }
}
