using Microsoft.EntityFrameworkCore;
using Probity.Contracts.Problems;
using Probity.Server.Access;
using Probity.Server.Hosting.Problems;
using Probity.Server.Storage;

namespace Probity.Server.Customers;

/// <summary>Finds the customer that a desk is to change.</summary>
internal static class CustomerFinding
{
    /// <summary>The row, tracked, and what is known of it.</summary>
    /// <param name="seal">Opens it.</param>
    /// <param name="db">The context of the unit of work.</param>
    /// <param name="id"><c>cus_…</c>.</param>
    /// <param name="scope">Whose customers the caller may change.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="ProblemException">customers.not_found: there is none, it was erased, or it is not the caller's
    /// to see.</exception>
    public static async Task<(CustomerRow Row, CustomerDocument Document)> FindAsync(
        this CustomerSeal seal, ProbityDb db, string id, EntityScope scope, CancellationToken cancellationToken)
    {
        var row = await db.Set<CustomerRow>().SingleOrDefaultAsync(item => item.Id == id, cancellationToken);
        return row is not null && CustomerDesk.IsSeen(row, scope) && seal.Open(row) is { } document
            ? (row, document) : throw new ProblemException(ErrorCodes.CustomersNotFound);
    }
}
