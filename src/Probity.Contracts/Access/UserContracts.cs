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

/// <summary>What <c>POST /api/v1/users</c> takes.</summary>
public sealed record CreateUser
{
    /// <summary>What the person will sign in with: 1 to 200 printable ASCII characters without spaces.</summary>
    public required string Login { get; init; }

    /// <summary>The person's name; null means the login.</summary>
    public string? Name { get; init; }

    /// <summary>Where mail reaches the person.</summary>
    public string? Email { get; init; }
}

/// <summary>A user who is to set a password.</summary>
/// <param name="User">The user.</param>
/// <param name="Invitation">The token for <c>POST /api/v1/password</c>: told once, for the person alone.</param>
/// <param name="InvitationExpiresAt">Until when it works.</param>
public sealed record InvitedUser(UserView User, string Invitation, DateTimeOffset InvitationExpiresAt);

/// <summary>All users, by login.</summary>
/// <param name="Users">The users, disabled ones included.</param>
public sealed record UserList(IReadOnlyList<UserView> Users);

/// <summary>What <c>POST /api/v1/password</c> takes: the answer to an invitation.</summary>
public sealed record SetPassword
{
    /// <summary>The token of the invitation.</summary>
    public required string Invitation { get; init; }

    /// <summary>The new password, at least 12 characters of any kind.</summary>
    public required string Password { get; init; }
}

/// <summary>What <c>POST /api/v1/account/password</c> takes.</summary>
public sealed record ChangePassword
{
    /// <summary>The password as it is.</summary>
    public required string Current { get; init; }

    /// <summary>The password as it is to be.</summary>
    public required string Password { get; init; }
}

/// <summary>An authenticator app to be: shown once.</summary>
/// <param name="Secret">The secret in base32, to type.</param>
/// <param name="Uri">The <c>otpauth:</c> address, to show as a QR code.</param>
public sealed record TotpOffer(string Secret, string Uri);

/// <summary>A code, to prove that the authenticator app works, or that the person has it.</summary>
public sealed record TotpCode
{
    /// <summary>Six digits.</summary>
    public required string Code { get; init; }
}

/// <summary>Codes that work once each in place of the authenticator app: told once.</summary>
/// <param name="Codes">The codes.</param>
public sealed record RecoveryCodes(IReadOnlyList<string> Codes);

/// <summary>What <c>POST /api/v1/session:stepUp</c> takes: a code if the person has an authenticator app, else the password.</summary>
public sealed record StepUp
{
    /// <summary>A code of the authenticator app.</summary>
    public string? Code { get; init; }

    /// <summary>The password, of a person without a second factor.</summary>
    public string? Password { get; init; }
}
