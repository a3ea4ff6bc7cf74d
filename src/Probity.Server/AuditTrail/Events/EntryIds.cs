namespace Probity.Server.AuditTrail.Events;

/// <summary>Ids of entries: <c>evt_</c> and a UUIDv7, made by the server.</summary>
internal static class EntryIds
{
    public const string Prefix = "evt_";
    private const int Length = 40;

    public static string New(DateTimeOffset now) =>
        string.Create(Length, Guid.CreateVersion7(now), static (text, id) =>
        {
            Prefix.CopyTo(text);
            id.TryFormat(text[Prefix.Length..], out _);
        });

    /// <summary>Whether a text has the form of an id of ours; it may still name no entry.</summary>
    public static bool IsWellFormed(string text) =>
        text.Length == Length && text.StartsWith(Prefix, StringComparison.Ordinal)
        && Guid.TryParseExact(text.AsSpan(Prefix.Length), "D", out _);
}
