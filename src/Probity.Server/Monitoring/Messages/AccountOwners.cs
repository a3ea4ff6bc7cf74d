using Microsoft.EntityFrameworkCore;
using Probity.Monitoring;
using Probity.Server.Customers;
using Probity.Server.Storage;

namespace Probity.Server.Monitoring.Messages;

/// <summary>
/// Names the registered owners of accounts, since messages know parties by account. Found through the blind index and
/// compared whole; an account that two customers hold is nobody's alone and stays unnamed. Thread safe.
/// </summary>
internal sealed class AccountOwners(IDatabase database, CustomerWords words, CustomerSeal seal)
{
    private const int MostOwners = 20;

    /// <summary>Names the owners that transactions leave unnamed; each account is looked up once.</summary>
    public async Task<IReadOnlyDictionary<string, string>> OfAsync(
        IEnumerable<string> accounts, CancellationToken cancellationToken)
    {
        var owners = new Dictionary<string, string>(StringComparer.Ordinal);
        await using var db = database.CreateContext();
        foreach (var account in accounts.Distinct(StringComparer.Ordinal))
        {
            if (await OwnerAsync(db, account, cancellationToken) is { } owner)
            {
                owners.Add(account, owner);
            }
        }

        return owners;
    }

    /// <summary>The accounts of a transaction that no customer is named with.</summary>
    public static IEnumerable<string> Unnamed(Transaction transaction) =>
        new[] { transaction.Debtor, transaction.Creditor }
            .Where(party => party is { Customer: null, Account: not null }).Select(party => party.Account!);

    /// <summary>The same transaction with what was found.</summary>
    public static Transaction Complete(Transaction transaction, IReadOnlyDictionary<string, string> owners)
    {
        TransactionParty Named(TransactionParty party) =>
            party is { Customer: null, Account: { } account } && owners.TryGetValue(account, out var owner)
                ? party with { Customer = owner } : party;
        return transaction with { Debtor = Named(transaction.Debtor), Creditor = Named(transaction.Creditor) };
    }

    private async Task<string?> OwnerAsync(ProbityDb db, string account, CancellationToken cancellationToken)
    {
        var terms = words.Of(Plain(account)).ToList();
        if (terms.Count != 1)
        {
            return null; // Not one word of letters and digits: it was not indexed as one.
        }

        var term = terms[0];
        var rows = await db.Set<CustomerTermRow>().AsNoTracking().Where(item => item.Term == term)
            .Join(db.Set<CustomerRow>().AsNoTracking(), item => item.CustomerId, row => row.Id, (_, row) => row)
            .OrderBy(row => row.Id).Take(MostOwners).ToListAsync(cancellationToken);
        var owners = rows.Where(row => seal.Open(row) is { } document
            && document.Accounts.Any(item => Plain(item.Number) == Plain(account))).ToList();
        return owners.Count == 1 ? owners[0].ExternalId : null;
    }

    private static string Plain(string number) => string.Concat(number.Where(char.IsLetterOrDigit));
}
