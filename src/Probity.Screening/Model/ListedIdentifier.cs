namespace Probity.Screening.Model;

/// <summary>What an identifier identifies and how it is built.</summary>
public enum IdentifierKind : byte
{
    /// <summary>A number whose kind the list does not say or we do not know.</summary>
    Other,

    /// <summary>Passport, also diplomatic, service and Stateless Person passports.</summary>
    Passport,

    /// <summary>National identity number or card, residence permit, birth certificate, social security
    /// number.</summary>
    NationalId,

    /// <summary>Driving licence.</summary>
    DrivingLicence,

    /// <summary>Tax number of a person or organisation (TIN, INN, RFC, NIT, RUC, VAT).</summary>
    TaxId,

    /// <summary>Number in a register of companies or the like (OGRN, trade licence, chamber of commerce).</summary>
    Registration,

    /// <summary>D-U-N-S number.</summary>
    Duns,

    /// <summary>Legal Entity Identifier (ISO 17442); check digits ISO 7064 mod 97-10.</summary>
    Lei,

    /// <summary>Business identifier code (ISO 9362, "SWIFT/BIC").</summary>
    Bic,

    /// <summary>International bank account number (ISO 13616); check digits mod 97-10.</summary>
    Iban,

    /// <summary>International Securities Identification Number (ISO 6166); Luhn check digit.</summary>
    Isin,

    /// <summary>IMO ship or company number; 7 digits, the last a check digit (IMO A.1117(30)).</summary>
    Imo,

    /// <summary>Maritime Mobile Service Identity; 9 digits (ITU-R M.585).</summary>
    Mmsi,

    /// <summary>Radio call sign of a vessel.</summary>
    CallSign,

    /// <summary>Registration mark painted on an aircraft (tail number).</summary>
    TailNumber,

    /// <summary>Manufacturer's serial number of an aircraft (MSN).</summary>
    AircraftSerial,

    /// <summary>24-bit transponder code of an aircraft (ICAO, Mode S).</summary>
    ModeS,

    /// <summary>Digital-currency address; <see cref="ListedIdentifier.Currency"/> names the currency.</summary>
    Wallet,

    /// <summary>E-mail address.</summary>
    Email,

    /// <summary>Telephone or fax number.</summary>
    Phone,

    /// <summary>Web site.</summary>
    Website,
}

/// <summary>What the check digits of an identifier say.</summary>
public enum CheckDigits : byte
{
    /// <summary>The kind has none, or no rule of ours covers it.</summary>
    None,

    /// <summary>They fit.</summary>
    Valid,

    /// <summary>They do not fit, or the length or characters are wrong. The list's value is kept as it is.</summary>
    Invalid,
}

/// <summary>One identifier of a listed entity.</summary>
public sealed record ListedIdentifier
{
    /// <summary>Gets the kind.</summary>
    public IdentifierKind Kind { get; init; }

    /// <summary>Gets the value as the list prints it, trimmed, never empty.</summary>
    public required string Value { get; init; }

    /// <summary>Gets the issuing country as ISO 3166-1 alpha-2, or null.</summary>
    public string? Country { get; init; }

    /// <summary>Gets the currency of a wallet as the list writes it (<c>XBT</c>, <c>ETH</c>), else null.</summary>
    public string? Currency { get; init; }

    /// <summary>Gets what the check digits say.</summary>
    public CheckDigits CheckDigits { get; init; }

    /// <summary>Gets the list's own name of the kind ("Cedula No.", "SSN"), or null.</summary>
    public string? Label { get; init; }

    /// <summary>Gets what the list adds about it ("expires 06 Feb 2027", "fraudulent"), or null.</summary>
    public string? Note { get; init; }
}
