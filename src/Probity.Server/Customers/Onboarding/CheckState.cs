using Microsoft.EntityFrameworkCore;
using Probity.Monitoring.Rating;
using Probity.Server.Customers.Ratings;
using Probity.Server.Storage;

namespace Probity.Server.Customers.Onboarding;

/// <summary>A check that the level of a customer asks for, as it stands.</summary>
/// <param name="Kind">Which.</param>
/// <param name="State">passed, waived, failed, missing or lapsed.</param>
/// <param name="Row">The last one recorded; null for none, and for screening, which records itself.</param>
internal sealed record DemandedCheck(string Kind, string State, CheckRow? Row);

/// <summary>
/// How far onboarding is: a customer is active only when every check that its level asks for is passed, or waived by a
/// second person; a failed one refuses it until it is done again.
/// </summary>
/// <param name="Level">simplified, standard or enhanced.</param>
/// <param name="State">pending, active or refused.</param>
/// <param name="Checks">What is asked for, in the order of the scorecard.</param>
/// <param name="NextOn">The first day on which a check lapses; null for none.</param>
internal sealed record CheckState(
    string Level, string State, IReadOnlyList<DemandedCheck> Checks, DateOnly? NextOn)
{
    public const string Pending = "pending";
    public const string Active = "active";
    public const string Refused = "refused";

    /// <summary>Reads how far it is.</summary>
    /// <param name="db">The context; rows that wait to be saved count.</param>
    /// <param name="row">The customer.</param>
    /// <param name="document">What is known of it.</param>
    /// <param name="scorecard">What asks for checks.</param>
    /// <param name="screening">What screening says; null while nothing is screened.</param>
    /// <param name="today">Today.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<CheckState> ReadAsync(
        ProbityDb db, CustomerRow row, CustomerDocument document, Scorecard scorecard, string? screening,
        DateOnly today, CancellationToken cancellationToken)
    {
        var stored = db.Entry(row).State == EntityState.Added ? [] : await db.Set<CheckRow>().AsNoTracking()
            .Where(check => check.CustomerId == row.Id).ToListAsync(cancellationToken);
        var waiting = db.Set<CheckRow>().Local.Where(check => check.CustomerId == row.Id);
        return Of(row.Rating, document, scorecard, [.. stored, .. waiting], screening, today);
    }

    /// <summary>Judges checks. Pure.</summary>
    public static CheckState Of(
        string? rating, CustomerDocument document, Scorecard scorecard, IReadOnlyList<CheckRow> rows,
        string? screening, DateOnly today)
    {
        var level = StandingRules.Level(document.DueDiligence, rating);
        var last = rows.GroupBy(check => check.Kind, StringComparer.Ordinal).ToDictionary(
            group => group.Key, group => group.OrderBy(check => check.CheckedAt).ThenBy(
                check => check.Id, StringComparer.Ordinal).Last(),
            StringComparer.Ordinal);
        List<DemandedCheck> checks =
        [
            .. scorecard.Checks[level].Where(kind => kind != "ownership" || document.Kind != CustomerRules.Person)
                .Select(kind => Judge(kind, last.GetValueOrDefault(kind), document, screening, today)),
        ];
        var state = checks.Exists(check => check.State == CheckRow.Failed) ? Refused
            : checks.TrueForAll(check => check.State is CheckRow.Passed or CheckRow.Waived) ? Active
            : Pending;
        var next = checks.Where(check => check.Row?.ValidUntil >= today)
            .Min(check => check.Row?.ValidUntil?.AddDays(1));
        return new CheckState(level, state, checks, next);
    }

    private static DemandedCheck Judge(
        string kind, CheckRow? row, CustomerDocument document, string? screening, DateOnly today) => kind switch
    {
        // Nobody says by hand what screening says; while nothing is screened at all, it was not done.
        "screening" => new(kind, screening switch { "clear" => CheckRow.Passed, "confirmed" => CheckRow.Failed,
            _ => "missing" }, null),
        _ when row is null => new(kind, "missing", null),
        _ when row.ValidUntil < today => new(kind, "lapsed", row),
        "document" when row.Outcome == CheckRow.Passed
            && RatingFactSource.DocumentState(document.DueDiligence, today) is "none" or "expired"
            => new(kind, "lapsed", row),
        _ => new(kind, row.Outcome, row),
    };
}
