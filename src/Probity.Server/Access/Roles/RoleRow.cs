using Microsoft.EntityFrameworkCore;
using Probity.Server.Storage.Auditing;

namespace Probity.Server.Access.Roles;

/// <summary>One row of <c>role</c>: a named set of permissions.</summary>
internal sealed class RoleRow
{
    /// <summary><c>rol_</c> and, for a built-in role, its name; else a UUIDv7.</summary>
    public required string Id { get; init; }

    /// <summary>Lower case with underscores, unique: what the entry's <c>actor.role</c> says.</summary>
    public required string Name { get; init; }

    public required string Description { get; set; }

    /// <summary>Permission names, sorted, separated by spaces.</summary>
    public required string Permissions { get; set; }

    /// <summary>Built-in roles can be edited, not removed.</summary>
    public required bool IsBuiltIn { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public IReadOnlyList<string> PermissionNames => Permissions.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    public static string Join(IEnumerable<string> permissions) =>
        string.Join(' ', permissions.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));

    public static void Configure(ModelBuilder model) => model.Entity<RoleRow>(map =>
    {
        map.ToTable("role");
        map.HasKey(row => row.Id);
        map.HasIndex(row => row.Name).IsUnique();
        map.Ignore(row => row.PermissionNames);
        map.Audited();
    });
}
