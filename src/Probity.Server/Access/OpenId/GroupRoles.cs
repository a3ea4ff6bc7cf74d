using Microsoft.EntityFrameworkCore;
using Probity.Contracts.Access;
using Probity.Server.Access.Roles;
using Probity.Server.Hosting.Settings;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Access.OpenId;

/// <summary>
/// Keeps the roles that come from groups equal to the groups. Only grants of its own source are touched: what a person
/// gave stays. Whoever wrote the map and whoever put the person into the group are the two who agreed, so no approval
/// is
/// asked (decision 0020).
/// </summary>
internal sealed class GroupRoles(ProbitySettings settings, RoleDesk roles, TimeProvider time, ILogger<GroupRoles> log)
{
    /// <summary>Whether any of the groups stands for a role.</summary>
    public bool Maps(IEnumerable<string> groups) => settings.GroupRoles.RolesOf(groups).Count > 0;

    /// <summary>
    /// Gives what the groups stand for and takes back the rest, within a unit of work; true when anything changed, and
    /// then the caller says <c>SessionDesk.Ended(userId)</c> after the commit.
    /// </summary>
    /// <param name="work">What the changes are committed with.</param>
    /// <param name="userId">Whose roles.</param>
    /// <param name="groups">The groups the person is in now.</param>
    /// <param name="source"><c>oidc</c> or <c>scim</c>.</param>
    /// <param name="entry">Who does it.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<bool> FollowAsync(
        UnitOfWork work, string userId, IEnumerable<string> groups, string source, AccessEntry entry,
            CancellationToken cancellationToken)
    {
        var wanted = settings.GroupRoles.RolesOf(groups);
        var now = time.GetUtcNow();
        var rows = await work.Db.Set<RoleGrantRow>()
            .Where(g => g.UserId == userId && g.Source == source && g.RevokedAt == null)
            .Join(work.Db.Set<RoleRow>(), g => g.RoleId, r => r.Id, (g, r) => new { Grant = g, r.Name })
                .ToListAsync(cancellationToken);
        var held = rows.Where(r => r.Grant.IsInForce(now)).ToList();
        var over = held.Where(h => !wanted.Contains(new HeldByGroup(h.Name, h.Grant.Scope))).ToList();
        foreach (var grant in over)
        {
            roles.ApplyTakeBack(work, grant.Grant, entry);
        }

        var missing = wanted.Except(held.Select(h => new HeldByGroup(h.Name, h.Grant.Scope))).ToList();
        var given = 0;
        foreach (var one in missing)
        {
            given += await GiveAsync(work, userId, one, source, entry, cancellationToken) ? 1 : 0;
        }

        return over.Count + given > 0;
    }

    private async Task<bool> GiveAsync(
        UnitOfWork work, string userId, HeldByGroup wanted, string source, AccessEntry entry,
            CancellationToken cancellationToken)
    {
        var roleId = await work.Db.Set<RoleRow>().Where(r => r.Name == wanted.Role).Select(r => r.Id)
            .SingleOrDefaultAsync(cancellationToken);
        if (roleId is null)
        {
            log.GroupRoleUnknown(wanted.Role);
            return false;
        }

        var scope = EntityScope.Parse(wanted.Scope);
        var request =
            new GiveGrant { UserId = userId, RoleId = roleId, Entities = scope.IsAll ? null : [.. scope.Codes] };
        await roles.ApplyGiveAsync(work, request, source, source, entry, cancellationToken);
        return true;
    }
}
