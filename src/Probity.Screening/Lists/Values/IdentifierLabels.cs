using Probity.Screening.Model;

namespace Probity.Screening.Lists.Values;

/// <summary>Finds the kind of an identifier from what the list calls it.</summary>
internal static class IdentifierLabels
{
    // First match wins, so the longer words come first. Sources: the ID types of OFAC's lists (Enhanced XML
    // referenceValues), the type codes of the EU file and the words of the UN and UK lists.
    private static readonly (string Start, IdentifierKind Kind)[] s_starts =
    [
        ("passport", IdentifierKind.Passport), ("stateless person passport", IdentifierKind.Passport),
        ("diplomatic passport", IdentifierKind.Passport), ("numero de passeport", IdentifierKind.Passport),
        ("national id", IdentifierKind.NationalId), ("personal id", IdentifierKind.NationalId),
        ("identification number imo", IdentifierKind.Imo), ("vessel registration identification", IdentifierKind.Imo),
        ("company number imo", IdentifierKind.Imo), ("imo", IdentifierKind.Imo), ("mmsi", IdentifierKind.Mmsi),
        ("identification number", IdentifierKind.NationalId), ("national foreign id", IdentifierKind.NationalId),
        ("cedula", IdentifierKind.NationalId), ("d.n.i.", IdentifierKind.NationalId),
        ("c.u.r.p.", IdentifierKind.NationalId), ("ssn", IdentifierKind.NationalId),
        ("social security", IdentifierKind.NationalId), ("id", IdentifierKind.NationalId),
        ("birth certificate", IdentifierKind.NationalId), ("electoral registry", IdentifierKind.NationalId),
        ("residency number", IdentifierKind.NationalId), ("residence permit", IdentifierKind.NationalId),
        ("kenyan id", IdentifierKind.NationalId), ("turkish identification", IdentifierKind.NationalId),
        ("citizen's card", IdentifierKind.NationalId), ("cartilla de servicio", IdentifierKind.NationalId),
        ("british national overseas passport", IdentifierKind.Passport), ("driver", IdentifierKind.DrivingLicence),
        ("tax id", IdentifierKind.TaxId), ("nit", IdentifierKind.TaxId), ("ruc", IdentifierKind.TaxId),
        ("r.f.c.", IdentifierKind.TaxId), ("rif", IdentifierKind.TaxId), ("v.a.t.", IdentifierKind.TaxId),
        ("vat", IdentifierKind.TaxId), ("italian fiscal code", IdentifierKind.TaxId), ("us fein", IdentifierKind.TaxId),
        ("fiscal code", IdentifierKind.TaxId), ("cuit", IdentifierKind.TaxId), ("c.u.i.", IdentifierKind.TaxId),
        ("c.u.i.t.", IdentifierKind.TaxId), ("cnpj", IdentifierKind.TaxId), ("rtn", IdentifierKind.TaxId),
        ("numero de identidad", IdentifierKind.NationalId), ("n.i.e.", IdentifierKind.NationalId),
        ("registration number", IdentifierKind.Registration), ("registration id", IdentifierKind.Registration),
        ("company number", IdentifierKind.Registration), ("uk company number", IdentifierKind.Registration),
        ("business registration", IdentifierKind.Registration), ("business number", IdentifierKind.Registration),
        ("commercial registry", IdentifierKind.Registration), ("matricula mercantil", IdentifierKind.Registration),
        ("folio mercantil", IdentifierKind.Registration), ("trade license", IdentifierKind.Registration),
        ("c.r. no", IdentifierKind.Registration), ("public registration", IdentifierKind.Registration),
        ("chamber of commerce", IdentifierKind.Registration), ("government gazette", IdentifierKind.Registration),
        ("unified social credit", IdentifierKind.Registration), ("enterprise number", IdentifierKind.Registration),
        ("certificate of incorporation", IdentifierKind.Registration), ("license", IdentifierKind.Registration),
        ("registered charity", IdentifierKind.Registration), ("organization code", IdentifierKind.Registration),
        ("economic register", IdentifierKind.Registration), ("istanbul chamber", IdentifierKind.Registration),
        ("central registration", IdentifierKind.Registration), ("file number", IdentifierKind.Registration),
        ("dubai chamber", IdentifierKind.Registration), ("romanian c.r.", IdentifierKind.Registration),
        ("bik (ru)", IdentifierKind.Registration), ("serial no.", IdentifierKind.Other),
        ("legal entity number", IdentifierKind.Lei), ("lei", IdentifierKind.Lei), ("d-u-n-s", IdentifierKind.Duns),
        ("swift/bic", IdentifierKind.Bic), ("swift", IdentifierKind.Bic), ("bic", IdentifierKind.Bic),
        ("iban", IdentifierKind.Iban), ("isin", IdentifierKind.Isin), ("vessel call sign", IdentifierKind.CallSign),
        ("aircraft tail number", IdentifierKind.TailNumber), ("previous aircraft tail", IdentifierKind.TailNumber),
        ("aircraft manufacturer's serial", IdentifierKind.AircraftSerial),
        ("aircraft construction number", IdentifierKind.AircraftSerial),
        ("aircraft mode s", IdentifierKind.ModeS), ("digital currency address", IdentifierKind.Wallet),
        ("email address", IdentifierKind.Email), ("e-mail", IdentifierKind.Email),
        ("phone number", IdentifierKind.Phone), ("telephone", IdentifierKind.Phone), ("tel.", IdentifierKind.Phone),
        ("fax", IdentifierKind.Phone), ("mobile", IdentifierKind.Phone), ("website", IdentifierKind.Website),
        ("other vessel call sign", IdentifierKind.CallSign), ("vessel identification number", IdentifierKind.Imo),
        ("ssn", IdentifierKind.NationalId), ("travel document", IdentifierKind.Passport),
        ("refugee id", IdentifierKind.NationalId), ("interpol", IdentifierKind.Other),
        ("regtrade", IdentifierKind.Registration), ("regfund", IdentifierKind.Registration),
        ("tax", IdentifierKind.TaxId), ("fiscal", IdentifierKind.TaxId), ("driving", IdentifierKind.DrivingLicence),
        ("driv", IdentifierKind.DrivingLicence), ("laissez", IdentifierKind.Passport),
            ("diplomatic", IdentifierKind.Passport),
    ];

    private static readonly string[] s_longestFirst =
        [.. s_starts.Select(item => item.Start).Distinct(StringComparer.Ordinal)
            .OrderByDescending(start => start.Length)];

    private static readonly Dictionary<string, IdentifierKind> s_kinds = s_starts
        .DistinctBy(item => item.Start, StringComparer.Ordinal)
        .ToDictionary(item => item.Start, item => item.Kind, StringComparer.Ordinal);

    /// <summary>Finds the kind; <see cref="IdentifierKind.Other"/> for words we do not know.</summary>
    /// <param name="label">What the list calls the identifier.</param>
    public static IdentifierKind KindOf(string label)
    {
        var text = label.Trim().ToLowerInvariant();
        var start = s_longestFirst.FirstOrDefault(item => Begins(text, item));
        return start is null ? IdentifierKind.Other : s_kinds[start];
    }

    // "id" must not claim "identifier", nor "rif" claim "rifle": a word ends where a letter would go on.
    private static bool Begins(string text, string start) =>
        text.StartsWith(start, StringComparison.Ordinal)
        && (start.Length > 4 || text.Length == start.Length || !char.IsAsciiLetter(text[start.Length]));
}
