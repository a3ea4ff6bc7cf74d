using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Probity.Server.AuditTrail.Import.Formats;

/// <summary>Writes a mapped event and its exact original text as our event on the wire.</summary>
internal static class WireEventWriter
{
    // The relaxed encoder writes \" for a quote where the default one writes \u0022: originals are full of quotes.
    private static readonly JsonWriterOptions Options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    /// <summary>
    /// Writes the event. One that would be over the limit is written without before and after, which are copies of what
    /// the original holds; the caller refuses it when it is still too large.
    /// </summary>
    public static ReadOnlyMemory<byte> Write(EventDraft draft, string format, ReadOnlySpan<byte> original)
    {
        var bytes = WriteOnce(draft, format, original);
        return bytes.Length > ImportLimits.MaxEventBytes && (draft.Before ?? draft.After) is not null
            ? WriteOnce(draft with { Before = null, After = null }, format, original)
            : bytes;
    }

    private static ReadOnlyMemory<byte> WriteOnce(EventDraft draft, string format, ReadOnlySpan<byte> original)
    {
        var buffer = new ArrayBufferWriter<byte>(original.Length + (original.Length / 4) + 1024);
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            writer.WriteStartObject();
            writer.WriteString("action"u8, draft.Action);
            WriteActor(writer, draft.Actor);
            WriteTargets(writer, draft.Targets);
            writer.WriteString("occurred_at"u8, draft.OccurredAt);
            writer.WriteString("outcome"u8, draft.Outcome);
            WriteReason(writer, draft.Reason);
            WriteContext(writer, draft.Context);
            WriteObject(writer, "before", draft.Before);
            WriteObject(writer, "after", draft.After);
            WriteObject(writer, "data", draft.Details);
            writer.WriteString("source"u8, draft.Source);
            writer.WriteString("external_id"u8, draft.ExternalId);
            writer.WriteStartObject("original"u8);
            writer.WriteString("format"u8, format);
            writer.WriteString("text"u8, original);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    private static void WriteActor(Utf8JsonWriter writer, ActorDraft actor)
    {
        writer.WriteStartObject("actor"u8);
        writer.WriteString("id"u8, actor.Id);
        WriteText(writer, "type", actor.Type);
        WriteText(writer, "name", actor.Name);
        WriteText(writer, "email", actor.Email);
        WriteText(writer, "role", actor.Role);
        WriteText(writer, "session", actor.Session);
        if (actor.OnBehalfOf is { } principal)
        {
            writer.WriteStartObject("on_behalf_of"u8);
            writer.WriteString("id"u8, principal.Id);
            WriteText(writer, "type", principal.Type);
            WriteText(writer, "name", principal.Name);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static void WriteTargets(Utf8JsonWriter writer, IReadOnlyList<TargetDraft> targets)
    {
        if (targets.Count == 0)
        {
            return;
        }

        writer.WriteStartArray("targets"u8);
        foreach (var target in targets)
        {
            writer.WriteStartObject();
            writer.WriteString("id"u8, target.Id);
            WriteText(writer, "type", target.Type);
            WriteText(writer, "name", target.Name);
            WriteText(writer, "email", target.Email);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteReason(Utf8JsonWriter writer, ReasonDraft? reason)
    {
        if (reason is null)
        {
            return;
        }

        writer.WriteStartObject("reason"u8);
        WriteText(writer, "code", reason.Code);
        WriteText(writer, "text", reason.Text);
        writer.WriteEndObject();
    }

    private static void WriteContext(Utf8JsonWriter writer, ContextDraft? context)
    {
        if (context is null || context == new ContextDraft())
        {
            return;
        }

        writer.WriteStartObject("context"u8);
        WriteText(writer, "address", context.Address);
        WriteText(writer, "user_agent", context.UserAgent);
        WriteText(writer, "service", context.Service);
        WriteText(writer, "request_id", context.RequestId);
        WriteText(writer, "trace_id", context.TraceId);
        writer.WriteEndObject();
    }

    private static void WriteObject(Utf8JsonWriter writer, string name, JsonObject? value)
    {
        if (value is { Count: > 0 })
        {
            writer.WritePropertyName(name);
            value.WriteTo(writer);
        }
    }

    private static void WriteText(Utf8JsonWriter writer, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            writer.WriteString(name, value);
        }
    }
}
