using Microsoft.EntityFrameworkCore;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Access.Roles;

/// <summary>Makes the built-in roles that are missing, in one commit; those that are there stay as they are.</summary>
internal sealed class RoleSeed(IDatabase database, Lazy<ILedgerWriter> ledger, TimeProvider time)
{
    public async Task EnsureAsync(CancellationToken cancellationToken)
    {
        await using var work = new UnitOfWork(database, ledger.Value);
        var known = await work.Db.Set<RoleRow>().Select(r => r.Name).ToListAsync(cancellationToken);
        var missing = BuiltInRoles.All.Where(r => !known.Contains(r.Name)).ToList();
        if (missing.Count == 0)
        {
            return;
        }

        var entry = new AccessEntry(Caller.Server.ToActor(), null, time);
        foreach (var role in missing)
        {
            var row = new RoleRow
            {
                Id = BuiltInRoles.IdOf(role.Name),
                Name = role.Name,
                Description = role.Description,
                Permissions = RoleRow.Join(role.Permissions),
                IsBuiltIn = true,
                CreatedAt = time.GetUtcNow(),
            };
            work.Add(row);
            work.Record(
                entry.Draft(AccessEvents.RoleCreated, "access.role.create", "privilege_permissions_changed", new EntryTarget("role", row.Id) { Name = row.Name }),
                row);
        }

        await work.CommitAsync(cancellationToken);
    }
}
