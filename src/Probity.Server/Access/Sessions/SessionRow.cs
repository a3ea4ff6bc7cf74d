using Microsoft.EntityFrameworkCore;
using Probity.Server.Access.Users;
using Probity.Server.Storage.Auditing;

namespace Probity.Server.Access.Sessions;

/// <summary>One row of <c>session</c>. The token itself is nowhere; its SHA-256 is.</summary>
internal sealed class SessionRow
{
    /// <summary>The method of whoever proved one factor only.</summary>
    public const string PasswordAlone = "password";

    /// <summary><c>ses_</c> and a UUIDv7.</summary>
    public required string Id { get; init; }

    /// <summary>SHA-256 of the token, 32 bytes.</summary>
    [Secret]
    public required byte[] Sha256 { get; init; }

    public required string UserId { get; init; }

    /// <summary>How the person proved itself: <c>password</c>, <c>password+totp</c>, <c>passkey</c>, <c>oidc</c>.</summary>
    public required string Method { get; set; }

    /// <summary>The browser, as it names itself.</summary>
    public required string Client { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The end whatever happens.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The last request, up to a minute behind.</summary>
    public required DateTimeOffset LastSeenAt { get; set; }

    /// <summary>The last proof by a second factor or passkey.</summary>
    public DateTimeOffset? StrongAt { get; set; }

    public DateTimeOffset? RevokedAt { get; set; }

    public static void Configure(ModelBuilder model) => model.Entity<SessionRow>(map =>
    {
        map.ToTable("session");
        map.HasKey(row => row.Id);
        map.HasIndex(row => row.Sha256).IsUnique();
        map.HasOne<UserRow>().WithMany().HasForeignKey(row => row.UserId).OnDelete(DeleteBehavior.Restrict);
        map.Property(row => row.LastSeenAt).Operational("Requests leave their own entries; this ends idle sessions.");
        map.Audited();
    });
}
