using Microsoft.EntityFrameworkCore;
using Probity.Server.Cases;
using Probity.Server.Customers;
using Probity.Server.Customers.Ratings;
using Probity.Server.Monitoring.Decisions;
using Probity.Server.Monitoring.Pages;
using Probity.Server.Screening.Continuous;
using Probity.Server.Screening.Hits;
using Probity.Server.Screening.Matching;
using Probity.Server.Storage;

namespace Probity.Server.Hosting;

/// <summary>What ratings of customers ask of screening, cases and monitoring.</summary>
internal sealed class CustomerRatingSources(LiveEngine live, CustomerActivity activity, TimeProvider time)
    : IRatingSources
{
    private const int Days = 90;
    private const int MonthDays = 30;

    public bool IsComplete => true;

    public async Task<string?> ScreeningAsync(
        ProbityDb db, CustomerRow customer, CancellationToken cancellationToken) =>
        live.Current is null && !await StoredRatingSources.WasScreenedAsync(db, customer, cancellationToken) ? null
            : await StoredRatingSources.StateAsync(db, customer, cancellationToken);

    public Task<int> AlertsAsync(
        ProbityDb db, string externalId, DateTimeOffset since, CancellationToken cancellationToken) =>
        StoredRatingSources.CountAsync(db, externalId, since, cancellationToken);

    public async Task<decimal?> MonthlyAsync(
        string externalId, string currency, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var moves = await activity.ReadAsync(externalId, cancellationToken);
        var recent = moves.Where(move => move.Transaction.OccurredAt > now.AddDays(-Days)).ToList();
        if (recent.Count == 0)
        {
            return moves.Count == 0 ? null : 0; // Who never moved anything is not known by activity.
        }

        // Only the newest are read: where there are more, they tell of a shorter time.
        var oldest = moves.Count < CustomerActivity.Most || recent.Count < moves.Count
            ? now.AddDays(-Days) : recent.Min(move => move.Transaction.OccurredAt);
        var days = Math.Max(1, (int)Math.Ceiling((now - oldest).TotalDays));
        return recent.Where(move => move.Transaction.Amount.Currency.Value == currency)
            .Sum(move => move.Transaction.Amount.Amount) * MonthDays / days;
    }

    public Task<IReadOnlyList<string>> ChangedAsync(
        ProbityDb db, DateTimeOffset since, CancellationToken cancellationToken) =>
        StoredRatingSources.ChangedSinceAsync(db, since, cancellationToken);
}

/// <summary>The same without a server: what is stored. Activity is not asked; a server computes again.</summary>
internal sealed class StoredRatingSources : IRatingSources
{
    public bool IsComplete => false;

    public async Task<string?> ScreeningAsync(
        ProbityDb db, CustomerRow customer, CancellationToken cancellationToken) =>
        await db.Set<ResultRow>().AnyAsync(cancellationToken)
            ? await StateAsync(db, customer, cancellationToken) : null;

    public Task<int> AlertsAsync(
        ProbityDb db, string externalId, DateTimeOffset since, CancellationToken cancellationToken) =>
        CountAsync(db, externalId, since, cancellationToken);

    public Task<decimal?> MonthlyAsync(string externalId, string currency, CancellationToken cancellationToken) =>
        Task.FromResult<decimal?>(null);

    public Task<IReadOnlyList<string>> ChangedAsync(
        ProbityDb db, DateTimeOffset since, CancellationToken cancellationToken) =>
        ChangedSinceAsync(db, since, cancellationToken);

    /// <summary>Whether a customer was ever screened, in this unit of work or before.</summary>
    public static async Task<bool> WasScreenedAsync(
        ProbityDb db, CustomerRow customer, CancellationToken cancellationToken) =>
        db.Set<ResultRow>().Local.Any(row => row.CustomerId == customer.Id)
        || await db.Set<ResultRow>().AsNoTracking().AnyAsync(
            row => row.CustomerId == customer.Id, cancellationToken);

    /// <summary>clear, possible, confirmed or unknown.</summary>
    public static async Task<string> StateAsync(
        ProbityDb db, CustomerRow customer, CancellationToken cancellationToken)
    {
        // Tracked on purpose: what this unit of work has found and not saved yet is what counts.
        var stored = await db.Set<HitRow>().Where(hit => hit.CustomerId == customer.Id)
            .ToListAsync(cancellationToken);
        var hits = stored.Union(db.Set<HitRow>().Local.Where(hit => hit.CustomerId == customer.Id))
            .Select(hit => hit.Status).ToHashSet(StringComparer.Ordinal);
        if (hits.Contains(HitRow.TrueMatch))
        {
            return "confirmed";
        }

        if (hits.Contains(HitRow.Open) || hits.Contains(HitRow.Escalated))
        {
            return "possible";
        }

        var result = db.Set<ResultRow>().Local.FirstOrDefault(row => row.CustomerId == customer.Id)
            ?? await db.Set<ResultRow>().SingleOrDefaultAsync(
                row => row.CustomerId == customer.Id, cancellationToken);
        return result?.CustomerVersion == customer.Version ? "clear" : "unknown";
    }

    /// <summary>Alerts of monitoring that were not found false.</summary>
    public static Task<int> CountAsync(
        ProbityDb db, string externalId, DateTimeOffset since, CancellationToken cancellationToken) =>
        db.Set<AlertRow>().AsNoTracking().CountAsync(
            alert => alert.Source == DecisionAlerts.Source && alert.SubjectType == CustomerRow.SubjectType
                && alert.SubjectId == externalId && alert.RaisedAt >= since
                && alert.Decision != HitRow.FalsePositive,
            cancellationToken);

    /// <summary>Customers of whom something was found after they were rated last.</summary>
    public static async Task<IReadOnlyList<string>> ChangedSinceAsync(
        ProbityDb db, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (var ids in Found(db, since))
        {
            found.UnionWith(await ids.ToListAsync(cancellationToken));
        }

        return [.. found];
    }

    /// <summary>The questions for that: hits, results of screening, alerts.</summary>
    internal static IReadOnlyList<IQueryable<string>> Found(ProbityDb db, DateTimeOffset since)
    {
        var customers = db.Set<CustomerRow>().AsNoTracking().Where(row => row.RatedAt != null);
        var hits = db.Set<HitRow>().AsNoTracking().Where(hit => hit.UpdatedAt > since)
            .Join(customers, hit => hit.CustomerId, row => row.Id, (hit, row) => new { hit.UpdatedAt, row })
            .Where(pair => pair.UpdatedAt > pair.row.RatedAt).Select(pair => pair.row.Id);
        var results = db.Set<ResultRow>().AsNoTracking().Where(result => result.ScreenedAt > since)
            .Join(customers, result => result.CustomerId, row => row.Id, (result, row) => new { result, row })
            .Where(pair => pair.result.ScreenedAt > pair.row.RatedAt).Select(pair => pair.row.Id);
        var alerts = db.Set<AlertRow>().AsNoTracking()
            .Where(alert => alert.Source == DecisionAlerts.Source && alert.SubjectType == CustomerRow.SubjectType
                && (alert.RaisedAt > since || alert.DecidedAt > since))
            .Join(customers, alert => alert.SubjectId, row => row.ExternalId, (alert, row) => new { alert, row })
            .Where(pair => pair.alert.RaisedAt > pair.row.RatedAt || pair.alert.DecidedAt > pair.row.RatedAt)
            .Select(pair => pair.row.Id);
        return [hits, results, alerts];
    }
}
