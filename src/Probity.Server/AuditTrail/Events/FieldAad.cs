using System.Buffers;
using Probity.Ledger.Json;

namespace Probity.Server.AuditTrail.Events;

/// <summary>
/// What a ciphertext is bound to, so that it opens nowhere else: canonical JSON of [log, entry id, [fields], key,
/// subject]. Never the sequence number, which is not known when a field is encrypted.
/// </summary>
internal static class FieldAad
{
    public static void Write(
        ArrayBufferWriter<byte> to, string origin, string entryId, IReadOnlyList<SecretMember> secrets, string key)
    {
        Open(to, origin, entryId);
        for (var i = 0; i < secrets.Count; i++)
        {
            to.Write(i == 0 ? [] : ","u8);
            CanonicalJson.WriteString(to, secrets[i].Pointer);
        }

        Close(to, key);
    }

    public static void Write(
        ArrayBufferWriter<byte> to, string origin, string entryId, IReadOnlyList<string> fields, string key)
    {
        Open(to, origin, entryId);
        for (var i = 0; i < fields.Count; i++)
        {
            to.Write(i == 0 ? [] : ","u8);
            CanonicalJson.WriteString(to, fields[i]);
        }

        Close(to, key);
    }

    private static void Open(ArrayBufferWriter<byte> to, string origin, string entryId)
    {
        to.ResetWrittenCount();
        to.Write("["u8);
        CanonicalJson.WriteString(to, origin);
        to.Write(","u8);
        CanonicalJson.WriteString(to, entryId);
        to.Write(",["u8);
    }

    private static void Close(ArrayBufferWriter<byte> to, string key)
    {
        to.Write("],"u8);
        CanonicalJson.WriteString(to, key);
        to.Write(",null]"u8);
    }
}
