using System.Text.Json;
using Probity.Server.AuditTrail.Append;

namespace Probity.Server.AuditTrail.Api;

/// <summary>Receipts on the wire: what a caller keeps to check later that the log still says so.</summary>
internal static class ReceiptJson
{
    public static void WriteMembers(Utf8JsonWriter writer, string origin, in EntryPlace place)
    {
        writer.WriteString("id"u8, place.Id);
        writer.WriteString("log"u8, origin);
        writer.WriteNumber("seq"u8, place.Seq);
        writer.WriteString("hash"u8, place.Hash.ToString());
        if (place.Duplicate)
        {
            writer.WriteBoolean("duplicate"u8, true);
        }
    }

    public static void WriteSingle(Utf8JsonWriter writer, string origin, AppendResult.Committed result)
    {
        writer.WriteStartObject();
        WriteMembers(writer, origin, result.Places[0]);
        writer.WriteString("checkpoint"u8, result.Checkpoint);
        writer.WriteEndObject();
    }

    public static void WriteBatch(Utf8JsonWriter writer, string origin, AppendResult.Committed result)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("events"u8);
        foreach (var place in result.Places)
        {
            writer.WriteStartObject();
            WriteMembers(writer, origin, place);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteString("checkpoint"u8, result.Checkpoint);
        writer.WriteEndObject();
    }
}
