using System.Buffers.Text;
using System.Runtime.InteropServices;
using Probity.Ledger.Json;
using Probity.Server.Keys;

namespace Probity.Server.AuditTrail.Events;

/// <summary>
/// Writes <c>enc</c>: for each key one list of the key's id, the pointers of the members under it, and one text. The
/// text is the base64url, unpadded, of nonce (12), ciphertext and tag (16) of AES-256-GCM. Sealed are the canonical
/// values in the order of the pointers, comma between. They are bound to canonical JSON of [log, entry id, key,
/// pointer, …], so that they open nowhere else; never to the sequence number, which is not known yet. Decision record
/// 0066.
/// </summary>
internal static class MemberSeal
{
    /// <param name="to">Where the value of <c>enc</c> is written.</param>
    /// <param name="draft">The event; it has secret members.</param>
    /// <param name="originJson">The log, as quoted JSON.</param>
    /// <param name="cipher">The data keys.</param>
    public static void Write(ByteBuffer to, EventDraft draft, ReadOnlySpan<byte> originJson, IFieldCipher cipher)
    {
        var separator = (byte)'[';
        for (var group = 0; group < draft.Groups.Count; group++)
        {
            // A group whose only members moved to blobs has nothing left here.
            if (HasMembers(draft.Secrets, group))
            {
                to.Write(separator);
                separator = (byte)',';
                WriteGroup(to, draft, group, originJson, cipher);
            }
        }

        to.Write((byte)']');
    }

    private static void WriteGroup(
        ByteBuffer to, EventDraft draft, int group, ReadOnlySpan<byte> originJson, IFieldCipher cipher)
    {
        var key = draft.Rent(cipher, group);
        to.Write((byte)'[');
        var start = to.WrittenCount;
        to.Write(key.IdJson);
        WriteMembers(to, draft, group);
        BindTo(draft.Scratch.Aad, originJson, draft.IdJson, to.WrittenSpan[start..]);
        WriteSealed(to, draft.Scratch, key);
        to.Write((byte)']');
    }

    /// <summary>Writes the pointers to the entry and the values to what will be sealed.</summary>
    private static void WriteMembers(ByteBuffer to, EventDraft draft, int group)
    {
        var values = draft.Scratch.Buffer;
        values.ResetWrittenCount();
        foreach (ref readonly var secret in CollectionsMarshal.AsSpan(draft.Secrets))
        {
            if (secret.Group == group)
            {
                to.Write(secret.ListedPointer);
                values.Write(values.WrittenCount == 0 ? [] : ","u8);
                secret.Value.WriteCanonical(values);
            }
        }
    }

    private static void WriteSealed(ByteBuffer to, EntryScratch scratch, ISealingKey key)
    {
        var length = IFieldCipher.NonceBytes + scratch.Buffer.WrittenCount + IFieldCipher.TagBytes;
        scratch.Sealed.ResetWrittenCount();
        var text = scratch.Sealed.GetSpan(length)[..length];
        key.Seal(
            scratch.Aad.WrittenSpan, scratch.Buffer.WrittenSpan, text[..IFieldCipher.NonceBytes],
            text[IFieldCipher.NonceBytes..]);
        to.Write(",\""u8);
        to.Advance(Base64Url.EncodeToUtf8(text, to.GetSpan(Base64Url.GetEncodedLength(length))));
        to.Write((byte)'"');
    }

    /// <summary>From texts that are quoted JSON already; key and pointers are what stands in the entry.</summary>
    private static void BindTo(
        ByteBuffer aad, ReadOnlySpan<byte> originJson, ReadOnlySpan<byte> entryIdJson,
        ReadOnlySpan<byte> keyAndPointers)
    {
        aad.ResetWrittenCount();
        aad.Write((byte)'[');
        aad.Write(originJson);
        aad.Write((byte)',');
        aad.Write(entryIdJson);
        aad.Write((byte)',');
        aad.Write(keyAndPointers);
        aad.Write((byte)']');
    }

    private static bool HasMembers(List<SecretMember> secrets, int group)
    {
        foreach (ref readonly var secret in CollectionsMarshal.AsSpan(secrets))
        {
            if (secret.Group == group)
            {
                return true;
            }
        }

        return false;
    }
}
