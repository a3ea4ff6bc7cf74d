using Probity.Contracts.Finance;

namespace Probity.Monitoring;

/// <summary>How a customer is rated.</summary>
public enum CustomerRating
{
    /// <summary>Little risk.</summary>
    Low,

    /// <summary>Ordinary risk.</summary>
    Medium,

    /// <summary>Enhanced due diligence.</summary>
    High,
}

/// <summary>What screening last said of a party.</summary>
public enum ScreeningState
{
    /// <summary>Screened, nothing found.</summary>
    Clear,

    /// <summary>A match waits for a person: the decision is review at least.</summary>
    Possible,

    /// <summary>A person confirmed the match: the decision is block.</summary>
    Confirmed,

    /// <summary>Not screened, or with a stale list: the decision is review at least.</summary>
    Unknown,
}

/// <summary>What is known of a registered customer at the moment of a decision.</summary>
/// <param name="Id">The customer.</param>
/// <param name="Version">Which version of the facts, for replay.</param>
public sealed record CustomerFacts(string Id, long Version)
{
    /// <summary>Gets the rating.</summary>
    public CustomerRating Rating { get; init; } = CustomerRating.Medium;

    /// <summary>Gets the segment, such as <c>retail</c> or <c>cash_intensive</c>; null when none.</summary>
    public string? Segment { get; init; }

    /// <summary>Gets the industry, or null.</summary>
    public string? Industry { get; init; }

    /// <summary>Gets the country of residence or registration, ISO 3166-1 alpha-2; null when unknown.</summary>
    public string? Country { get; init; }

    /// <summary>Gets whether the customer is a politically exposed person, or close to one.</summary>
    public bool IsPep { get; init; }

    /// <summary>Gets the day of birth, or null for an organisation.</summary>
    public DateOnly? BornOn { get; init; }

    /// <summary>Gets the day the relationship began, or null when unknown.</summary>
    public DateOnly? OnboardedOn { get; init; }

    /// <summary>Gets the day the next periodic review is due, or null when none is.</summary>
    public DateOnly? ReviewDueOn { get; init; }

    /// <summary>Gets the day the identification document ends, or null when none is held.</summary>
    public DateOnly? DocumentExpiresOn { get; init; }

    /// <summary>Gets the turnover a month that the customer said to expect, or null.</summary>
    public Money? ExpectedMonthly { get; init; }

    /// <summary>Gets what screening last said.</summary>
    public ScreeningState Screening { get; init; } = ScreeningState.Clear;

    /// <summary>Gets how far onboarding is; null while no scorecard asks for checks.</summary>
    public OnboardingFacts? Onboarding { get; init; }

    /// <summary>Gets how many alerts there were before.</summary>
    public int PastAlerts { get; init; }
}

/// <summary>What is known of an account held here at the moment of a decision.</summary>
/// <param name="Id">The account.</param>
/// <param name="Version">Which version of the facts, for replay.</param>
public sealed record AccountFacts(string Id, long Version)
{
    /// <summary>
    /// Gets the law the account is under: ISO 3166-1 alpha-2, or null for the home of the institution.
    /// </summary>
    public string? Jurisdiction { get; init; }

    /// <summary>Gets the day it was opened, or null when unknown.</summary>
    public DateOnly? OpenedOn { get; init; }

    /// <summary>Gets the product, such as <c>current</c> or <c>prepaid_card</c>; null when unknown.</summary>
    public string? Product { get; init; }
}

/// <summary>A standing order about a party, set by a person with its validity.</summary>
/// <param name="Kind">What it asks for.</param>
/// <param name="From">First instant it holds.</param>
/// <param name="Until">First instant it holds no more, or null for no end.</param>
/// <remarks>
/// Precedence as in Tazama's EFRuP: a block that cannot be overridden, then an override, then a block that can.
/// </remarks>
public sealed record PartyCondition(PartyConditionKind Kind, DateTimeOffset From, DateTimeOffset? Until)
{
    /// <summary>Whether it holds at an instant.</summary>
    public bool HoldsAt(DateTimeOffset instant) => From <= instant && (Until is null || instant < Until);
}

/// <summary>What a <see cref="PartyCondition"/> asks for.</summary>
public enum PartyConditionKind
{
    /// <summary>Let it pass whatever the score, unless a block cannot be overridden.</summary>
    Override,

    /// <summary>Block, unless an override holds.</summary>
    OverridableBlock,

    /// <summary>Block in any case.</summary>
    Block,
}

/// <summary>What is known of one side of a transaction.</summary>
/// <param name="Customer">The registered customer, or null.</param>
/// <param name="Account">The account held here, or null.</param>
/// <param name="Conditions">Standing orders about the party as this side; empty when none.</param>
public sealed record SideFacts(
    CustomerFacts? Customer = null, AccountFacts? Account = null, IReadOnlyList<PartyCondition>? Conditions = null)
{
    /// <summary>Nothing known.</summary>
    public static SideFacts None { get; } = new();
}

/// <summary>What is known of both sides; the decision records the versions.</summary>
/// <param name="Debtor">The paying side.</param>
/// <param name="Creditor">The paid side.</param>
public sealed record PartyFacts(SideFacts Debtor, SideFacts Creditor)
{
    /// <summary>Nothing known of either side.</summary>
    public static PartyFacts None { get; } = new(SideFacts.None, SideFacts.None);
}
