namespace Probity.Server.Access.Users;

/// <summary>
/// The names people sign in with: printable ASCII, so that no two logins look alike (a name in any script goes to
/// <see cref="UserRow.Name"/>).
/// </summary>
internal static class Logins
{
    public const int MaxLength = 200;

    /// <summary>The form by which a login is found.</summary>
    public static string Normalize(string login) => login.Trim().ToLowerInvariant();

    /// <summary>Whether a user can be given this login.</summary>
    public static bool IsUsable(string login) =>
        login.Length is > 0 and <= MaxLength && login.All(static c => c is > ' ' and <= '~');
}
