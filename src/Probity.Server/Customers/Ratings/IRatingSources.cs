using Probity.Server.Storage;

namespace Probity.Server.Customers.Ratings;

/// <summary>
/// What modules to the right know of a customer that a rating asks for: screening, cases, monitoring. The composition
/// root stands behind it. Thread safe.
/// </summary>
internal interface IRatingSources
{
    /// <summary>Whether everything can be asked; where it cannot, a server computes again.</summary>
    bool IsComplete { get; }

    /// <summary>clear, possible, confirmed or unknown; null while nothing is screened at all. Rows that wait in the
    /// context to be saved count.</summary>
    Task<string?> ScreeningAsync(ProbityDb db, CustomerRow customer, CancellationToken cancellationToken);

    /// <summary>How many alerts were raised about a customer since an instant and not found false.</summary>
    Task<int> AlertsAsync(
        ProbityDb db, string externalId, DateTimeOffset since, CancellationToken cancellationToken);

    /// <summary>What moved in a month of 30 days, both ways, of one currency, over the last 90 days; null when it
    /// cannot be told. What was in another currency does not count, so it is the least that moved.</summary>
    Task<decimal?> MonthlyAsync(string externalId, string currency, CancellationToken cancellationToken);

    /// <summary>Ids of rated customers of whom something was found since an instant and after they were rated
    /// last.</summary>
    Task<IReadOnlyList<string>> ChangedAsync(
        ProbityDb db, DateTimeOffset since, CancellationToken cancellationToken);
}
