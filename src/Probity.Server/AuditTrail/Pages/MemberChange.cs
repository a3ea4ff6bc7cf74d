using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Probity.Server.AuditTrail.Pages;

/// <summary>One member of before and after, side by side.</summary>
/// <param name="Path">Where it is: <c>limits.daily</c>.</param>
/// <param name="Before">Its value before as JSON; null when it was not there.</param>
/// <param name="After">Its value after; null when it is gone.</param>
internal sealed record MemberChange(string Path, string? Before, string? After)
{
    private const int MaxMembers = 500;

    public bool IsChanged => Before != After;

    /// <summary>All members of both, the changed ones first, each group in order.</summary>
    public static IReadOnlyList<MemberChange> Between(JsonNode? before, JsonNode? after)
    {
        var (was, now) = (Members(before), Members(after));
        return
        [
            .. was.Keys.Union(now.Keys).Order(StringComparer.Ordinal)
                .Select(path => new MemberChange(path, was.GetValueOrDefault(path), now.GetValueOrDefault(path)))
                .OrderBy(change => !change.IsChanged).Take(MaxMembers),
        ];
    }

    private static Dictionary<string, string> Members(JsonNode? node)
    {
        var members = new Dictionary<string, string>(StringComparer.Ordinal);
        Collect(node, "", members);
        return members;
    }

    private static void Collect(JsonNode? node, string path, Dictionary<string, string> members)
    {
        switch (node)
        {
            case JsonObject { Count: > 0 } members1:
                foreach (var (name, value) in members1)
                {
                    Collect(value, path.Length == 0 ? name : $"{path}.{name}", members);
                }

                break;
            case null when path.Length == 0:
                break;
            default:
                members[path] = node is null ? "null" : RecordText.Of(node);
                break;
        }
    }
}

/// <summary>JSON as people read it on a page, where Razor does the escaping.</summary>
internal static class RecordText
{
    public static JsonSerializerOptions Indented { get; } =
        new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonSerializerOptions s_plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Text without its quotes, anything else as JSON.</summary>
    public static string Of(JsonNode node) =>
        node is JsonValue value && value.TryGetValue<string>(out var text) ? text : node.ToJsonString(s_plain);
}
