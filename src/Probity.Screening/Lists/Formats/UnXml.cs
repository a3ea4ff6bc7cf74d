using Probity.Screening.Lists.Reading;
using Probity.Screening.Lists.Values;
using Probity.Screening.Model;

namespace Probity.Screening.Lists.Formats;

/// <summary>Reads the UN Security Council Consolidated List.</summary>
/// <remarks>
/// Source: schema sc-sanctions.xsd and the files. Names are FIRST_NAME to FOURTH_NAME with stray blanks; which of
/// them is the family name is not said, so parts hold the first as given name only. QUALITY of an alias is Good, Low,
/// a.k.a. or f.k.a.; TYPE_OF_DATE is EXACT, APPROXIMATELY or BETWEEN; NAME_ORIGINAL_SCRIPT stands in the entry.
/// </remarks>
internal static class UnXml
{
    private static readonly string[] s_names = ["FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME"];

    public static ListReadResult.Accepted Read(ListFile file, ListLimits limits)
    {
        var context = new ReadContext(ListFormat.UnXml, limits);
        using var xml = new XmlElements(file, limits);
        context.PublishedOn = DateText.Day(xml.RootAttribute("dateGenerated"));
        var count = 0;
        foreach (var element in xml.Read("INDIVIDUAL", "ENTITY"))
        {
            var uid = EntityBuilder.Clean(element["REFERENCE_NUMBER"]);
            if (context.Has(uid))
            {
                throw ReadContext.Fault(file, element.Line, "REFERENCE_NUMBER", $"The entry {uid} occurs twice.");
            }

            Entry(context.Entity(uid, file, element.Line), element);
            count++;
        }

        context.Part(file, "list", count);
        return context.Finish(ListId.Un, file.Name);
    }

    private static void Entry(EntityBuilder entity, XmlElement element)
    {
        var isPerson = element.Name == "INDIVIDUAL";
        var prefix = isPerson ? "INDIVIDUAL" : "ENTITY";
        entity.Kind = isPerson ? EntityKind.Person : EntityKind.Organisation;
        PrimaryName(entity, element, isPerson);
        entity.Name(element["NAME_ORIGINAL_SCRIPT"], NameKind.Strong, label: "original script");
        foreach (var alias in element.All(prefix + "_ALIAS"))
        {
            Alias(entity, alias);
        }

        foreach (var date in element.All("INDIVIDUAL_DATE_OF_BIRTH"))
        {
            BirthDate(entity, date);
        }

        foreach (var place in element.All("INDIVIDUAL_PLACE_OF_BIRTH"))
        {
            entity.BirthPlace(Address(place));
        }

        foreach (var address in element.All(prefix + "_ADDRESS"))
        {
            entity.Address(Address(address));
        }

        foreach (var document in element.All("INDIVIDUAL_DOCUMENT"))
        {
            Document(entity, document);
        }

        Traits(entity, element);
    }

    private static void PrimaryName(EntityBuilder entity, XmlElement element, bool isPerson)
    {
        string[] parts = [.. s_names
            .Select(name => EntityBuilder.Clean(element[name])).Where(part => part.Length != 0)];
        var given = isPerson && parts.Length > 1 ? parts[0] : null;
        var title = EntityBuilder.Clean(string.Join(", ", element.All("TITLE/VALUE").Select(value => value.Text)));
        var hasParts = given is not null || title.Length != 0;
        entity.Name(string.Join(' ', parts), NameKind.Primary,
            hasParts ? new NameParts(Given: given, Title: title.Length == 0 ? null : title) : null);
    }

    private static void Alias(EntityBuilder entity, XmlElement alias)
    {
        var quality = EntityBuilder.Clean(alias["QUALITY"]);
        entity.Name(
            alias["ALIAS_NAME"],
            quality.Equals("Low", StringComparison.OrdinalIgnoreCase) ? NameKind.Weak : NameKind.Strong,
            label: quality);
        entity.Date(DateKind.Birth, alias["DATE_OF_BIRTH"], "Alias date of birth");
        entity.Remark(alias["NOTE"]);
        entity.BirthPlace(new ListedAddress { City = alias["CITY_OF_BIRTH"], CountryText = alias["COUNTRY_OF_BIRTH"] });
    }

    private static void BirthDate(EntityBuilder entity, XmlElement element)
    {
        var isCirca = element["TYPE_OF_DATE"].StartsWith("APPROX", StringComparison.OrdinalIgnoreCase);
        if (DateText.TryParsePartial(element["FROM_YEAR"], out var from)
            && DateText.TryParsePartial(element["TO_YEAR"], out var to) && from.Year <= to.Year)
        {
            entity.Date(new ListedDate(DateKind.Birth, from, to, isCirca));
        }

        var text = element["DATE"].Length != 0 ? element["DATE"] : element["YEAR"];
        var found = DateText.TryParse(text, DateKind.Birth, out var date);
        if (found)
        {
            entity.Date(date with { IsCirca = date.IsCirca || isCirca });
        }
        else
        {
            entity.Date(DateKind.Birth, text, "Date of birth");
        }

        entity.Remark(element["NOTE"]);
    }

    private static void Document(EntityBuilder entity, XmlElement document)
    {
        var label = EntityBuilder.Clean(document["TYPE_OF_DOCUMENT"]);
        var issuer = document["ISSUING_COUNTRY"].Length != 0 ? document["ISSUING_COUNTRY"]
            : document["COUNTRY_OF_ISSUE"];
        string[] notes =
            [.. new[] { Issued(document), document["TYPE_OF_DOCUMENT2"], document["CITY_OF_ISSUE"], document["NOTE"] }
            .Where(note => note.Length != 0)];
        var kind = label.Contains("passe", StringComparison.OrdinalIgnoreCase)
            || label.Contains("pasa", StringComparison.OrdinalIgnoreCase)
            ? IdentifierKind.Passport
            : IdentifierLabels.KindOf(label);
        entity.Identifier(kind, document["NUMBER"], Countries.CodeOf(issuer), label,
            notes.Length == 0 ? null : string.Join("; ", notes));
    }

    private static string Issued(XmlElement document) =>
        document["DATE_OF_ISSUE"].Length == 0 ? "" : "issued " + document["DATE_OF_ISSUE"];

    private static void Traits(EntityBuilder entity, XmlElement element)
    {
        entity.Programme(element["UN_LIST_TYPE"]);
        entity.ListedOn = DateText.Day(element["LISTED_ON"]);
        entity.Gender = UkNames.GenderOf(element["GENDER"], GenderIn(element["COMMENTS1"]));
        foreach (var country in element.All("NATIONALITY/VALUE"))
        {
            entity.Country(CountryRole.Nationality, country.Text);
        }

        foreach (var position in element.All("DESIGNATION/VALUE"))
        {
            entity.Position(position.Text);
        }

        entity.Remark(element["COMMENTS1"]);
    }

    // Entries of late say it in the comment alone: "Gender: Male."
    private static Gender GenderIn(string comment)
    {
        var at = comment.IndexOf("Gender:", StringComparison.OrdinalIgnoreCase);
        return at < 0 ? Gender.Unknown
            : UkNames.GenderOf(comment[(at + 7)..].TrimStart().Split(' ', '.', ',', '\n')[0], Gender.Unknown);
    }

    private static ListedAddress Address(XmlElement address) => new()
    {
        Street = address["STREET"],
        City = address["CITY"],
        Region = address["STATE_PROVINCE"],
        PostalCode = address["ZIP_CODE"],
        CountryText = address["COUNTRY"],
        Note = address["NOTE"],
    };
}
