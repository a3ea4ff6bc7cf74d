using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Probity.Contracts.Access;
using Probity.Contracts.Problems;
using Probity.Server.Access.Approval;
using Probity.Server.Access.Approvals;
using Probity.Server.Access.Sessions;
using Probity.Server.Access.Users;
using Probity.Server.Hosting.Problems;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Access.Roles;

/// <summary>
/// Changes roles and grants. Giving and widening go through the approval gate; the <c>Apply…</c> methods do the change
/// inside a unit of work, for the gate's engine as for the request itself.
/// </summary>
internal sealed class RoleDesk(
    IDatabase database, Lazy<ILedgerWriter> ledger, IApprovalGate gate, SessionDesk sessions, TimeProvider time)
{
    public const int MaxDescription = 500;

    public async Task<IReadOnlyList<RoleView>> ListAsync(CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        var rows = await db.Set<RoleRow>().AsNoTracking().OrderBy(r => r.Name).ToListAsync(cancellationToken);
        return [.. rows.Select(View)];
    }

    public async Task<RoleView> GetAsync(string id, CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        return View(await FindRoleAsync(db, id, cancellationToken));
    }

    public async Task<IReadOnlyList<GrantView>> GrantsAsync(string? userId, CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        var rows = await db.Set<RoleGrantRow>().AsNoTracking().Where(g => userId == null || g.UserId == userId)
            .Join(db.Set<RoleRow>(), g => g.RoleId, r => r.Id, (g, r) => new { g, r.Name }).ToListAsync(cancellationToken);
        return [.. rows.OrderByDescending(r => r.g.GrantedAt).Select(r => UserViews.Of(r.g, r.Name))];
    }

    /// <summary>Gives a role, or asks for it. Exactly one of the two results is set.</summary>
    public async Task<(GrantView? Done, string? ApprovalId)> GiveAsync(
        GiveGrant request, CreationRow? creation, Caller caller, AccessEntry entry, CancellationToken cancellationToken)
    {
        if (request.UserId == caller.PersonId)
        {
            throw new ProblemException(ErrorCodes.AccessOwnAccount, "Nobody gives roles to the own account.");
        }

        entry = entry with { IsAlone = await gate.IsAloneAsync(caller, cancellationToken) };
        await using var work = new UnitOfWork(database, ledger.Value);
        var (grant, role) = await ApplyGiveAsync(work, request, "person", caller.Id, entry, cancellationToken);
        var answer = await gate.AskAsync(
            new GatedAction(
                GatedActions.GiveGrant, new EntryTarget("user", request.UserId), JsonSerializer.Serialize(request, ApprovalJson.Options), request.Reason),
            caller, cancellationToken);
        if (answer is GateAnswer.Waiting waiting)
        {
            return (null, waiting.ApprovalId);
        }

        creation?.Use(work, grant.Id);
        await work.CommitAsync(cancellationToken);
        sessions.RightsChanged();
        return (UserViews.Of(grant, role), null);
    }

    /// <summary>Adds a grant and its entry to a unit of work; whoever commits it calls <see cref="SessionDesk.Ended"/> then.</summary>
    public async Task<(RoleGrantRow Grant, string Role)> ApplyGiveAsync(
        UnitOfWork work, GiveGrant request, string source, string grantedBy, AccessEntry entry, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var role = await FindRoleAsync(work.Db, request.RoleId, cancellationToken);
        var user = await work.Db.Set<UserRow>().AsNoTracking().SingleOrDefaultAsync(u => u.Id == request.UserId, cancellationToken)
            ?? throw new ProblemException(ErrorCodes.AccessUserNotFound);
        var scope = Scope(request.Entities);
        var grant = new RoleGrantRow
        {
            Id = AccessIds.New(AccessIds.Grant, now),
            UserId = user.Id,
            RoleId = role.Id,
            Scope = scope.ToString(),
            Source = source,
            GrantedBy = grantedBy,
            GrantedAt = now,
            ExpiresAt = Expiry(role, request.ExpiresAt, now),
        };
        work.Add(grant);
        work.Record(
            entry.Draft(
                AccessEvents.GrantGiven, GatedActions.GiveGrant, "privilege_permissions_changed",
                new EntryTarget("user", user.Id) { Name = user.Name }, ("role", role.Name), ("grant", grant.Id)),
            grant);
        return (grant, role.Name);
    }

    /// <summary>Takes a grant back at once: taking away needs no second person.</summary>
    public async Task TakeBackAsync(string id, AccessEntry entry)
    {
        await using var work = new UnitOfWork(database, ledger.Value);
        var grant = await work.Db.Set<RoleGrantRow>().SingleOrDefaultAsync(g => g.Id == id)
            ?? throw new ProblemException(ErrorCodes.AccessGrantNotFound);
        if (grant.RevokedAt is not null)
        {
            return;
        }

        await LastAdministrator.RefuseAsync(
            work.Db, time.GetUtcNow(), g => g.Id == grant.Id, null, CancellationToken.None);
        ApplyTakeBack(work, grant, entry);
        await work.CommitAsync(CancellationToken.None);
        sessions.Ended(grant.UserId);
    }

    /// <summary>Ends a grant within a unit of work, with its entry.</summary>
    public void ApplyTakeBack(UnitOfWork work, RoleGrantRow grant, AccessEntry entry)
    {
        grant.RevokedAt = time.GetUtcNow();
        work.Record(
            entry.Draft(
                AccessEvents.GrantTakenBack, "access.grant.take_back", "privilege_permissions_changed",
                new EntryTarget("user", grant.UserId), ("grant", grant.Id)),
            grant);
    }

    public async Task<(RoleView? Done, string? ApprovalId)> CreateAsync(
        CreateRole request, CreationRow? creation, Caller caller, AccessEntry entry, CancellationToken cancellationToken)
    {
        RoleRules.Check(request.Name, request.Description, request.Permissions);
        entry = entry with { IsAlone = await gate.IsAloneAsync(caller, cancellationToken) };
        await using var work = new UnitOfWork(database, ledger.Value);
        if (await work.Db.Set<RoleRow>().AnyAsync(r => r.Name == request.Name, cancellationToken))
        {
            throw new ProblemException(ErrorCodes.AccessRoleExists);
        }

        var answer = await gate.AskAsync(
            new GatedAction(GatedActions.CreateRole, new EntryTarget("role", request.Name), JsonSerializer.Serialize(request, ApprovalJson.Options), request.Reason),
            caller, cancellationToken);
        if (answer is GateAnswer.Waiting waiting)
        {
            return (null, waiting.ApprovalId);
        }

        var row = ApplyCreate(work, request, entry);
        creation?.Use(work, row.Id);
        await work.CommitAsync(cancellationToken);
        return (View(row), null);
    }

    /// <summary>Adds a role and its entry to a unit of work.</summary>
    public RoleRow ApplyCreate(UnitOfWork work, CreateRole request, AccessEntry entry)
    {
        var now = time.GetUtcNow();
        var row = new RoleRow
        {
            Id = AccessIds.New(AccessIds.Role, now),
            Name = request.Name,
            Description = request.Description,
            Permissions = RoleRow.Join(request.Permissions),
            IsBuiltIn = false,
            CreatedAt = now,
        };
        work.Add(row);
        work.Record(
            entry.Draft(
                AccessEvents.RoleCreated, GatedActions.CreateRole, "privilege_permissions_changed",
                new EntryTarget("role", row.Id) { Name = row.Name }),
            row);
        return row;
    }

    public async Task<(RoleView? Done, string? ApprovalId)> EditAsync(
        string id, EditRole request, Caller caller, AccessEntry entry, CancellationToken cancellationToken)
    {
        entry = entry with { IsAlone = await gate.IsAloneAsync(caller, cancellationToken) };
        await using var work = new UnitOfWork(database, ledger.Value);
        var row = await ApplyEditAsync(work, id, request, entry, cancellationToken);
        if (row is null)
        {
            return (await GetAsync(id, cancellationToken), null);
        }

        if (caller.Roles.Contains(row.Name, StringComparer.Ordinal) && request.Permissions.Any(p => !caller.Has(p)))
        {
            throw new ProblemException(ErrorCodes.AccessOwnAccount, "Nobody widens a role of the own.");
        }

        var before = work.Db.Entry(row).Property(r => r.Permissions).OriginalValue;
        var payload = JsonSerializer.Serialize(new RoleEdit(id, request, before), ApprovalJson.Options);
        var answer = await gate.AskAsync(
            new GatedAction(GatedActions.EditRole, new EntryTarget("role", id) { Name = row.Name }, payload, request.Reason), caller, cancellationToken);
        if (answer is GateAnswer.Waiting waiting)
        {
            return (null, waiting.ApprovalId);
        }

        await work.CommitAsync(cancellationToken);
        sessions.RightsChanged();
        return (View(row), null);
    }

    /// <summary>Changes a role within a unit of work, with its entry; null when it is as wanted already.</summary>
    public async Task<RoleRow?> ApplyEditAsync(
        UnitOfWork work, string id, EditRole request, AccessEntry entry, CancellationToken cancellationToken)
    {
        var row = await FindRoleAsync(work.Db, id, cancellationToken);
        RoleRules.Check(row.Name, request.Description ?? row.Description, request.Permissions);
        var permissions = RoleRow.Join(request.Permissions);
        if (row.Permissions == permissions && (request.Description ?? row.Description) == row.Description)
        {
            return null;
        }

        await LastAdministrator.RefuseAsync(
            work.Db, time.GetUtcNow(), static _ => false, (row.Id, permissions), cancellationToken);
        (row.Permissions, row.Description) = (permissions, request.Description ?? row.Description);
        work.Record(
            entry.Draft(
                AccessEvents.RoleEdited, GatedActions.EditRole, "privilege_permissions_changed",
                new EntryTarget("role", row.Id) { Name = row.Name }),
            row);
        return row;
    }

    private static async Task<RoleRow> FindRoleAsync(ProbityDb db, string id, CancellationToken cancellationToken) =>
        await db.Set<RoleRow>().SingleOrDefaultAsync(r => r.Id == id, cancellationToken)
        ?? throw new ProblemException(ErrorCodes.AccessRoleNotFound);

    private static EntityScope Scope(IReadOnlyList<string>? entities)
    {
        if (entities is null)
        {
            return EntityScope.All;
        }

        return entities.Count is 0 or > EntityScope.MaxCodes || !entities.All(EntityScope.IsCode)
            ? throw UserRefusal.Field("/entities", "Give 1 to 50 codes of letters, digits, -, _ and ., or leave it out for all.")
            : EntityScope.Of(entities);
    }

    private static DateTimeOffset? Expiry(RoleRow role, DateTimeOffset? asked, DateTimeOffset now)
    {
        if (asked <= now)
        {
            throw UserRefusal.Field("/expires_at", "The role would have ended already.");
        }

        if (role.Name != BuiltInRoles.Examiner)
        {
            return asked;
        }

        var latest = now + BuiltInRoles.ExaminerLimit;
        return asked > latest
            ? throw UserRefusal.Field("/expires_at", "An examiner's role is given for 90 days at most.")
            : asked ?? latest;
    }

    private static RoleView View(RoleRow row) => new()
    {
        Id = row.Id,
        Name = row.Name,
        Description = row.Description,
        Permissions = row.PermissionNames,
        BuiltIn = row.IsBuiltIn,
    };
}
