using Microsoft.EntityFrameworkCore;
using Probity.Server.Access;
using Probity.Server.Custody.Erasure;
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
}
