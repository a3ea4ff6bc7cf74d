using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using Probity.Ledger.Entries;
using Probity.Ledger.Json;
using Probity.Server.AuditTrail.Append;
using Probity.Server.AuditTrail.Events.Classes;
using Probity.Server.Keys;

namespace Probity.Server.AuditTrail.Events;

/// <summary>A member whose value is kept encrypted: where it belongs, what it holds, and whose key it is
/// under.</summary>
internal readonly record struct SecretMember(MemberSpec Member, int Item, JsonItem Value, int Group)
{
    public string Pointer => Member.Pointers[Item];

    /// <summary>The pointer as quoted JSON, with a comma before it.</summary>
    public ReadOnlySpan<byte> ListedPointer => Member.ListedPointers[Item];
}

/// <summary>An event on its way to an entry: which members are secret, and what has been moved to blobs.</summary>
internal sealed class EventDraft
{
    /// <summary>Most bytes of secret and large members together that stay inside the entry; base64 adds a third.</summary>
    public const int InlineBytes = 40_000;

    /// <summary>Room for prev, recorded_at and seq.</summary>
    public const int PlaceBytes = 64 + EntryFormat.TimestampLength + 20;

    private static readonly int[] s_movable =
        [.. new[] { "original", "before", "after", "data" }.Select(EventShape.Event.Find)];

    private static readonly int s_targets = EventShape.Event.Find("targets");
    private static readonly int s_data = EventShape.Event.Find("data");

    private readonly EntryScratch _scratch;
    private List<BlobContent>? _blobs;
    private List<string>? _blobFields;
    private uint _elsewhere;
    private bool _isEncrypted;

    public EventDraft(string id, EntryScratch scratch)
    {
        (Id, _scratch) = (id, scratch);
        CanonicalJson.WriteString(scratch.IdJson, id);
    }

    public string Id { get; }

    /// <summary>The id as quoted JSON.</summary>
    public ReadOnlySpan<byte> IdJson => _scratch.IdJson.WrittenSpan;

    /// <summary>
    /// Whether <c>data</c> stays in clear: entries of ours that an examiner must be able to read without a key.
    /// </summary>
    public bool IsDataPlain { get; init; }

    /// <summary>How members are kept.</summary>
    public required MemberClasses Classes { get; init; }

    public ParsedObject Event => _scratch.Event;

    public List<SecretMember> Secrets => _scratch.Secrets;

    /// <summary>The person of each group of secret members; null for what is under the segment's key.</summary>
    public IReadOnlyList<SubjectKey?> Groups => _scratch.Subjects.Groups;

    /// <summary>The memory it is composed in.</summary>
    public EntryScratch Scratch => _scratch;

    public IReadOnlyList<BlobContent> Blobs => _blobs ?? (IReadOnlyList<BlobContent>)[];

    /// <summary>Keys of persons among those used that are not durable yet.</summary>
    public IReadOnlyList<SubjectKey> NewKeys
    {
        get
        {
            List<SubjectKey>? keys = null;
            for (var i = 0; i < Groups.Count; i++)
            {
                if (Groups[i] is { IsStored: false } key)
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

            foreach (ref readonly var secret in CollectionsMarshal.AsSpan(Secrets))
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

        _scratch.Subjects.Begin(Event, cipher);
        Collect(Event, 0, IsDataPlain ? 1u << s_data : 0);

        if (Event.Items(s_targets).Count > 10)
        {
            // "/targets/10/…" sorts before "/targets/2/…".
            Secrets.Sort((left, right) => string.CompareOrdinal(left.Pointer, right.Pointer));
        }
    }

    /// <summary>Whether a top-level member is encrypted or in a blob rather than in the clear part.</summary>
    public bool IsElsewhere(int member) =>
        (_elsewhere & (1u << member)) != 0
        || ((SecretsOf(Event.Spec) & (1u << member)) != 0 && !(IsDataPlain && member == s_data));

    public bool HasPlain(ParsedObject child) => (child.Present & ~SecretsOf(child.Spec)) != 0;

    /// <summary>Writes an object's members that are not encrypted.</summary>
    public void WritePlain(ParsedObject parsed, ByteBuffer to)
    {
        var separator = (byte)'{';
        var plain = parsed.Present & ~SecretsOf(parsed.Spec);
        for (var left = plain; left != 0; left &= left - 1)
        {
            var member = BitOperations.TrailingZeroCount(left);
            to.Write(separator);
            separator = (byte)',';
            to.Write(parsed.Spec.Members[member].Prefix);
            if (parsed.Child(member) is { } child)
            {
                WritePlain(child, to);
            }
            else
            {
                parsed[member].WriteCanonical(to);
            }
        }

        to.Write(plain == 0 ? "{}"u8 : "}"u8);
    }

    public void WriteTargets(List<ParsedObject> targets, ByteBuffer to)
    {
        for (var i = 0; i < targets.Count; i++)
        {
            to.Write(i == 0 ? (byte)'[' : (byte)',');
            WritePlain(targets[i], to);
        }

        to.Write(targets.Count == 0 ? "[]"u8 : "]"u8);
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
            _scratch.Buffer.ResetWrittenCount();
            Event[member].WriteCanonical(_scratch.Buffer);
            var key = cipher is null ? null
                : Rent(cipher, _scratch.Subjects.GroupOf(Event.Spec.Members[member].Owner, 0));
            (_blobs ??= []).Add(BlobSeal.Seal(origin, pointer, _scratch.Buffer.WrittenSpan, key));
            (_blobFields ??= []).Add(pointer);
        }

        _scratch.Buffer.Clear();
    }

    /// <summary>The references to the blobs, sorted by the field they stand for.</summary>
    public void WriteBlobs(ByteBuffer to)
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

    /// <summary>A key for one sealing of a group.</summary>
    public ISealingKey Rent(IFieldCipher cipher, int group) =>
        Groups[group] is { } subject ? cipher.Rent(subject) : cipher.Rent();

    private static bool IsMovable(string pointer) => pointer is "/original" or "/before" or "/after" or "/data";

    private uint SecretsOf(ObjectSpec shape) => _isEncrypted ? Classes.SecretsOf(shape) : 0;

    private void Collect(ParsedObject parsed, int item, uint except = 0)
    {
        var secrets = Classes.SecretsOf(parsed.Spec);
        for (var left = parsed.Present & (secrets | parsed.Spec.Shapes) & ~except; left != 0; left &= left - 1)
        {
            var index = BitOperations.TrailingZeroCount(left);
            if ((secrets & (1u << index)) == 0)
            {
                CollectBelow(parsed, index, item);
                continue;
            }

            var member = parsed.Spec.Members[index];
            Secrets.Add(new SecretMember(
                member, item, parsed[index], _scratch.Subjects.GroupOf(member.Owner, item)));
        }
    }

    private void CollectBelow(ParsedObject parsed, int index, int item)
    {
        if (parsed.Child(index) is { } child)
        {
            Collect(child, item);
        }

        var items = parsed.Items(index);
        for (var n = 0; n < items.Count; n++)
        {
            Collect(items[n], n);
        }
    }
}
