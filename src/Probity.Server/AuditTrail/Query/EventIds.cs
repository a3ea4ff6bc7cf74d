namespace Probity.Server.AuditTrail.Query;

/// <summary>Event ids as the index keeps them: the 16 bytes of the UUID behind <c>evt_</c>.</summary>
internal static class EventIds
{
    private const string Prefix = "evt_";

    public static bool TryParse(string text, out Guid id)
    {
        id = default;
        return text.StartsWith(Prefix, StringComparison.Ordinal)
            && Guid.TryParseExact(text.AsSpan(Prefix.Length), "D", out id);
    }
}
