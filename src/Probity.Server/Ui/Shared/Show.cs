using System.Globalization;
using System.Text.Json.Nodes;

namespace Probity.Server.Ui.Shared;

/// <summary>How values look on pages. Formatting for people happens here only.</summary>
internal static class Show
{
    /// <summary>An RFC 3339 instant as <c>2026-11-24 18:19:34.123</c>, UTC.</summary>
    public static string Time(string? instant) =>
        instant is { Length: >= 19 } ? string.Concat(instant.AsSpan(0, 10), " ", instant.AsSpan(11, Math.Min(instant.Length, 23) - 11)).TrimEnd('Z') : "";

    /// <summary>The same without the fraction of the second.</summary>
    public static string Second(string? instant) => Time(instant) is { Length: >= 19 } text ? text[..19] : "";

    /// <summary>A number with thin separators: 41,902.</summary>
    public static string Number(long value) => value.ToString("#,0", CultureInfo.InvariantCulture);

    /// <summary>A member that is text or a number; null when it is not there.</summary>
    public static string? Text(JsonNode? owner, string name) => (owner as JsonObject)?[name] switch
    {
        JsonValue value when value.TryGetValue<string>(out var text) => text,
        JsonValue value => value.ToJsonString(),
        _ => null,
    };

    /// <summary>The class of an outcome's badge.</summary>
    public static string Tone(string? outcome) => outcome switch
    {
        "success" => "good",
        "failure" or "denied" => "bad",
        _ => "warn",
    };

    /// <summary>The beginning of a hash.</summary>
    public static string Short(string hash) => hash.Length > 12 ? hash[..12] + "…" : hash;

    /// <summary>A span as 3 s, 5 min, 2 h, 4 d.</summary>
    public static string Span(double seconds) => seconds switch
    {
        < 1 => "under 1 s",
        < 120 => string.Create(CultureInfo.InvariantCulture, $"{seconds:0} s"),
        < 7200 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 60:0} min"),
        < 172_800 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600:0} h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{seconds / 86_400:0} d"),
    };
}
