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
        ArrayBufferWriter<byte> to, string origin, string entryId, IReadOnlyList<SecretMember> secrets, int group,
            string key,
        string? subject)
    {
        Open(to, origin, entryId);
        WriteFields(to, secrets, group);

        Close(to, key, subject);
    }

    public static void Write(
        ArrayBufferWriter<byte> to, string origin, string entryId, IReadOnlyList<string> fields, string key,
        string? subject)
    {
        Open(to, origin, entryId);
        for (var i = 0; i < fields.Count; i++)
        {
            to.Write(i == 0 ? [] : ","u8);
            CanonicalJson.WriteString(to, fields[i]);
        }

        Close(to, key, subject);
    }

    /// <summary>The pointers of one group, comma between.</summary>
    public static void WriteFields(IBufferWriter<byte> to, IReadOnlyList<SecretMember> secrets, int group)
    {
        var first = true;
        for (var i = 0; i < secrets.Count; i++)
        {
            if (secrets[i].Group == group)
            {
                to.Write(first ? [] : ","u8);
                first = false;
                CanonicalJson.WriteString(to, secrets[i].Pointer);
            }
        }
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

    private static void Close(ArrayBufferWriter<byte> to, string key, string? subject)
    {
        to.Write("],"u8);
        CanonicalJson.WriteString(to, key);
        to.Write(","u8);
        if (subject is null)
        {
            to.Write("null"u8);
        }
        else
        {
            CanonicalJson.WriteString(to, subject);
        }

        to.Write("]"u8);
    }
}
