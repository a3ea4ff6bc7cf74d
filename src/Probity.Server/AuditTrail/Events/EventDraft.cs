using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Probity.Ledger.Entries;
using Probity.Ledger.Json;
using Probity.Server.AuditTrail.Append;
using Probity.Server.Keys;

namespace Probity.Server.AuditTrail.Events;

/// <summary>A member whose value is kept encrypted: where it belongs, what it holds, and whose key it is
/// under.</summary>
internal readonly record struct SecretMember(string Pointer, JsonItem Value, int Group);

/// <summary>An event on its way to an entry: which members are secret, and what has been moved to blobs.</summary>
internal sealed class EventDraft(string id, EntryScratch scratch)
{
    /// <summary>Most bytes of secret and large members together that stay inside the entry; base64 adds a third.</summary>
    public const int InlineBytes = 40_000;

    /// <summary>Room for prev, recorded_at and seq.</summary>
    public const int PlaceBytes = 64 + EntryFormat.TimestampLength + 20;

    private static readonly int[] s_movable =
        [.. new[] { "original", "before", "after", "data" }.Select(EventShape.Event.Find)];

    private static readonly int s_targets = EventShape.Event.Find("targets");
    private static readonly int s_data = EventShape.Event.Find("data");

    private List<BlobContent>? _blobs;
    private List<string>? _blobFields;
    private uint _elsewhere;
    private bool _isEncrypted;

    public string Id { get; } = id;

    /// <summary>
    /// Whether <c>data</c> stays in clear: entries of ours that an examiner must be able to read without a key.
    /// </summary>
    public bool IsDataPlain { get; init; }

    public ParsedObject Event => scratch.Event;

    public List<SecretMember> Secrets => scratch.Secrets;

    public IReadOnlyList<BlobContent> Blobs => _blobs ?? (IReadOnlyList<BlobContent>)[];

    /// <summary>Keys of persons among those used that are not durable yet.</summary>
    public IReadOnlyList<SubjectKey> NewKeys
    {
        get
        {
            List<SubjectKey>? keys = null;
            for (var i = 0; i < scratch.Subjects.Groups.Count; i++)
            {
                if (scratch.Subjects.Groups[i] is { IsStored: false } key)
                {
                    (keys ??= []).Add(key);
                }
            }

            return keys ?? (IReadOnlyList<SubjectKey>)[];
        }
    }

    /// <summary>Bytes of the members that may be moved, as sent.</summary>
    public int LargeBytes
    {
        get
        {
            var bytes = 0;
            foreach (var member in s_movable)
            {
                bytes += Event.Has(member) ? Event[member].Raw.Length : 0;
            }

            foreach (var secret in Secrets)
            {
                bytes += IsMovable(secret.Pointer) ? 0 : secret.Value.Raw.Length;
            }

            return bytes;
        }
    }

    /// <summary>Finds the members to encrypt, in canonical order of their pointers.</summary>
    public void CollectSecrets(IFieldCipher? cipher)
    {
        _isEncrypted = cipher is not null;
        if (cipher is null)
        {
            return;
        }

        scratch.Subjects.Begin(Event, cipher);
        for (var i = 0; i < Event.Spec.Members.Length; i++)
        {
            if (!IsDataPlain || i != s_data)
            {
                Collect(Event, i, 0);
            }
        }

        if (Event.Items(s_targets).Count > 10)
        {
            // "/targets/10/…" sorts before "/targets/2/…".
            Secrets.Sort((left, right) => string.CompareOrdinal(left.Pointer, right.Pointer));
        }
    }

    /// <summary>Whether a top-level member is encrypted or in a blob rather than in the clear part.</summary>
    public bool IsElsewhere(int member) =>
        (_elsewhere & (1u << member)) != 0
        || (_isEncrypted && Event.Spec.Members[member].IsSecret && !(IsDataPlain && member == s_data));

    public bool HasPlain(ParsedObject child)
    {
        for (var i = 0; i < child.Spec.Members.Length; i++)
        {
            if (child.Has(i) && (!_isEncrypted || !child.Spec.Members[i].IsSecret))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Writes an object's members that are not encrypted.</summary>
    public void WritePlain(ParsedObject parsed, IBufferWriter<byte> to)
    {
        to.Write("{"u8);
        var first = true;
        for (var i = 0; i < parsed.Spec.Members.Length; i++)
        {
            var member = parsed.Spec.Members[i];
            if (!parsed.Has(i) || (_isEncrypted && member.IsSecret))
            {
                continue;
            }

            to.Write(first ? [] : ","u8);
            first = false;
            to.Write(member.Prefix);
            if (parsed.Child(i) is { } child)
            {
                WritePlain(child, to);
            }
            else
            {
                parsed[i].WriteCanonical(to);
            }
        }

        to.Write("}"u8);
    }

    public void WriteTargets(IReadOnlyList<ParsedObject> targets, IBufferWriter<byte> to)
    {
        to.Write("["u8);
        for (var i = 0; i < targets.Count; i++)
        {
            to.Write(i == 0 ? [] : ","u8);
            WritePlain(targets[i], to);
        }

        to.Write("]"u8);
    }

    /// <summary>Moves the largest members to blobs until the rest fits into an entry.</summary>
    public void MoveToBlobs(string origin, IFieldCipher? cipher)
    {
        var left = LargeBytes;
        foreach (var member in s_movable.Where(Event.Has).OrderByDescending(member => Event[member].Raw.Length))
        {
            if (left <= InlineBytes)
            {
                break;
            }

            left -= Event[member].Raw.Length;
            var pointer = "/" + Event.Spec.Members[member].Name;
            _elsewhere |= 1u << member;
            Secrets.RemoveAll(secret => secret.Pointer == pointer);
            scratch.Buffer.ResetWrittenCount();
            Event[member].WriteCanonical(scratch.Buffer);
            using var key = cipher is null ? null
                : Rent(cipher, scratch.Subjects.GroupOf(Event.Spec.Members[member].Owner, 0));
            (_blobs ??= []).Add(BlobSeal.Seal(origin, pointer, scratch.Buffer.WrittenSpan, key));
            (_blobFields ??= []).Add(pointer);
        }

        scratch.Buffer.Clear();
    }

    /// <summary>The references to the blobs, sorted by the field they stand for.</summary>
    public void WriteBlobs(IBufferWriter<byte> to)
    {
        to.Write("["u8);
        var first = true;
        foreach (var (field, blob) in (_blobFields ?? []).Zip(Blobs).OrderBy(pair => pair.First, StringComparer.Ordinal))
        {
            to.Write(first ? "{\"field\":"u8 : ",{\"field\":"u8);
            first = false;
            CanonicalJson.WriteString(to, field);
            to.Write(",\"key\":"u8);
            CanonicalJson.WriteString(to, blob.KeyId);
            to.Write(Encoding.ASCII.GetBytes(string.Create(
                CultureInfo.InvariantCulture, $",\"length\":{blob.Content.Length},\"sha256\":\"{blob.Sha256}\"}}")));
        }

        to.Write("]"u8);
    }

    /// <summary>Writes <c>enc</c>: one element for each key that secret members are encrypted under.</summary>
    public void WriteEncrypted(IBufferWriter<byte> to, string origin, IFieldCipher cipher)
    {
        to.Write("["u8);
        var first = true;
        for (var group = 0; group < scratch.Subjects.Groups.Count; group++)
        {
            // A group whose only members moved to blobs has nothing left here.
            if (HasMembers(group))
            {
                to.Write(first ? [] : ","u8);
                first = false;
                WriteGroup(to, origin, cipher, group);
            }
        }

        to.Write("]"u8);
    }

    private void WriteGroup(IBufferWriter<byte> to, string origin, IFieldCipher cipher, int group)
    {
        var subject = scratch.Subjects.Groups[group]?.Digest;
        WriteSecrets(scratch.Buffer, group);
        using var key = Rent(cipher, group);
        FieldAad.Write(scratch.Aad, origin, Id, Secrets, group, key.Id, subject);

        Span<byte> nonce = stackalloc byte[IFieldCipher.NonceBytes];
        var sealedBytes = ArrayPool<byte>.Shared.Rent(scratch.Buffer.WrittenCount + IFieldCipher.TagBytes);
        var sealedSpan = sealedBytes.AsSpan(0, scratch.Buffer.WrittenCount + IFieldCipher.TagBytes);
        key.Seal(scratch.Aad.WrittenSpan, scratch.Buffer.WrittenSpan, nonce, sealedSpan);

        to.Write("{\"ciphertext\":\""u8);
        WriteBase64(to, sealedSpan);
        ArrayPool<byte>.Shared.Return(sealedBytes);
        to.Write("\",\"fields\":["u8);
        FieldAad.WriteFields(to, Secrets, group);
        to.Write("],\"key\":"u8);
        CanonicalJson.WriteString(to, key.Id);
        to.Write(",\"nonce\":\""u8);
        WriteBase64(to, nonce);
        if (subject is not null)
        {
            to.Write("\",\"subject\":\""u8);
            WriteAscii(to, subject);
        }

        to.Write("\",\"suite\":\"A256GCM\"}"u8);
    }

    private ISealingKey Rent(IFieldCipher cipher, int group) =>
        scratch.Subjects.Groups[group] is { } subject ? cipher.Rent(subject) : cipher.Rent();

    private bool HasMembers(int group)
    {
        for (var i = 0; i < Secrets.Count; i++)
        {
            if (Secrets[i].Group == group)
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsMovable(string pointer) => pointer is "/original" or "/before" or "/after" or "/data";

    private void WriteSecrets(ArrayBufferWriter<byte> buffer, int group)
    {
        buffer.ResetWrittenCount();
        buffer.Write("{"u8);
        var first = true;
        for (var i = 0; i < Secrets.Count; i++)
        {
            if (Secrets[i].Group != group)
            {
                continue;
            }

            buffer.Write(first ? [] : ","u8);
            first = false;
            CanonicalJson.WriteString(buffer, Secrets[i].Pointer);
            buffer.Write(":"u8);
            Secrets[i].Value.WriteCanonical(buffer);
        }

        buffer.Write("}"u8);
    }

    private void Collect(ParsedObject parsed, int index, int item)
    {
        if (!parsed.Has(index))
        {
            return;
        }

        var member = parsed.Spec.Members[index];
        if (member.IsSecret)
        {
            Secrets.Add(new SecretMember(
                member.Pointers[item], parsed[index], scratch.Subjects.GroupOf(member.Owner, item)));
            return;
        }

        if (parsed.Child(index) is { } child)
        {
            for (var i = 0; i < child.Spec.Members.Length; i++)
            {
                Collect(child, i, item);
            }
        }

        var items = parsed.Items(index);
        for (var n = 0; n < items.Count; n++)
        {
            for (var i = 0; i < items[n].Spec.Members.Length; i++)
            {
                Collect(items[n], i, n);
            }
        }
    }

    private static void WriteAscii(IBufferWriter<byte> to, string text)
    {
        to.Advance(Encoding.ASCII.GetBytes(text, to.GetSpan(text.Length)));
    }

    private static void WriteBase64(IBufferWriter<byte> to, ReadOnlySpan<byte> bytes)
    {
        Base64.EncodeToUtf8(bytes, to.GetSpan(Base64.GetMaxEncodedToUtf8Length(bytes.Length)), out _, out var written);
        to.Advance(written);
    }
}
