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
/// Groups as a SCIM client keeps them. Who comes or goes gets or loses the roles the group stands for, in the same
/// commit.
/// Source: RFC 7643 section 4.2, RFC 7644 section 3.
/// </summary>
internal sealed class ScimGroups(IDatabase database, Lazy<ILedgerWriter> ledger, GroupRoles roles, SessionDesk sessions,
    TimeProvider time)
{
    private const string Prefix = "grp_";
    private const int MaxName = 256;

    // One request changes so many members at most: the entry that names them must fit, and each may change grants.
    private const int MaxChanges = 500;
    private const int MaxMembers = 10_000;

    public async Task<JsonObject> ListAsync(ScimQuery query, CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        var groups = db.Set<DirectoryGroupRow>().AsNoTracking();
        if (query.Filter is { } filter)
        {
            groups = groups.Where(ScimFilter<DirectoryGroupRow>.Read(filter, ScimAttributes.Groups(db)));
        }

        var total = await groups.CountAsync(cancellationToken);
        var rows = await groups.OrderBy(g => g.Id).Skip(query.Start - 1).Take(query.Count)
            .Select(g => new { Group = g, Version = EF.Property<string>(g, AuditDeclarations.EntryId) })
                .ToListAsync(cancellationToken);
        var views = new List<JsonNode>();
        foreach (var row in rows)
        {
            var members = query.NeedsMembers ? await MembersAsync(db, row.Group.Id, cancellationToken) : [];
            views.Add(ScimJson.Trim(View(row.Group, row.Version, members), query.Attributes, query.Excluded));
        }

        return ScimJson.List(total, query.Start, views);
    }

    public async Task<JsonObject> GetAsync(string id, CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        var row = await db.Set<DirectoryGroupRow>().AsNoTracking().Where(g => g.Id == id)
            .Select(g => new { Group = g, Version = EF.Property<string>(g, AuditDeclarations.EntryId) })
                .SingleOrDefaultAsync(cancellationToken)
            ?? throw ScimException.NotFound();
        return View(row.Group, row.Version, await MembersAsync(db, id, cancellationToken));
    }

    public async Task<JsonObject> CreateAsync(JsonObject body, AccessEntry entry)
    {
        var now = time.GetUtcNow();
        var group = new DirectoryGroupRow
        {
            Id = AccessIds.New(Prefix, now),
            DisplayName = NameOf(body["displayName"]),
            ExternalId = ScimJson.Text(body["externalId"], "externalId"),
            CreatedAt = now,
        };
        await using var work = new UnitOfWork(database, ledger.Value);
        await RefuseTakenAsync(work.Db, group);
        work.Add(group);
        await CommitAsync(work, group, AccessEvents.GroupCreated, [], IdsOf(body["members"]), entry);
        return await GetAsync(group.Id, CancellationToken.None);
    }

    public Task<JsonObject> ReplaceAsync(string id, JsonObject body, ScimMatch match, AccessEntry entry) =>
        ChangeAsync(id, match, entry, (group, _) =>
        {
            group.DisplayName = NameOf(body["displayName"]);
            group.ExternalId = ScimJson.Text(body["externalId"], "externalId");
            return IdsOf(body["members"]);
        });

    public Task<JsonObject> PatchAsync(string id, JsonObject body, ScimMatch match, AccessEntry entry)
    {
        var operations = ScimOperation.Read(body);
        return ChangeAsync(id, match, entry, (group, members) =>
        {
            foreach (var operation in operations)
            {
                foreach (var (attribute, value) in operation.Attributes())
                {
                    Apply(group, members, operation, attribute, value);
                }
            }

            return members;
        });
    }

    public async Task DeleteAsync(string id, ScimMatch match, AccessEntry entry)
    {
        await using var work = new UnitOfWork(database, ledger.Value);
        var group = await FindAsync(work.Db, id, match);
        var members = await work.Db.Set<DirectoryMemberRow>().Where(m => m.GroupId == id).ToListAsync();
        foreach (var member in members)
        {
            work.Remove(member);
        }

        work.Remove(group);
        work.Record(
            entry.Draft(AccessEvents.GroupRemoved, "access.group.remove", "user_updated", Target(group),
                ("members", members.Count)), group);
        var changed = await FollowAsync(work, members.Select(m => m.UserId), id, null, entry);
        await work.CommitAsync(CancellationToken.None);
        changed.ForEach(sessions.Ended);
    }

    private async Task<JsonObject> ChangeAsync(
        string id, ScimMatch match, AccessEntry entry, Func<DirectoryGroupRow, HashSet<string>, HashSet<string>> change)
    {
        await using var work = new UnitOfWork(database, ledger.Value);
        var group = await FindAsync(work.Db, id, match);
        var before =
            (await work.Db.Set<DirectoryMemberRow>().AsNoTracking().Where(m => m.GroupId == id).Select(m => m.UserId)
            .ToListAsync())
            .ToHashSet(StringComparer.Ordinal);
        var after = change(group, before.ToHashSet(StringComparer.Ordinal));
        work.Db.ChangeTracker.DetectChanges();
        if (work.Db.Entry(group).State == EntityState.Modified || !before.SetEquals(after))
        {
            await RefuseTakenAsync(work.Db, group);
            group.Revision++;
            await CommitAsync(work, group, AccessEvents.GroupChanged, before, after, entry);
        }

        return await GetAsync(id, CancellationToken.None);
    }

    private async Task CommitAsync(
        UnitOfWork work, DirectoryGroupRow group, string type, HashSet<string> before, HashSet<string> after,
            AccessEntry entry)
    {
        var (come, gone) = (after.Except(before).ToList(), before.Except(after).ToList());
        if (come.Count + gone.Count > MaxChanges || after.Count > MaxMembers)
        {
            throw new ScimException(
                StatusCodes.Status400BadRequest, "tooMany",
                    "A request changes 500 members at most, and a group has 10,000 at most.");
        }

        var known = await ScimUsers.Provisioned(work.Db.Set<UserRow>().AsNoTracking()).Where(u => come.Contains(u.Id))
            .CountAsync();
        if (known != come.Count)
        {
            throw ScimException.BadValue("A member is no user of this SCIM client.");
        }

        foreach (var one in come)
        {
            work.Add(new DirectoryMemberRow { GroupId = group.Id, UserId = one });
        }

        foreach (var row in await work.Db.Set<DirectoryMemberRow>()
            .Where(m => m.GroupId == group.Id && gone.Contains(m.UserId)).ToListAsync())
        {
            work.Remove(row);
        }

        work.Record(entry.Draft(type, "access.group.provision", "user_updated", Target(group), ("added", come),
            ("removed", gone)), group);
        var isRenamed = work.Db.Entry(group).Property(g => g.DisplayName) is { IsModified: true };
        var changed =
            await FollowAsync(work, isRenamed ? after.Union(gone) : come.Union(gone), group.Id,
            (group.DisplayName, after), entry);
        await work.CommitAsync(CancellationToken.None);
        changed.ForEach(sessions.Ended);
    }

    /// <summary>Brings the roles of users in line with their groups as they are after this commit.</summary>
    private async Task<List<string>> FollowAsync(
        UnitOfWork work, IEnumerable<string> users, string groupId,
            (string Name, HashSet<string> Members)? changing, AccessEntry entry)
    {
        var changed = new List<string>();
        foreach (var user in users)
        {
            var others = await work.Db.Set<DirectoryMemberRow>().AsNoTracking()
                .Where(m => m.UserId == user && m.GroupId != groupId)
                .Join(work.Db.Set<DirectoryGroupRow>(), m => m.GroupId, g => g.Id, (m, g) => g.DisplayName)
                    .ToListAsync();
            if (changing is { } group && group.Members.Contains(user))
            {
                others.Add(group.Name);
            }

            if (await roles.FollowAsync(work, user, others, ScimUsers.Source, entry, CancellationToken.None))
            {
                changed.Add(user);
            }
        }

        return changed;
    }

    private static void Apply(DirectoryGroupRow group, HashSet<string> members, ScimOperation operation,
        string attribute, JsonNode? value)
    {
        switch (attribute.ToUpperInvariant())
        {
            case "DISPLAYNAME":
                group.DisplayName = NameOf(value);
                break;
            case "EXTERNALID":
                group.ExternalId = ScimJson.Text(value, attribute);
                break;
            case "MEMBERS":
                ApplyMembers(members, operation.Verb, operation.Verb == "remove" ? operation.Value : value);
                break;
            case "ID" or "META" or "SCHEMAS":
                break;
            default:
                members.Remove(operation.Verb == "remove" ? MemberOf(attribute)
                    : throw ScimException.BadPath("A group has no such attribute."));
                break;
        }
    }

    private static void ApplyMembers(HashSet<string> members, string verb, JsonNode? value)
    {
        var ids = IdsOf(value);
        if (verb == "remove")
        {
            // Without a value all go (RFC 7644 section 3.5.2.2); with one, which some directories send, those named.
            members.RemoveWhere(m => value is null || ids.Contains(m));
            return;
        }

        if (verb == "replace")
        {
            members.Clear();
        }

        members.UnionWith(ids);
    }

    /// <summary>The id in <c>members[value eq "usr_…"]</c>.</summary>
    private static string MemberOf(string path)
    {
        const string Start = "members[value eq \"";
        return path.StartsWith(Start, StringComparison.OrdinalIgnoreCase)
            && path.EndsWith("\"]", StringComparison.Ordinal)
            ? path[Start.Length..^2]
            : throw ScimException.BadPath("A group has no such attribute.");
    }

    private static HashSet<string> IdsOf(JsonNode? members) => members switch
    {
        null => [],
        JsonArray list when list.Count <= MaxMembers => list.Select(static m => IdOf(m))
            .ToHashSet(StringComparer.Ordinal),
        JsonObject one => [IdOf(one)],
        _ => throw ScimException.BadValue("members is no list of at most 10,000 members."),
    };

    private static string IdOf(JsonNode? member) =>
        ScimJson.Text((member as JsonObject)?["value"], "members.value")
            ?? throw ScimException.BadValue("A member has no value.");

    private static string NameOf(JsonNode? node) =>
        ScimJson.Text(node, "displayName") is { Length: > 0 and <= MaxName } name ? name
        : throw ScimException.BadValue("displayName has 1 to 256 characters.");

    private static async Task RefuseTakenAsync(ProbityDb db, DirectoryGroupRow group)
    {
        if (await db.Set<DirectoryGroupRow>().AsNoTracking()
            .AnyAsync(g => g.Id != group.Id && g.DisplayName == group.DisplayName))
        {
            throw ScimException.Taken("Another group has this displayName, and roles go by it.");
        }
    }

    private static async Task<DirectoryGroupRow> FindAsync(ProbityDb db, string id, ScimMatch match)
    {
        var group = await db.Set<DirectoryGroupRow>().SingleOrDefaultAsync(g => g.Id == id)
            ?? throw ScimException.NotFound();
        match.Check(VersionOf(db.Entry(group).Property<string>(AuditDeclarations.EntryId).CurrentValue));
        return group;
    }

    private static async Task<IReadOnlyList<(string Id, string Name)>> MembersAsync(ProbityDb db, string id,
        CancellationToken cancellationToken) =>
        [.. (await db.Set<DirectoryMemberRow>().AsNoTracking().Where(m => m.GroupId == id).OrderBy(m => m.UserId)
            .Join(db.Set<UserRow>(), m => m.UserId, u => u.Id, (m, u) => new { u.Id, u.Name })
                .ToListAsync(cancellationToken))
            .Select(m => (m.Id, m.Name))];

    private static JsonObject View(DirectoryGroupRow group, string version,
        IReadOnlyList<(string Id, string Name)> members)
    {
        var view = new JsonObject
        {
            ["schemas"] = new JsonArray(ScimJson.GroupSchema),
            ["id"] = group.Id,
            ["displayName"] = group.DisplayName,
            ["members"] = new JsonArray([.. members.Select(m => (JsonNode)new JsonObject
            {
                ["value"] = m.Id,
                ["display"] = m.Name,
                ["$ref"] = $"/scim/v2/Users/{m.Id}",
                ["type"] = "User",
            })]),
            ["meta"] =
                ScimJson.Meta("Group", $"/scim/v2/Groups/{group.Id}", group.CreatedAt, EntryTime.Of(version),
                VersionOf(version)),
        };
        if (group.ExternalId is { } externalId)
        {
            view["externalId"] = externalId;
        }

        return view;
    }

    private static string VersionOf(string entryId) => $"W/\"{entryId}\"";

    private static EntryTarget Target(DirectoryGroupRow group) => new("group", group.Id) { Name = group.DisplayName };
}
