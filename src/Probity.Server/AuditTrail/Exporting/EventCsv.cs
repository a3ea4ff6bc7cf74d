using System.Text;
using System.Text.Json.Nodes;

namespace Probity.Server.AuditTrail.Exporting;

/// <summary>
/// Events as rows: the members people sort and filter by; before, after and data stay JSON in their column.
/// Source: RFC 4180. A cell that a spreadsheet would run as a formula is preceded by an apostrophe.
/// </summary>
internal static class EventCsv
{
    private static readonly (string Name, string Path)[] s_columns =
    [
        ("seq", "seq"), ("id", "id"), ("type", "type"), ("recorded_at", "recorded_at"), ("occurred_at", "occurred_at"),
        ("action", "action"), ("outcome", "outcome"), ("actor_id", "actor/id"), ("actor_type", "actor/type"),
        ("actor_name", "actor/name"), ("on_behalf_of", "actor/on_behalf_of/id"), ("role", "actor/role"),
        ("session", "actor/session"), ("targets", "targets"), ("case", "reason/case"), ("ticket", "reason/ticket"),
        ("reason_code", "reason/code"), ("legal_basis", "reason/legal_basis"), ("reason", "reason/text"),
        ("service", "context/service"), ("address", "context/address"), ("trace_id", "context/trace_id"),
        ("source", "source"), ("external_id", "external_id"), ("before", "before"), ("after", "after"),
        ("data", "data"), ("hash", "receipt/hash"),
    ];

    public static ReadOnlyMemory<byte> Header { get; } =
        Encoding.UTF8.GetBytes(string.Join(',', s_columns.Select(column => column.Name)) + "\r\n");

    public static ReadOnlyMemory<byte> Row(JsonObject view) => Encoding.UTF8.GetBytes(
        string.Join(',', s_columns.Select(column => Cell(Find(view, column.Path)))) + "\r\n");

    private static JsonNode? Find(JsonNode? node, string path)
    {
        foreach (var step in path.Split('/'))
        {
            node = (node as JsonObject)?[step];
        }

        return node;
    }

    private static string Cell(JsonNode? value)
    {
        var text = value switch
        {
            null => "",
            JsonValue plain when plain.TryGetValue<string>(out var quoted) => quoted,
            JsonArray list => string.Join(' ', list.Select(item => (item as JsonObject)?["id"]?.ToString() ?? "")),
            _ => value.ToJsonString(Api.EventJson.Options),
        };
        if (text.Length > 0 && text[0] is '=' or '+' or '-' or '@' or '\t' or '\r')
        {
            text = "'" + text;
        }

        return text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
    }
}
