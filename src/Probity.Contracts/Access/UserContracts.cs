namespace Probity.Contracts.Access;

/// <summary>A user as those who may see users see one: never a secret.</summary>
public sealed record UserView
{
    /// <summary><c>usr_</c> and a UUIDv7.</summary>
    public required string Id { get; init; }

    /// <summary>What the person signs in with.</summary>
    public required string Login { get; init; }

    /// <summary>The person's name.</summary>
    public required string Name { get; init; }

    /// <summary>Where mail reaches the person; null when not known.</summary>
    public required string? Email { get; init; }

    /// <summary>Whether the person has a password.</summary>
    public required bool HasPassword { get; init; }

    /// <summary>Whether the person uses an authenticator app.</summary>
    public required bool HasTotp { get; init; }

    /// <summary>How many passkeys the person has.</summary>
    public required int Passkeys { get; init; }

    /// <summary>The roles the person holds, newest first; those that ended are left out.</summary>
    public required IReadOnlyList<GrantView> Grants { get; init; }

    /// <summary>When the user was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the user was disabled; null means the person may sign in.</summary>
    public required DateTimeOffset? DisabledAt { get; init; }
}

/// <summary>A role that a user holds.</summary>
public sealed record GrantView
{
    /// <summary><c>grt_</c> and a UUIDv7.</summary>
    public required string Id { get; init; }

    /// <summary>The user's id.</summary>
    public required string UserId { get; init; }

    /// <summary>The role's id.</summary>
    public required string RoleId { get; init; }

    /// <summary>The role's name.</summary>
    public required string Role { get; init; }

    /// <summary>The codes of the legal entities it reaches; null means all.</summary>
    public required IReadOnlyList<string>? Entities { get; init; }

    /// <summary>Where it comes from: <c>person</c>, <c>oidc</c>, <c>scim</c> or <c>set_up</c>.</summary>
    public required string Source { get; init; }

    /// <summary>The caller that gave it.</summary>
    public required string GrantedBy { get; init; }

    /// <summary>Since when.</summary>
    public required DateTimeOffset GrantedAt { get; init; }

    /// <summary>Until when; null means until it is taken back.</summary>
    public required DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When it was taken back; null means it was not.</summary>
    public required DateTimeOffset? RevokedAt { get; init; }
}
