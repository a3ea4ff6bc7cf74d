using System.Runtime.InteropServices;
using Probity.Ledger.Json;

namespace Probity.Server.AuditTrail.Events;

/// <summary>
/// What a ciphertext is bound to, so that it opens nowhere else: canonical JSON of [log, entry id, [fields], key,
/// subject]. Never the sequence number, which is not known when a field is encrypted.
/// </summary>
internal static class FieldAad
{
    /// <summary>From texts that are quoted JSON already.</summary>
    /// <param name="to">Written from its start.</param>
    /// <param name="originJson">The log.</param>
    /// <param name="entryIdJson">The entry.</param>
    /// <param name="fieldsJson">The pointers, comma between.</param>
    /// <param name="keyJson">The data key.</param>
    /// <param name="subjectJson">The person; empty for none.</param>
    public static void Write(
        ByteBuffer to, ReadOnlySpan<byte> originJson, ReadOnlySpan<byte> entryIdJson,
        ReadOnlySpan<byte> fieldsJson, ReadOnlySpan<byte> keyJson, ReadOnlySpan<byte> subjectJson)
    {
        const int Punctuation = 16;
        to.ResetWrittenCount();
        var length = originJson.Length + entryIdJson.Length + fieldsJson.Length + keyJson.Length + subjectJson.Length;
        var writer = new SpanWriter(to.GetSpan(length + Punctuation));
        writer.Write("["u8);
        writer.Write(originJson);
        writer.Write(","u8);
        writer.Write(entryIdJson);
        writer.Write(",["u8);
        writer.Write(fieldsJson);
        writer.Write("],"u8);
        writer.Write(keyJson);
        writer.Write(","u8);
        writer.Write(subjectJson.IsEmpty ? "null"u8 : subjectJson);
        writer.Write("]"u8);
        to.Advance(writer.Written);
    }

    public static void Write(
        ByteBuffer to, string origin, string entryId, IReadOnlyList<string> fields, string key,
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

    /// <summary>The pointers of one group, comma between; from the start of the buffer.</summary>
    public static void WriteFields(ByteBuffer to, List<SecretMember> secrets, int group)
    {
        to.ResetWrittenCount();
        foreach (ref readonly var secret in CollectionsMarshal.AsSpan(secrets))
        {
            if (secret.Group == group)
            {
                to.Write(to.WrittenCount == 0 ? [] : ","u8);
                to.Write(secret.PointerJson);
            }
        }
    }

    private static void Open(ByteBuffer to, string origin, string entryId)
    {
        to.ResetWrittenCount();
        to.Write("["u8);
        CanonicalJson.WriteString(to, origin);
        to.Write(","u8);
        CanonicalJson.WriteString(to, entryId);
        to.Write(",["u8);
    }

    private static void Close(ByteBuffer to, string key, string? subject)
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
