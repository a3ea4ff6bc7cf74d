using System.Text.Json;
using System.Text.Json.Nodes;

namespace Probity.Server.Monitoring.Pages;

/// <summary>Documents of rules as pages show them.</summary>
internal static class RuleJson
{
    private static readonly JsonSerializerOptions s_indented = new()
    {
        WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The documents of a set by the names of their rules, indented.</summary>
    public static Dictionary<string, string> ByName(IReadOnlyList<(string Origin, byte[] Json)> rules) =>
        rules.Select(rule => JsonNode.Parse(rule.Json)!.AsObject()).ToDictionary(
            rule => rule["name"]!.GetValue<string>(), rule => rule.ToJsonString(s_indented), StringComparer.Ordinal);

    /// <summary>
    /// The address of a rule, escaped as the server writes its own address: so the skip link leads to the same page.
    /// </summary>
    public static string Href(string setId, string rule) =>
        $"/rules/{setId}" + new PathString("/" + rule).ToUriComponent();

    /// <summary>The words of a rule, one condition a line.</summary>
    public static IReadOnlyList<string> Lines(string text) => text.Split(" and ", StringSplitOptions.TrimEntries);
}
