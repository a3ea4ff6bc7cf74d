using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Probity.Monitoring.Rating;
using Probity.Server.Customers.Owners;
using Probity.Server.Storage;

namespace Probity.Server.Customers.Ratings;

/// <summary>Gathers what a rating is computed from. Thread safe.</summary>
internal sealed class RatingFactSource(
    IRatingSources sources, OwnershipReader ownership, DueDays days, TimeProvider time)
{
    /// <summary>A document that ends within so many days is about to.</summary>
    public const int ExpiringDays = 30;

    private const int AlertDays = 365;

    /// <summary>The facts of a customer today.</summary>
    /// <param name="db">The context, with what waits to be saved.</param>
    /// <param name="row">The customer.</param>
    /// <param name="document">What is known of it.</param>
    /// <param name="scorecard">The one that is to rate.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<RatingFacts> OfAsync(
        ProbityDb db, CustomerRow row, CustomerDocument document, Scorecard scorecard,
        CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var today = days.Today;
        var isNew = db.Entry(row).State == EntityState.Added;
        var facts = Told(row, document, today);
        facts["screening"] = RatingFacts.Words([await sources.ScreeningAsync(db, row, cancellationToken)]);
        if (!isNew)
        {
            var alerts = await sources.AlertsAsync(
                db, row.ExternalId, now.AddDays(-AlertDays), cancellationToken);
            facts["past_alerts"] = RatingFacts.Number(alerts);
            facts["activity_ratio"] = RatingFacts.Number(await RatioAsync(row, document, cancellationToken));
        }

        if (document.Kind == CustomerRules.Organisation)
        {
            await AddOwnersAsync(facts, db, row, document, scorecard, cancellationToken);
        }

        return RatingFacts.Of(today, facts);
    }

    /// <summary>none, held, expiring or expired; null for nothing told of due diligence at all.</summary>
    public static string DocumentState(CustomerDueDiligence? told, DateOnly today)
    {
        if (told is null || told.Documents.Count == 0)
        {
            return "none";
        }

        return StandingRules.DocumentsEnd(told) is not { } end ? "held"
            : end < today ? "expired"
            : end <= today.AddDays(ExpiringDays) ? "expiring"
            : "held";
    }

    private static Dictionary<string, RatingFact?> Told(CustomerRow row, CustomerDocument document, DateOnly today)
    {
        var told = document.DueDiligence;
        return new Dictionary<string, RatingFact?>(StringComparer.Ordinal)
        {
            ["kind"] = RatingFacts.Words([document.Kind]),
            ["countries"] = RatingFacts.Words(document.Countries.Select(country => country.Code)),
            ["segment"] = RatingFacts.Words([told?.Segment]),
            ["industry"] = RatingFacts.Words([told?.Industry]),
            ["products"] = RatingFacts.Words(document.Accounts.Select(account => account.Product)),
            ["channel"] = RatingFacts.Words([told?.Channel]),
            ["is_pep"] = RatingFacts.Truth(told?.IsPep),
            ["adverse"] = RatingFacts.Words(told?.Adverse ?? []),
            ["source_of_funds"] = told?.SourceOfFunds is null ? null : RatingFacts.Truth(true),
            ["documents"] = RatingFacts.Words([DocumentState(told, today)]),
            ["review_overdue"] = RatingFacts.Truth(row.ReviewDueOn is { } due ? due < today : null),
            ["months_known"] = RatingFacts.Number(
                StandingRules.Day(told?.OnboardedOn) is { } since ? Months(since, today) : null),
        };
    }

    private static int Months(DateOnly since, DateOnly today) => Math.Max(
        0, ((today.Year - since.Year) * 12) + today.Month - since.Month - (today.Day < since.Day ? 1 : 0));

    // To hundredths, half to even: a ratio that is not finite has no exact digits.
    private async Task<decimal?> RatioAsync(
        CustomerRow row, CustomerDocument document, CancellationToken cancellationToken)
    {
        if (document.DueDiligence?.ExpectedMonthly is not { } expected
            || await sources.MonthlyAsync(row.ExternalId, expected.Currency, cancellationToken) is not { } actual)
        {
            return null;
        }

        return decimal.Round(
            actual / decimal.Parse(expected.Amount, CultureInfo.InvariantCulture), 2, MidpointRounding.ToEven);
    }

    private async Task AddOwnersAsync(
        Dictionary<string, RatingFact?> facts, ProbityDb db, CustomerRow row, CustomerDocument document,
        Scorecard scorecard, CancellationToken cancellationToken)
    {
        var tree = await ownership.ReadAsync(db, row, document, scorecard, cancellationToken);
        facts["ownership_unknown"] = RatingFacts.Number(tree.Finding.UnknownPercent);
        facts["ownership_depth"] = RatingFacts.Number(tree.Finding.Depth);
        facts["ownership_circular"] = RatingFacts.Truth(!tree.Finding.Circles.IsEmpty);
        var behind = tree.Finding.Persons.Where(person => person.IsBeneficialOwner).Select(person => person.Id)
            .ToHashSet(StringComparer.Ordinal);
        facts["owner_is_pep"] = behind.Count == 0 ? null : RatingFacts.Truth(tree.Parties.Values.Any(party =>
            behind.Contains(party.Row.Id) && party.Document?.DueDiligence?.IsPep is true));
        var states = new List<string?>();
        foreach (var party in tree.Parties.Values.Where(party => party.Row.Id != row.Id))
        {
            states.Add(await sources.ScreeningAsync(db, party.Row, cancellationToken));
        }

        facts["owner_screening"] = RatingFacts.Words(states);
    }
}
