using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using Probity.Server.AuditTrail.Query;

namespace Probity.Server.AuditTrail.Pages;

/// <summary>What the address of the explorer says: the filter, the span of time, the page. The address is the only state.</summary>
/// <param name="Filter">The filter as the person wrote it.</param>
/// <param name="Range">One of <see cref="Ranges"/>; empty for all time or a span.</param>
/// <param name="From">The first instant of a span, RFC 3339; empty for none.</param>
/// <param name="To">The instant after a span, RFC 3339; empty for none.</param>
/// <remarks>Public because a component takes it: Razor components are public, and so are the types of their parameters.</remarks>
public sealed record ExplorerState(string Filter, string Range, string From, string To)
{
    public static IReadOnlyList<(string Key, string Title, string Name)> Ranges { get; } =
    [
        ("1h", "1h", "the last hour"), ("24h", "24h", "the last 24 hours"), ("7d", "7d", "the last 7 days"),
        ("30d", "30d", "the last 30 days"), ("", "All", "all time"),
    ];

    /// <summary>Reads an address; what is not one of our spans is left out rather than passed on.</summary>
    public static ExplorerState Of(IQueryCollection query)
    {
        var (from, to) = (Instant(query["from"]), Instant(query["to"]));
        var range = query["range"].ToString();
        var isKnown = from.Length == 0 && to.Length == 0 && Ranges.Any(r => r.Key == range);
        return new ExplorerState(query["filter"].ToString().Trim(), isKnown ? range : "", from, to);
    }

    public bool HasSpan => From.Length > 0 || To.Length > 0;

    /// <summary>The filter with the span of time in it, as the API takes it.</summary>
    public string Effective
    {
        get
        {
            var parts = new List<string>();
            if (Filter.Length > 0)
            {
                parts.Add($"({Filter})");
            }

            if (Range.Length > 0)
            {
                parts.Add($"time>=-{Range}");
            }

            if (From.Length > 0)
            {
                parts.Add($"time>=\"{From}\"");
            }

            if (To.Length > 0)
            {
                parts.Add($"time<\"{To}\"");
            }

            // With one part alone the text is what the person wrote, so that it reads the same in the ledger.
            return parts.Count == 1 && Filter.Length > 0 ? Filter : string.Join(" AND ", parts);
        }
    }

    /// <summary>The address of this state.</summary>
    public string Href(string? pageToken = null)
    {
        var query = new Dictionary<string, string?>();
        Add("filter", Filter);
        Add("range", Range);
        Add("from", From);
        Add("to", To);
        Add("page_token", pageToken);
        return QueryHelpers.AddQueryString("/events", query);

        void Add(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                query[name] = value;
            }
        }
    }

    private static string Instant(string? text) =>
        Instants.TryParse(text ?? "", out var instant)
            ? instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture)
            : "";
}

/// <summary>What was typed into the search at the top: an id, a number in the log, a filter, or words.</summary>
internal static class QuickSearch
{
    private static readonly char[] s_signs = ['=', ':', '<', '>'];

    /// <summary>The address that answers it.</summary>
    public static string Target(string text)
    {
        text = text.Trim();
        if (EventIds.TryParse(text, out _))
        {
            return "/events/" + text;
        }

        var isNumber = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seq);
        var filter = isNumber ? $"seq={seq}" : text.IndexOfAny(s_signs) >= 0 ? text : Words(text);
        return new ExplorerState(filter, "", "", "").Href();
    }

    private static string Words(string text) =>
        text.Length == 0 ? "" : $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
