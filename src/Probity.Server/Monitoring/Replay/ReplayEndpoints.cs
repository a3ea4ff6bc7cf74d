using Probity.Server.Access;
using Probity.Server.Hosting.Documentation;
using Probity.Server.Monitoring.Decisions;
using Probity.Server.Monitoring.Rules;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Monitoring.Replay;

/// <summary>Replay over the API.</summary>
internal static class ReplayEndpoints
{
    public static void Map(IEndpointRouteBuilder api) =>
        api.MapPost("/monitoring:replay", ReplayAsync)
            .RequiresPermission(Permission.ReadTransactions).Records(MonitoringEvents.Replayed).DisableRequestTimeout()
            .WithName("replayDecisions").WithSummary("Compute stored decisions again and compare them byte for byte")
            .WithRequestExample("""{"from_seq":0}""").WithTags("monitoring");

    private static async Task<IResult> ReplayAsync(
        HttpContext http, ReplayRange range, StepReader steps, RuleLibrary library, IDatabase database,
        Lazy<ILedgerWriter> ledger, TimeProvider time)
    {
        var report = await range.RunAsync(steps, library, null, http.RequestAborted);
        await using var work = new UnitOfWork(database, ledger.Value);
        work.Record(AccessEntry.Of(http, http.RequireCaller(), time).Draft(
            MonitoringEvents.Replayed, "monitoring.replay", "sensitive_read", null,
            ("decisions", report.Decisions), ("identical", report.Identical), ("different", report.Differences)));
        await work.CommitAsync(http.RequestAborted);
        return TypedResults.Ok(report);
    }
}
