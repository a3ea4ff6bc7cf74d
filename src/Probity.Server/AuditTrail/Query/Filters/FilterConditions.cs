using System.Globalization;
using System.Text;

namespace Probity.Server.AuditTrail.Query.Filters;

/// <summary>The left side of a condition with its sign.</summary>
internal sealed record Comparison(FilterField Field, string Name, string Sign);

/// <summary>Turns one comparison and its value into a node, or says what is wrong with it.</summary>
internal sealed class FilterConditions(DateTimeOffset now)
{
    /// <summary>Longest prefix of a value the index can look up.</summary>
    public const int MaxPrefixBytes = 96;

    private static readonly string[] s_outcomes = ["success", "failure", "denied", "unknown"];

    /// <summary>Resolves the field's name.</summary>
    public static Comparison Compare(FilterToken member, string sign)
    {
        if (FilterFields.TryFind(member.Value, out var field))
        {
            return new Comparison(field, member.Value, sign);
        }

        var nearest = FilterFields.Nearest(member.Value);
        var fix = nearest is null ? $"known fields: {string.Join(", ", FilterFields.Names)}" : $"did you mean `{nearest}`?";
        throw new QueryRefusedException(
            QueryRefusedException.UnknownField,
            $"Character {member.Position}: unknown field `{member.Value}`: {fix}",
            member.Position);
    }

    /// <summary>A word or a string standing alone: text search.</summary>
    public static FilterNode Literal(FilterToken literal) => Words(literal);

    public FilterNode Condition(Comparison comparison, FilterToken value)
    {
        if (comparison.Sign == "!=")
        {
            return new NotNode(Condition(comparison with { Sign = "=" }, value));
        }

        if (comparison.Sign is ":" or "=" && value.Star == 0 && value.Value.Length == 1)
        {
            return Present(comparison);
        }

        return comparison.Field switch
        {
            FilterField.Seq => Range(comparison, Sequence(comparison, value), null),
            FilterField.RecordedAt or FilterField.OccurredAt => Time(comparison, value),
            FilterField.Text => WithEquality(comparison, value, Words),
            FilterField.Id => WithEquality(comparison, value, Id),
            FilterField.Outcome => WithEquality(comparison, value, Outcome),
            _ => WithEquality(comparison, value, token => ValueOrPrefix(comparison, token)),
        };
    }

    private static FilterNode Present(Comparison comparison) => comparison.Field switch
    {
        FilterField.Seq or FilterField.RecordedAt or FilterField.OccurredAt or FilterField.Id => new AndNode([]),
        _ => new PresentNode(comparison.Field),
    };

    private static FilterNode WithEquality(
        Comparison comparison, FilterToken value, Func<FilterToken, FilterNode> build) =>
        comparison.Sign is "=" or ":"
            ? build(value)
            : throw Bad(value, $"`{comparison.Name}` has no order; compare it with = or !=");

    private static FilterNode ValueOrPrefix(Comparison comparison, FilterToken value)
    {
        if (value.Value.Length == 0)
        {
            throw Bad(value, $"the value is empty; write NOT {comparison.Name}:* for events without `{comparison.Name}`");
        }

        if (value.Star < 0)
        {
            return new ValueNode(comparison.Field, value.Value);
        }

        if (value.Star != value.Value.Length - 1)
        {
            throw Bad(value, "a `*` may stand only at the end; for the character itself write \"\\*\" in a quoted string");
        }

        var prefix = value.Value[..^1];
        return Encoding.UTF8.GetByteCount(prefix) <= MaxPrefixBytes
            ? new PrefixNode(comparison.Field, prefix)
            : throw Bad(value, $"a prefix has at most {MaxPrefixBytes} bytes; shorten it or give the whole value");
    }

    private static ValueNode Id(FilterToken value) => EventIds.TryParse(value.Value, out _)
        ? new ValueNode(FilterField.Id, value.Value)
        : throw Bad(value, $"`{value.Value}` is no event id; one looks like evt_0199f1d2-7c3e-7000-8000-0123456789ab");

    private static ValueNode Outcome(FilterToken value) => s_outcomes.Contains(value.Value, StringComparer.Ordinal)
        ? new ValueNode(FilterField.Outcome, value.Value)
        : throw Bad(value, $"`{value.Value}` is no outcome; outcomes are {string.Join(", ", s_outcomes)}");

    private static FilterNode Words(FilterToken value)
    {
        if (value.Star >= 0)
        {
            throw Bad(value, "text search finds whole words; a `*` works with actions and ids, as in action=payment.*");
        }

        var words = TextTokens.Words(value.Value);
        return words.Count switch
        {
            0 => throw Bad(value, "there is no letter or digit to search for"),
            1 => new WordNode(words[0]),
            _ => new AndNode([.. words.Select(word => new WordNode(word))]),
        };
    }

    private static long Sequence(Comparison comparison, FilterToken value) =>
        long.TryParse(value.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Bad(value, $"`{comparison.Name}` is a whole number from 0, such as 42");

    private RangeNode Time(Comparison comparison, FilterToken value)
    {
        if (DateOnly.TryParseExact(
            value.Value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
        {
            var start = Instants.ToMicroseconds(new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero));
            return Range(comparison, start, start + (TimeSpan.MicrosecondsPerDay - 1));
        }

        if (Instants.TryParse(value.Value, out var instant) || TryRelative(value.Value, out instant))
        {
            return Range(comparison, Instants.ToMicroseconds(instant), null);
        }

        throw Bad(
            value,
            $"`{value.Value}` is no time; write 2026-11-24, 2026-11-24T18:19:34Z, or an age such as -24h or -7d");
    }

    /// <summary>An age: minus, digits, and one of s, m, h, d, w.</summary>
    private bool TryRelative(string text, out DateTimeOffset instant)
    {
        instant = default;
        if (text.Length is < 3 or > 9 || text[0] != '-'
            || !int.TryParse(text.AsSpan(1, text.Length - 2), NumberStyles.None, CultureInfo.InvariantCulture, out var n))
        {
            return false;
        }

        double seconds = text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86400, 'w' => 604800, _ => 0 };
        var age = seconds * n;
        if (seconds == 0 || age > (now - DateTimeOffset.MinValue).TotalSeconds)
        {
            return false;
        }

        instant = now.AddSeconds(-age);
        return true;
    }

    /// <summary>A day is a value with two ends: before it, in it, after it.</summary>
    private static RangeNode Range(Comparison comparison, long first, long? lastOrFirst)
    {
        var last = lastOrFirst ?? first;
        return comparison.Sign switch
        {
            "=" or ":" => new RangeNode(comparison.Field, first, last),
            "<" => new RangeNode(comparison.Field, long.MinValue, first - 1),
            "<=" => new RangeNode(comparison.Field, long.MinValue, last),
            ">" => new RangeNode(comparison.Field, last == long.MaxValue ? last : last + 1, long.MaxValue),
            ">=" => new RangeNode(comparison.Field, first, long.MaxValue),
            _ => throw new InvalidOperationException($"The lexer let `{comparison.Sign}` through."),
        };
    }

    private static QueryRefusedException Bad(FilterToken value, string what) =>
        new(QueryRefusedException.BadValue, $"Character {value.Position}: {what}.", value.Position);
}
