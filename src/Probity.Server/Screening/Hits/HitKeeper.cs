using Microsoft.EntityFrameworkCore;
using Probity.Screening.Lists.Diff;
using Probity.Screening.Matching;
using Probity.Server.Access;
using Probity.Server.Cases;
using Probity.Server.Customers;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Screening.Hits;

/// <summary>What a screening of a customer came to, to be kept as hits.</summary>
/// <param name="Customer">Whom.</param>
/// <param name="CustomerDigest">A keyed digest of what was asked.</param>
/// <param name="Evidence">The entry that holds the answer.</param>
/// <param name="Matches">What reached the threshold.</param>
internal sealed record FoundMatches(
    CustomerRow Customer, string CustomerDigest, string Evidence, IReadOnlyList<ScreeningMatch> Matches);

/// <summary>
/// Keeps the hits of a customer in the unit of work of the screening: a new one raises an alert, a known one whose two
/// sides are as they were stays as it was decided, and one whose sides changed is open again.
/// </summary>
internal sealed class HitKeeper(AlertDesk alerts, TimeProvider time)
{
    public const string Source = "screening";
    public const string Route = "sanctions";
    public const string EscalatedRoute = "sanctions-escalated";

    /// <returns>How many are new or open again.</returns>
    public async Task<int> KeepAsync(
        UnitOfWork work, FoundMatches found, AccessEntry entry, CancellationToken cancellationToken)
    {
        var customer = found.Customer;
        var (hits, exemptions) = customer.Version == 1 && work.Db.Entry(customer).State == EntityState.Added
            ? ([], [])
            : (await work.Db.Set<HitRow>().Where(row => row.CustomerId == customer.Id).ToListAsync(cancellationToken),
                await work.Db.Set<ExemptionRow>()
                    .Where(row => row.CustomerId == customer.Id && row.State == ExemptionRow.Active)
                    .ToListAsync(cancellationToken));
        var news = 0;
        foreach (var match in found.Matches)
        {
            var hit = hits.SingleOrDefault(row =>
                row.List == match.Entity.List.Value && row.EntityUid == match.Entity.Uid);
            news += await KeepAsync(
                work, found, match, hit, exemptions.SingleOrDefault(row => row.HitId == hit?.Id), entry,
                cancellationToken) ? 1 : 0;
        }

        foreach (var gone in hits.Where(hit => hit.Status != HitRow.Ended && !found.Matches.Any(match =>
            hit.List == match.Entity.List.Value && hit.EntityUid == match.Entity.Uid)))
        {
            await EndAsync(work, gone, found.Evidence, entry, cancellationToken);
        }

        return news;
    }

    /// <summary>Opens again what was exempted, because one side changed or the time is over.</summary>
    /// <param name="work">The unit of work.</param>
    /// <param name="hit">The hit.</param>
    /// <param name="exemption">What ends.</param>
    /// <param name="isFound">Whether the two were found just now; a hit that has ended stays so otherwise.</param>
    /// <param name="entry">Who does it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task ReopenAsync(
        UnitOfWork work, HitRow hit, ExemptionRow exemption, bool isFound, AccessEntry entry,
        CancellationToken cancellationToken)
    {
        exemption.State = ExemptionRow.Reopened;
        work.Record(
            entry.Draft(
                HitEvents.Reopened, "screening.exemption.reopen", "sensitive_update",
                new EntryTarget(CustomerRow.SubjectType, hit.ExternalId), ("hit", hit.Id)),
            exemption);
        if (hit.Status == HitRow.Exempted || (isFound && hit.Status == HitRow.Ended))
        {
            await OpenAsync(work, hit, entry, cancellationToken);
        }
    }

    private async Task<bool> KeepAsync(
        UnitOfWork work, FoundMatches found, ScreeningMatch match, HitRow? hit, ExemptionRow? exemption,
        AccessEntry entry, CancellationToken cancellationToken)
    {
        var sha256 = EntityFacts.Hash(match.Entity);
        if (hit is null)
        {
            await OpenAsync(work, Add(work, found, match, sha256), entry, cancellationToken);
            return true;
        }

        var isSame = hit.EntrySha256 == sha256 && hit.CustomerDigest == found.CustomerDigest;
        var isExpired = exemption is not null && exemption.ExpiresAt <= time.GetUtcNow();
        if (isSame && hit.Score == match.Score && hit.Status != HitRow.Ended && !isExpired)
        {
            return false; // Nothing to say that was not said; the answer itself is recorded either way.
        }

        (hit.EntrySha256, hit.CustomerDigest) = (sha256, found.CustomerDigest);
        (hit.Score, hit.Evidence, hit.UpdatedAt) = (match.Score, found.Evidence, time.GetUtcNow());
        hit.LegalEntity = found.Customer.LegalEntity;
        if (exemption is not null && (!isSame || isExpired))
        {
            await ReopenAsync(work, hit, exemption, isFound: true, entry, cancellationToken);
            return true;
        }

        if (exemption is not null)
        {
            hit.Status = HitRow.Exempted; // It had ended and is there again as it was when it was agreed to.
        }

        if (hit.Status is HitRow.Open or HitRow.Escalated || (isSame && hit.Status != HitRow.Ended))
        {
            Record(work, hit, HitEvents.Found, "screening.hit.find", entry);
            return false;
        }

        await OpenAsync(work, hit, entry, cancellationToken);
        return true;
    }

    private HitRow Add(UnitOfWork work, FoundMatches found, ScreeningMatch match, string sha256)
    {
        var now = time.GetUtcNow();
        var hit = new HitRow
        {
            Id = AccessIds.New(HitRow.Prefix, now),
            CustomerId = found.Customer.Id,
            ExternalId = found.Customer.ExternalId,
            LegalEntity = found.Customer.LegalEntity,
            List = match.Entity.List.Value,
            EntityUid = match.Entity.Uid,
            EntrySha256 = sha256,
            CustomerDigest = found.CustomerDigest,
            Score = match.Score,
            Status = HitRow.Open,
            Evidence = found.Evidence,
            FoundAt = now,
            UpdatedAt = now,
        };
        work.Add(hit);
        return hit;
    }

    private async Task OpenAsync(
        UnitOfWork work, HitRow hit, AccessEntry entry, CancellationToken cancellationToken)
    {
        hit.Status = HitRow.Open;
        (hit.ReasonCode, hit.DecidedBy, hit.DecidedAt) = (null, null, null);
        hit.UpdatedAt = time.GetUtcNow();
        var alert = await alerts.RaiseAsync(
            work,
            new NewAlert
            {
                Source = Source,
                Kind = "sanctions_hit",
                FoldKey = hit.Id,
                Subject = new EntryTarget(CustomerRow.SubjectType, hit.ExternalId),
                LegalEntity = hit.LegalEntity,
                Severity = hit.Score >= 9_500 ? "critical" : hit.Score >= 8_500 ? "high" : "medium",
                Route = Route,
                Evidence = hit.Evidence,
                Reference = hit.Id,
            },
            entry, cancellationToken);
        hit.AlertId = alert.Id;
        Record(work, hit, HitEvents.Found, "screening.hit.find", entry);
    }

    private async Task EndAsync(
        UnitOfWork work, HitRow hit, string evidence, AccessEntry entry, CancellationToken cancellationToken)
    {
        var wasWaiting = hit.Status is HitRow.Open or HitRow.Escalated;
        (hit.Status, hit.Evidence, hit.UpdatedAt) = (HitRow.Ended, evidence, time.GetUtcNow());
        Record(work, hit, HitEvents.Ended, "screening.hit.end", entry);
        if (wasWaiting && hit.AlertId is { } alert)
        {
            await alerts.DecideAsync(
                work, alert, new AlertDecision("ended", "no_longer_reached"), entry, cancellationToken);
        }
    }

    private static void Record(UnitOfWork work, HitRow hit, string type, string action, AccessEntry entry) =>
        work.Record(
            entry.Draft(
                type, action, "sensitive_update", new EntryTarget(CustomerRow.SubjectType, hit.ExternalId),
                ("list", hit.List), ("entity", hit.EntityUid), ("score", hit.Score / 10_000m),
                ("evidence", hit.Evidence)),
            hit);
}
