using System.Text;
using Probity.Server.AuditTrail.Query.Filters;

namespace Probity.Server.AuditTrail.Query;

/// <summary>
/// A filter over events in the language of AIP-160: <c>actor=alice outcome=(failure OR denied) time>=-24h</c>.
/// OR binds tighter than AND, conditions side by side must all hold, a bare word searches the text. Values compare
/// ordinally. <c>NOT role=x</c> and <c>role!=x</c> also match events without a role.
/// </summary>
/// <remarks>
/// Bounds: <see cref="MaxBytes"/> of UTF-8, <see cref="FilterParser.MaxTerms"/> conditions and words,
/// <see cref="FilterParser.MaxDepth"/> nested brackets.
/// </remarks>
internal sealed class EventFilter
{
    public const int MaxBytes = 4096;

    private static readonly UTF8Encoding s_strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private EventFilter(string text, FilterNode root)
    {
        Text = text;
        Root = root;
    }

    /// <summary>Matches every event.</summary>
    public static EventFilter Everything { get; } = new("", new AndNode([]));

    /// <summary>A filter of the server's own making.</summary>
    public static EventFilter Of(FilterNode root) => new("", root);

    /// <summary>The caller's text, as given.</summary>
    public string Text { get; }

    public FilterNode Root { get; }

    /// <summary>Parses a filter; empty or blank text matches every event.</summary>
    /// <param name="text">The filter.</param>
    /// <param name="now">What relative times such as <c>-24h</c> count from.</param>
    /// <exception cref="QueryRefusedException">The text is no filter; says where and what to write.</exception>
    public static EventFilter Parse(string text, DateTimeOffset now)
    {
        int bytes;
        try
        {
            bytes = s_strictUtf8.GetByteCount(text);
        }
        catch (EncoderFallbackException fault)
        {
            throw new QueryRefusedException(
                QueryRefusedException.FilterSyntax,
                $"Character {fault.Index + 1}: half of a surrogate pair; send well-formed Unicode.",
                fault.Index + 1);
        }

        return bytes <= MaxBytes
            ? new EventFilter(text, new FilterParser(text, now).Parse())
            : throw new QueryRefusedException(
                QueryRefusedException.FilterSyntax,
                $"The filter has {bytes} bytes; at most {MaxBytes} are allowed. Split it into several queries.");
    }

    /// <summary>Parses a filter from bytes that are not yet known to be UTF-8.</summary>
    /// <exception cref="QueryRefusedException">The bytes are no UTF-8 or no filter.</exception>
    public static EventFilter Parse(ReadOnlySpan<byte> utf8, DateTimeOffset now)
    {
        try
        {
            return Parse(s_strictUtf8.GetString(utf8), now);
        }
        catch (DecoderFallbackException fault)
        {
            throw new QueryRefusedException(
                QueryRefusedException.FilterSyntax, $"Byte {fault.Index + 1} is not valid UTF-8.");
        }
    }

    public override string ToString() => Root.ToString();
}
