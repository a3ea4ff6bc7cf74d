using System.Text.Json;
using Probity.Ledger.Merkle;

namespace Probity.Ledger.Entries;

/// <summary>The members of an entry that place it in its log.</summary>
/// <param name="Version">The format version.</param>
/// <param name="Log">The origin of the log.</param>
/// <param name="Seq">The leaf index.</param>
/// <param name="Id">The entry's id.</param>
/// <param name="Type">The kind of entry.</param>
/// <param name="RecordedAt">When the server recorded it, RFC 3339.</param>
/// <param name="Prev">The leaf hash of the entry before.</param>
public sealed record EntryHeader(
    int Version, string Log, long Seq, string Id, string Type, string RecordedAt, Digest Prev);

/// <summary>Decodes entries. Pure and thread safe.</summary>
public static class EntryReader
{
    /// <summary>Reads the members that place an entry in its log; members it does not know are passed over.</summary>
    /// <exception cref="FormatException">The bytes are not an entry of a version this code knows.</exception>
    public static EntryHeader ReadHeader(ReadOnlySpan<byte> entry)
    {
        try
        {
            return Read(entry);
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException or OverflowException)
        {
            throw new FormatException("The bytes are not an entry: " + failure.Message, failure);
        }
    }

    /// <summary>The entry's id.</summary>
    /// <exception cref="FormatException">The bytes are not an entry.</exception>
    public static string ReadId(ReadOnlySpan<byte> entry) => ReadHeader(entry).Id;

    private static EntryHeader Read(ReadOnlySpan<byte> entry)
    {
        var reader = new Utf8JsonReader(entry);
        int? version = null;
        long? seq = null;
        string? log = null, id = null, type = null, recordedAt = null, prev = null;
        Require(reader.Read() && reader.TokenType == JsonTokenType.StartObject, "an object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString();
            reader.Read();
            switch (name)
            {
                case "v": version = reader.GetInt32(); break;
                case "log": log = reader.GetString(); break;
                case "seq": seq = reader.GetInt64(); break;
                case "id": id = reader.GetString(); break;
                case "type": type = reader.GetString(); break;
                case "recorded_at": recordedAt = reader.GetString(); break;
                case "prev": prev = reader.GetString(); break;
                default: reader.Skip(); break;
            }
        }

        Require(version == EntryFormat.Version, "version 1");
        Require(seq is not null && log is not null && id is not null && type is not null && recordedAt is not null
            && prev is not null, "members v, log, seq, id, type, recorded_at and prev");
        return new EntryHeader(version!.Value, log!, seq!.Value, id!, type!, recordedAt!, Digest.FromHex(prev));
    }

    private static void Require(bool holds, string what)
    {
        if (!holds)
        {
            throw new FormatException($"An entry needs {what}.");
        }
    }
}
