using System.Text.RegularExpressions;
using Probity.Screening.Lists.Reading;
using Probity.Screening.Lists.Values;
using Probity.Screening.Model;

namespace Probity.Screening.Lists.Formats;

/// <summary>Takes apart the remarks of OFAC's CSV files, where most of an entry lives.</summary>
/// <remarks>
/// Items are separated by "; ", the last ends with a full stop, "alt. " marks a further value of the same kind.
/// What no rule knows stays in the remarks word for word. The Enhanced XML names the same features by the same words
/// and goes through <see cref="Feature"/>.
/// </remarks>
internal static partial class OfacRemarks
{
    // ID DOCUMENT TYPE and feature types of OFAC's Enhanced XML (referenceValues, featureTypes) that are identifiers,
    // with the spellings of the CSV remarks. Longest first, so that "Diplomatic Passport" is not a "Passport".
    private static readonly string[] s_labels =
    [
        .. """
        Cedula No.|Passport|SSN|R.F.C.|D.N.I.|NIT #|US FEIN|Driver's License No.|RUC #|N.I.E.|C.I.F.|LE Number|RFC
        Business Registration Document #|RIF #|National ID No.|Registration ID|Bosnian Personal ID No.|C.I.N.
        Registered Charity No.|V.A.T. Number|Credencial electoral|Kenyan ID No.|Italian Fiscal Code|Serial No.
        C.U.I.T.|Tax ID No.|Moroccan Personal ID No.|Public Security and Immigration No.|C.U.R.P.|C.R. No.
        British National Overseas Passport|UK Company Number|Immigration No.|Travel Document Number
        Electoral Registry No.|Identification Number|Paraguayan tax identification number|Diplomatic Passport
        National Foreign ID Number|Dubai Chamber of Commerce Membership No.|Trade License No.|C.U.I.P.
        Commercial Registry Number|Certificate of Incorporation Number|Tourism License No.|Personal ID Card
        Aircraft Serial Identification|Cartilla de Servicio Militar Nacional|Vessel Registration Identification
        Registration Certificate Number (Dubai)|VisaNumberID|Matricula Mercantil No|Residency Number
        Numero Unico de Identificacao Tributaria (NUIT)|CNP (Personal Numerical Code)|Romanian Permanent Resident
        Government Gazette Number|Fiscal Code|Pilot License Number|Romanian C.R.|Folio Mercantil No.|MMSI
        Istanbul Chamber of Comm. No.|Turkish Identification Number|Romanian Tax Registration|Company Number
        Stateless Person Passport|Stateless Person ID Card|Refugee ID Card|Public Registration Number|N.I.F.|RTN
        Afghan Money Service Provider License Number|Numero de Identidad|SRE Permit No.|Tazkira National ID Card
        License|Chinese Commercial Code|I.F.E.|Branch Unit Number|Enterprise Number|Organization Code
        Citizen's Card Number|UAE Identification|United Social Credit Code Certificate (USCCC)|Legal Entity Number
        Chamber of Commerce Number|Business Number|Birth Certificate Number|Business Registration Number
        Registration Number|MSB Registration Number|RSIN|File Number|C.U.I.|Seafarer's Identification Document
        Unified Social Credit Code (USCC)|Central Registration System Number|Economic Register Number (CBLS)
        Trademark number|Permit Number|Military Registration Number|Global Intermediary Identification Number
        Russian State Individual Business Registration Number Pattern (OGRNIP)|SWIFT/BIC|BIK (RU)|ISIN|D-U-N-S Number
        Aircraft Construction Number (also called L/N or S/N or F/N)|Aircraft Manufacturer's Serial Number (MSN)
        Aircraft Mode S Transponder Code|Aircraft Tail Number|Previous Aircraft Tail Number|Vessel Call Sign
        Other Vessel Call Sign|Phone Number|Telephone|Fax|Email Address|Website|Tel.|Mobile|Fax No.|Equity Ticker
        Electoral ID|Personal Number|Registration No.|Tax Number|NIT|RUC|RIF|Social Security Number|Pasaporte
        Vessel IMO Number|Identification Card
        """.Split(['|', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .OrderByDescending(label => label.Length),
    ];

    private static readonly (string Start, CountryRole Role)[] s_countries =
    [
        ("nationality ", CountryRole.Nationality), ("citizen ", CountryRole.Citizenship),
        ("Nationality of Registration ", CountryRole.Registration), ("Vessel Flag ", CountryRole.Flag),
        ("Former Vessel Flag ", CountryRole.FormerFlag), ("Flag ", CountryRole.Flag),
        ("Nationality Country ", CountryRole.Nationality), ("Citizenship Country ", CountryRole.Citizenship),
        ("Other Vessel Flag ", CountryRole.FormerFlag), ("Alternative Vessel Flag ", CountryRole.Flag),
    ];

    private static readonly (string Start, DateKind Kind)[] s_dates =
    [
        ("DOB ", DateKind.Birth), ("Birthdate ", DateKind.Birth), ("Date of Birth ", DateKind.Birth),
        ("Organization Established Date ", DateKind.Incorporation), ("Vessel Year of Build ", DateKind.Built),
        ("Aircraft Manufacture Date ", DateKind.Built), ("Vessel Build Date ", DateKind.Built),
    ];

    /// <summary>Applies all items of a remark to an entity.</summary>
    public static void Apply(EntityBuilder entity, string remark)
    {
        var whole = Unended(remark.Trim());
        foreach (var item in whole.Split("; ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var text = item.Trim('(', ')', ' ') is var bare && bare.StartsWith("Linked To:", StringComparison.Ordinal)
                ? bare
                : item;
            Item(entity, text);
        }
    }

    /// <summary>Applies one item: its kind's words, then its value.</summary>
    public static void Item(EntityBuilder entity, string text)
    {
        var item = text.StartsWith("alt. ", StringComparison.OrdinalIgnoreCase) ? text[5..] : text;
        if (!Name(entity, item) && !Date(entity, item) && !Place(entity, item) && !Country(entity, item)
            && !Link(entity, item) && !Trait(entity, item) && !Wallet(entity, item) && !Identifier(entity, item))
        {
            entity.Remark(item);
        }
    }

    /// <summary>Applies a feature of the Enhanced XML.</summary>
    public static void Feature(EntityBuilder entity, string type, string value)
    {
        var label = type switch { "Place of Birth" => "POB", _ => type };
        Item(entity, label + " " + value);
    }

    /// <summary>Splits "value (country) issued date" into its parts and adds the identifier.</summary>
    public static void Document(EntityBuilder entity, string label, string text)
    {
        var kind = IdentifierLabels.KindOf(text.StartsWith("IMO ", StringComparison.Ordinal) ? "IMO" : label);
        var value = kind == IdentifierKind.Imo && text.StartsWith("IMO ", StringComparison.Ordinal) ? text[4..] : text;
        if (kind is IdentifierKind.Website or IdentifierKind.Email or IdentifierKind.Phone)
        {
            entity.Identifier(kind, value.TrimStart(':', ' '), label: label);
            return;
        }

        var dates = IssuePattern().Match(value);
        var note = dates.Success ? dates.Value.Trim() : null;
        var bare = dates.Success ? value[..dates.Index].Trim() : value;
        string? country = null;
        for (var paren = CountryPattern().Match(bare); paren.Success; paren = CountryPattern().Match(bare))
        {
            var inside = paren.Groups["text"].Value.Trim();
            bare = bare[..paren.Index].Trim();
            country ??= Countries.CodeOf(inside);
            note = Countries.CodeOf(inside) is null ? Joined(inside, note) : note;
        }

        entity.Identifier(kind, bare, country, label, note);
    }

    private static string Joined(string first, string? second) => second is null ? first : $"{first}; {second}";

    // The full stop ends the remark, unless it belongs to the last name: "S.A.", "S.A.S.", "CO., LTD.".
    private static string Unended(string remark) =>
        remark.EndsWith('.') && !AbbreviationPattern().IsMatch(remark) ? remark[..^1] : remark;

    private static bool Name(EntityBuilder entity, string item)
    {
        var match = AliasPattern().Match(item);
        if (match.Success)
        {
            // Aliases printed in the remarks, in single quotes, are the weak ones (OFAC FAQ 124).
            entity.Name(match.Groups["name"].Value, NameKind.Weak, label: match.Groups["label"].Value);
        }

        return match.Success;
    }

    private static bool Date(EntityBuilder entity, string item)
    {
        foreach (var (start, kind) in s_dates)
        {
            if (item.StartsWith(start, StringComparison.OrdinalIgnoreCase))
            {
                entity.Date(kind, item[start.Length..], start.Trim());
                return true;
            }
        }

        return false;
    }

    private static bool Place(EntityBuilder entity, string item)
    {
        if (!item.StartsWith("POB ", StringComparison.Ordinal))
        {
            return false;
        }

        entity.BirthPlace(PlaceOf(item[4..].Trim()));
        return true;
    }

    /// <summary>Reads "City, Region, Country"; the last part is the country when it is one we know.</summary>
    public static ListedAddress PlaceOf(string text)
    {
        for (var comma = text.IndexOf(','); comma >= 0; comma = text.IndexOf(',', comma + 1))
        {
            if (Countries.CodeOf(text[(comma + 1)..]) is not null)
            {
                return new ListedAddress { City = text[..comma].Trim(), CountryText = text[(comma + 1)..].Trim() };
            }
        }

        return Countries.CodeOf(text) is not null
            ? new ListedAddress { CountryText = text }
            : new ListedAddress { City = text };
    }

    private static bool Country(EntityBuilder entity, string item)
    {
        foreach (var (start, role) in s_countries)
        {
            if (item.StartsWith(start, StringComparison.Ordinal))
            {
                entity.Country(role, item[start.Length..]);
                return true;
            }
        }

        return false;
    }

    private static bool Link(EntityBuilder entity, string item)
    {
        if (item.StartsWith("Linked To: ", StringComparison.Ordinal))
        {
            var name = item["Linked To: ".Length..].Trim();
            entity.Link(new ListedLink { Kind = LinkKind.LinkedTo, TargetName = name, Label = "Linked To" });
            return true;
        }

        if (item.StartsWith("Aircraft Operator ", StringComparison.Ordinal))
        {
            var name = item["Aircraft Operator ".Length..].Trim();
            entity.Link(
                new ListedLink { Kind = LinkKind.ControlledBy, TargetName = name, Label = "Aircraft Operator" });
            return true;
        }

        return false;
    }

    private static bool Trait(EntityBuilder entity, string item)
    {
        switch (item)
        {
            case "Gender Male":
                entity.Gender = Gender.Male;
                return true;
            case "Gender Female":
                entity.Gender = Gender.Female;
                return true;
            default:
                break;
        }

        foreach (var start in new[] { "Aircraft Model ", "Organization Type: ", "Vessel Type " })
        {
            if (item.StartsWith(start, StringComparison.Ordinal) && string.IsNullOrEmpty(entity.Subtype))
            {
                entity.Subtype = item[start.Length..];
                return true;
            }
        }

        return false;
    }

    private static bool Wallet(EntityBuilder entity, string item)
    {
        var match = WalletPattern().Match(item);
        if (match.Success)
        {
            entity.Identifier(IdentifierKind.Wallet, match.Groups["address"].Value,
                currency: match.Groups["currency"].Value, label: "Digital Currency Address");
        }

        return match.Success;
    }

    private static bool Identifier(EntityBuilder entity, string item)
    {
        var label = s_labels.FirstOrDefault(text => IsLabel(item, text));
        if (label is null)
        {
            return false;
        }

        var value = item[label.Length..].TrimStart(':', ' ');
        if (!value.Any(char.IsAsciiDigit) && IdentifierLabels.KindOf(label) is not (IdentifierKind.Website
            or IdentifierKind.Email or IdentifierKind.Bic or IdentifierKind.CallSign or IdentifierKind.TailNumber))
        {
            return false;
        }

        Document(entity, label, value);
        return true;
    }

    private static bool IsLabel(string item, string label) =>
        item.Length > label.Length + 1 && item.StartsWith(label, StringComparison.OrdinalIgnoreCase)
        && item[label.Length] is ' ' or ':';

    [GeneratedRegex(@"^(?<label>[afn]\.k\.a\.) '(?<name>.+?)'?$", RegexOptions.CultureInvariant)]
    private static partial Regex AliasPattern();

    [GeneratedRegex(
        @"^Digital Currency Address -? ?(?<currency>[A-Z0-9]{2,8}) (?<address>[A-Za-z0-9:._-]{10,200})$",
        RegexOptions.CultureInvariant)]
    private static partial Regex WalletPattern();

    [GeneratedRegex(
        @"(?: |^)(?:issued|expires|expired|Date of issue|Date of Expiry)\b.*$",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex IssuePattern();

    [GeneratedRegex(
        @"(?:\.[A-Z]\.|\b(?:LTD|CO|INC|CORP|JR|SR|LLC|Ltd|Co|Inc|Corp)\.)$", RegexOptions.CultureInvariant)]
    private static partial Regex AbbreviationPattern();

    [GeneratedRegex(@"\((?<text>[^()]{1,120})\)\s*$", RegexOptions.CultureInvariant)]
    private static partial Regex CountryPattern();
}
