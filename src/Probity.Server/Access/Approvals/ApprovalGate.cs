using Microsoft.EntityFrameworkCore;
using Probity.Server.Access.Approval;
using Probity.Server.Access.Roles;
using Probity.Server.Access.Users;
using Probity.Server.Storage;

namespace Probity.Server.Access.Approvals;

/// <summary>
/// The gate with the engine behind it: open only while nobody but the caller could decide, so that the first administrator
/// can make the second; the entry of what is done then says that it was done alone.
/// </summary>
internal sealed class ApprovalGate(
    Lazy<IDatabase> database, ApprovalPolicies policies, Lazy<ApprovalDesk> desk, TimeProvider time) : IApprovalGate
{
    public async Task<GateAnswer> AskAsync(GatedAction action, Caller caller, CancellationToken cancellationToken)
    {
        if (await IsAloneAsync(action.Action, caller, cancellationToken))
        {
            return new GateAnswer.Open();
        }

        var row = await desk.Value.RequestAsync(action, caller, new AccessEntry(caller.ToActor(), null, time), cancellationToken);
        return new GateAnswer.Waiting(row.Id);
    }

    public async Task<bool> IsAloneAsync(string action, Caller caller, CancellationToken cancellationToken)
    {
        await using var db = database.Value.CreateContext();
        var permission = (await policies.FindAsync(db, action, cancellationToken)).Permission;
        var now = time.GetUtcNow();
        var grants = await db.Set<RoleGrantRow>().AsNoTracking()
            .Where(g => g.RevokedAt == null && (g.ExpiresAt == null || g.ExpiresAt > now))
            .Join(db.Set<UserRow>().Where(u => u.DisabledAt == null), g => g.UserId, u => u.Id, (g, u) => g)
            .Join(db.Set<RoleRow>(), g => g.RoleId, r => r.Id, (g, r) => new { g.UserId, r.Permissions })
            .ToListAsync(cancellationToken);
        var able = grants.Where(g => g.Permissions.Split(' ').Contains(permission, StringComparer.Ordinal))
            .Select(g => g.UserId).ToHashSet(StringComparer.Ordinal);

        // A caller behind which nobody is known may be the one person who could decide.
        return caller.PersonId is null ? able.Count <= 1 : !able.Any(person => person != caller.PersonId);
    }
}
