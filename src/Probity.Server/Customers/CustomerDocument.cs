namespace Probity.Server.Customers;

/// <summary>
/// A customer as the institution's own system tells it: what is sent, kept sealed, and shown. Lists keep the order they
/// were sent in; empty means that nothing is known.
/// </summary>
internal sealed record CustomerDocument
{
    /// <summary>The institution's own number, 1 to 200 characters, unique and never changed; it is stored in clear, so
    /// it must not be a name.</summary>
    public required string ExternalId { get; init; }

    /// <summary><c>person</c> or <c>organisation</c>.</summary>
    public required string Kind { get; init; }

    /// <summary><c>related</c> for a party that is known through a customer only, such as a beneficial owner: it is
    /// screened, but neither rated nor reviewed nor onboarded. Null for a customer.</summary>
    public string? Role { get; init; }

    /// <summary>The code of the legal entity whose customer it is; null when the institution has one only. A caller
    /// limited to some legal entities sees and changes customers of those alone.</summary>
    public string? LegalEntity { get; init; }

    /// <summary>At least one, the first of kind <c>primary</c>.</summary>
    public IReadOnlyList<CustomerName> Names { get; init; } = [];

    /// <summary><c>female</c>, <c>male</c>, or null for unknown or neither.</summary>
    public string? Gender { get; init; }

    public IReadOnlyList<CustomerDate> Dates { get; init; } = [];

    public IReadOnlyList<CustomerCountry> Countries { get; init; } = [];

    public IReadOnlyList<CustomerIdentifier> Identifiers { get; init; } = [];

    public IReadOnlyList<CustomerAddress> Addresses { get; init; } = [];

    public IReadOnlyList<CustomerAccount> Accounts { get; init; } = [];

    /// <summary>What due diligence found; null when it was not told.</summary>
    public CustomerDueDiligence? DueDiligence { get; init; }
}

/// <summary>A name.</summary>
/// <param name="Text">As written, 1 to 512 characters.</param>
/// <param name="Kind">primary, alias, former, maiden, trade or native; null for primary.</param>
/// <param name="Script">ISO 15924, such as <c>Latn</c> or <c>Cyrl</c>; null when not told.</param>
internal sealed record CustomerName(string Text, string? Kind = null, string? Script = null);

/// <summary>A date, as exactly as it is known.</summary>
/// <param name="Kind">birth, death or incorporation.</param>
/// <param name="Date"><c>1980</c>, <c>1980-03</c> or <c>1980-03-26</c>: its length is its precision.</param>
internal sealed record CustomerDate(string Kind, string Date);

/// <summary>A country.</summary>
/// <param name="Kind">nationality, residence, birth, incorporation, registration or tax.</param>
/// <param name="Code">ISO 3166-1 alpha-2, or <c>XK</c>.</param>
internal sealed record CustomerCountry(string Kind, string Code);

/// <summary>A number somebody issued.</summary>
/// <param name="Kind">passport, national_id, tax, registration, lei, bic, imo, mmsi, wallet or other.</param>
/// <param name="Value">1 to 128 characters.</param>
/// <param name="Country">Who issued it, ISO 3166-1 alpha-2; null when not told.</param>
internal sealed record CustomerIdentifier(string Kind, string Value, string? Country = null);

/// <summary>An address.</summary>
/// <param name="Text">In one line, 1 to 1,000 characters.</param>
/// <param name="Country">ISO 3166-1 alpha-2; null when not told.</param>
internal sealed record CustomerAddress(string Text, string? Country = null);

/// <summary>An account the customer holds here.</summary>
/// <param name="Number">IBAN or the institution's own number, 1 to 64 characters.</param>
/// <param name="Currency">ISO 4217; null when not told.</param>
/// <param name="Country">Where it is kept, ISO 3166-1 alpha-2; null when not told.</param>
/// <param name="OpenedOn">The day it was opened, <c>2026-03-02</c>; null when not told.</param>
/// <param name="Product">Such as <c>current</c> or <c>prepaid_card</c>; null when not told.</param>
internal sealed record CustomerAccount(
    string Number, string? Currency = null, string? Country = null, string? OpenedOn = null, string? Product = null);
