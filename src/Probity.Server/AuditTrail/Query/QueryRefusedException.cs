namespace Probity.Server.AuditTrail.Query;

/// <summary>
/// A query the caller must change: a filter, a page token or a page size that cannot be read. The message says what
/// is wrong and what to write instead; it quotes the caller's own text and nothing from the log.
/// </summary>
/// <param name="code">Stable code, for example <c>query.filter_syntax</c>.</param>
/// <param name="message">What is wrong and the fix, in one or two sentences.</param>
/// <param name="position">1-based character of the filter the fault starts at; 0 when the fault has no place.</param>
internal sealed class QueryRefusedException(string code, string message, int position = 0) : Exception(message)
{
    /// <summary>The filter cannot be parsed.</summary>
    public const string FilterSyntax = "query.filter_syntax";

    /// <summary>The filter names a field that events do not have.</summary>
    public const string UnknownField = "query.unknown_field";

    /// <summary>A value, or its comparison, does not suit its field.</summary>
    public const string BadValue = "query.bad_value";

    /// <summary>The page token was made for another filter.</summary>
    public const string PageTokenMismatch = "query.page_token_mismatch";

    /// <summary>The page token was not made by this installation, or was changed.</summary>
    public const string PageTokenInvalid = "query.page_token_invalid";

    /// <summary>The page size is negative.</summary>
    public const string PageSize = "query.page_size";

    public string Code { get; } = code;

    public int Position { get; } = position;
}
