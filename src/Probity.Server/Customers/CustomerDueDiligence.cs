namespace Probity.Server.Customers;

/// <summary>
/// What due diligence found about a customer: rules may ask for it, so it takes part in decisions from the next
/// transaction on. Null means that it was not told, and a rule that asks for it is not answered.
/// </summary>
internal sealed record CustomerDueDiligence
{
    /// <summary><c>simplified</c>, <c>standard</c> or <c>enhanced</c>.</summary>
    public string? Level { get; init; }

    /// <summary><c>low</c>, <c>medium</c> or <c>high</c> as the institution's own system has it; null counts as medium.
    /// It counts while no scorecard rates.</summary>
    public string? Rating { get; init; }

    /// <summary>Such as <c>retail</c> or <c>cash_intensive</c>, 1 to 64 characters.</summary>
    public string? Segment { get; init; }

    /// <summary>1 to 64 characters.</summary>
    public string? Industry { get; init; }

    /// <summary>In words, 1 to 500 characters.</summary>
    public string? SourceOfFunds { get; init; }

    /// <summary>In words, 1 to 500 characters: where the wealth as a whole comes from.</summary>
    public string? SourceOfWealth { get; init; }

    /// <summary>What the relationship is for, in words, 1 to 500 characters.</summary>
    public string? Purpose { get; init; }

    /// <summary>How the customer was taken on: <c>branch</c>, <c>online</c>, <c>agent</c> or
    /// <c>introducer</c>.</summary>
    public string? Channel { get; init; }

    /// <summary>Kinds of adverse facts: <c>adverse_media</c>, <c>conviction</c>, <c>law_enforcement_request</c>,
    /// <c>refused_elsewhere</c> or <c>regulatory_action</c>. Reports of suspicion are not among them: who may see a
    /// customer may not know of them.</summary>
    public IReadOnlyList<string> Adverse { get; init; } = [];

    /// <summary>Whether the customer is a politically exposed person, or close to one.</summary>
    public bool IsPep { get; init; }

    /// <summary>The day the relationship began.</summary>
    public string? OnboardedOn { get; init; }

    /// <summary>The day the next periodic review is due, as told; once a review was completed here, the day that
    /// followed from it counts.</summary>
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
