using Probity.Screening.Lists.Reading;
using Probity.Screening.Lists.Values;
using Probity.Screening.Model;

namespace Probity.Screening.Lists.Formats;

/// <summary>Reads the EU Financial Sanctions File: XML 1.1, CSV 1.1 and the older CSV.</summary>
/// <remarks>
/// Source: European Commission, FSF export schemas (namespace http://eu.europa.ec/fpi/fsd/export) and files. A CSV
/// row holds one name, address, birth, identification or citizenship of an entity and repeats the entity's fields. The
/// older CSV names nothing strong or weak; a file whose lines somebody wrapped in quotes is unwrapped.
/// </remarks>
internal static class EuFsf
{
    /// <summary>Reads the XML.</summary>
    public static ListReadResult.Accepted ReadXml(ListFile file, ListLimits limits)
    {
        var context = new ReadContext(ListFormat.EuFsfXml, limits);
        using var xml = new XmlElements(file, limits);
        context.PublishedOn = DateText.Day(xml.RootAttribute("generationDate"));
        var count = 0;
        foreach (var element in xml.Read("sanctionEntity"))
        {
            var uid = element.Attribute("logicalId");
            if (context.Has(uid))
            {
                throw ReadContext.Fault(file, element.Line, "logicalId", $"The entity {uid} occurs twice.");
            }

            Entry(context.Entity(uid, file, element.Line), element);
            count++;
        }

        context.Part(file, "list", count);
        return context.Finish(ListId.EuFsf, file.Name);
    }

    private static void Entry(EntityBuilder entity, XmlElement element)
    {
        var subject = element.First("subjectType");
        entity.Kind = KindOf(subject?.Attribute("classificationCode") ?? "", subject?.Attribute("code") ?? "");
        entity.ListedOn = DateText.Day(element.Attribute("designationDate"));
        entity.Identifier(IdentifierKind.Other, element.Attribute("euReferenceNumber"), label: "EU reference number");
        entity.Identifier(IdentifierKind.Other, element.Attribute("unitedNationId"), label: "UN reference number");
        foreach (var regulation in element.All("regulation"))
        {
            entity.Programme(regulation.Attribute("programme"));
            entity.ListedOn ??= DateText.Day(regulation.Attribute("entryIntoForceDate"));
        }

        foreach (var remark in element.All("remark"))
        {
            entity.Remark(remark.Text);
        }

        foreach (var name in element.All("nameAlias"))
        {
            Name(entity, name.Attribute, isWeak: name.Attribute("strong") == "false");
        }

        foreach (var birth in element.All("birthdate"))
        {
            Birth(entity, birth.Attribute);
        }

        foreach (var address in element.All("address"))
        {
            entity.Address(Address(address.Attribute));
        }

        foreach (var document in element.All("identification"))
        {
            Document(entity, document.Attribute);
        }

        foreach (var citizenship in element.All("citizenship"))
        {
            entity.Country(CountryRole.Citizenship, Code(citizenship.Attribute));
        }
    }

    /// <summary>Reads a CSV, 1.1 or older.</summary>
    public static ListReadResult.Accepted ReadCsv(ListFile file, ListLimits limits)
    {
        var context = new ReadContext(ListFormat.EuFsfCsv, limits);
        using var rows = UnwrappedRows.Open(file, limits);
        using var table = new HeaderTable(rows);
        var count = 0;
        while (table.Next())
        {
            if (table.Has("Entity_LogicalId"))
            {
                CurrentRow(context, table, file);
            }
            else if (table.Has("Entity_logical_id"))
            {
                EuFsfOldCsv.Row(context, table, file);
            }
            else
            {
                throw table.Fault("Entity_LogicalId", "The column is missing.", "This is not the EU's file.");
            }

            count++;
        }

        context.Part(file, "list", count);
        context.MergedRows = count - context.Count;
        return context.Finish(ListId.EuFsf, file.Name);
    }

    private static void CurrentRow(ReadContext context, HeaderTable row, ListFile file)
    {
        context.PublishedOn ??= DateText.Day(row["fileGenerationDate"]);
        if (row["Entity_LogicalId"].Length == 0)
        {
            return;
        }

        var entity = context.Entity(row["Entity_LogicalId"], file, row.Line);
        entity.Kind = KindOf(row["Entity_SubjectType_ClassificationCode"], row["Entity_SubjectType"]);
        entity.ListedOn ??= DateText.Day(row["Entity_DesignationDate"]);
        entity.Programme(row["Entity_Regulation_Programme"]);
        entity.Remark(row["Entity_Remark"]);
        entity.Identifier(IdentifierKind.Other, row["Entity_EU_ReferenceNumber"], label: "EU reference number");
        entity.Identifier(IdentifierKind.Other, row["Entity_UnitedNationId"], label: "UN reference number");
        Name(entity, Column(row, "NameAlias_"), row["NameAlias_Strong"]
            .Equals("false", StringComparison.OrdinalIgnoreCase));
        Birth(entity, Column(row, "BirthDate_"));
        entity.Address(Address(Column(row, "Address_")));
        Document(entity, Column(row, "Identification_"));
        entity.Country(CountryRole.Citizenship, Code(Column(row, "Citizenship_")));
    }

    // The CSV names a field as the XML does, with a prefix and an upper-case first letter.
    private static Func<string, string> Column(HeaderTable row, string prefix) => name =>
        row[prefix + name switch
        {
            "identificationTypeCode" => "TypeCode",
            "identificationTypeDescription" => "TypeDescription",
            "birthdate" => "BirthDate",
            "monthOfYear" => "Month",
            "dayOfMonth" => "Day",
            _ => char.ToUpperInvariant(name[0]) + name[1..],
        }];

    /// <summary>Gets the kind from the classification code (P, E) or the subject type.</summary>
    public static EntityKind KindOf(string code, string type) => (code, type.ToLowerInvariant()) switch
    {
        ("P", _) or (_, "person" or "p") => EntityKind.Person,
        ("E", _) or (_, "enterprise" or "entity" or "e") => EntityKind.Organisation,
        _ => EntityKind.Unknown,
    };

    private static void Name(EntityBuilder entity, Func<string, string> field, bool isWeak)
    {
        var whole = field("wholeName") is { Length: > 0 } full
            ? full
            : UkNames.Joined(" ", [field("firstName"), field("middleName"), field("lastName")]);
        var parts = new NameParts(
            Empty(field("firstName")), Empty(field("middleName")), null, Empty(field("lastName")),
                Empty(field("title")));

        // The file does not mark a primary name: the first strong one is it.
        var kind = isWeak ? NameKind.Weak : entity.HasStrongName ? NameKind.Strong : NameKind.Primary;
        entity.Name(whole, kind, parts == new NameParts() ? null : parts, null, field("nameLanguage"));
        entity.Position(field("function"));
        entity.Gender = UkNames.GenderOf(field("gender"), entity.Gender);
    }

    private static void Birth(EntityBuilder entity, Func<string, string> field)
    {
        var isCirca = field("circa").Equals("true", StringComparison.OrdinalIgnoreCase);
        var text = field("birthdate") is { Length: > 0 } day ? day : Numbers(field);
        if (DateText.TryParsePartial(field("yearRangeFrom"), out var from)
            && DateText.TryParsePartial(field("yearRangeTo"), out var to) && from.Year < to.Year)
        {
            entity.Date(new ListedDate(DateKind.Birth, from, to, isCirca));
        }
        else if (DateText.TryParse(text, DateKind.Birth, out var date))
        {
            entity.Date(date with { IsCirca = date.IsCirca || isCirca });
        }
        else
        {
            entity.Date(DateKind.Birth, text, "Date of birth");
        }

        entity.BirthPlace(new ListedAddress
        {
            City = field("city") is { Length: > 0 } city ? city : field("place"),
            Region = field("region"),
            PostalCode = field("zipCode"),
            CountryText = Code(field),
        });
    }

    private static string Numbers(Func<string, string> field)
    {
        var (year, month, day) = (field("year"), field("monthOfYear"), field("dayOfMonth"));
        return year.Length == 0 ? ""
            : month.Length == 0 ? year
            : day.Length == 0 ? $"{year}-{month.PadLeft(2, '0')}"
            : $"{year}-{month.PadLeft(2, '0')}-{day.PadLeft(2, '0')}";
    }

    private static ListedAddress Address(Func<string, string> field) => new()
    {
        Street =
            UkNames.Joined(", ", [field("poBox") is { Length: > 0 } box ? "P.O. Box " + box : "", field("street")]),
        City = field("city") is { Length: > 0 } city ? city : field("place"),
        Region = field("region"),
        PostalCode = field("zipCode"),
        CountryText = Code(field),
    };

    private static void Document(EntityBuilder entity, Func<string, string> field)
    {
        var code = field("identificationTypeCode");
        var number = field("latinNumber") is { Length: > 0 } latin ? latin : field("number");
        string[] notes = [.. new[]
            {
                Flag(field, "knownExpired", "expired"), Flag(field, "knownFalse", "false"),
                Flag(field, "reportedLost", "reported lost"), Flag(field, "revokedByIssuer", "revoked"),
                field("nameOnDocument") is { Length: > 0 } name ? "in the name of " + name : "",
            }.Where(note => note.Length != 0)];
        entity.Identifier(KindOf(code), number, Countries.CodeOf(Code(field)),
            field("identificationTypeDescription") is { Length: > 0 } label ? label : code,
            notes.Length == 0 ? null : string.Join("; ", notes));
    }

    private static string Flag(Func<string, string> field, string name, string word) =>
        field(name).Equals("true", StringComparison.OrdinalIgnoreCase) ? word : "";

    /// <summary>Gets the kind of an identification from the type code of the EU file.</summary>
    public static IdentifierKind KindOf(string code) => code.ToLowerInvariant() switch
    {
        "passport" or "diplomatic" or "travel" => IdentifierKind.Passport,
        "id" or "ssn" or "residence" or "residentperm" or "electionid" => IdentifierKind.NationalId,
        "driver" or "driving" or "drivinglicence" => IdentifierKind.DrivingLicence,
        "fiscalcode" or "fiscal" or "tax" => IdentifierKind.TaxId,
        "regnumber" or "regtrade" or "regfund" or "tradelic" => IdentifierKind.Registration,
        "swiftbic" or "bic" => IdentifierKind.Bic,
        "imo" => IdentifierKind.Imo,
        _ => IdentifierKind.Other,
    };

    private static string Code(Func<string, string> field) =>
        field("countryIso2Code") is { Length: > 0 } code && code != "00" ? code
        : field("countryDescription") is var text && text.Equals("UNKNOWN", StringComparison.OrdinalIgnoreCase) ? ""
        : text;

    private static string? Empty(string text) => EntityBuilder.Clean(text) is { Length: > 0 } clean ? clean : null;
}
