namespace Probity.Server.AuditTrail.Reading;

/// <summary>The type of an entry, found without parsing it.</summary>
internal static class EntryTypes
{
    /// <summary>
    /// The type of a canonical entry as it is written there; empty when it has none. Of a sealed or damaged one too.
    /// </summary>
    /// <remarks>
    /// Members of canonical JSON are in order, so that the type of the entry is the last member but the version, and
    /// the last one of that name.
    /// </remarks>
    public static ReadOnlySpan<byte> Of(ReadOnlySpan<byte> body)
    {
        var start = "\"type\":\""u8;
        var at = body.LastIndexOf(start);
        var type = at < 0 ? [] : body[(at + start.Length)..];
        var end = type.IndexOf((byte)'"');
        return end > 0 ? type[..end] : [];
    }
}
