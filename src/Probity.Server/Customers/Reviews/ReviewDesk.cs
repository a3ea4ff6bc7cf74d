using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Probity.Contracts.Problems;
using Probity.Monitoring.Rating;
using Probity.Server.Access;
using Probity.Server.Access.Approvals;
using Probity.Server.Customers.Ratings;
using Probity.Server.Hosting.Problems;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Customers.Reviews;

/// <summary>
/// Completes reviews of customers and lists what is due. When the next one is due follows from the rating and the
/// months of the scorecard, or is sooner by wish.
/// </summary>
internal sealed class ReviewDesk(
    IDatabase database, Lazy<ILedgerWriter> ledger, CustomerStanding standing, Scorecards scorecards,
    CustomerSeal seal, DueDays days, TimeProvider time)
{
    /// <summary>What a review may come to.</summary>
    public static readonly IReadOnlyList<string> Outcomes =
        ["confirmed", "information_updated", "enhanced_measures", "restricted", "exit"];

    /// <summary>Without a scorecard no months follow from a rating; then the next day is given.</summary>
    private const int MostMonths = 120;

    /// <summary>Completes a review.</summary>
    /// <exception cref="ProblemException">customers.not_found, customers.changed, request.bad_field.</exception>
    public async Task<(ReviewRow Review, CustomerRow Customer)> CompleteAsync(
        string customerId, CompleteReview asked, EntityScope scope, AccessEntry entry,
        CancellationToken cancellationToken)
    {
        var findings = ApprovalDesk.CheckReason(asked.Reason);
        if (!Outcomes.Contains(asked.Outcome, StringComparer.Ordinal))
        {
            throw ProblemException.BadField("/outcome", $"Use one of {string.Join(", ", Outcomes)}.");
        }

        return await CommitRaces.AgainAsync(
            () => CompleteOnceAsync(customerId, asked, findings, scope, entry, cancellationToken),
            ErrorCodes.CustomersChanged);
    }

    /// <summary>The reviews of a customer, the newest first, at most 200.</summary>
    public async Task<IReadOnlyList<ReviewRow>> HistoryAsync(string customerId, CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        return await db.Set<ReviewRow>().AsNoTracking().Where(row => row.CustomerId == customerId)
            .OrderByDescending(row => row.CompletedAt).ThenByDescending(row => row.Id).Take(200)
            .ToListAsync(cancellationToken);
    }

    /// <summary>What is due, the longest due first.</summary>
    /// <param name="task">review or document.</param>
    /// <param name="until">The last day.</param>
    /// <param name="page">How many, after which day and id.</param>
    /// <param name="scope">Whose customers the caller may see.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<(IReadOnlyList<DueTask> Tasks, string? Next, int Overdue)> DueAsync(
        string task, DateOnly until, DuePaging page, EntityScope scope, CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        var (codes, isAll) = (scope.Codes.ToList(), scope.IsAll);
        var seen = db.Set<CustomerRow>().AsNoTracking().Where(row => row.State == CustomerRow.Active
            && (isAll || (row.LegalEntity != null && codes.Contains(row.LegalEntity))));
        var dated = task == DueTask.Review
            ? seen.Where(row => row.ReviewDueOn != null).Select(row => new Dated { Row = row, Day = row.ReviewDueOn })
            : seen.Where(row => row.DocumentsEndOn != null)
                .Select(row => new Dated { Row = row, Day = row.DocumentsEndOn });
        var today = days.Today;
        var overdue = await dated.CountAsync(item => item.Day < today, cancellationToken);
        var (after, afterId) = (page.AfterDay, page.AfterId);
        var found = await dated.Where(item => item.Day <= until)
#pragma warning disable CA1309 // Translated to SQL, where the order of the ids is the store's.
            .Where(item => after == null || item.Day > after
                || (item.Day == after && string.Compare(item.Row.Id, afterId) > 0))
#pragma warning restore CA1309
            .OrderBy(item => item.Day).ThenBy(item => item.Row.Id).Take(page.Size + 1)
            .ToListAsync(cancellationToken);
        return (
            [.. found.Take(page.Size).Select(item => DueTask.Of(task, item.Row, item.Day!.Value, seal, today))],
            found.Count > page.Size
                ? DuePaging.Token(found[page.Size - 1].Day!.Value, found[page.Size - 1].Row.Id) : null,
            overdue);
    }

    private async Task<(ReviewRow Review, CustomerRow Customer)> CompleteOnceAsync(
        string customerId, CompleteReview asked, string findings, EntityScope scope, AccessEntry entry,
        CancellationToken cancellationToken)
    {
        await using var work = new UnitOfWork(database, ledger.Value);
        var (row, document) = await seal.FindAsync(work.Db, customerId, scope, cancellationToken);
        var next = await NextAsync(work.Db, row, asked, cancellationToken);
        var review = new ReviewRow
        {
            Id = AccessIds.New(ReviewRow.Prefix, time.GetUtcNow()),
            CustomerId = row.Id,
            Outcome = asked.Outcome,
            DueOn = row.ReviewDueOn,
            NextDueOn = next,
            Rating = row.Rating,
            RatingId = row.RatingId,
            CustomerVersion = row.Version,
            CompletedBy = entry.Actor.Id,
            CompletedAt = time.GetUtcNow(),
        };
        work.Add(review);
        var told = entry with { Reason = new EntryReason { Text = findings } };
        work.Record(
            told.Draft(
                CustomerEvents.Reviewed, "customers.review", "sensitive_update",
                new EntryTarget(CustomerRow.SubjectType, row.ExternalId), ("outcome", asked.Outcome),
                ("findings", findings), ("due_on", review.DueOn), ("next_due_on", next)),
            review);
        row.ReviewDueOn = next;
        await standing.RefreshAsync(work, row, document, RatingCause.Review, entry, cancellationToken);
        row.ReviewDueOn = next; // Without a scorecard what was told would take its place.
        await work.CommitAsync(cancellationToken);
        return (review, row);
    }

    private async Task<DateOnly?> NextAsync(
        ProbityDb db, CustomerRow row, CompleteReview asked, CancellationToken cancellationToken)
    {
        var today = days.Today;
        var current = await scorecards.CurrentAsync(db, cancellationToken);
        var latest = current is { } found && RatingRecord.Read(row.Rating) is { } rating
            ? today.AddMonths(found.Scorecard.MonthsFor(rating)) : (DateOnly?)null;
        if (asked.NextDueOn is { } wished)
        {
            return wished > today && wished <= (latest ?? today.AddMonths(MostMonths)) ? wished
                : throw ProblemException.BadField("/next_due_on", latest is { } most
                    ? "Give a day after today, at the latest "
                        + most.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) + ": the rating asks for it."
                    : $"Give a day after today, at most {MostMonths} months ahead.");
        }

        return asked.Outcome == "exit" ? null : latest;
    }

    private sealed class Dated
    {
        public required CustomerRow Row { get; init; }

        public required DateOnly? Day { get; init; }
    }
}

/// <summary>Completes a review.</summary>
internal sealed record CompleteReview
{
    /// <summary>confirmed, information_updated, enhanced_measures, restricted or exit.</summary>
    public required string Outcome { get; init; }

    /// <summary>What was found, 1 to 1,000 characters.</summary>
    public required string Reason { get; init; }

    /// <summary>The day of the next one, sooner than the rating asks for; null for what the rating asks for.</summary>
    public DateOnly? NextDueOn { get; init; }
}

/// <summary>Something to do about a customer until a day.</summary>
/// <param name="Task">review or document.</param>
/// <param name="CustomerId"><c>cus_…</c>.</param>
/// <param name="ExternalId">The institution's number.</param>
/// <param name="Name">The primary name; null when it was erased.</param>
/// <param name="Rating">The rating in force; null for none.</param>
/// <param name="DueOn">The day.</param>
/// <param name="IsOverdue">Whether the day is past.</param>
internal sealed record DueTask(
    string Task, string CustomerId, string ExternalId, string? Name, string? Rating, DateOnly DueOn, bool IsOverdue)
{
    public const string Review = "review";
    public const string Document = "document";

    public static DueTask Of(string task, CustomerRow row, DateOnly day, CustomerSeal seal, DateOnly today) => new(
        task, row.Id, row.ExternalId, seal.Open(row)?.Names[0].Text, row.Rating, day, day < today);
}

/// <summary>Which page of what is due.</summary>
internal sealed record DuePaging(int Size, DateOnly? AfterDay, string? AfterId)
{
    /// <exception cref="ProblemException">request.malformed.</exception>
    public static DuePaging Of(int? size, string? token)
    {
        var paging = CustomerPaging.Of(size, token);
        if (paging.After is null)
        {
            return new DuePaging(paging.Size, null, null);
        }

        var at = paging.After.IndexOf('.', StringComparison.Ordinal);
        return at == 10 && DateOnly.TryParseExact(
                paging.After[..at], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? new DuePaging(paging.Size, day, paging.After[(at + 1)..])
            : throw new ProblemException(
                ErrorCodes.RequestMalformed, "page_token is what the page before ended with.");
    }

    public static string Token(DateOnly day, string id) => FormattableString.Invariant($"{day:yyyy-MM-dd}.{id}");
}
