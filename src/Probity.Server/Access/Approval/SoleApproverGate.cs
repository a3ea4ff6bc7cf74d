using Microsoft.EntityFrameworkCore;
using Probity.Contracts.Problems;
using Probity.Server.Access.Roles;
using Probity.Server.Access.Users;
using Probity.Server.Hosting.Problems;
using Probity.Server.Storage;

namespace Probity.Server.Access.Approval;

/// <summary>
/// The gate without an approvals engine: open while nobody but the caller could approve, closed from then on.
/// </summary>
internal sealed class SoleApproverGate(Lazy<IDatabase> database, TimeProvider time) : IApprovalGate
{
    public async Task<GateAnswer> AskAsync(GatedAction action, Caller caller, CancellationToken cancellationToken) =>
        await OtherApproverExistsAsync(caller, cancellationToken)
            ? throw new ProblemException(ErrorCodes.AccessApprovalNeeded)
            : new GateAnswer.Open();

    /// <summary>Whether an enabled person other than the one behind the caller may decide approvals.</summary>
    public async Task<bool> OtherApproverExistsAsync(Caller caller, CancellationToken cancellationToken)
    {
        await using var db = database.Value.CreateContext();
        var now = time.GetUtcNow();
        var grants = await db.Set<RoleGrantRow>().AsNoTracking()
            .Where(g => g.RevokedAt == null && (g.ExpiresAt == null || g.ExpiresAt > now) && g.UserId != caller.PersonId)
            .Join(db.Set<UserRow>().Where(u => u.DisabledAt == null && u.PasswordHash != null), g => g.UserId, u => u.Id, (g, u) => g.RoleId)
            .Join(db.Set<RoleRow>(), id => id, r => r.Id, (id, r) => r.Permissions)
            .ToListAsync(cancellationToken);
        return grants.Any(p => p.Split(' ').Contains(Permission.DecideApprovals, StringComparer.Ordinal));
    }
}
