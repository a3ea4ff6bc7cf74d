using Microsoft.AspNetCore.Http.HttpResults;
using Probity.Server.Access;

namespace Probity.Server.Hosting.Health;

/// <summary>Probes and the version, at the root of the server.</summary>
internal static class HealthEndpoints
{
    private const string Reason = "Probes carry no credential and learn one word";

    public static void Map(IEndpointRouteBuilder root)
    {
        var probes = root.MapGroup("").WithTags("service").Public(Reason).RecordsNothing("A probe every few seconds tells nothing");
        probes.MapGet("/livez", static () => TypedResults.Text("ok\n"))
            .WithName("livez").WithSummary("Whether the process runs; restart it if not");
        probes.MapGet("/readyz", ReadyAsync)
            .WithName("readyz").WithSummary("Whether the server can serve; with ?verbose and hosting.health.read, each check");
        probes.MapGet("/startupz", Startup)
            .WithName("startupz").WithSummary("Whether the start has finished");
        probes.MapGet("/version", static () => TypedResults.Ok(ProductVersion.Current))
            .WithName("version").WithSummary("Which build this is");
    }

    private static async Task<IResult> ReadyAsync(HttpContext context, ReadinessProbe probe, StartupState startup)
    {
        if (!startup.IsFinished)
        {
            return TypedResults.Text("starting\n", statusCode: StatusCodes.Status503ServiceUnavailable);
        }

        var view = await probe.AskAsync(context.RequestAborted);
        var status = view.Status == "not_ready" ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
        var isDetailed = context.Request.Query.ContainsKey("verbose") && context.Caller()?.Has(Permission.ReadHealth) is true;
        return isDetailed
            ? TypedResults.Json(view, statusCode: status)
            : TypedResults.Text(view.Status + "\n", statusCode: status);
    }

    private static ContentHttpResult Startup(StartupState startup) => startup.IsFinished
        ? TypedResults.Text("started\n")
        : TypedResults.Text("starting\n", statusCode: StatusCodes.Status503ServiceUnavailable);
}

/// <summary>Whether everything that happens before the first request is done.</summary>
internal sealed class StartupState
{
    private volatile bool _isFinished;

    public bool IsFinished => _isFinished;

    public void Finish() => _isFinished = true;
}
