using Microsoft.EntityFrameworkCore;
using Probity.Server.Access.Users;
using Probity.Server.Storage.Auditing;

namespace Probity.Server.Access.Roles;

/// <summary>One row of <c>role_grant</c>: a role that a user holds. Rows are taken back, never removed.</summary>
internal sealed class RoleGrantRow
{
    public required string Id { get; init; }

    public required string UserId { get; init; }

    public required string RoleId { get; init; }

    /// <summary>The legal entities it reaches, as <see cref="EntityScope"/> writes them.</summary>
    public required string Scope { get; init; }

    /// <summary>What it comes from: <c>person</c>, <c>oidc</c>, <c>scim</c> or <c>set_up</c>.</summary>
    public required string Source { get; init; }

    /// <summary>The caller that gave it.</summary>
    public required string GrantedBy { get; init; }

    public required DateTimeOffset GrantedAt { get; init; }

    /// <summary>Null means until it is taken back.</summary>
    public DateTimeOffset? ExpiresAt { get; set; }

    public DateTimeOffset? RevokedAt { get; set; }

    public bool IsInForce(DateTimeOffset now) => RevokedAt is null && (ExpiresAt is null || ExpiresAt > now);

    public static void Configure(ModelBuilder model) => model.Entity<RoleGrantRow>(map =>
    {
        map.ToTable("role_grant");
        map.HasKey(row => row.Id);
        map.HasOne<UserRow>().WithMany().HasForeignKey(row => row.UserId).OnDelete(DeleteBehavior.Restrict);
        map.HasOne<RoleRow>().WithMany().HasForeignKey(row => row.RoleId).OnDelete(DeleteBehavior.Restrict);
        map.Audited();
    });
}
