namespace Probity.Screening.Model;

/// <summary>What a listed entity is.</summary>
/// <remarks>
/// Step 2 of an OFAC hit assessment compares this with the customer's kind (OFAC FAQ 5). A list that does not say
/// (the BIS lists) gives <see cref="Unknown"/>, which may be compared with every kind.
/// </remarks>
public enum EntityKind : byte
{
    /// <summary>The list does not say.</summary>
    Unknown,

    /// <summary>A natural person.</summary>
    Person,

    /// <summary>A company, authority, group or any other body.</summary>
    Organisation,

    /// <summary>A ship.</summary>
    Vessel,

    /// <summary>An aircraft.</summary>
    Aircraft,

    /// <summary>An address listed for itself, without a name.</summary>
    Address,

    /// <summary>A digital-currency address listed for itself.</summary>
    Wallet,
}
