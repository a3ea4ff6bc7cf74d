using Probity.Server.Hosting.Problems;

namespace Probity.Server.Customers;

/// <summary>A customer as it is shown.</summary>
/// <param name="Id"><c>cus_</c> and a UUIDv7.</param>
/// <param name="Version">What <c>If-Match</c> repeats.</param>
/// <param name="State">active or erased.</param>
/// <param name="Customer">What was told last; null after an erasure.</param>
/// <param name="CreatedAt">When it was registered.</param>
/// <param name="UpdatedAt">When it last changed.</param>
/// <param name="Standing">What follows from it; null after an erasure.</param>
internal sealed record CustomerView(
    string Id, int Version, string State, CustomerDocument? Customer, DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt, StandingView? Standing)
{
    public static CustomerView Of(CustomerRow row, CustomerDocument? document) => new(
        row.Id, row.Version, document is null ? CustomerRow.Erased : row.State, document, row.CreatedAt, row.UpdatedAt,
        document is null ? null : new StandingView(
            row.Rating, row.RatedAt, row.ReviewDueOn, row.DocumentsEndOn, row.Onboarding));
}

/// <summary>What follows from a customer.</summary>
/// <param name="Rating">The rating in force: low, medium or high; null while no scorecard rates, and of a related
/// party.</param>
/// <param name="RatedAt">When it was last computed, also when it came to the same.</param>
/// <param name="ReviewDueOn">When the next periodic review is due; null when none is.</param>
/// <param name="DocumentsEndOn">The last day on which an identification document holds; null for none or no
/// end.</param>
/// <param name="Onboarding">pending, active or refused; null while no scorecard asks for checks.</param>
internal sealed record StandingView(
    string? Rating, DateTimeOffset? RatedAt, DateOnly? ReviewDueOn, DateOnly? DocumentsEndOn, string? Onboarding);

/// <summary>A page of customers, in the order of their ids.</summary>
/// <param name="Customers">At most as many as asked for.</param>
/// <param name="NextPageToken">Null on the last page.</param>
internal sealed record CustomerPage(IReadOnlyList<CustomerView> Customers, string? NextPageToken);

/// <summary>What <c>POST /api/v1/customers:search</c> takes.</summary>
internal sealed record SearchCustomers
{
    /// <summary>Words of a name, an identifier or an account number; every one must be there.</summary>
    public required string Text { get; init; }

    /// <summary>1 to 200; null for 50.</summary>
    public int? PageSize { get; init; }

    /// <summary>Null for the first page.</summary>
    public string? PageToken { get; init; }
}

/// <summary>What came of registering one customer.</summary>
internal abstract record CustomerOutcome
{
    private CustomerOutcome()
    {
    }

    /// <param name="What">created, changed or unchanged.</param>
    /// <param name="Row">As it is now.</param>
    /// <param name="Document">What it holds.</param>
    internal sealed record Kept(string What, CustomerRow Row, CustomerDocument Document) : CustomerOutcome;

    /// <param name="Problem">Why it was not kept.</param>
    internal sealed record Refused(ProblemException Problem) : CustomerOutcome;
}
