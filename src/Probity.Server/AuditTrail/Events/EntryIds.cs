using System.Buffers.Binary;
using Probity.Server.Keys;

namespace Probity.Server.AuditTrail.Events;

/// <summary>Ids of entries: <c>evt_</c> and a UUIDv7, made by the server.</summary>
internal static class EntryIds
{
    public const string Prefix = "evt_";
    private const int Length = 40;
    private const long LastMillis = 253_402_300_799_999; // The year 9999 ends.

    public static string New(DateTimeOffset now) =>
        string.Create(Length, Version7(now), static (text, id) =>
        {
            Prefix.CopyTo(text);
            id.TryFormat(text[Prefix.Length..], out _);
        });

    /// <summary>Whether a text has the form of an id of ours; it may still name no entry.</summary>
    public static bool IsWellFormed(string text) =>
        text.Length == Length && text.StartsWith(Prefix, StringComparison.Ordinal)
        && Guid.TryParseExact(text.AsSpan(Prefix.Length), "D", out _);

    /// <summary>The millisecond a well-formed id says it was made in; anything for an id of another kind.</summary>
    public static DateTimeOffset TimeOf(string id)
    {
        Span<byte> bytes = stackalloc byte[16];
        Guid.ParseExact(id.AsSpan(Prefix.Length), "D").TryWriteBytes(bytes, bigEndian: true, out _);
        var millis = ((long)BinaryPrimitives.ReadInt32BigEndian(bytes) << 16)
            | BinaryPrimitives.ReadUInt16BigEndian(bytes[4..]);
        return DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(millis, 0, LastMillis));
    }

    /// <summary>
    /// A UUIDv7 of 48 bits of milliseconds and 74 random bits, RFC 9562 §5.7. The runtime's own asks the system for
    /// randomness once an id.
    /// </summary>
    private static Guid Version7(DateTimeOffset now)
    {
        const int RandomAt = 4;
        Span<byte> bytes = stackalloc byte[RandomAt + IFieldCipher.NonceBytes];
        Nonces.Next(bytes[RandomAt..]);
        var millis = now.ToUnixTimeMilliseconds();
        BinaryPrimitives.WriteInt32BigEndian(bytes, (int)(millis >> 16));
        BinaryPrimitives.WriteInt16BigEndian(bytes[RandomAt..], (short)millis);
        bytes[6] = (byte)(0x70 | (bytes[6] & 0x0F));
        bytes[8] = (byte)(0x80 | (bytes[8] & 0x3F));
        return new Guid(bytes, bigEndian: true);
    }
}
