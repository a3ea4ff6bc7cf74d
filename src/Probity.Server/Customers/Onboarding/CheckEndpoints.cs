using Probity.Contracts.Access;
using Probity.Contracts.Problems;
using Probity.Server.Access;
using Probity.Server.AuditTrail.Api;
using Probity.Server.Hosting;
using Probity.Server.Hosting.Documentation;
using Probity.Server.Hosting.Problems;

namespace Probity.Server.Customers.Onboarding;

/// <summary>Checks of onboarding over the API.</summary>
internal static class CheckEndpoints
{
    private const string Tag = "customers";
    private const int MaxBodyBytes = 16 * 1024;

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/customers/{id}/checks", StateAsync)
            .RequiresPermission(Permission.ReadCustomers).Records(CustomerEvents.Read)
            .WithName("getOnboarding")
            .WithSummary("How far onboarding is: what the level asks for, and the outcome of each check")
            .WithTags(Tag);
        api.MapPost("/customers/{id}/checks", RecordAsync)
            .RequiresPermission(Permission.ManageDiligence).Records(CustomerEvents.Checked)
            .LimitsBody(MaxBodyBytes).WithName("recordCheck")
            .WithSummary("Record a check; what waives one, and an approval, asks a second person (202)")
            .WithRequestExample(
                """{"kind":"identity","outcome":"passed","reason":"passport seen","reference":"file 77"}""")
            .WithTags(Tag);
    }

    private static Task<IResult> StateAsync(
        string id, HttpContext http, CustomerRegister register, CheckDesk desk, ReadRecorder reads) =>
        CustomerReads.AnswerAsync(http, id, register, reads, async (row, document) =>
        {
            if (document is null || document.Role == CustomerRules.Related)
            {
                throw new ProblemException(ErrorCodes.CustomersNotFound);
            }

            var (state, isDemanded) = await desk.StateAsync(row, document, http.RequestAborted);
            return OnboardingView.Of(state, isDemanded);
        });

    private static async Task<IResult> RecordAsync(
        string id, RecordCheck asked, HttpContext http, CheckDesk desk, TimeProvider time)
    {
        var caller = http.RequireCaller();
        var (recorded, approval) = await desk.RecordAsync(
            id, asked, caller, AccessEntry.Of(http, caller, time), http.RequestAborted);
        return recorded is not null
            ? TypedResults.Created($"/api/v1/customers/{id}/checks", CheckView.Of(recorded))
            : TypedResults.Accepted($"/api/v1/approvals/{approval}", new ApprovalRef(approval ?? ""));
    }
}

/// <summary>How far onboarding is.</summary>
/// <param name="Level">simplified, standard or enhanced.</param>
/// <param name="State">pending, active or refused.</param>
/// <param name="IsDemanded">Whether a scorecard in force asks for it; else it is what the shipped one would
/// ask.</param>
/// <param name="Checks">What the level asks for.</param>
internal sealed record OnboardingView(
    string Level, string State, bool IsDemanded, IReadOnlyList<DemandedView> Checks)
{
    public static OnboardingView Of(CheckState state, bool isDemanded) => new(
        state.Level, state.State, isDemanded, [.. state.Checks.Select(check => new DemandedView(
            check.Kind, check.State, check.Row is null ? null : CheckView.Of(check.Row)))]);
}

/// <summary>A check that is asked for.</summary>
/// <param name="State">passed, waived, failed, missing or lapsed.</param>
/// <param name="Last">The last one recorded; null for none.</param>
internal sealed record DemandedView(string Kind, string State, CheckView? Last);

/// <summary>A check that was recorded.</summary>
internal sealed record CheckView(
    string Id, string Kind, string Outcome, string? ApprovalId, string CheckedBy, DateTimeOffset CheckedAt,
    DateOnly? ValidUntil)
{
    public static CheckView Of(CheckRow row) => new(
        row.Id, row.Kind, row.Outcome, row.ApprovalId, row.CheckedBy, row.CheckedAt, row.ValidUntil);
}
