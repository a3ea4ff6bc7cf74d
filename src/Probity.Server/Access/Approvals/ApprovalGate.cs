using Microsoft.EntityFrameworkCore;
using Probity.Server.Access.Approval;
using Probity.Server.Access.Roles;
using Probity.Server.Access.Users;
using Probity.Server.Storage;

namespace Probity.Server.Access.Approvals;

/// <summary>
/// The gate with the engine behind it: open only while nobody but the caller could decide, so that the first administrator
/// can make the second; the entry of what is done then says that it was done alone. Whoever could decide counts for a week
/// after the role was taken back or the person disabled: one cannot send the others away and then act alone.
/// </summary>
internal sealed class ApprovalGate(
    Lazy<IDatabase> database, Lazy<ApprovalDesk> desk, TimeProvider time) : IApprovalGate
{
    /// <summary>How long someone who could decide is waited for.</summary>
    public static readonly TimeSpan Remembered = TimeSpan.FromDays(7);

    public async Task<GateAnswer> AskAsync(GatedAction action, Caller caller, CancellationToken cancellationToken)
    {
        if (await IsAloneAsync(caller, cancellationToken))
        {
            return new GateAnswer.Open();
        }

        var row = await desk.Value.RequestAsync(action, caller, new AccessEntry(caller.ToActor(), null, time), cancellationToken);
        return new GateAnswer.Waiting(row.Id);
    }

    public async Task<bool> IsAloneAsync(Caller caller, CancellationToken cancellationToken)
    {
        await using var db = database.Value.CreateContext();
        var since = time.GetUtcNow() - Remembered;
        var grants = await db.Set<RoleGrantRow>().AsNoTracking()
            .Where(g => (g.RevokedAt == null || g.RevokedAt > since) && (g.ExpiresAt == null || g.ExpiresAt > since))
            .Join(db.Set<UserRow>().Where(u => u.DisabledAt == null || u.DisabledAt > since), g => g.UserId, u => u.Id, (g, u) => g)
            .Join(db.Set<RoleRow>(), g => g.RoleId, r => r.Id, (g, r) => new { g.UserId, r.Permissions })
            .ToListAsync(cancellationToken);
        var able = grants.Where(g => g.Permissions.Split(' ').Contains(Permission.DecideApprovals, StringComparer.Ordinal))
            .Select(g => g.UserId).ToHashSet(StringComparer.Ordinal);

        // A caller behind which nobody is known may be the one person who could decide.
        return caller.PersonId is null ? able.Count <= 1 : !able.Any(person => person != caller.PersonId);
    }
}
