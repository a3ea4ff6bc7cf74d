using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Probity.Contracts.Access;
using Probity.Contracts.Problems;
using Probity.Server.Access.Approval;
using Probity.Server.Access.Roles;
using Probity.Server.Access.Sessions;
using Probity.Server.Access.Users;
using Probity.Server.Hosting.Problems;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Access.Approvals;

/// <summary>Gives a role that was agreed to.</summary>
internal sealed class GiveGrantAction(RoleDesk roles, SessionDesk sessions) : IApprovedAction
{
    public string Action => GatedActions.GiveGrant;

    public string MakerPermission => Permission.ManageGrants;

    public async Task ExecuteAsync(UnitOfWork work, ApprovedRequest request, AccessEntry entry, CancellationToken cancellationToken)
    {
        var wanted = JsonSerializer.Deserialize<GiveGrant>(request.Payload, ApprovalJson.Options) ?? throw new ProblemException(ErrorCodes.RequestMalformed);
        if (await work.Db.Set<UserRow>().AsNoTracking().AnyAsync(u => u.Id == wanted.UserId && u.DisabledAt != null, cancellationToken))
        {
            throw new ProblemException(ErrorCodes.AccessUserNotFound, "The user is disabled.");
        }

        await roles.ApplyGiveAsync(work, wanted, "person", request.MakerId, entry, cancellationToken);
    }

    public void Executed() => sessions.RightsChanged();
}

/// <summary>Changes a role as was agreed to, if it still is what it was when it was asked for.</summary>
internal sealed class EditRoleAction(RoleDesk roles, SessionDesk sessions) : IApprovedAction
{
    public string Action => GatedActions.EditRole;

    public string MakerPermission => Permission.ManageRoles;

    public async Task ExecuteAsync(UnitOfWork work, ApprovedRequest request, AccessEntry entry, CancellationToken cancellationToken)
    {
        var wanted = JsonSerializer.Deserialize<RoleEdit>(request.Payload, ApprovalJson.Options) ?? throw new ProblemException(ErrorCodes.RequestMalformed);
        var before = await work.Db.Set<RoleRow>().AsNoTracking().Where(r => r.Id == wanted.Id).Select(r => r.Permissions)
            .SingleOrDefaultAsync(cancellationToken) ?? throw new ProblemException(ErrorCodes.AccessRoleNotFound);
        if (wanted.Before is not null && wanted.Before != before)
        {
            throw new ProblemException(ErrorCodes.AccessApprovalOutdated, "The role was changed after this was asked for.");
        }

        _ = await roles.ApplyEditAsync(work, wanted.Id, wanted.Request, entry, cancellationToken)
            ?? throw new ProblemException(ErrorCodes.AccessApprovalOutdated, "The role is as wanted already.");
    }

    public void Executed() => sessions.RightsChanged();
}

/// <summary>What is asked for when a role is to change.</summary>
/// <param name="Id">The role.</param>
/// <param name="Request">What it is to be.</param>
/// <param name="Before">Its permissions when it was asked for: what the checker believes is being changed.</param>
internal sealed record RoleEdit(string Id, EditRole Request, string? Before);

/// <summary>Makes a role that was agreed to.</summary>
internal sealed class CreateRoleAction(RoleDesk roles) : IApprovedAction
{
    public string Action => GatedActions.CreateRole;

    public string MakerPermission => Permission.ManageRoles;

    public async Task ExecuteAsync(UnitOfWork work, ApprovedRequest request, AccessEntry entry, CancellationToken cancellationToken)
    {
        var wanted = JsonSerializer.Deserialize<CreateRole>(request.Payload, ApprovalJson.Options) ?? throw new ProblemException(ErrorCodes.RequestMalformed);
        RoleRules.Check(wanted.Name, wanted.Description, wanted.Permissions);
        if (await work.Db.Set<RoleRow>().AnyAsync(r => r.Name == wanted.Name, cancellationToken))
        {
            throw new ProblemException(ErrorCodes.AccessRoleExists);
        }

        roles.ApplyCreate(work, wanted, entry);
    }
}
