namespace Probity.Ledger.Entries;

/// <summary>
/// The frozen numbers and names of the entry format, version 1. An entry is the exact UTF-8 of one RFC 8785 object
/// whose members, in canonical order, are: action, actor, after, before, blobs, context, data, enc, external_id, id,
/// log, occurred_at, original, outcome, prev, reason, recorded_at, seq, source, targets, type, v.
/// </summary>
public static class EntryFormat
{
    /// <summary>The value of <c>v</c>.</summary>
    public const int Version = 1;

    /// <summary>
    /// Most bytes one entry may have, because bundles prefix each with a 16-bit length.
    /// Source: C2SP tlog-tiles, "Log entries".
    /// </summary>
    public const int MaxBytes = 65_535;

    /// <summary>Characters of <c>recorded_at</c>: RFC 3339 in UTC with microseconds.</summary>
    public const int TimestampLength = 27;

    /// <summary>Types that begin with this are written by Probity itself and refused from callers.</summary>
    public const string ReservedTypePrefix = "probity.";

    /// <summary>The type of an event that a caller sends without naming one.</summary>
    public const string EventType = "event";

    /// <summary>The only encryption suite of version 1: AES-256-GCM, 12-byte nonce, 16-byte tag.</summary>
    public const string Suite = "A256GCM";
}
