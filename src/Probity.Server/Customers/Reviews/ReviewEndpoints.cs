using Probity.Contracts.Problems;
using Probity.Server.Access;
using Probity.Server.AuditTrail.Api;
using Probity.Server.Hosting;
using Probity.Server.Hosting.Documentation;
using Probity.Server.Hosting.Problems;

namespace Probity.Server.Customers.Reviews;

/// <summary>Reviews and what is due over the API.</summary>
internal static class ReviewEndpoints
{
    private const string Tag = "customers";
    private const int MaxBodyBytes = 16 * 1024;

    /// <summary>So many days ahead are shown when nothing is asked for.</summary>
    public const int DefaultDays = 30;

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/customers:due", DueAsync)
            .RequiresPermission(Permission.ReadCustomers).Records(CustomerEvents.Searched)
            .WithName("listDueTasks")
            .WithSummary("Reviews that are due, or documents that end, until a day; overdue=true for past days only")
            .WithTags(Tag);
        api.MapGet("/customers/{id}/reviews", HistoryAsync)
            .RequiresPermission(Permission.ReadCustomers).Records(CustomerEvents.Read)
            .WithName("listReviews").WithSummary("The reviews of a customer, the newest first").WithTags(Tag);
        api.MapPost("/customers/{id}/reviews", CompleteAsync)
            .RequiresPermission(Permission.ManageDiligence).Records(CustomerEvents.Reviewed)
            .LimitsBody(MaxBodyBytes).WithName("completeReview")
            .WithSummary("Complete a review; the next one is due by the rating, or sooner")
            .WithRequestExample("""{"outcome":"confirmed","reason":"activity fits the profile"}""").WithTags(Tag);
    }

    /// <summary>The last day that is asked for.</summary>
    /// <exception cref="ProblemException">request.malformed.</exception>
    public static DateOnly Until(DateOnly? until, bool? overdue, DateOnly today) =>
        overdue is true ? today.AddDays(-1) : until ?? today.AddDays(DefaultDays);

    /// <summary>The kind of task that is asked for.</summary>
    /// <exception cref="ProblemException">request.malformed.</exception>
    public static string TaskOf(string? task) => task switch
    {
        null or "" or DueTask.Review => DueTask.Review,
        DueTask.Document => DueTask.Document,
        _ => throw new ProblemException(ErrorCodes.RequestMalformed, "task is review or document."),
    };

    private static async Task<IResult> DueAsync(
        HttpContext http, string? task, DateOnly? until, bool? overdue, int? page_size, string? page_token,
        ReviewDesk desk, ReadRecorder reads, DueDays days)
    {
        var today = days.Today;
        var (tasks, next, count) = await desk.DueAsync(
            TaskOf(task), Until(until, overdue, today), DuePaging.Of(page_size, page_token),
            http.RequireCaller().ScopeOf(Permission.ReadCustomers), http.RequestAborted);
        await CustomerReads.RecordAsync(http, reads, tasks);
        return TypedResults.Ok(new DueList(tasks, count, next));
    }

    private static Task<IResult> HistoryAsync(
        string id, HttpContext http, CustomerRegister register, ReviewDesk desk, ReadRecorder reads) =>
        CustomerReads.AnswerAsync(http, id, register, reads, async (row, _) => new ReviewList(
            [.. (await desk.HistoryAsync(row.Id, http.RequestAborted)).Select(ReviewView.Of)]));

    private static async Task<IResult> CompleteAsync(
        string id, CompleteReview asked, HttpContext http, ReviewDesk desk, TimeProvider time)
    {
        var caller = http.RequireCaller();
        var (review, _) = await desk.CompleteAsync(
            id, asked, caller.ScopeOf(Permission.ManageDiligence), AccessEntry.Of(http, caller, time),
            http.RequestAborted);
        return TypedResults.Created($"/api/v1/customers/{id}/reviews", ReviewView.Of(review));
    }
}

/// <summary>What is due.</summary>
/// <param name="Tasks">By day.</param>
/// <param name="Overdue">How many of this kind are overdue in all.</param>
/// <param name="NextPageToken">Null on the last page.</param>
internal sealed record DueList(IReadOnlyList<DueTask> Tasks, int Overdue, string? NextPageToken);

/// <summary>Reviews.</summary>
internal sealed record ReviewList(IReadOnlyList<ReviewView> Reviews);

/// <summary>A review that was completed.</summary>
internal sealed record ReviewView(
    string Id, string Outcome, DateOnly? DueOn, DateOnly? NextDueOn, string? Rating, string? RatingId,
    string CompletedBy, DateTimeOffset CompletedAt)
{
    public static ReviewView Of(ReviewRow row) => new(
        row.Id, row.Outcome, row.DueOn, row.NextDueOn, row.Rating, row.RatingId, row.CompletedBy, row.CompletedAt);
}
