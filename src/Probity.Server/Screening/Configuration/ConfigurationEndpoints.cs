using Probity.Contracts.Access;
using Probity.Server.Access;
using Probity.Server.Hosting;
using Probity.Server.Hosting.Documentation;

namespace Probity.Server.Screening.Configuration;

/// <summary>Configurations of screening over the API.</summary>
internal static class ConfigurationEndpoints
{
    private const string Tag = "screening";
    private const int MaxBodyBytes = 16 * 1024;

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/screening/configurations", async (ConfigurationDesk desk, CancellationToken token) =>
                TypedResults.Ok(await desk.ListAsync(token)))
            .RequiresPermission(Permission.ReadLists).RecordsNothing("Settings and numbers: no data of customers")
            .WithName("listScreeningConfigurations").WithSummary("Configurations of screening, the newest first")
            .WithTags(Tag);
        api.MapPost("/screening/configurations", DraftAsync)
            .RequiresPermission(Permission.ManageScreening).Records(ConfigurationEvents.Drafted)
            .LimitsBody(MaxBodyBytes)
            .WithName("draftScreeningConfiguration")
            .WithSummary("Draft a threshold and policies for weak aliases; nothing changes yet")
            .WithRequestExample(
                """{"threshold":0.72,"weak_names":{"us_ofac_sdn":"confirm_only"},"reason":"fewer common names"}""")
            .WithTags(Tag);
        api.MapPost("/screening/configurations/{id}:try", TryAsync)
            .RequiresPermission(Permission.ManageScreening).Records(ConfigurationEvents.Tried)
            .DisableRequestTimeout()
            .WithName("tryScreeningConfiguration")
            .WithSummary("Ask stored questions again under a draft: alerts won and lost, by name")
            .WithTags(Tag);
        api.MapPost("/screening/configurations/{id}:activate", ActivateAsync)
            .RequiresPermission(Permission.ManageScreening).Records(ConfigurationEvents.Activated)
            .LimitsBody(MaxBodyBytes)
            .WithName("activateScreeningConfiguration")
            .WithSummary("Put a draft that was tried in force, or ask a second person to release it (202)")
            .WithRequestExample("""{"reason":"the trial lost no true match"}""").WithTags(Tag);
    }

    private static async Task<IResult> DraftAsync(
        DraftConfiguration asked, HttpContext http, ConfigurationDesk desk, TimeProvider time)
    {
        var view = await desk.DraftAsync(
            asked, AccessEntry.Of(http, http.RequireCaller(), time), http.RequestAborted);
        return TypedResults.Created($"/api/v1/screening/configurations/{view.Id}", view);
    }

    private static async Task<IResult> TryAsync(
        string id, HttpContext http, ConfigurationDesk desk, TimeProvider time) =>
        TypedResults.Ok(await desk.TryAsync(
            id, AccessEntry.Of(http, http.RequireCaller(), time), http.RequestAborted));

    private static async Task<IResult> ActivateAsync(
        string id, ActivateConfiguration asked, HttpContext http, ConfigurationDesk desk, TimeProvider time)
    {
        var caller = http.RequireCaller();
        var (done, approval) = await desk.ActivateAsync(
            id, asked.Reason, caller, AccessEntry.Of(http, caller, time), http.RequestAborted);
        return done is not null
            ? TypedResults.Ok(done)
            : TypedResults.Accepted($"/api/v1/approvals/{approval}", new ApprovalRef(approval ?? ""));
    }
}
