using Microsoft.EntityFrameworkCore;
using Probity.Server.Access.Users;
using Probity.Server.Storage.Auditing;

namespace Probity.Server.Access.Scim;

/// <summary>One row of <c>directory_group</c>: a group that a SCIM client keeps.</summary>
internal sealed class DirectoryGroupRow
{
    /// <summary><c>grp_</c> and a UUIDv7.</summary>
    public required string Id { get; init; }

    /// <summary>What <c>AUDIT_GROUP_ROLES</c> names.</summary>
    public required string DisplayName { get; set; }

    public string? ExternalId { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Counts the changes, from 0: a change of members alone is a change of the group too.</summary>
    public long Revision { get; set; }

    public static void Configure(ModelBuilder model)
    {
        model.Entity<DirectoryGroupRow>(map =>
        {
            map.ToTable("directory_group");
            map.HasKey(row => row.Id);
            map.Audited();
        });
        model.Entity<DirectoryMemberRow>(map =>
        {
            map.ToTable("directory_member");
            map.HasKey(row => new { row.GroupId, row.UserId });
            map.HasOne<DirectoryGroupRow>().WithMany().HasForeignKey(row => row.GroupId)
                .OnDelete(DeleteBehavior.Cascade);
            map.HasOne<UserRow>().WithMany().HasForeignKey(row => row.UserId).OnDelete(DeleteBehavior.Restrict);
            map.Operational(
                "The entry of the group's change names who came and who went; the roles are grants of their own.");
        });
    }
}

/// <summary>One row of <c>directory_member</c>: a user in a group.</summary>
internal sealed class DirectoryMemberRow
{
    public required string GroupId { get; init; }

    public required string UserId { get; init; }
}
