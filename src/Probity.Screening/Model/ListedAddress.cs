namespace Probity.Screening.Model;

/// <summary>An address, or a place of birth, of a listed entity; what the list does not give is null.</summary>
public sealed record ListedAddress
{
    /// <summary>Gets street, house number and what else precedes the city, or null.</summary>
    public string? Street { get; init; }

    /// <summary>Gets the city or town, or null.</summary>
    public string? City { get; init; }

    /// <summary>Gets the state, province or region, or null.</summary>
    public string? Region { get; init; }

    /// <summary>Gets the postal code, or null.</summary>
    public string? PostalCode { get; init; }

    /// <summary>Gets the country as ISO 3166-1 alpha-2, or null.</summary>
    public string? Country { get; init; }

    /// <summary>Gets the country as the list writes it, or null.</summary>
    public string? CountryText { get; init; }

    /// <summary>Gets what the list adds about the address, or null.</summary>
    public string? Note { get; init; }
}
