using Microsoft.AspNetCore.Http.HttpResults;
using Probity.Contracts.Access;
using Probity.Server.Hosting;
using Probity.Server.Hosting.Documentation;

namespace Probity.Server.Access.Roles;

/// <summary>Roles and grants over the API.</summary>
internal static class RoleEndpoints
{
    private const int MaxBodyBytes = 16 * 1024;
    private const string Tag = "roles";
    private const string Configuration = "Who may do what is configuration; its changes are recorded";

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/permissions", () => TypedResults.Ok(new PermissionList(
            [.. Permission.All.Select(p => new PermissionView(p.Name, p.Meaning, Permission.Compartments.Contains(p.Name)))])))
            .RequiresPermission(Permission.ReadRoles).RecordsNothing(Configuration)
            .WithName("listPermissions").WithSummary("Every permission there is").WithTags(Tag);
        api.MapGet("/roles", async (RoleDesk desk, CancellationToken token) => TypedResults.Ok(new RoleList(await desk.ListAsync(token))))
            .RequiresPermission(Permission.ReadRoles).RecordsNothing(Configuration)
            .WithName("listRoles").WithSummary("List roles").WithTags(Tag);
        api.MapGet("/roles/{id}", async (string id, RoleDesk desk, CancellationToken token) => TypedResults.Ok(await desk.GetAsync(id, token)))
            .RequiresPermission(Permission.ReadRoles).RecordsNothing(Configuration)
            .WithName("getRole").WithSummary("Read one role").WithTags(Tag);
        api.MapPost("/roles", CreateAsync).RequiresPermission(Permission.ManageRoles).RequiresStepUp()
            .Records(AccessEvents.RoleCreated).LimitsBody(MaxBodyBytes)
            .WithName("createRole").WithSummary("Create a role, or ask for it")
            .WithRequestExample("""{"name":"junior_analyst","description":"Reads events","permissions":["ledger.entry.read"]}""").WithTags(Tag);
        api.MapPut("/roles/{id}", EditAsync).RequiresPermission(Permission.ManageRoles).RequiresStepUp()
            .Records(AccessEvents.RoleEdited).LimitsBody(MaxBodyBytes)
            .WithName("editRole").WithSummary("Replace the permissions of a role, or ask for it").WithTags(Tag);
        api.MapGet("/grants", async (string? user_id, RoleDesk desk, CancellationToken token) =>
            TypedResults.Ok(new GrantList(await desk.GrantsAsync(user_id, token))))
            .RequiresPermission(Permission.ReadUsers).RecordsNothing(Configuration)
            .WithName("listGrants").WithSummary("List who holds or held which role, newest first").WithTags(Tag);
        api.MapPost("/grants", GiveAsync).RequiresPermission(Permission.ManageGrants).RequiresStepUp()
            .Records(AccessEvents.GrantGiven).LimitsBody(MaxBodyBytes)
            .WithName("giveGrant").WithSummary("Give a role to a user, or ask for it; never to oneself")
            .WithRequestExample("""{"user_id":"usr_…","role_id":"rol_analyst","entities":["DE01"],"reason":"joins the team"}""").WithTags(Tag);
        api.MapDelete("/grants/{id}", TakeBackAsync).RequiresPermission(Permission.ManageGrants).Records(AccessEvents.GrantTakenBack)
            .WithName("takeBackGrant").WithSummary("Take a role back, at once").WithTags(Tag);
    }

    private static async Task<Results<Created<RoleView>, Accepted<ApprovalRef>>> CreateAsync(
        CreateRole request, HttpContext http, RoleDesk desk, CreationKeys creations, TimeProvider time)
    {
        var caller = http.RequireCaller();
        var creation = await creations.BeginAsync(http, caller, request);
        var (done, waiting) = await desk.CreateAsync(request, creation, caller, Entry(http, caller, time, request.Reason), http.RequestAborted);
        return done is null ? Waits(waiting) : TypedResults.Created($"/api/v1/roles/{done.Id}", done);
    }

    private static async Task<Results<Ok<RoleView>, Accepted<ApprovalRef>>> EditAsync(
        string id, EditRole request, HttpContext http, RoleDesk desk, TimeProvider time)
    {
        var caller = http.RequireCaller();
        var (done, waiting) = await desk.EditAsync(id, request, caller, Entry(http, caller, time, request.Reason), http.RequestAborted);
        return done is null ? Waits(waiting) : TypedResults.Ok(done);
    }

    private static async Task<Results<Created<GrantView>, Accepted<ApprovalRef>>> GiveAsync(
        GiveGrant request, HttpContext http, RoleDesk desk, CreationKeys creations, TimeProvider time)
    {
        var caller = http.RequireCaller();
        var creation = await creations.BeginAsync(http, caller, request);
        var (done, waiting) = await desk.GiveAsync(request, creation, caller, Entry(http, caller, time, request.Reason), http.RequestAborted);
        return done is null ? Waits(waiting) : TypedResults.Created($"/api/v1/grants?user_id={done.UserId}", done);
    }

    private static async Task<NoContent> TakeBackAsync(string id, HttpContext http, RoleDesk desk, TimeProvider time)
    {
        await desk.TakeBackAsync(id, AccessEntry.Of(http, http.RequireCaller(), time));
        return TypedResults.NoContent();
    }

    private static AccessEntry Entry(HttpContext http, Caller caller, TimeProvider time, string? reason) =>
        AccessEntry.Of(http, caller, time) with
        {
            Reason = string.IsNullOrWhiteSpace(reason) ? null : new Storage.Commits.EntryReason { Text = reason },
        };

    private static Accepted<ApprovalRef> Waits(string? approvalId) => TypedResults.Accepted(
        $"/api/v1/approvals/{approvalId}", new ApprovalRef(approvalId ?? throw new InvalidOperationException("Done or waiting.")));
}
