using Microsoft.EntityFrameworkCore;
using Probity.Server.Access.Monitoring;
using Probity.Server.Access.Sessions;
using Probity.Server.Access.Users;
using Probity.Server.Storage;

namespace Probity.Server.Access.Roles;

/// <summary>What a person holds at an instant: roles, and permissions with their reach.</summary>
internal sealed record HeldRoles(IReadOnlyList<string> Roles, IReadOnlyDictionary<string, EntityScope> Permissions)
{
    /// <summary>The open emergency whose permissions are among them; null for none.</summary>
    public string? BreakGlassId { get; init; }

    /// <summary>Reads the grants in force.</summary>
    public static async Task<HeldRoles> ReadAsync(
        ProbityDb db, string userId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var grants = await db.Set<RoleGrantRow>().AsNoTracking()
            .Where(g => g.UserId == userId && g.RevokedAt == null)
            .Join(db.Set<RoleRow>(), g => g.RoleId, r => r.Id, (g, r) => new { Grant = g, Role = r })
            .ToListAsync(cancellationToken);
        var permissions = new Dictionary<string, EntityScope>(StringComparer.Ordinal)
        {
            [Permission.UseOwnAccount] = EntityScope.All,
        };
        var inForce = grants.Where(g => g.Grant.IsInForce(now)).ToList();
        foreach (var held in inForce)
        {
            var scope = EntityScope.Parse(held.Grant.Scope);
            foreach (var name in held.Role.PermissionNames)
            {
                permissions[name] = permissions.GetValueOrDefault(name, EntityScope.None).Union(scope);
            }
        }

        var glass = await BreakGlassRow.OpenAsync(db, userId, now, cancellationToken);
        foreach (var name in glass is null ? [] : BreakGlassSets.All[glass.Permissions])
        {
            permissions[name] = EntityScope.All;
        }

        return new HeldRoles([.. inForce.Select(g => g.Role.Name).Distinct().Order(StringComparer.Ordinal)], permissions) { BreakGlassId = glass?.Id };
    }

    /// <summary>The person with what it holds.</summary>
    /// <param name="user">The person.</param>
    /// <param name="session">The session it comes with.</param>
    /// <param name="isConfined">Whether only the own account is open, since a second factor is missing.</param>
    public Caller ToCaller(UserRow user, SessionRow session, bool isConfined = false) =>
        new(CallerKind.Person, user.Id, user.Name, user.Name, isConfined
            ? Permissions.Where(p => p.Key == Permission.UseOwnAccount) : Permissions)
        {
            PersonId = user.Id,
            SessionId = session.Id,
            Roles = isConfined ? [] : Roles,
            BreakGlassId = isConfined ? null : BreakGlassId,
            MustEnrol = isConfined,
            StrongAt = session.StrongAt,
            ExpiresAt = session.ExpiresAt,
        };
}
