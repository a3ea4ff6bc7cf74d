using Probity.Contracts.Access;
using Probity.Contracts.Problems;
using Probity.Contracts.Screening;
using Probity.Screening.Lists.Reading;
using Probity.Server.Access;
using Probity.Server.Hosting;
using Probity.Server.Hosting.Documentation;
using Probity.Server.Hosting.Problems;

namespace Probity.Server.Screening.Lists;

/// <summary>Lists over the API: state, versions, differences, loading and activating.</summary>
internal static class ListEndpoints
{
    private const string Tag = "screening";
    private const string Published = "Official lists and the institution's own: no data of customers";

    /// <summary>The largest body: the largest official list is some 120 MB without compression.</summary>
    private const long MaxBodyBytes = 256L * 1024 * 1024;
    private const int DefaultLimit = 100;
    private const int MostLimit = 1000;

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/screening/lists", async (ListStatus status, CancellationToken token) =>
                TypedResults.Ok(await status.AllAsync(token)))
            .RequiresPermission(Permission.ReadLists).RecordsNothing(Published)
            .WithName("listScreeningLists").WithSummary("Every list: what is live, what waits, how fresh it is")
                .WithTags(Tag);
        api.MapGet(
            "/screening/lists/{list}/versions", async (string list, ListStatus status, CancellationToken token) =>
                TypedResults.Ok(await status.VersionsAsync(list, token)))
            .RequiresPermission(Permission.ReadLists).RecordsNothing(Published)
            .WithName("listScreeningListVersions").WithSummary("Versions of a list, newest first").WithTags(Tag);
        api.MapGet("/screening/lists/{list}/diff", DiffAsync)
            .RequiresPermission(Permission.ReadLists).RecordsNothing(Published)
            .WithName("diffScreeningList")
            .WithSummary(
                "What differs between two versions; without `from` the live one, without `to` the one loaded last")
            .WithTags(Tag);
        api.MapPost("/screening/lists:load", LoadAsync)
            .RequiresPermission(Permission.ManageLists).Records(ListEvents.Loaded).LimitsBody(MaxBodyBytes)
                .DisableRequestTimeout()
            .WithName("loadScreeningLists")
            .WithSummary("Load a list file, .gz, or a ZIP with several; nothing goes live yet")
            .WithTags(Tag);
        api.MapPost("/screening/lists/{list}/versions/{id}:activate", ActivateAsync)
            .RequiresPermission(Permission.ManageLists).Records(ListEvents.Activated)
            .WithName("activateScreeningList")
            .WithSummary("Make a loaded version the live one, or ask a second person to agree (202)")
            .WithRequestExample("""{"reason":"the difference was looked at"}""").WithTags(Tag);
    }

    private static async Task<IResult> DiffAsync(
        string list, string? from, string? to, int? limit, ListDesk desk, CancellationToken cancellationToken)
    {
        if (limit is < 1 or > MostLimit)
        {
            throw new ProblemException(ErrorCodes.RequestMalformed, $"limit is 1 to {MostLimit}.");
        }

        return TypedResults.Ok(await desk.DiffAsync(list, from, to, limit ?? DefaultLimit, cancellationToken));
    }

    private static async Task<IResult> LoadAsync(
        HttpContext http, string? name, string? accept, ListDesk desk, TimeProvider time)
    {
        var body = await ReadAsync(http.Request, http.RequestAborted);
        var file = ListFile.Of(name is { Length: > 0 and <= 200 } given ? given : "upload", body);
        var accepted = (accept ?? "")
            .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var outcomes = await desk.LoadAsync(
            [file], accepted, AccessEntry.Of(http, http.RequireCaller(), time), http.RequestAborted);
        return outcomes.All(outcome => outcome.Outcome == "refused")
            ? throw Refused(outcomes)
            : TypedResults.Ok(new ListLoadResult(outcomes));
    }

    private static async Task<IResult> ActivateAsync(
        HttpContext http, string list, string id, ActivateList wanted, ListActivation activation, TimeProvider time)
    {
        var caller = http.RequireCaller();
        var (done, approval) = await activation.AskAsync(
            list, id, wanted.Reason, caller, AccessEntry.Of(http, caller, time), http.RequestAborted);
        return done is not null
            ? TypedResults.Ok(done)
            : TypedResults.Accepted($"/api/v1/approvals/{approval}", new ApprovalRef(approval ?? ""));
    }

    private static ProblemException Refused(IReadOnlyList<ListLoadOutcome> outcomes)
    {
        var findings = outcomes.SelectMany(outcome => outcome.Findings).Where(finding => !finding.IsAccepted).ToList();
        return new ProblemException(
            findings.Count == 0 ? ErrorCodes.RequestMalformed : ErrorCodes.ScreeningListRefused,
            findings.Count == 0 ? "The body holds no list." : findings[0].Text)
        {
            Faults = [.. findings.Take(50).Select(finding => new ProblemFault("", finding.Code, finding.Text))],
        };
    }

    private static async Task<byte[]> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var buffer = new MemoryStream();
        await request.Body.CopyToAsync(buffer, cancellationToken);
        return buffer.ToArray();
    }
}
