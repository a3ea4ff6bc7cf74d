using System.Globalization;
using Probity.Monitoring;
using Probity.Monitoring.Rating;

namespace Probity.Server.Customers.Ratings;

/// <summary>What follows from a rating and a document by dates. Pure.</summary>
internal static class StandingRules
{
    /// <summary>The last day on which a document holds: one that holds is enough, so the last one to end counts; null
    /// when one has no end, or there is none.</summary>
    public static DateOnly? DocumentsEnd(CustomerDueDiligence? told) =>
        told is null || told.Documents.Any(document => document.ExpiresOn is null)
            ? null : told.Documents.Max(document => Day(document.ExpiresOn));

    /// <summary>A day of a document; null for none.</summary>
    public static DateOnly? Day(string? text) =>
        text is null ? null : DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>When the next review is due after a rating.</summary>
    /// <param name="before">When it was due so far, and by which rating and scorecard; null before the first.</param>
    /// <param name="rating">The rating now.</param>
    /// <param name="scorecard">The scorecard, whose months count, and its id.</param>
    /// <param name="anchor">The last review; before the first, the begin of the relationship.</param>
    /// <param name="told">The day the institution's own system has; null for none, and once a review was completed
    /// here.</param>
    /// <param name="today">Today.</param>
    public static DateOnly ReviewDue(
        DueBefore? before, CustomerRating rating, (string Id, Scorecard Scorecard) scorecard, DateOnly anchor,
        DateOnly? told, DateOnly today)
    {
        if (before is not null && before.Rating == rating && before.ScorecardId == scorecard.Id)
        {
            return before.DueOn;
        }

        var due = anchor.AddMonths(scorecard.Scorecard.MonthsFor(rating));
        if (before is null)
        {
            return told < due ? told.Value : due; // It may have been due long ago, and then it is overdue.
        }

        // A higher risk asks for a review sooner, not for one in the past; a lower one does not put off what is due.
        var next = due < today ? today : due;
        return before.DueOn < today || (rating > before.Rating && before.DueOn < next) ? before.DueOn : next;
    }

    /// <summary>The level of due diligence that is asked for: what was told, and never less than the rating asks
    /// for.</summary>
    public static string Level(CustomerDueDiligence? told, string? rating) =>
        rating == "high" ? "enhanced"
        : told?.Level == "simplified" && rating is not (null or "low") ? "standard"
        : told?.Level ?? "standard";
}

/// <summary>When a review was due so far.</summary>
/// <param name="Rating">By which rating.</param>
/// <param name="ScorecardId">By which scorecard.</param>
/// <param name="DueOn">The day.</param>
internal sealed record DueBefore(CustomerRating Rating, string ScorecardId, DateOnly DueOn);
