using Probity.Server.Access;
using Probity.Server.Hosting;
using Probity.Server.Hosting.Documentation;

namespace Probity.Server.Screening.Effectiveness;

/// <summary>Effectiveness tests over the API.</summary>
internal static class EffectivenessEndpoints
{
    private const string Tag = "screening";
    private const string NoCustomers = "Listed names and invented ones: no data of customers";
    private const int MaxBodyBytes = 16 * 1024;

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/screening/tests", async (EffectivenessDesk desk, CancellationToken token) =>
                TypedResults.Ok(await desk.ListAsync(token)))
            .RequiresPermission(Permission.ReadLists).RecordsNothing(NoCustomers)
            .WithName("listScreeningTests")
            .WithSummary("Effectiveness tests, the newest first: listed names found, names of nobody that alerted")
            .WithTags(Tag);
        api.MapGet("/screening/tests/{id}", async (string id, EffectivenessDesk desk, CancellationToken token) =>
                TypedResults.Ok(await desk.GetAsync(id, token)))
            .RequiresPermission(Permission.ReadLists).RecordsNothing(NoCustomers)
            .WithName("getScreeningTest").WithSummary("A test with every part, its curve and the first failures")
            .WithTags(Tag);
        api.MapPost("/screening/tests/{id}:sign", SignAsync)
            .RequiresPermission(Permission.ManageScreening).Records(EffectivenessEvents.Signed).LimitsBody(MaxBodyBytes)
            .WithName("signScreeningTest").WithSummary("Sign a test off, or refuse to: once, by a person")
            .WithRequestExample("""{"verdict":"accepted","reason":"all exact names alert; misses looked at"}""")
            .WithTags(Tag);
    }

    private static async Task<IResult> SignAsync(
        string id, SignTest asked, HttpContext http, EffectivenessDesk desk, TimeProvider time)
    {
        var caller = http.RequireCaller();
        return TypedResults.Ok(await desk.SignAsync(
            id, asked, caller, AccessEntry.Of(http, caller, time), http.RequestAborted));
    }
}
