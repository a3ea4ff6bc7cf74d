using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Probity.Contracts.Access;
using Probity.Contracts.Problems;
using Probity.Server.AuditTrail.Api;
using Probity.Server.Hosting;
using Probity.Server.Hosting.Documentation;
using Probity.Server.Hosting.Problems;

namespace Probity.Server.Access.Monitoring;

/// <summary>Break-glass, who looked at whom, findings, relations and the reading policy over the API.</summary>
internal static class MonitoringEndpoints
{
    public const string ViewsRead = "probity.access.views_read";
    private const int MaxBodyBytes = 8 * 1024;
    private const string Tag = "access";
    private const string Control = "What the control shows about colleagues, without customers; findings are entries themselves";

    public static void Map(IEndpointRouteBuilder api)
    {
        MapGlass(api);
        api.MapGet("/access/views", ListViewsAsync).RequiresPermission(Permission.ReadReadings).Records(ViewsRead)
            .WithName("listAccessViews").WithSummary("Who looked at a customer, account or other subject, newest first").WithTags(Tag);
        api.MapGet("/access/findings", async (
                AccessViews views, string? person_id, string? kind, int? page_size, string? page_token, CancellationToken token) =>
            TypedResults.Ok(await views.FindingsAsync(person_id, kind, page_size, page_token, token)))
            .RequiresPermission(Permission.ReadReadings).RecordsNothing(Control)
            .WithName("listAccessFindings").WithSummary("Unusual reading and overdue reviews, newest first").WithTags(Tag);
        MapRelations(api);
        MapPolicy(api);
    }

    private static void MapGlass(IEndpointRouteBuilder api)
    {
        api.MapPost("/break-glass", OpenAsync).RequiresPermission(Permission.UseBreakGlass).RequiresStepUp()
            .Records(BreakGlassDesk.Opened).LimitsBody(MaxBodyBytes)
            .WithName("openBreakGlass").WithSummary("Open a set of permissions at once, for 4 hours at most; someone else reviews it")
            .WithRequestExample("""{"permissions":"sars","minutes":60,"reason":"the authority asks, nobody else is here"}""").WithTags(Tag);
        api.MapGet("/break-glass", async (BreakGlassDesk desk, CancellationToken token) => TypedResults.Ok(await desk.ListAsync(token)))
            .RequiresPermission(Permission.ReadReadings).RecordsNothing(Control)
            .WithName("listBreakGlass").WithSummary("List emergencies, newest first").WithTags(Tag);
        api.MapPost("/break-glass/{id}:end", EndAsync).RequiresPermission(Permission.UseOwnAccount).Records(BreakGlassDesk.Ended)
            .WithName("endBreakGlass").WithSummary("End one's own emergency").WithTags(Tag);
    }

    private static void MapRelations(IEndpointRouteBuilder api)
    {
        api.MapGet("/access/relations", async (string? user_id, AccessViews views, CancellationToken token) =>
            TypedResults.Ok(await views.RelationsAsync(user_id, token)))
            .RequiresPermission(Permission.ManageRelations).RecordsNothing(Control)
            .WithName("listRelations").WithSummary("List the relations of a user, without their subjects").WithTags(Tag);
        api.MapPost("/access/relations", AddRelationAsync).RequiresPermission(Permission.ManageRelations)
            .Records(AccessViews.RelationAdded).LimitsBody(MaxBodyBytes)
            .WithName("addRelation").WithSummary("Say that a customer or account is a user's own or a relative's")
            .WithRequestExample("""{"user_id":"usr_…","subject":"cus_…","kind":"relative"}""").WithTags(Tag);
        api.MapDelete("/access/relations/{id}", async (string id, HttpContext http, AccessViews views, TimeProvider time) =>
        {
            await views.RemoveAsync(id, AccessEntry.Of(http, http.RequireCaller(), time), http.RequestAborted);
            return TypedResults.NoContent();
        })
            .RequiresPermission(Permission.ManageRelations).Records(AccessViews.RelationRemoved)
            .WithName("removeRelation").WithSummary("Remove a relation").WithTags(Tag);
    }

    private static void MapPolicy(IEndpointRouteBuilder api)
    {
        api.MapGet("/access/reading-policy", async (ReadingPolicies policies, CancellationToken token) =>
            TypedResults.Ok(ReadingPolicyDesk.View(await policies.CurrentAsync(token))))
            .RequiresPermission(Permission.ReadReadings).RecordsNothing(Control)
            .WithName("getReadingPolicy").WithSummary("Working hours, and which reads need a reason").WithTags(Tag);
        api.MapPut("/access/reading-policy", SetPolicyAsync).RequiresPermission(Permission.ManagePolicies).RequiresStepUp()
            .Records(ReadingPolicyDesk.Set).LimitsBody(MaxBodyBytes)
            .WithName("setReadingPolicy").WithSummary("Change working hours and reasons, which is approved first")
            .WithRequestExample("""{"work_from":420,"work_to":1200,"work_days":[1,2,3,4,5],"reason_for":["exports"],"reason":"…"}""").WithTags(Tag);
    }

    private static async Task<Created<BreakGlassView>> OpenAsync(
        OpenBreakGlass request, HttpContext http, BreakGlassDesk desk, CreationKeys creations, TimeProvider time)
    {
        var caller = http.RequireCaller();
        var creation = await creations.BeginAsync(http, caller, request);
        var opened = await desk.OpenAsync(request, creation, caller, AccessEntry.Of(http, caller, time), http.RequestAborted);
        return TypedResults.Created("/api/v1/break-glass", opened);
    }

    private static async Task<Ok<BreakGlassView>> EndAsync(
        string id, HttpContext http, BreakGlassDesk desk, DeniedRecorder denied, TimeProvider time)
    {
        var caller = http.RequireCaller();
        try
        {
            return TypedResults.Ok(await desk.EndAsync(id, caller, AccessEntry.Of(http, caller, time), http.RequestAborted));
        }
        catch (ProblemException refused) when (refused.Code == ErrorCodes.AccessBreakGlassNotFound)
        {
            await denied.RecordAsync(http, caller, refused.Code.Code, null);
            throw;
        }
    }

    private static async Task<Ok<AccessViewList>> ListViewsAsync(
        HttpContext http, AccessViews views, [FromServices] ReadRecorder reads, string? subject, int? page_size, string? page_token)
    {
        var page = await views.ListAsync(subject, page_size, page_token, http.RequestAborted);
        await reads.RecordAsync(http, ViewsRead, "access.views.read", new Dictionary<string, object?>
        {
            ["about"] = views.DigestOf(subject),
            ["count"] = page.Views.Count,
            ["ids_sha256"] = ReadRecorder.Digest(page.Views.Select(v => v.EventId)),
        });
        return TypedResults.Ok(page);
    }

    private static async Task<Created<RelationView>> AddRelationAsync(
        AddRelation request, HttpContext http, AccessViews views, CreationKeys creations, TimeProvider time)
    {
        var caller = http.RequireCaller();
        var creation = await creations.BeginAsync(http, caller, request);
        var added = await views.AddAsync(request, creation, AccessEntry.Of(http, caller, time), http.RequestAborted);
        return TypedResults.Created($"/api/v1/access/relations?user_id={added.UserId}", added);
    }

    private static async Task<Results<Ok<ReadingPolicyView>, Accepted<ApprovalRef>>> SetPolicyAsync(
        ReadingPolicyView request, HttpContext http, ReadingPolicyDesk desk, TimeProvider time)
    {
        var caller = http.RequireCaller();
        var (done, waiting) = await desk.SetAsync(request, caller, AccessEntry.Of(http, caller, time), http.RequestAborted);
        return done is not null ? TypedResults.Ok(done) : TypedResults.Accepted(
            $"/api/v1/approvals/{waiting}", new ApprovalRef(waiting ?? throw new InvalidOperationException("Done or waiting.")));
    }
}
