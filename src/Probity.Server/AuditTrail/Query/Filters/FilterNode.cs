using System.Globalization;
using System.Text;

namespace Probity.Server.AuditTrail.Query.Filters;

/// <summary>A parsed filter, or a part of one: what an event must be to match. Immutable.</summary>
internal abstract record FilterNode
{
    /// <summary>The tree in one line with every bracket written, for tests, logs of decisions and explanations.</summary>
    public sealed override string ToString() => Write(new StringBuilder()).ToString();

    protected abstract StringBuilder Write(StringBuilder to);

    protected static StringBuilder WriteGroup(StringBuilder to, string name, IReadOnlyList<FilterNode> children)
    {
        to.Append('(').Append(name);
        foreach (var child in children)
        {
            child.Write(to.Append(' '));
        }

        return to.Append(')');
    }

    protected static StringBuilder WriteQuoted(StringBuilder to, string value) =>
        to.Append('"').Append(value.Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\"", "\\\"", StringComparison.Ordinal)).Append('"');
}

/// <summary>Every child matches; with no child, every event matches.</summary>
internal sealed record AndNode(IReadOnlyList<FilterNode> Children) : FilterNode
{
    protected override StringBuilder Write(StringBuilder to) => WriteGroup(to, "AND", Children);
}

/// <summary>At least one child matches.</summary>
internal sealed record OrNode(IReadOnlyList<FilterNode> Children) : FilterNode
{
    protected override StringBuilder Write(StringBuilder to) => WriteGroup(to, "OR", Children);
}

/// <summary>The child does not match; an event without the child's field matches too.</summary>
internal sealed record NotNode(FilterNode Child) : FilterNode
{
    protected override StringBuilder Write(StringBuilder to) => WriteGroup(to, "NOT", [Child]);
}

/// <summary>A field has exactly this value (ordinal); for targets, any target has it.</summary>
internal sealed record ValueNode(FilterField Field, string Value) : FilterNode
{
    protected override StringBuilder Write(StringBuilder to) =>
        WriteQuoted(to.Append(Field).Append('='), Value);
}

/// <summary>A field's value starts with this text (ordinal).</summary>
internal sealed record PrefixNode(FilterField Field, string Prefix) : FilterNode
{
    protected override StringBuilder Write(StringBuilder to) =>
        WriteQuoted(to.Append(Field).Append('='), Prefix).Append('*');
}

/// <summary>The event has the field.</summary>
internal sealed record PresentNode(FilterField Field) : FilterNode
{
    protected override StringBuilder Write(StringBuilder to) => to.Append(Field).Append(":*");
}

/// <summary>The event's text has this normalised word.</summary>
internal sealed record WordNode(string Word) : FilterNode
{
    protected override StringBuilder Write(StringBuilder to) => WriteQuoted(to.Append("Text:"), Word);
}

/// <summary>A number or an instant (microseconds since 1970) between two bounds, both included.</summary>
internal sealed record RangeNode(FilterField Field, long From, long To) : FilterNode
{
    protected override StringBuilder Write(StringBuilder to)
    {
        to.Append(Field).Append('[').Append(Bound(From, long.MinValue)).Append("..");
        return to.Append(Bound(To, long.MaxValue)).Append(']');
    }

    private string Bound(long value, long open)
    {
        if (value == open)
        {
            return "";
        }

        return Field == FilterField.Seq
            ? value.ToString(CultureInfo.InvariantCulture)
            : Instants.Format(value);
    }
}
