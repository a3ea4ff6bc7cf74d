namespace Probity.Server.Customers;

/// <summary>
/// What due diligence found about a customer: rules may ask for it, so it takes part in decisions from the next
/// transaction on. Null means that it was not told, and a rule that asks for it is not answered.
/// </summary>
internal sealed record CustomerDueDiligence
{
    /// <summary><c>simplified</c>, <c>standard</c> or <c>enhanced</c>.</summary>
    public string? Level { get; init; }

    /// <summary><c>low</c>, <c>medium</c> or <c>high</c>; null counts as medium.</summary>
    public string? Rating { get; init; }

    /// <summary>Such as <c>retail</c> or <c>cash_intensive</c>, 1 to 64 characters.</summary>
    public string? Segment { get; init; }

    /// <summary>1 to 64 characters.</summary>
    public string? Industry { get; init; }

    /// <summary>In words, 1 to 500 characters.</summary>
    public string? SourceOfFunds { get; init; }

    /// <summary>Whether the customer is a politically exposed person, or close to one.</summary>
    public bool IsPep { get; init; }

    /// <summary>The day the relationship began.</summary>
    public string? OnboardedOn { get; init; }

    /// <summary>The day the next periodic review is due.</summary>
    public string? ReviewDueOn { get; init; }

    /// <summary>The turnover of a month that the customer expects.</summary>
    public CustomerMoney? ExpectedMonthly { get; init; }

    /// <summary>Documents that were shown.</summary>
    public IReadOnlyList<CustomerIdentityDocument> Documents { get; init; } = [];
}

/// <summary>An amount.</summary>
/// <param name="Amount">Plain decimal, above 0.</param>
/// <param name="Currency">ISO 4217.</param>
internal sealed record CustomerMoney(string Amount, string Currency);

/// <summary>An identification document.</summary>
/// <param name="Kind">passport, national_id, driving_licence, residence_permit or register_extract.</param>
/// <param name="Number">1 to 128 characters; null when not kept.</param>
/// <param name="Country">Who issued it, ISO 3166-1 alpha-2; null when not told.</param>
/// <param name="IssuedOn">The day it was issued; null when not told.</param>
/// <param name="ExpiresOn">The last day it holds; null for no end.</param>
internal sealed record CustomerIdentityDocument(
    string Kind, string? Number = null, string? Country = null, string? IssuedOn = null, string? ExpiresOn = null);
