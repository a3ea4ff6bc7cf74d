using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Probity.Monitoring;
using Probity.Monitoring.Rating;
using Probity.Server.Access;
using Probity.Server.AuditTrail;
using Probity.Server.Customers.Onboarding;
using Probity.Server.Customers.Owners;
using Probity.Server.Customers.Reviews;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Customers.Ratings;

/// <summary>
/// Keeps what follows from a customer: rating, due review, end of documents, state of onboarding. In the commit of a
/// change, and whenever something else that a rating asks for changes. A rating that comes to the same from the same
/// facts is not written again. While no scorecard is in force nobody is rated, and what was told counts.
/// </summary>
internal sealed class CustomerStanding(
    Scorecards scorecards, RatingFactSource facts, IRatingSources sources,
    LedgerRuntime runtime, DueDays days, TimeProvider time) : ICustomerWatch
{
    public async Task ChangedAsync(
        UnitOfWork work, CustomerRow row, CustomerDocument document, AccessEntry entry,
        CancellationToken cancellationToken)
    {
        await RefreshAsync(work, row, document, RatingCause.Customer, entry, cancellationToken);
        await MarkOwnedAsync(work, row, cancellationToken);
    }

    public void Committed(CustomerRow row, CustomerDocument? document)
    {
        // Everything is in the store.
    }

    /// <summary>Computes everything anew and adds what changed to the unit of work.</summary>
    /// <param name="work">The unit of work; the row is tracked by it.</param>
    /// <param name="row">The customer.</param>
    /// <param name="document">What is known of it.</param>
    /// <param name="cause">One of <see cref="RatingCause"/>.</param>
    /// <param name="entry">Who caused it.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task RefreshAsync(
        UnitOfWork work, CustomerRow row, CustomerDocument document, string cause, AccessEntry entry,
        CancellationToken cancellationToken)
    {
        row.StandingVersion = row.Version;
        row.DocumentsEndOn = StandingRules.DocumentsEnd(document.DueDiligence);
        var current = await scorecards.CurrentAsync(work.Db, cancellationToken);
        if (document.Role == CustomerRules.Related || current is not { } scorecard)
        {
            await UnrateAsync(work, row, document, cancellationToken);
            row.RatedAt = current is null ? null : time.GetUtcNow(); // A related party was looked at.
            return;
        }

        var set = await OverrideAsync(work, row, entry, cancellationToken);
        var known = await facts.OfAsync(work.Db, row, document, scorecard.Scorecard, cancellationToken);
        var rating = Rater.Rate(scorecard.Scorecard, known, set);
        await KeepAsync(work, row, rating, scorecard.Id, cause, entry, cancellationToken);
        await KeepReviewAsync(work, row, document, rating, scorecard, cancellationToken);
        (row.Rating, row.RatedBy, row.RatedAt) =
            (RatingRecord.Word(rating.Value), scorecard.Id, time.GetUtcNow());
        var state = await CheckState.ReadAsync(
            work.Db, row, document, scorecard.Scorecard, Screening(known), days.Today, cancellationToken);
        (row.Onboarding, row.Checks) = (state.State, OnboardingFacts.Write(
            state.Level, state.Checks.Select(check => (check.Kind, check.State))));
        row.RerateAt = Next(row, rating, state);
    }

    /// <summary>Has everybody below a party rated again soon: what they are rated from changed.</summary>
    public async Task MarkOwnedAsync(UnitOfWork work, CustomerRow row, CancellationToken cancellationToken)
    {
        if (work.Db.Entry(row).State == EntityState.Added)
        {
            return; // Nobody can be related to it yet.
        }

        var now = time.GetUtcNow();
        foreach (var owned in await OwnershipReader.BelowAsync(work.Db, row.Id, cancellationToken))
        {
            owned.RerateAt = now;
        }
    }

    private static async Task UnrateAsync(
        UnitOfWork work, CustomerRow row, CustomerDocument document, CancellationToken cancellationToken)
    {
        (row.Rating, row.RatingId, row.RatedBy, row.RatedAt) = (null, null, null, null);
        (row.RerateAt, row.Onboarding, row.Checks) = (null, null, null);
        var told = document.Role == CustomerRules.Related
            ? null : StandingRules.Day(document.DueDiligence?.ReviewDueOn);

        // Once a review was completed here, the day that followed from it counts, whatever is told again.
        if (row.ReviewDueOn is null || row.ReviewDueOn == told || document.Role == CustomerRules.Related
            || !await work.Db.Set<ReviewRow>().AnyAsync(review => review.CustomerId == row.Id, cancellationToken))
        {
            row.ReviewDueOn = told;
        }
    }

    /// <summary>The override that holds; one whose day is over is ended.</summary>
    private async Task<RatingOverride?> OverrideAsync(
        UnitOfWork work, CustomerRow row, AccessEntry entry, CancellationToken cancellationToken)
    {
        var set = work.Db.Set<OverrideRow>().Local.FirstOrDefault(
                item => item.CustomerId == row.Id && item.State == OverrideRow.Active)
            ?? (work.Db.Entry(row).State == EntityState.Added ? null
                : await work.Db.Set<OverrideRow>().SingleOrDefaultAsync(
                    item => item.CustomerId == row.Id && item.State == OverrideRow.Active, cancellationToken));
        if (set is null || set.State != OverrideRow.Active)
        {
            return null;
        }

        if (set.ExpiresAt > time.GetUtcNow())
        {
            return new RatingOverride(
                set.Id, RatingRecord.Read(set.Rating) ?? throw new InvalidOperationException("A rating is a word."),
                set.ExpiresAt);
        }

        set.State = OverrideRow.Ended;
        work.Record(
            entry.Draft(
                CustomerEvents.OverrideEnded, "customers.rating.override_end", "sensitive_update",
                new EntryTarget(CustomerRow.SubjectType, row.ExternalId), ("override", set.Id)),
            set);
        return null;
    }

    private async Task KeepAsync(
        UnitOfWork work, CustomerRow row, RatingResult rating, string scorecardId, string cause, AccessEntry entry,
        CancellationToken cancellationToken)
    {
        var inputs = runtime.Keys.DigestOf(RatingRecord.Write(rating with { Facts = rating.Facts.At(default) }));
        var last = row.RatingId is not { } id ? null : await work.Db.Set<RatingRow>().AsNoTracking()
            .SingleOrDefaultAsync(item => item.Id == id, cancellationToken);
        if (last is not null && last.Inputs == inputs)
        {
            return;
        }

        var made = new RatingRow
        {
            Id = AccessIds.New(RatingRow.Prefix, time.GetUtcNow()),
            CustomerId = row.Id,
            Number = 1 + (last?.Number ?? await LastAsync(work, row, cancellationToken)),
            CustomerVersion = row.Version,
            ScorecardId = scorecardId,
            Score = rating.Score,
            Computed = RatingRecord.Word(rating.Computed),
            Rating = RatingRecord.Word(rating.Value),
            OverrideId = rating.Override?.Id,
            Cause = cause,
            Inputs = inputs,
            RatedAt = time.GetUtcNow(),
        };
        work.Add(made);
        work.Record(
            entry.Draft(
                CustomerEvents.Rated, "customers.rate", "sensitive_update",
                new EntryTarget(CustomerRow.SubjectType, row.ExternalId), ("cause", cause),
                ("scorecard", scorecardId), ("customer_version", row.Version),
                ("record", JsonSerializer.Deserialize<JsonElement>(RatingRecord.Write(rating)))),
            made);
        row.RatingId = made.Id;
    }

    // A customer that no scorecard rated for a while goes on in its own history.
    private static async Task<int> LastAsync(
        UnitOfWork work, CustomerRow row, CancellationToken cancellationToken) =>
        work.Db.Entry(row).State == EntityState.Added ? 0
            : await work.Db.Set<RatingRow>().Where(item => item.CustomerId == row.Id)
                .MaxAsync(item => (int?)item.Number, cancellationToken) ?? 0;

    private async Task KeepReviewAsync(
        UnitOfWork work, CustomerRow row, CustomerDocument document, RatingResult rating,
        (string Id, Scorecard Scorecard) scorecard, CancellationToken cancellationToken)
    {
        var isNew = work.Db.Entry(row).State == EntityState.Added;
        var last = isNew ? null : await work.Db.Set<ReviewRow>().AsNoTracking()
            .Where(review => review.CustomerId == row.Id)
            .MaxAsync(review => (DateTimeOffset?)review.CompletedAt, cancellationToken);
        var told = document.DueDiligence;
        var began = StandingRules.Day(told?.OnboardedOn) ?? days.Of(row.CreatedAt);
        var before = row.ReviewDueOn is { } due && row.RatedBy is { } by
            && RatingRecord.Read(row.Rating) is { } was ? new DueBefore(was, by, due) : null;
        row.ReviewDueOn = StandingRules.ReviewDue(
            before, rating.Value, scorecard, last is { } day ? days.Of(day) : began,
            last is null ? StandingRules.Day(told?.ReviewDueOn) : null, days.Today);
    }

    /// <summary>The first instant at which a day alone may change something.</summary>
    private DateTimeOffset Next(CustomerRow row, RatingResult rating, CheckState checks)
    {
        if (!sources.IsComplete)
        {
            return time.GetUtcNow(); // A server asks what could not be asked here.
        }

        var today = days.Today;
        var wasOverdue = rating.Facts.Find("review_overdue") is RatingFact.Truth { Value: true };
        if (row.ReviewDueOn < today && !wasOverdue)
        {
            return time.GetUtcNow(); // That it is overdue followed from this rating, and counts in the next.
        }

        DateOnly?[] changes =
        [
            row.DocumentsEndOn?.AddDays(-RatingFactSource.ExpiringDays), row.DocumentsEndOn?.AddDays(1),
            row.ReviewDueOn?.AddDays(1), rating.Scorecard.ChangesAfter(today), checks.NextOn,
            today.AddDays(rating.Scorecard.ActivityDays),
        ];
        var next = days.Start(changes.Where(day => day > today).Min() ?? today.AddDays(1));
        return rating.Override is { } set && set.Until < next ? set.Until : next;
    }

    private static string? Screening(RatingFacts known) =>
        known.Find("screening") is RatingFact.Texts texts ? texts.Values[0] : null;
}
