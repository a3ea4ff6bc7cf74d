using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using Probity.Ledger.Entries;
using Probity.Ledger.Json;
using Probity.Server.AuditTrail.Append;
using Probity.Server.AuditTrail.Events.Classes;
using Probity.Server.Keys;

namespace Probity.Server.AuditTrail.Events;

/// <summary>
/// Turns a checked event into an entry that only lacks its place: canonical bytes, secret members encrypted, what does
/// not fit moved to blobs. All of it happens before any lock. Thread safe.
/// </summary>
/// <param name="origin">The log's origin.</param>
/// <param name="cipher">The data keys, or null when encryption is switched off.</param>
/// <param name="time">The clock that ids are made from.</param>
/// <param name="classes">How members are kept; null for what the shape of events says.</param>
internal sealed class EventPreparer(
    string origin, IFieldCipher? cipher, TimeProvider time, ClassesInForce? classes = null)
{
    private static readonly int s_action = Index("action");
    private static readonly int s_actor = Index("actor");
    private static readonly int s_after = Index("after");
    private static readonly int s_before = Index("before");
    private static readonly int s_context = Index("context");
    private static readonly int s_data = Index("data");
    private static readonly int s_externalId = Index("external_id");
    private static readonly int s_occurredAt = Index("occurred_at");
    private static readonly int s_original = Index("original");
    private static readonly int s_outcome = Index("outcome");
    private static readonly int s_reason = Index("reason");
    private static readonly int s_source = Index("source");
    private static readonly int s_targets = Index("targets");
    private static readonly int s_type = Index("type");

    /// <summary>
    /// Entries of custody: what was erased, purged or rotated, by whose approval. Their data names no person, only
    /// digests,
    /// numbers and who decided, and a verifier without keys reads it.
    /// </summary>
    private const string PlainDataPrefix = "probity.custody.";

    /// <summary>Hashing makes short values longer; no more than this is ever made of an event that was taken.</summary>
    private static readonly JsonLimits s_rewritten = new(16 * EventShape.MaxEventBytes);

    private readonly byte[] _originJson = Canonical(origin);

    /// <summary>Prepares one event.</summary>
    /// <param name="item">The event as sent.</param>
    /// <param name="isOurs">Whether Probity itself makes the event, so that reserved types are allowed.</param>
    /// <param name="id">The id it already has; null makes a new one.</param>
    /// <exception cref="RefusedException">The event is not acceptable.</exception>
    public PreparedEntry Prepare(JsonItem item, bool isOurs = false, string? id = null)
    {
        using var scratch = EntryScratch.Rent();
        scratch.Event.Read(item);
        CheckType(scratch.Event, isOurs);
        // Modules make their state anew from entries of ours, so those are always kept in the same way.
        var inForce = isOurs || classes is null ? MemberClasses.Default : classes.Current;
        if (isOurs || inForce.Rewriter is not { } rewriter)
        {
            return Prepare(item, scratch, inForce, isOurs, id);
        }

        // What was refused before names the event as it was sent; what is sealed and compared is what is left of it.
        using var rewritten = JsonTape.Parse(rewriter.Rewrite(item), s_rewritten);
        scratch.Event.Read(rewritten.Root);
        return Prepare(rewritten.Root, scratch, inForce, isOurs, id);
    }

    private PreparedEntry Prepare(JsonItem item, EntryScratch scratch, MemberClasses inForce, bool isOurs, string? id)
    {
        var parsed = scratch.Event;
        var draft = new EventDraft(id ?? EntryIds.New(time.GetUtcNow()), scratch)
        {
            Classes = inForce,
            IsDataPlain = isOurs && parsed.Has(s_type)
                && parsed[s_type].GetString().StartsWith(PlainDataPrefix, StringComparison.Ordinal),
        };
        draft.CollectSecrets(cipher);
        var template = Compose(draft, scratch.Template);
        return new PreparedEntry(draft.Id, template, External(item, scratch), draft.Blobs)
        {
            NewKeys = draft.NewKeys,
            ClassesVersion = isOurs ? null : inForce.Version,
        };
    }

    private EntryTemplate Compose(EventDraft draft, EntryTemplateWriter writer)
    {
        if (draft.LargeBytes > EventDraft.InlineBytes)
        {
            draft.MoveToBlobs(origin, cipher);
        }

        Write(writer, draft);
        if (writer.Length > EntryFormat.MaxBytes - EventDraft.PlaceBytes)
        {
            writer.Reset();
            throw new RefusedException(
                "event.too_large",
                "",
                "What identifies the event (ids, targets, reason, context) does not fit into 65,535 bytes. "
                + "Shorten it or split the event.");
        }

        return writer.Finish();
    }

    private void Write(EntryTemplateWriter writer, EventDraft draft)
    {
        var parsed = draft.Event;
        parsed[s_action].WriteCanonical(writer.Member(EntryMember.Action));
        draft.WritePlain(parsed.Child(s_actor)!, writer.Member(EntryMember.Actor));
        WriteIfPlain(writer, EntryMember.After, draft, s_after);
        WriteIfPlain(writer, EntryMember.Before, draft, s_before);
        if (draft.Blobs.Count > 0)
        {
            draft.WriteBlobs(writer.Member(EntryMember.Blobs));
        }

        WriteChild(writer, EntryMember.Context, draft, s_context);
        WriteIfPlain(writer, EntryMember.Data, draft, s_data);
        if (draft.Secrets.Count > 0)
        {
            MemberSeal.Write(writer.Member(EntryMember.Enc), draft, _originJson, cipher!); // Secrets need one.
        }

        WriteIfPresent(writer, EntryMember.ExternalId, parsed, s_externalId);
        writer.Member(EntryMember.Id).Write(draft.IdJson);
        writer.Member(EntryMember.Log).Write(_originJson);
        WriteTail(writer, draft);
    }

    private static void WriteTail(EntryTemplateWriter writer, EventDraft draft)
    {
        var parsed = draft.Event;
        if (parsed.Has(s_occurredAt) && Timestamp.TryParse(parsed[s_occurredAt].GetString(), out var micros))
        {
            CanonicalJson.WriteString(writer.Member(EntryMember.OccurredAt), Timestamp.ToText(micros));
        }

        WriteIfPlain(writer, EntryMember.Original, draft, s_original);
        var outcome = writer.Member(EntryMember.Outcome);
        if (parsed.Has(s_outcome))
        {
            parsed[s_outcome].WriteCanonical(outcome);
        }
        else
        {
            outcome.Write("\"success\""u8);
        }

        WriteChild(writer, EntryMember.Reason, draft, s_reason);
        WriteIfPresent(writer, EntryMember.Source, parsed, s_source);
        if (parsed.Items(s_targets).Count > 0)
        {
            draft.WriteTargets(parsed.Items(s_targets), writer.Member(EntryMember.Targets));
        }

        var type = writer.Member(EntryMember.Type);
        if (parsed.Has(s_type))
        {
            parsed[s_type].WriteCanonical(type);
        }
        else
        {
            type.Write("\"event\""u8);
        }

        writer.Member(EntryMember.V).Write("1"u8);
    }

    private static void WriteIfPresent(EntryTemplateWriter writer, EntryMember member, ParsedObject parsed, int index)
    {
        if (parsed.Has(index))
        {
            parsed[index].WriteCanonical(writer.Member(member));
        }
    }

    private static void WriteIfPlain(EntryTemplateWriter writer, EntryMember member, EventDraft draft, int index)
    {
        if (draft.Event.Has(index) && !draft.IsElsewhere(index))
        {
            draft.Event[index].WriteCanonical(writer.Member(member));
        }
    }

    private static void WriteChild(EntryTemplateWriter writer, EntryMember member, EventDraft draft, int index)
    {
        if (draft.Event.Child(index) is { } child && draft.HasPlain(child))
        {
            draft.WritePlain(child, writer.Member(member));
        }
    }

    private static void CheckType(ParsedObject parsed, bool isOurs)
    {
        if (!isOurs && parsed.Has(s_type)
            && parsed[s_type].GetString().StartsWith(EntryFormat.ReservedTypePrefix, StringComparison.Ordinal))
        {
            throw new RefusedException(
                "event.reserved_type", "/type", "Types that begin with probity. are Probity's own. Choose another.");
        }
    }

    private static ExternalKey? External(JsonItem item, EntryScratch scratch)
    {
        var parsed = scratch.Event;
        if (!parsed.Has(s_externalId))
        {
            return null;
        }

        if (!parsed.Has(s_source))
        {
            throw new RefusedException(
                "event.missing_field", $"{item.Pointer}/source", "external_id needs the source it is unique in.");
        }

        scratch.Buffer.Clear(); // Has held the secret members.
        parsed[s_source].WriteCanonical(scratch.Buffer);
        parsed[s_externalId].WriteCanonical(scratch.Buffer);
        var key = SHA256.HashData(scratch.Buffer.WrittenSpan)[..16];
        scratch.Buffer.ResetWrittenCount();
        item.WriteCanonical(scratch.Buffer);
        var fingerprint = BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(scratch.Buffer.WrittenSpan));
        return new ExternalKey(key, fingerprint);
    }

    private static int Index(string name) => EventShape.Event.Find(name);

    private static byte[] Canonical(string text)
    {
        var buffer = new ArrayBufferWriter<byte>();
        CanonicalJson.WriteString(buffer, text);
        return buffer.WrittenSpan.ToArray();
    }
}
