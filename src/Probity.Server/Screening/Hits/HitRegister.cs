using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Probity.Contracts.Problems;
using Probity.Screening.Model;
using Probity.Server.Access;
using Probity.Server.AuditTrail.Reading;
using Probity.Server.Customers;
using Probity.Server.Hosting.Problems;
using Probity.Server.Screening.Continuous;
using Probity.Server.Screening.Lists;
using Probity.Server.Screening.Matching;
using Probity.Server.Storage;

namespace Probity.Server.Screening.Hits;

/// <summary>Reads hits and how customers stand. Whoever shows a customer to somebody records the read.</summary>
internal sealed class HitRegister(
    IDatabase database, CustomerSeal seal, ActiveLists active, LiveEngine live, ContinuousRun run,
    EventFinder finder, EntryOpener opener)
{
    public const int DefaultPage = 50;
    public const int MaxPage = 200;

    /// <summary>Hits, the newest first; they name ids and no person.</summary>
    public async Task<HitPage> ListAsync(
        string? status, string? customerId, int? size, string? token, EntityScope scope,
        CancellationToken cancellationToken)
    {
        var most = size ?? DefaultPage;
        if (most is < 1 or > MaxPage)
        {
            throw new ProblemException(ErrorCodes.RequestMalformed, $"page_size is 1 to {MaxPage}.");
        }

        await using var db = database.CreateContext();
        var rows = Within(db, scope).Where(row => (status == null || row.Status == status)
            && (customerId == null || row.CustomerId == customerId));
        if (token is not null)
        {
            rows = rows.Where(row => string.Compare(row.Id, token) < 0);
        }

        var found = await rows.OrderByDescending(row => row.Id).Take(most + 1).ToListAsync(cancellationToken);
        return new HitPage(
            [.. found.Take(most).Select(HitView.Of)], found.Count > most ? found[most - 1].Id : null);
    }

    /// <summary>A hit.</summary>
    /// <exception cref="ProblemException">screening.hit_not_found: there is none, or it is not the caller's to
    /// see.</exception>
    public async Task<HitRow> GetAsync(string id, EntityScope scope, CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        return await Within(db, scope).SingleOrDefaultAsync(row => row.Id == id, cancellationToken)
            ?? throw new ProblemException(ErrorCodes.ScreeningHitNotFound);
    }

    /// <summary>A hit with both sides as they are now, and what was recorded when it was found.</summary>
    public async Task<HitDetail> DetailAsync(HitRow hit, CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        var customer = await db.Set<CustomerRow>().AsNoTracking()
            .SingleAsync(row => row.Id == hit.CustomerId, cancellationToken);
        var ours = seal.Open(customer);
        var theirs = EntityOf(hit);
        var result = await ResultAsync(hit, cancellationToken);
        return new HitDetail(
            HitView.Of(hit), ours is null || theirs is null ? [] : HitComparison.Between(ours, theirs, IsAlike(result)),
            result?.TryGetProperty("explanation", out var words) == true ? words.GetString() : null, result);
    }

    /// <summary>How a customer stands: not screened is not clear, and neither is outdated.</summary>
    /// <exception cref="ProblemException">customers.not_found.</exception>
    public async Task<CustomerStanding> StandingAsync(
        string customerId, EntityScope scope, CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        var customer = await db.Set<CustomerRow>().AsNoTracking()
            .SingleOrDefaultAsync(row => row.Id == customerId, cancellationToken);
        if (customer is null || !CustomerDesk.IsSeen(customer, scope))
        {
            throw new ProblemException(ErrorCodes.CustomersNotFound);
        }

        var result = await db.Set<ResultRow>().AsNoTracking()
            .SingleOrDefaultAsync(row => row.CustomerId == customerId, cancellationToken);
        var open = await db.Set<HitRow>().CountAsync(
            row => row.CustomerId == customerId
                && (row.Status == HitRow.Open || row.Status == HitRow.Escalated),
            cancellationToken);
        var hits = await db.Set<HitRow>().AnyAsync(
            row => row.CustomerId == customerId && row.Status != HitRow.Ended, cancellationToken);
        var now = live.Current is { } snapshot ? ListSet.Of(snapshot) : null;
        var last = await run.LastAsync(cancellationToken);
        return new CustomerStanding(
            customerId, StateOf(customer, result, last, now, hits), result?.CustomerVersion, result?.ScreenedAt,
            result?.Evidence, now?.Versions ?? ListSet.Read("{}"), open);
    }

    private static string StateOf(CustomerRow customer, ResultRow? result, RunRow? last, ListSet? now, bool hasHits)
    {
        if (result is null || result.CustomerVersion != customer.Version || now is null)
        {
            return "not_screened";
        }

        var isCovered = result.ListsSha256 == now.Sha256
            || (last?.ListsSha256 == now.Sha256 && result.ScreenedAt < last.StartedAt);
        return !isCovered ? "outdated" : hasHits ? "hits" : "clear";
    }

    // A hit by an identifier alone has no likeness of names.
    private static bool IsAlike(JsonElement? result) =>
        result?.TryGetProperty("name_score", out var score) == true && score.GetDecimal() > 0;

    private ListedEntity? EntityOf(HitRow hit) =>
        active.Current.GetValueOrDefault(new ListId(hit.List))?.Read.List.Entities
            .FirstOrDefault(entity => entity.Uid == hit.EntityUid);

    private async Task<JsonElement?> ResultAsync(HitRow hit, CancellationToken cancellationToken)
    {
        var stored = await finder.FindAsync(hit.Evidence, cancellationToken);
        var opened = await opener.OpenAsync(stored.Body, withBlobs: true, cancellationToken);
        var results = opened.Json["data"]?["answer"]?["results"]?.AsArray();
        var result = results?.FirstOrDefault(item =>
            item?["list"]?.GetValue<string>() == hit.List && item["id"]?.GetValue<string>() == hit.EntityUid);
        return result is null ? null : JsonSerializer.SerializeToElement(result);
    }

    private static IQueryable<HitRow> Within(ProbityDb db, EntityScope scope)
    {
        var codes = scope.Codes.ToList();
        var isAll = scope.IsAll;
        return db.Set<HitRow>().AsNoTracking()
            .Where(row => isAll || (row.LegalEntity != null && codes.Contains(row.LegalEntity)));
    }
}
