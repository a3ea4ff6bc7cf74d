namespace Probity.Contracts.Access;

/// <summary>What <c>POST /api/v1/setup</c> takes: the first administrator.</summary>
public sealed record SetUp
{
    /// <summary>The token of the set-up link, printed once by <c>probity up</c>.</summary>
    public required string Token { get; init; }

    /// <summary>What the administrator will sign in with: 1 to 200 printable ASCII characters without spaces.</summary>
    public required string Login { get; init; }

    /// <summary>The administrator's name; null means the login.</summary>
    public string? Name { get; init; }

    /// <summary>At least 12 characters, of any kind.</summary>
    public required string Password { get; init; }
}
