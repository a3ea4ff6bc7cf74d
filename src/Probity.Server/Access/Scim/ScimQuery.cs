using System.Globalization;

namespace Probity.Server.Access.Scim;

/// <summary>What of a list is asked for. Source: RFC 7644 sections 3.4.2.4 and 3.9.</summary>
internal sealed record ScimQuery
{
    private const int DefaultCount = 100;
    private const int MaxCount = 200;

    /// <summary>Null for no filter.</summary>
    public string? Filter { get; private init; }

    /// <summary>The first, from 1.</summary>
    public int Start { get; private init; } = 1;

    /// <summary>0 to 200; 0 asks for the total alone.</summary>
    public int Count { get; private init; } = DefaultCount;

    public string? Attributes { get; private init; }

    public string? Excluded { get; private init; }

    /// <summary>Whether the members of groups will be shown.</summary>
    public bool NeedsMembers => Excluded?.Contains("members", StringComparison.OrdinalIgnoreCase) != true
        && (string.IsNullOrEmpty(Attributes) || Attributes.Contains("members", StringComparison.OrdinalIgnoreCase));

    /// <summary>Values outside the range are brought into it, as the standard asks.</summary>
    public static ScimQuery Of(HttpRequest request) => new()
    {
        Filter = request.Query["filter"].ToString() is { Length: > 0 } filter ? filter : null,
        Start = Math.Max(1, Number(request, "startIndex", 1)),
        Count = Math.Clamp(Number(request, "count", DefaultCount), 0, MaxCount),
        Attributes = request.Query["attributes"],
        Excluded = request.Query["excludedAttributes"],
    };

    private static int Number(HttpRequest request, string name, int otherwise)
    {
        var text = request.Query[name].ToString();
        return text.Length == 0 ? otherwise
            : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number
            : throw ScimException.BadValue($"{name} is no whole number.");
    }
}

/// <summary>The version a change was made for. Source: RFC 7644 section 3.14.</summary>
/// <param name="IfMatch">The header; empty for any version.</param>
internal sealed record ScimMatch(string IfMatch)
{
    public static ScimMatch Of(HttpRequest request) => new(request.Headers.IfMatch.ToString());

    /// <exception cref="ScimException">412: the resource was changed since.</exception>
    public void Check(string version)
    {
        if (IfMatch.Length > 0 && IfMatch != "*" && !IfMatch.Split(',', StringSplitOptions.TrimEntries)
            .Contains(version, StringComparer.Ordinal))
        {
            throw new ScimException(StatusCodes.Status412PreconditionFailed, null,
                "The resource was changed since: read it again.");
        }
    }
}
