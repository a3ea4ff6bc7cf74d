using System.Globalization;
using System.Text;

namespace Probity.Server.AuditTrail.Query.Filters;

internal enum FilterTokenKind
{
    End,
    Text,
    Quoted,
    Comparator,
    Open,
    Close,
    Minus,
}

/// <summary>One token of a filter.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Value">Decoded text; for a comparator its sign.</param>
/// <param name="Position">1-based character it starts at.</param>
/// <param name="Star">Index in <paramref name="Value"/> of the first unescaped <c>*</c>; -1 when there is none.</param>
internal readonly record struct FilterToken(FilterTokenKind Kind, string Value, int Position, int Star)
{
    public bool IsKeyword(string keyword) => Kind == FilterTokenKind.Text && Value == keyword;

    /// <summary>What an error calls the token.</summary>
    public string Shown => Kind switch
    {
        FilterTokenKind.End => "the end of the filter",
        FilterTokenKind.Quoted => $"the string \"{Value}\"",
        FilterTokenKind.Text => $"`{Value}`",
        FilterTokenKind.Comparator => $"`{Value}`",
        FilterTokenKind.Open => "`(`",
        FilterTokenKind.Close => "`)`",
        FilterTokenKind.Minus => "`-`",
        _ => throw new InvalidOperationException("A token kind has no name."),
    };
}

/// <summary>
/// Cuts an AIP-160 filter into tokens, one at a time. What ends a bare word depends on where it stands: right of a
/// comparator a colon is part of the value, so that ARNs and RFC 3339 instants need no quotes.
/// </summary>
internal sealed class FilterLexer(string filter)
{
    private int _at;

    /// <summary>1-based character the next token starts at or before.</summary>
    public int Position => _at + 1;

    /// <summary>The token at the start of a term, where a minus negates.</summary>
    public FilterToken NextTerm() => Next(isValue: false);

    /// <summary>The token right of a comparator.</summary>
    public FilterToken NextValue() => Next(isValue: true);

    private FilterToken Next(bool isValue)
    {
        SkipSpace();
        var start = _at;
        if (_at == filter.Length)
        {
            return new FilterToken(FilterTokenKind.End, "", start + 1, -1);
        }

        switch (filter[_at])
        {
            case '(':
                _at++;
                return new FilterToken(FilterTokenKind.Open, "(", start + 1, -1);
            case ')':
                _at++;
                return new FilterToken(FilterTokenKind.Close, ")", start + 1, -1);
            case '"' or '\'':
                return Quoted();
            case '=' or '<' or '>' or '!' or ':':
                return Comparator();
            case '-' when !isValue:
                _at++;
                return new FilterToken(FilterTokenKind.Minus, "-", start + 1, -1);
            case ',':
                throw Refuse("a comma has no meaning here; join conditions with AND or OR", start);
            default:
                return Bare(isValue);
        }
    }

    private void SkipSpace()
    {
        while (_at < filter.Length && filter[_at] is ' ' or '\t' or '\r' or '\n')
        {
            _at++;
        }
    }

    private FilterToken Comparator()
    {
        var start = _at++;
        if (filter[start] is '<' or '>' or '!' && _at < filter.Length && filter[_at] == '=')
        {
            _at++;
        }

        var sign = filter[start.._at];
        if (sign == "!")
        {
            throw Refuse("`!` alone is no comparator; write != or NOT", start);
        }

        if (_at < filter.Length && filter[_at] == '=')
        {
            throw Refuse($"`{sign}=` is no comparator; write = for equality", start);
        }

        return new FilterToken(FilterTokenKind.Comparator, sign, start + 1, -1);
    }

    private FilterToken Bare(bool isValue)
    {
        var start = _at;
        while (_at < filter.Length && !EndsBare(filter[_at], isValue))
        {
            RefuseControl();
            _at++;
        }

        var value = filter[start.._at];
        return new FilterToken(FilterTokenKind.Text, value, start + 1, value.IndexOf('*', StringComparison.Ordinal));
    }

    private static bool EndsBare(char character, bool isValue) => character switch
    {
        ' ' or '\t' or '\r' or '\n' or '(' or ')' or '"' or '\'' or ',' or '=' or '<' or '>' => true,
        ':' or '!' => !isValue,
        _ => false,
    };

    private FilterToken Quoted()
    {
        var start = _at;
        var quote = filter[_at++];
        var text = new StringBuilder();
        var star = -1;
        while (_at < filter.Length && filter[_at] != quote)
        {
            RefuseControl();
            if (filter[_at] == '\\')
            {
                text.Append(Escape());
                continue;
            }

            if (filter[_at] == '*' && star < 0)
            {
                star = text.Length;
            }

            text.Append(filter[_at++]);
        }

        if (_at == filter.Length)
        {
            throw Refuse("the string has no closing quote", start);
        }

        _at++;
        return new FilterToken(FilterTokenKind.Quoted, text.ToString(), start + 1, star);
    }

    private char Escape()
    {
        var start = _at++;
        var escaped = _at < filter.Length ? filter[_at++] : '\0';
        switch (escaped)
        {
            case '"' or '\'' or '\\' or '*' or '/':
                return escaped;
            case 'n':
                return '\n';
            case 't':
                return '\t';
            case 'r':
                return '\r';
            case 'u' when _at + 4 <= filter.Length && ushort.TryParse(
                filter.AsSpan(_at, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit):
                _at += 4;
                return (char)unit;
            default:
                throw Refuse("unknown escape; allowed are \\\" \\' \\\\ \\* \\/ \\n \\r \\t and \\uXXXX", start);
        }
    }

    private void RefuseControl()
    {
        if (filter[_at] < ' ' && filter[_at] is not ('\t' or '\n' or '\r'))
        {
            throw Refuse("control characters are not allowed; write them as \\uXXXX in a quoted string", _at);
        }
    }

    private static QueryRefusedException Refuse(string what, int index) =>
        new(QueryRefusedException.FilterSyntax, $"Character {index + 1}: {what}.", index + 1);
}
