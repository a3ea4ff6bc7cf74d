using System.Buffers;
using System.Text.Json;
using Probity.Ledger.Json;
using Probity.Server.AuditTrail.Events;
using Probity.Server.Storage.Commits;

namespace Probity.Server.AuditTrail.Append;

/// <summary>
/// The ledger as modules see it: entries the server makes about itself go the same way as events from outside, checked,
/// encrypted and sequenced, together with the module's rows.
/// </summary>
internal sealed class ModuleWriter(LedgerWriter writer, EventPreparer preparer, LogIdentity log) : ILedgerWriter
{
    /// <summary>A buffer that one large entry has made larger is not kept.</summary>
    private const int MostKept = 1 << 18;

    private static readonly JsonLimits s_limits = new(1 << 20);

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? t_event;

    public async Task<AppendReceipt> AppendAsync(
        Storage.Commits.AppendRequest request, CancellationToken cancellationToken)
    {
        var entries = ManyEntries.Make(request.Entries.Count, place => Prepare(request.Entries[place]));
        var alongside = request.Alongside is { } work ? new AlongsideWork(work) : null;
        cancellationToken.ThrowIfCancellationRequested();
        var result = await writer.AppendAsync(new AppendRequest(entries, null, alongside));
        return result is AppendResult.Committed committed
            ? new AppendReceipt(
                log.Origin,
                committed.Places[0].Seq,
                [.. committed.Places.Select(place => place.Hash)],
                committed.Checkpoint)
            : throw new InvalidOperationException("A module's entries carry no keys that could clash.");
    }

    private PreparedEntry Prepare(EntryDraft draft)
    {
        var buffer = t_event ??= new ArrayBufferWriter<byte>(8_192);
        try
        {
            Write(buffer, draft);
            using var tape = JsonTape.Parse(buffer.WrittenMemory, s_limits);
            return preparer.Prepare(tape.Root, isOurs: true, draft.Id);
        }
        finally
        {
            buffer.Clear(); // Has held plain values.
            t_event = buffer.Capacity <= MostKept ? buffer : null;
        }
    }

    private static void Write(ArrayBufferWriter<byte> buffer, EntryDraft draft)
    {
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("type", draft.Type);
            json.WriteString("action", draft.Action);
            json.WriteString("outcome", draft.Outcome);
            WriteActor(json, draft.Actor);
            WriteTargets(json, draft.Targets);
            WriteReason(json, draft.Reason);
            WriteContext(json, draft.Context);
            WriteRaw(json, "before", draft.BeforeJson);
            WriteRaw(json, "after", draft.AfterJson);
            if (draft.DataUtf8.IsEmpty)
            {
                WriteRaw(json, "data", draft.DataJson);
            }
            else
            {
                json.WritePropertyName("data"u8);
                json.WriteRawValue(draft.DataUtf8.Span, skipInputValidation: true);
            }

            json.WriteEndObject();
        }
    }

    private static void WriteActor(Utf8JsonWriter json, EntryActor actor)
    {
        json.WriteStartObject("actor");
        json.WriteString("type", actor.Type);
        json.WriteString("id", actor.Id);
        WriteText(json, "name", actor.Name);
        WriteText(json, "email", actor.Email);
        WriteText(json, "role", actor.Role);
        WriteText(json, "session", actor.Session);
        json.WriteEndObject();
    }

    private static void WriteTargets(Utf8JsonWriter json, IReadOnlyList<EntryTarget> targets)
    {
        json.WriteStartArray("targets");
        foreach (var target in targets)
        {
            json.WriteStartObject();
            json.WriteString("type", target.Type);
            json.WriteString("id", target.Id);
            WriteText(json, "name", target.Name);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteReason(Utf8JsonWriter json, EntryReason? reason)
    {
        if (reason is null)
        {
            return;
        }

        json.WriteStartObject("reason");
        WriteText(json, "case", reason.Case);
        WriteText(json, "code", reason.Code);
        WriteText(json, "legal_basis", reason.LegalBasis);
        WriteText(json, "text", reason.Text);
        WriteText(json, "ticket", reason.Ticket);
        json.WriteEndObject();
    }

    private static void WriteContext(Utf8JsonWriter json, EntryContext? context)
    {
        if (context is null)
        {
            return;
        }

        json.WriteStartObject("context");
        WriteText(json, "address", context.Address);
        WriteText(json, "request_id", context.RequestId);
        WriteText(json, "service", context.Service);
        WriteText(json, "trace_id", context.TraceId);
        WriteText(json, "user_agent", context.UserAgent);
        json.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter json, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            json.WriteString(name, value);
        }
    }

    private static void WriteRaw(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WritePropertyName(name);
            json.WriteRawValue(value);
        }
    }
}
