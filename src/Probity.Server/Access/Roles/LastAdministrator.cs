using Microsoft.EntityFrameworkCore;
using Probity.Contracts.Problems;
using Probity.Server.Access.Users;
using Probity.Server.Hosting.Problems;
using Probity.Server.Storage;

namespace Probity.Server.Access.Roles;

/// <summary>
/// Keeps one person who can give roles: an installation without is shut to everyone but the holder of the bootstrap
/// key.
/// What a directory takes away (OpenID, SCIM) is not held up by this: there the person has left.
/// </summary>
internal static class LastAdministrator
{
    /// <summary>Refuses a change that leaves nobody who can give roles, if there is someone now.</summary>
    /// <param name="db">What is read.</param>
    /// <param name="now">When.</param>
    /// <param name="without">A grant, or all grants of a user, that the change ends.</param>
    /// <param name="edited">A role and its permissions after the change; null for none.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="ProblemException">access.last_administrator.</exception>
    public static async Task RefuseAsync(
        ProbityDb db, DateTimeOffset now, Func<RoleGrantRow, bool> without, (string RoleId, string Permissions)? edited,
        CancellationToken cancellationToken)
    {
        var rows = await db.Set<RoleGrantRow>().AsNoTracking().Where(g => g.RevokedAt == null)
            .Join(db.Set<RoleRow>(), g => g.RoleId, r => r.Id, (g, r) => new { Grant = g, r.Id, r.Permissions })
            .Where(x => db.Set<UserRow>().Any(u => u.Id == x.Grant.UserId && u.DisabledAt == null))
                .ToListAsync(cancellationToken);
        var held = rows.Where(r => r.Grant.IsInForce(now)).ToList();
        var isOneNow = held.Any(r => Gives(r.Permissions));
        var isOneThen =
            held.Any(r => !without(r.Grant)
            && Gives(edited is { } edit && edit.RoleId == r.Id ? edit.Permissions : r.Permissions));
        if (isOneNow && !isOneThen)
        {
            throw new ProblemException(ErrorCodes.AccessLastAdministrator);
        }
    }

    private static bool Gives(string permissions) => permissions.Split(' ')
        .Contains(Permission.ManageGrants, StringComparer.Ordinal);
}
