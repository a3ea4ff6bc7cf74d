namespace Probity.Server.Keys;

/// <summary>
/// What is remembered of a root key that was rotated away: its fingerprint and its number, so that a start with it is
/// told apart from a start with a strange key. Versions below the newest are below the minimum.
/// </summary>
internal static class RootMemory
{
    public static string IdOf(string fingerprint) => "root_" + fingerprint;

    public static DataKeyRow Row(string fingerprint, int version, DateTimeOffset now) => new()
    {
        Id = IdOf(fingerprint),
        Kind = KeyKinds.Root,
        Algorithm = "A256GCM",
        CreatedAt = now,
        State = DataKeyRow.Destroyed,
        Version = version,
    };
}
