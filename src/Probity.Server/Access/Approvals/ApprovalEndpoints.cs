using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Probity.Contracts.Access;
using Probity.Server.Hosting;
using Probity.Server.Hosting.Documentation;
using Probity.Server.Hosting.Problems;
using Probity.Server.Storage;

namespace Probity.Server.Access.Approvals;

/// <summary>The inbox, decisions and policies over the API. Every refusal of a decision is an entry.</summary>
internal static class ApprovalEndpoints
{
    private const int MaxBodyBytes = 16 * 1024;
    private const string Tag = "approvals";
    private const string Queue = "One's own queue; what is decided is recorded";

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/approvals", ListAsync).RequiresPermission(Permission.UseOwnAccount).RecordsNothing(Queue)
            .WithName("listApprovals").WithSummary("List approvals, newest first: view=pending (for me), mine or all").WithTags(Tag);
        api.MapGet("/approvals/{id}", (string id, HttpContext http, ApprovalInbox inbox, DeniedRecorder denied) =>
            AnswerAsync(http, denied, () => inbox.GetAsync(id, http.RequireCaller(), http.RequestAborted)))
            .RequiresPermission(Permission.UseOwnAccount).RecordsNothing(Queue)
            .WithName("getApproval").WithSummary("Read one approval").WithTags(Tag);
        api.MapPost("/approvals/{id}:approve", ApproveAsync).RequiresPermission(Permission.DecideApprovals).RequiresStepUp()
            .Records(ApprovalEvents.Approved).LimitsBody(MaxBodyBytes)
            .WithName("approveApproval").WithSummary("Agree to what someone else asked for; the last one needed does it")
            .WithRequestExample("""{"payload_sha256":"…","reason":"checked with HR"}""").WithTags(Tag);
        api.MapPost("/approvals/{id}:reject", RejectAsync).RequiresPermission(Permission.DecideApprovals)
            .Records(ApprovalEvents.Rejected).LimitsBody(MaxBodyBytes)
            .WithName("rejectApproval").WithSummary("Decline what someone else asked for")
            .WithRequestExample("""{"reason":"not needed for the job"}""").WithTags(Tag);
        api.MapPost("/approvals/{id}:withdraw", WithdrawAsync).RequiresPermission(Permission.UseOwnAccount)
            .Records(ApprovalEvents.Withdrawn).LimitsBody(MaxBodyBytes)
            .WithName("withdrawApproval").WithSummary("Take back what one asked for").WithTags(Tag);
        MapPolicies(api);
    }

    private static void MapPolicies(IEndpointRouteBuilder api)
    {
        api.MapGet("/approval-policies", async ([FromServices] IDatabase database, ApprovalPolicies policies, CancellationToken token) =>
        {
            await using var db = database.CreateContext();
            return TypedResults.Ok(new ApprovalPolicyList(await policies.ListAsync(db, token)));
        })
            .RequiresPermission(Permission.ReadApprovals).RecordsNothing("Policies are configuration; their changes are recorded")
            .WithName("listApprovalPolicies").WithSummary("How each action is approved").WithTags(Tag);
        api.MapPut("/approval-policies/{action}", SetPolicyAsync).RequiresPermission(Permission.ManagePolicies).RequiresStepUp()
            .Records(ApprovalEvents.PolicySet).LimitsBody(MaxBodyBytes)
            .WithName("setApprovalPolicy").WithSummary("Change how an action is approved, which is approved itself")
            .WithRequestExample("""{"checkers":2,"permission":"access.approval.decide","expiry_hours":72,"reason":"…"}""").WithTags(Tag);
    }

    private static async Task<Ok<ApprovalList>> ListAsync(
        HttpContext http, ApprovalInbox inbox, string? view, string? state, int? page_size, string? page_token) =>
        TypedResults.Ok(await inbox.ListAsync(http.RequireCaller(), view, state, page_size, page_token, http.RequestAborted));

    private static Task<Ok<ApprovalView>> ApproveAsync(
        string id, ApproveRequest request, HttpContext http, ApprovalDesk desk, ApprovalPolicies policies, DeniedRecorder denied, TimeProvider time) =>
        DecideAsync(http, denied, policies, time, (caller, entry) =>
            desk.ApproveAsync(id, request.PayloadSha256, request.Reason, caller, entry, CancellationToken.None));

    private static Task<Ok<ApprovalView>> RejectAsync(
        string id, ReasonRequest request, HttpContext http, ApprovalDesk desk, ApprovalPolicies policies, DeniedRecorder denied, TimeProvider time) =>
        DecideAsync(http, denied, policies, time, (caller, entry) => desk.RejectAsync(id, request.Reason, caller, entry, CancellationToken.None));

    private static Task<Ok<ApprovalView>> WithdrawAsync(
        string id, ReasonRequest request, HttpContext http, ApprovalDesk desk, ApprovalPolicies policies, DeniedRecorder denied, TimeProvider time) =>
        DecideAsync(http, denied, policies, time, (caller, entry) => desk.WithdrawAsync(id, request.Reason, caller, entry, CancellationToken.None));

    private static Task<Ok<ApprovalView>> DecideAsync(
        HttpContext http, DeniedRecorder denied, ApprovalPolicies policies, TimeProvider time,
        Func<Caller, AccessEntry, Task<ApprovalRow>> decide)
    {
        var caller = http.RequireCaller();
        return AnswerAsync(http, denied, async () =>
        {
            var row = await decide(caller, AccessEntry.Of(http, caller, time));
            return ApprovalViews.Of(row, caller, time.GetUtcNow(), policies.IsReview(row.Action));
        });
    }

    /// <summary>Answers, and records a refusal; one of the status 403 is recorded where every 403 is.</summary>
    private static async Task<Ok<ApprovalView>> AnswerAsync(HttpContext http, DeniedRecorder denied, Func<Task<ApprovalView>> answer)
    {
        try
        {
            return TypedResults.Ok(await answer());
        }
        catch (ProblemException refused) when (refused.Code.Status is StatusCodes.Status404NotFound or StatusCodes.Status409Conflict)
        {
            await denied.RecordAsync(http, http.RequireCaller(), refused.Code.Code, null);
            throw;
        }
    }

    private static async Task<Results<Ok<ApprovalPolicyView>, Accepted<ApprovalRef>>> SetPolicyAsync(
        string action, SetApprovalPolicy request, HttpContext http, PolicyDesk desk, TimeProvider time)
    {
        var caller = http.RequireCaller();
        var (done, waiting) = await desk.SetAsync(action, request, caller, AccessEntry.Of(http, caller, time), http.RequestAborted);
        return done is not null ? TypedResults.Ok(done) : TypedResults.Accepted(
            $"/api/v1/approvals/{waiting}", new ApprovalRef(waiting ?? throw new InvalidOperationException("Done or waiting.")));
    }
}
