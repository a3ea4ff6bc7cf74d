using Probity.Server.Access;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Customers;

/// <summary>
/// What a module to the right does when a customer changes: screening implements it, the composition root passes it in.
/// </summary>
internal interface ICustomerWatch
{
    /// <summary>
    /// Adds rows and entries to the unit of work that the change commits in. It must not fail for what is the watch's
    /// own trouble: then it adds nothing and catches up later.
    /// </summary>
    Task ChangedAsync(
        UnitOfWork work, CustomerRow row, CustomerDocument document, AccessEntry entry,
        CancellationToken cancellationToken);

    /// <summary>Tells the rest of the process, after the commit; null for one that was erased. Quick, throws
    /// nothing.</summary>
    void Committed(CustomerRow row, CustomerDocument? document);
}
