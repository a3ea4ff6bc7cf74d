using Microsoft.EntityFrameworkCore;
using Probity.Contracts.Problems;
using Probity.Server.Access;
using Probity.Server.Hosting.Problems;
using Probity.Server.Storage;

namespace Probity.Server.Customers;

/// <summary>Reads customers. Whoever shows one to somebody records the read.</summary>
internal sealed class CustomerRegister(IDatabase database, CustomerSeal seal, CustomerWords words)
{
    public const int DefaultPage = 50;
    public const int MaxPage = 200;
    private const int MaxWords = 10;

    /// <summary>One customer.</summary>
    /// <exception cref="ProblemException">customers.not_found: there is none, or it is not the caller's to
    /// see.</exception>
    public async Task<(CustomerRow Row, CustomerDocument? Document)> GetAsync(
        string id, EntityScope scope, CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        var row = await db.Set<CustomerRow>().AsNoTracking().SingleOrDefaultAsync(r => r.Id == id, cancellationToken);
        return row is not null && CustomerDesk.IsSeen(row, scope)
            ? (row, seal.Open(row))
            : throw new ProblemException(ErrorCodes.CustomersNotFound);
    }

    /// <summary>Customers in the order of their ids.</summary>
    /// <param name="externalId">The institution's number; null for any.</param>
    /// <param name="kind">person or organisation; null for both.</param>
    /// <param name="page">How many, and after which id.</param>
    /// <param name="scope">Whose customers the caller may see.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<CustomerPage> ListAsync(
        string? externalId, string? kind, CustomerPaging page, EntityScope scope,
        CancellationToken cancellationToken) =>
        PageAsync(
            rows => rows.Where(row => (externalId == null || row.ExternalId == externalId)
                && (kind == null || row.Kind == kind)),
            page, scope, cancellationToken);

    /// <summary>Customers that have every word of a text.</summary>
    /// <exception cref="ProblemException">request.bad_field: there is no word in it, or too many.</exception>
    public async Task<CustomerPage> SearchAsync(
        string text, CustomerPaging page, EntityScope scope, CancellationToken cancellationToken)
    {
        var terms = words.Of(text).ToList();
        if (terms.Count is 0 or > MaxWords)
        {
            throw new ProblemException(ErrorCodes.RequestBadField)
            {
                Faults = [new("/text", ErrorCodes.RequestBadField.Code, $"Give 1 to {MaxWords} words.")],
            };
        }

        return await PageAsync(
            (rows, db) => terms.Aggregate(rows, (found, term) => found.Where(row =>
                db.Set<CustomerTermRow>().Any(item => item.CustomerId == row.Id && item.Term == term))),
            page, scope, cancellationToken);
    }

    private Task<CustomerPage> PageAsync(
        Func<IQueryable<CustomerRow>, IQueryable<CustomerRow>> filter, CustomerPaging page, EntityScope scope,
        CancellationToken cancellationToken) =>
        PageAsync((rows, _) => filter(rows), page, scope, cancellationToken);

    private async Task<CustomerPage> PageAsync(
        Func<IQueryable<CustomerRow>, ProbityDb, IQueryable<CustomerRow>> filter, CustomerPaging page,
        EntityScope scope, CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        var codes = scope.Codes.ToList();
        var isAll = scope.IsAll;
        var found = await filter(db.Set<CustomerRow>().AsNoTracking(), db)
            .Where(row => isAll || (row.LegalEntity != null && codes.Contains(row.LegalEntity)))
#pragma warning disable CA1309 // Translated to SQL, where the order of the ids is the store's.
            .Where(row => page.After == null || string.Compare(row.Id, page.After) > 0)
#pragma warning restore CA1309
            .OrderBy(row => row.Id).Take(page.Size + 1).ToListAsync(cancellationToken);
        return new CustomerPage(
            [.. found.Take(page.Size).Select(row => CustomerView.Of(row, seal.Open(row)))],
            found.Count > page.Size ? found[page.Size - 1].Id : null);
    }
}

/// <summary>Which page is wanted.</summary>
/// <param name="Size">1 to <see cref="CustomerRegister.MaxPage"/>.</param>
/// <param name="After">The last id of the page before; null for the first page.</param>
internal sealed record CustomerPaging(int Size, string? After)
{
    /// <exception cref="ProblemException">request.malformed.</exception>
    public static CustomerPaging Of(int? size, string? token) =>
        size is < 1 or > CustomerRegister.MaxPage
            ? throw new ProblemException(
                ErrorCodes.RequestMalformed, $"page_size is 1 to {CustomerRegister.MaxPage}.")
            : token is { Length: > 64 }
                ? throw new ProblemException(
                    ErrorCodes.RequestMalformed, "page_token is what the page before ended with.")
                : new CustomerPaging(size ?? CustomerRegister.DefaultPage, string.IsNullOrEmpty(token) ? null : token);
}
