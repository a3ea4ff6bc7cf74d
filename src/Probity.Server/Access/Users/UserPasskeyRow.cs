using Microsoft.EntityFrameworkCore;
using Probity.Server.Storage.Auditing;

namespace Probity.Server.Access.Users;

/// <summary>One row of <c>user_passkey</c>: a passkey (WebAuthn credential) of a person.</summary>
internal sealed class UserPasskeyRow
{
    /// <summary>The credential id, base64url.</summary>
    public required string Id { get; init; }

    public required string UserId { get; init; }

    /// <summary>What the person calls it.</summary>
    public required string Name { get; set; }

    /// <summary>The credential's public key, COSE.</summary>
    public required byte[] PublicKey { get; init; }

    /// <summary>The authenticator's counter as last seen; a smaller one means a copy.</summary>
    public required long SignCount { get; set; }

    /// <summary>How the authenticator is reached, separated by spaces.</summary>
    public required string Transports { get; init; }

    public required bool IsUserVerified { get; set; }

    public required bool IsBackupEligible { get; init; }

    public required bool IsBackedUp { get; set; }

    [Secret]
    public required byte[] AttestationObject { get; init; }

    [Secret]
    public required byte[] ClientDataJson { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public static void Configure(ModelBuilder model) => model.Entity<UserPasskeyRow>(map =>
    {
        map.ToTable("user_passkey");
        map.HasKey(row => row.Id);
        map.HasOne<UserRow>().WithMany().HasForeignKey(row => row.UserId).OnDelete(DeleteBehavior.Restrict);
        map.Audited();
    });
}
