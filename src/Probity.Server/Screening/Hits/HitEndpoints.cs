using Probity.Contracts.Access;
using Probity.Server.Access;
using Probity.Server.Access.Approvals;
using Probity.Server.AuditTrail.Api;
using Probity.Server.Hosting;
using Probity.Server.Hosting.Documentation;

namespace Probity.Server.Screening.Hits;

/// <summary>Hits of registered customers over the API.</summary>
internal static class HitEndpoints
{
    private const string Tag = "screening";
    private const int MaxBodyBytes = 16 * 1024;
    private const string Codes = "Ids, scores and codes; a queue that refreshes leaves no entry";

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/screening/hits", ListAsync).RequiresPermission(Permission.ReadHits).RecordsNothing(Codes)
            .WithName("listHits").WithSummary("Hits of customers on lists, the newest first; by status or customer")
            .WithTags(Tag);
        api.MapGet("/screening/hits/{id}", GetAsync).RequiresPermission(Permission.ReadHits)
            .Records(HitEvents.Read)
            .WithName("getHit").WithSummary("A hit with both sides, field by field, and why it was found")
            .WithTags(Tag);
        api.MapPost("/screening/hits/{id}:decide", DecideAsync).RequiresPermission(Permission.DecideHits)
            .Records(HitEvents.Decided).LimitsBody(MaxBodyBytes)
            .WithName("decideHit").WithSummary("Decide a hit: true match, false positive with a code, or escalate")
            .WithRequestExample(
                """{"decision":"false_positive","reason_code":"birth_date_differs","reason":"born 1991, not 1961"}""")
            .WithTags(Tag);
        api.MapPost("/screening/hits/{id}:exempt", ExemptAsync).RequiresPermission(Permission.DecideHits)
            .Records(ApprovalEvents.Requested).LimitsBody(MaxBodyBytes)
            .WithName("exemptHit")
            .WithSummary("Ask a second person to exempt customer and entry, until either changes or a day is over")
            .WithRequestExample(
                """{"reason_code":"documented_other","proof":"file 77","expires_on":"2027-06-30","reason":"another"}""")
            .WithTags(Tag);
        api.MapGet("/screening/customers/{id}", StandingAsync).RequiresPermission(Permission.ReadHits)
            .RecordsNothing(Codes)
            .WithName("getCustomerStanding")
            .WithSummary("How a customer stands: not_screened, outdated, clear or hits, with the list versions")
            .WithTags(Tag);
    }

    private static async Task<IResult> ListAsync(
        HttpContext http, string? status, string? customer_id, int? page_size, string? page_token,
        HitRegister register) =>
        TypedResults.Ok(await register.ListAsync(
            status, customer_id, page_size, page_token, Seen(http), http.RequestAborted));

    private static async Task<IResult> GetAsync(string id, HttpContext http, HitRegister register, ReadRecorder reads)
    {
        var hit = await register.GetAsync(id, Seen(http), http.RequestAborted);
        await reads.RecordAsync(
            http, HitEvents.Read, "screening.hit.read",
            new() { ["owasp"] = "sensitive_read", ["count"] = 1, ["hit"] = hit.Id },
            [hit.CustomerId, hit.ExternalId]);
        return TypedResults.Ok(await register.DetailAsync(hit, http.RequestAborted));
    }

    private static async Task<IResult> DecideAsync(
        string id, DecideHit asked, HttpContext http, HitDesk desk, TimeProvider time)
    {
        var caller = http.RequireCaller();
        return TypedResults.Ok(HitView.Of(await desk.DecideAsync(
            id, asked, caller.ScopeOf(Permission.DecideHits), AccessEntry.Of(http, caller, time),
            http.RequestAborted)));
    }

    private static async Task<IResult> ExemptAsync(
        string id, AskExemption asked, HttpContext http, HitDesk desk, TimeProvider time)
    {
        var caller = http.RequireCaller();
        var approval = await desk.AskExemptionAsync(
            id, asked, caller, caller.ScopeOf(Permission.DecideHits), AccessEntry.Of(http, caller, time),
            http.RequestAborted);
        return TypedResults.Accepted($"/api/v1/approvals/{approval.Id}", new ApprovalRef(approval.Id));
    }

    private static async Task<IResult> StandingAsync(string id, HttpContext http, HitRegister register) =>
        TypedResults.Ok(await register.StandingAsync(id, Seen(http), http.RequestAborted));

    private static EntityScope Seen(HttpContext http) => http.RequireCaller().ScopeOf(Permission.ReadHits);
}
