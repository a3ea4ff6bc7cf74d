using Microsoft.EntityFrameworkCore;
using Probity.Server.Access;
using Probity.Server.Custody.Erasure;
using Probity.Server.Customers.Owners;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Customers;

/// <summary>What an erasure takes of a customer beside the key: the ciphertext, which opens no more, and the search
/// terms. The row stays, with its number, so that the number is not given to somebody else unnoticed.</summary>
internal sealed class CustomerErasure(
    IDatabase database, Lazy<ILedgerWriter> ledger, Lazy<IEnumerable<ICustomerWatch>> watches, TimeProvider time)
    : IErasureStep
{
    public async Task EraseAsync(string subjectType, string subjectId, CancellationToken cancellationToken)
    {
        if (subjectType != CustomerRow.SubjectType)
        {
            return;
        }

        await using var work = new UnitOfWork(database, ledger.Value);
        var row = await work.Db.Set<CustomerRow>()
            .SingleOrDefaultAsync(r => r.ExternalId == subjectId, cancellationToken);
        if (row is null or { State: CustomerRow.Erased })
        {
            return;
        }

        (row.State, row.KeyId, row.Sealed) = (CustomerRow.Erased, null, []);
        row.Version++;
        row.UpdatedAt = time.GetUtcNow();
        (row.Rating, row.RatingId, row.RatedBy, row.RatedAt, row.RerateAt) = (null, null, null, null, null);
        (row.ReviewDueOn, row.DocumentsEndOn, row.Onboarding, row.Checks) = (null, null, null, null);
        row.StandingVersion = row.Version;
        await UnlinkAsync(work, row, cancellationToken);
        work.Db.RemoveRange(await work.Db.Set<CustomerTermRow>().Where(term => term.CustomerId == row.Id)
            .ToListAsync(cancellationToken));

        // The entry names the row and not the person: for the person a new key would be made.
        work.Record(
            new AccessEntry(Caller.Server.ToActor(), null, time).Draft(
                CustomerEvents.Erased, "customers.erase", "privacy_erased", null),
            row);
        await work.CommitAsync(cancellationToken);
        foreach (var watch in watches.Value)
        {
            watch.Committed(row, null);
        }
    }

    // Who owned whom is personal too. Those below are rated again: their ownership has a gap now.
    private async Task UnlinkAsync(UnitOfWork work, CustomerRow row, CancellationToken cancellationToken)
    {
        var links = await work.Db.Set<LinkRow>()
            .Where(link => link.OwnerId == row.Id || link.OwnedId == row.Id).ToListAsync(cancellationToken);
        foreach (var link in links)
        {
            work.Remove(link);
            work.Record(
                new AccessEntry(Caller.Server.ToActor(), null, time).Draft(
                    CustomerEvents.Unlinked, "customers.link.erase", "privacy_erased", null),
                link);
        }

        var owned = links.Where(link => link.OwnerId == row.Id).Select(link => link.OwnedId).ToList();
        foreach (var below in await work.Db.Set<CustomerRow>().Where(item => owned.Contains(item.Id))
            .ToListAsync(cancellationToken))
        {
            below.RerateAt = time.GetUtcNow();
        }
    }
}
