using Microsoft.EntityFrameworkCore;
using Probity.Server.Storage.Auditing;

namespace Probity.Server.Access.Users;

/// <summary>One row of <c>user</c>: a person who signs in.</summary>
internal sealed class UserRow
{
    /// <summary><c>usr_</c> and a UUIDv7.</summary>
    public required string Id { get; init; }

    /// <summary>What the person types, as given when the user was made.</summary>
    public required string Login { get; set; }

    /// <summary>The login by which it is found: <see cref="Logins.Normalize"/>.</summary>
    public required string LoginKey { get; set; }

    public required string Name { get; set; }

    public string? Email { get; set; }

    /// <summary>The PHC string of the password; null when the person has none (yet).</summary>
    [Secret]
    public string? PasswordHash { get; set; }

    public DateTimeOffset? PasswordSetAt { get; set; }

    /// <summary>Changes with every credential; Identity's word for it.</summary>
    [Secret]
    public required string SecurityStamp { get; set; }

    /// <summary>The TOTP secret, encrypted; null when there is none or it is not confirmed.</summary>
    [Secret]
    public string? TotpSecret { get; set; }

    /// <summary>A TOTP secret that waits for its first code, encrypted.</summary>
    [Secret]
    public string? TotpPending { get; set; }

    /// <summary>The last time step of which a code was taken: no code is taken twice (RFC 6238 section 5.2).</summary>
    public long TotpLastStep { get; set; }

    /// <summary>Hashes of the recovery codes left, separated by spaces.</summary>
    [Secret]
    public string? RecoveryCodes { get; set; }

    /// <summary>SHA-256 of the token with which the person sets a password, in hex; null when none is open.</summary>
    [Secret]
    public string? InvitationHash { get; set; }

    public DateTimeOffset? InvitationExpiresAt { get; set; }

    /// <summary>Who the person is at the OpenID provider: issuer, space, subject.</summary>
    public string? ExternalSubject { get; set; }

    /// <summary>The id a SCIM client gave.</summary>
    public string? ExternalId { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Null while the person may sign in.</summary>
    public DateTimeOffset? DisabledAt { get; set; }

    public static void Configure(ModelBuilder model) => model.Entity<UserRow>(map =>
    {
        map.ToTable("user_account");
        map.HasKey(row => row.Id);
        map.HasIndex(row => row.LoginKey).IsUnique();
        map.Audited();
    });
}
