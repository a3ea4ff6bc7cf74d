namespace Probity.Contracts.Access;

/// <summary>What <c>POST /api/v1/session</c> takes.</summary>
public sealed record SignIn
{
    /// <summary>The login; case does not matter.</summary>
    public required string Login { get; init; }

    /// <summary>The password.</summary>
    public required string Password { get; init; }

    /// <summary>A code of the authenticator app, or a recovery code; null in the first try.</summary>
    public string? Code { get; init; }
}

/// <summary>Who is signed in, and what the session may do.</summary>
public sealed record SessionView
{
    /// <summary><c>ses_</c> and a UUIDv7; null when the caller carries an API key.</summary>
    public required string? Id { get; init; }

    /// <summary><c>person</c>, <c>api_key</c> or <c>service</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The caller's id, <c>usr_…</c> for a person.</summary>
    public required string CallerId { get; init; }

    /// <summary>The caller's name.</summary>
    public required string Name { get; init; }

    /// <summary>The names of the roles in force, sorted.</summary>
    public required IReadOnlyList<string> Roles { get; init; }

    /// <summary>The permissions, sorted.</summary>
    public required IReadOnlyList<string> Permissions { get; init; }

    /// <summary>The codes of the legal entities in reach; null means all.</summary>
    public required IReadOnlyList<string>? Entities { get; init; }

    /// <summary>When a second factor or passkey was last proven; null means not in this session.</summary>
    public required DateTimeOffset? StrongAt { get; init; }

    /// <summary>When the session or key ends; null means never.</summary>
    public required DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>What requests that change something send as <c>X-Probity-Csrf</c>; null without a session.</summary>
    public required string? CsrfToken { get; init; }
}
