namespace Probity.Screening.Model;

/// <summary>How a country belongs to an entity.</summary>
public enum CountryRole : byte
{
    /// <summary>The list names a country and no more.</summary>
    Unspecified,

    /// <summary>Nationality of a person.</summary>
    Nationality,

    /// <summary>Citizenship of a person.</summary>
    Citizenship,

    /// <summary>Country of birth.</summary>
    Birth,

    /// <summary>Country of residence.</summary>
    Residence,

    /// <summary>Country where an organisation is registered or was founded.</summary>
    Registration,

    /// <summary>Flag state of a vessel or aircraft.</summary>
    Flag,

    /// <summary>A flag it flew before.</summary>
    FormerFlag,
}

/// <summary>A country of a listed entity.</summary>
/// <param name="Role">How it belongs to the entity.</param>
/// <param name="Code">ISO 3166-1 alpha-2 (<c>XK</c> for Kosovo), or null when the text is no country we know.</param>
/// <param name="Text">The text of the list.</param>
public sealed record ListedCountry(CountryRole Role, string? Code, string Text);
