using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Probity.Server.Access.OpenId;
using Probity.Server.Access.Sessions;
using Probity.Server.Access.Users;
using Probity.Server.Storage;
using Probity.Server.Storage.Auditing;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Access.Scim;

/// <summary>
/// Users as a SCIM client keeps them. It reaches only those it made; what it switches off loses its sessions in the
/// same
/// commit. Source: RFC 7643 section 4.1, RFC 7644 section 3.
/// </summary>
internal sealed class ScimUsers(
    IDatabase database, Lazy<ILedgerWriter> ledger, SessionDesk sessions, GroupRoles roles, UserSecrets secrets,
        TimeProvider time)
{
    public const string Source = "scim";

    /// <summary>Begins the <c>external_id</c> of users whose client gave none: it marks them as the client's.</summary>
    public const string NoExternalId = "scim:";

    // No login begins so, since none has a space: a deleted user's login is free again.
    private const string DeletedPrefix = "deleted ";

    public async Task<JsonObject> ListAsync(ScimQuery query, CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        var users = Provisioned(db.Set<UserRow>().AsNoTracking());
        if (query.Filter is { } filter)
        {
            users = users.Where(ScimFilter<UserRow>.Read(filter, ScimAttributes.Users));
        }

        var total = await users.CountAsync(cancellationToken);
        var rows = await users.OrderBy(u => u.LoginKey).Skip(query.Start - 1).Take(query.Count)
            .Select(u => new { User = u, Version = EF.Property<string>(u, AuditDeclarations.EntryId) })
                .ToListAsync(cancellationToken);
        var ids = rows.Select(r => r.User.Id).ToList();
        var groups = await GroupsAsync(db, ids, cancellationToken);
        return ScimJson.List(total, query.Start,
            rows.Select(r =>
            ScimJson.Trim(View(r.User, r.Version, groups[r.User.Id]), query.Attributes, query.Excluded)));
    }

    public async Task<JsonObject> GetAsync(string id, CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        return await ReadAsync(db, id, cancellationToken);
    }

    public async Task<JsonObject> CreateAsync(JsonObject body, AccessEntry entry)
    {
        var wanted = ScimPerson.Of(body);
        var now = time.GetUtcNow();
        var id = AccessIds.New(AccessIds.User, now);
        var user = new UserRow
        {
            Id = id,
            Login = wanted.Login,
            LoginKey = Logins.Normalize(wanted.Login),
            Name = wanted.Name,
            Email = wanted.Email,
            SecurityStamp = secrets.NewStamp(),
            ExternalId = wanted.ExternalId ?? NoExternalId + id,
            CreatedAt = now,
            DisabledAt = wanted.IsActive ? null : now,
        };
        await using var work = new UnitOfWork(database, ledger.Value);
        await RefuseTakenAsync(work.Db, user);
        work.Add(user);
        work.Record(entry.Draft(AccessEvents.UserCreated, "access.user.create", "user_created", Target(user),
            ("source", Source)), user);
        await CommitAsync(work);
        return await GetAsync(id, CancellationToken.None);
    }

    public Task<JsonObject> ReplaceAsync(string id, JsonObject body, ScimMatch match, AccessEntry entry) =>
        ChangeAsync(id, match, entry, user => Take(user, ScimPerson.Of(body)));

    public Task<JsonObject> PatchAsync(string id, JsonObject body, ScimMatch match, AccessEntry entry)
    {
        var operations = ScimOperation.Read(body);
        return ChangeAsync(id, match, entry, user =>
        {
            var wanted = ScimPerson.Of(user);
            foreach (var (attribute, value) in operations.SelectMany(o => o.Attributes()))
            {
                wanted = wanted.With(attribute, value);
            }

            Take(user, wanted.Checked());
        });
    }

    /// <summary>Deletes for SCIM: the user is disabled for good, leaves its groups, and its login is free.</summary>
    public async Task DeleteAsync(string id, ScimMatch match, AccessEntry entry)
    {
        await using var work = new UnitOfWork(database, ledger.Value);
        var user = await FindAsync(work.Db, id, match);
        user.DisabledAt ??= time.GetUtcNow();
        (user.LoginKey, user.ExternalId, user.ExternalSubject) = (DeletedPrefix + user.Id, null, null);
        work.Record(entry.Draft(AccessEvents.UserDisabled, "access.user.remove", "user_deleted", Target(user),
            ("source", Source)), user);
        foreach (var member in await work.Db.Set<DirectoryMemberRow>().Where(m => m.UserId == id).ToListAsync())
        {
            work.Remove(member);
        }

        await roles.FollowAsync(work, id, [], Source, entry, CancellationToken.None);
        await sessions.RevokeAllAsync(work, id, null, entry, CancellationToken.None);
        await CommitAsync(work);
        sessions.Ended(id);
    }

    /// <summary>The users a SCIM client reaches.</summary>
    public static IQueryable<UserRow> Provisioned(IQueryable<UserRow> users) => users.Where(u => u.ExternalId != null);

    private async Task<JsonObject> ChangeAsync(string id, ScimMatch match, AccessEntry entry, Action<UserRow> change)
    {
        await using var work = new UnitOfWork(database, ledger.Value);
        var user = await FindAsync(work.Db, id, match);
        var wasActive = user.DisabledAt is null;
        change(user);
        work.Db.ChangeTracker.DetectChanges();
        if (work.Db.Entry(user).State == EntityState.Modified)
        {
            await RefuseTakenAsync(work.Db, user);
            var isActive = user.DisabledAt is null;
            var type = wasActive == isActive ? AccessEvents.UserUpdated : isActive ? AccessEvents.UserEnabled
                : AccessEvents.UserDisabled;
            work.Record(entry.Draft(type, "access.user.provision", "user_updated", Target(user), ("source", Source)),
                user);
            if (!isActive)
            {
                await sessions.RevokeAllAsync(work, id, null, entry, CancellationToken.None);
            }

            await CommitAsync(work);
            sessions.Ended(id);
        }

        return await GetAsync(id, CancellationToken.None);
    }

    private void Take(UserRow user, ScimPerson wanted)
    {
        (user.Login, user.LoginKey) = (wanted.Login, Logins.Normalize(wanted.Login));
        (user.Name, user.Email) = (wanted.Name, wanted.Email);
        user.ExternalId = wanted.ExternalId ?? NoExternalId + user.Id;
        user.DisabledAt = wanted.IsActive ? null : user.DisabledAt ?? time.GetUtcNow();
    }

    private static async Task RefuseTakenAsync(ProbityDb db, UserRow user)
    {
        if (await db.Set<UserRow>().AsNoTracking()
            .AnyAsync(u => u.Id != user.Id && (u.LoginKey == user.LoginKey || u.ExternalId == user.ExternalId)))
        {
            throw ScimException.Taken("Another user has this userName or externalId.");
        }
    }

    private static async Task<UserRow> FindAsync(ProbityDb db, string id, ScimMatch match)
    {
        var user = await Provisioned(db.Set<UserRow>()).SingleOrDefaultAsync(u => u.Id == id)
            ?? throw ScimException.NotFound();
        match.Check(VersionOf(db.Entry(user).Property<string>(AuditDeclarations.EntryId).CurrentValue));
        return user;
    }

    private static async Task<JsonObject> ReadAsync(ProbityDb db, string id, CancellationToken cancellationToken)
    {
        var row = await Provisioned(db.Set<UserRow>().AsNoTracking()).Where(u => u.Id == id)
            .Select(u => new { User = u, Version = EF.Property<string>(u, AuditDeclarations.EntryId) })
                .SingleOrDefaultAsync(cancellationToken)
            ?? throw ScimException.NotFound();
        var groups = await GroupsAsync(db, [id], cancellationToken);
        return View(row.User, row.Version, groups[id]);
    }

    private static async Task<ILookup<string,
        DirectoryGroupRow>> GroupsAsync(ProbityDb db, List<string> ids, CancellationToken cancellationToken) =>
        (await db.Set<DirectoryMemberRow>().AsNoTracking().Where(m => ids.Contains(m.UserId))
            .Join(db.Set<DirectoryGroupRow>(), m => m.GroupId, g => g.Id, (m, g) => new { m.UserId, g })
                .ToListAsync(cancellationToken))
        .ToLookup(m => m.UserId, m => m.g, StringComparer.Ordinal);

    private static JsonObject View(UserRow user, string version, IEnumerable<DirectoryGroupRow> groups)
    {
        var view = new JsonObject
        {
            ["schemas"] = new JsonArray(ScimJson.UserSchema),
            ["id"] = user.Id,
            ["userName"] = user.Login,
            ["displayName"] = user.Name,
            ["name"] = new JsonObject { ["formatted"] = user.Name },
            ["active"] = user.DisabledAt is null,
            ["groups"] =
                new JsonArray([.. groups.OrderBy(g => g.Id, StringComparer.Ordinal).Select(g => (JsonNode)new JsonObject
            {
                ["value"] = g.Id,
                ["display"] = g.DisplayName,
                ["type"] = "direct",
            })]),
            ["meta"] =
                ScimJson.Meta("User", $"/scim/v2/Users/{user.Id}", user.CreatedAt, EntryTime.Of(version),
                VersionOf(version)),
        };
        if (user.ExternalId?.StartsWith(NoExternalId, StringComparison.Ordinal) == false)
        {
            view["externalId"] = user.ExternalId;
        }

        if (user.Email is { } email)
        {
            view["emails"] = new JsonArray(new JsonObject { ["value"] = email, ["primary"] = true });
        }

        return view;
    }

    private static async Task CommitAsync(UnitOfWork work)
    {
        try
        {
            await work.CommitAsync(CancellationToken.None);
        }
        catch (DbUpdateException)
        {
            throw ScimException.Taken("Another user got this userName in this instant.");
        }
    }

    private static string VersionOf(string entryId) => $"W/\"{entryId}\"";

    private static EntryTarget Target(UserRow user) => new("user", user.Id) { Name = user.Name };
}
