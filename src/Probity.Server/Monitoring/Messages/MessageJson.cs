using System.Text.Json;
using Probity.Server.Monitoring.Input;

namespace Probity.Server.Monitoring.Messages;

/// <summary>
/// Reads messages in the abridged JSON of Tazama: members have the names of ISO 20022, <c>TxTp</c> says which message
/// it is, an amount is {"Amt":{"Amt":9500.25,"Ccy":"USD"}}. Numbers are taken by their digits. Pure and thread safe.
/// </summary>
internal static class MessageJson
{
    private static readonly JsonDocumentOptions s_reading = new()
    {
        AllowDuplicateProperties = false, MaxDepth = MessageXml.MaxDepth,
    };

    /// <summary>Whether a JSON object is such a message and no plain transaction.</summary>
    public static bool IsMessage(JsonElement json) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty("TxTp", out _);

    /// <summary>Reads a message.</summary>
    /// <returns>Its root, and the name in <c>TxTp</c>.</returns>
    /// <exception cref="InputRefusedException">It is no JSON object, or does not say what it is.</exception>
    public static (MessageNode Document, string Name) Read(ReadOnlyMemory<byte> message)
    {
        try
        {
            using var json = JsonDocument.Parse(message, s_reading);
            if (!IsMessage(json.RootElement))
            {
                throw new InputRefusedException(
                    "/TxTp", "monitoring.message_element_missing", "Say in TxTp which message it is.");
            }

            var name = json.RootElement.GetProperty("TxTp");
            var root = new MessageNode("Document", "");
            Members(json.RootElement, root);
            return (root, name.ValueKind == JsonValueKind.String ? name.GetString()! : "");
        }
        catch (JsonException fault)
        {
            throw new InputRefusedException(
                FormattableString.Invariant($"/ (line {fault.LineNumber + 1}, byte {fault.BytePositionInLine + 1})"),
                "monitoring.message_syntax", "The message is no JSON, or says something twice.");
        }
    }

    private static void Members(JsonElement json, MessageNode parent)
    {
        foreach (var member in json.EnumerateObject())
        {
            var path = $"{parent.Path}/{member.Name}";
            if (member.Value.ValueKind == JsonValueKind.Array)
            {
                var at = 0;
                foreach (var item in member.Value.EnumerateArray())
                {
                    Add(item, parent, member.Name, FormattableString.Invariant($"{path}/{at++}"));
                }
            }
            else
            {
                Add(member.Value, parent, member.Name, path);
            }
        }
    }

    private static void Add(JsonElement json, MessageNode parent, string name, string path)
    {
        var node = new MessageNode(name, path);
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                Members(json, node);
                break;
            case JsonValueKind.String:
                node.Text = json.GetString()!.Trim();
                break;
            case JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False:
                node.Text = json.GetRawText();
                break;
            default:
                return; // null says nothing.
        }

        Fold(node);
        parent.Add(node);
    }

    // {"Amt":9500.25,"Ccy":"USD"} is what XML writes as <Amt Ccy="USD">9500.25</Amt>, and one more level of it is
    // around most amounts.
    private static void Fold(MessageNode node)
    {
        if (node.Text.Length == 0 && node.At("Amt") is { } amount && (node.At("Ccy") ?? amount.At("Ccy")) is not null
            || node is { Text.Length: 0, Children: [{ Name: "Amt", Currency: not null }] })
        {
            var inner = node.At("Amt")!; // The condition has found it.
            (node.Text, node.Currency) = (inner.Text, inner.Currency ?? node.At("Ccy")?.Text);
        }
    }
}
