using Probity.Screening.Lists.Reading;
using Probity.Screening.Lists.Values;
using Probity.Screening.Model;

namespace Probity.Screening.Lists.Formats;

/// <summary>Reads the UK Sanctions List as XML (root <c>Designations</c>).</summary>
/// <remarks>Source: FCDO "UK Sanctions List: format guide", XML.</remarks>
internal static class UkSanctionsXml
{
    public static ListReadResult.Accepted Read(ListFile file, ListLimits limits)
    {
        var context = new ReadContext(ListFormat.UkSanctionsXml, limits);
        using var xml = new XmlElements(file, limits);
        var count = 0;
        foreach (var element in xml.Read("DateGenerated", "Designation"))
        {
            if (element.Name == "DateGenerated")
            {
                context.PublishedOn = DateText.Day(element.Text);
                continue;
            }

            var uid = element["UniqueID"];
            if (context.Has(uid))
            {
                throw ReadContext.Fault(file, element.Line, "UniqueID", $"The entry {uid} occurs twice.");
            }

            Entry(context.Entity(uid, file, element.Line), element);
            count++;
        }

        context.Part(file, "list", count);
        return context.Finish(ListId.UkSanctions, file.Name);
    }

    private static void Entry(EntityBuilder entity, XmlElement element)
    {
        entity.Kind = element["IndividualEntityShip"].ToUpperInvariant() switch
        {
            "INDIVIDUAL" => EntityKind.Person,
            "ENTITY" => EntityKind.Organisation,
            "SHIP" => EntityKind.Vessel,
            _ => EntityKind.Unknown,
        };
        foreach (var name in element.All("Names/Name"))
        {
            Name(entity, name, element["IndividualDetails/Individual/Titles/Title"]);
        }

        foreach (var name in element.All("NonLatinNames/NonLatinName"))
        {
            entity.Name(name["NameNonLatinScript"], NameKind.Strong, label: "non-Latin script",
                language: name["NonLatinScriptLanguage"]);
        }

        foreach (var address in element.All("Addresses/Address"))
        {
            entity.Address(Address(address));
        }

        entity.Programme(element["RegimeName"]);
        entity.ListedOn = DateText.Day(element["DateDesignated"]);
        Texts(entity, element);
        foreach (var person in element.All("IndividualDetails/Individual"))
        {
            Person(entity, person);
        }

        foreach (var organisation in element.All("EntityDetails/Entity"))
        {
            Organisation(entity, organisation);
        }

        foreach (var ship in element.All("ShipDetails/Ship"))
        {
            Ship(entity, ship);
        }
    }

    private static void Name(EntityBuilder entity, XmlElement name, string title)
    {
        var type = name["NameType"];
        var strength = name["AliasStrength"];
        var kind = type.StartsWith("Primary Name", StringComparison.OrdinalIgnoreCase)
            && !type.Contains("Variation", StringComparison.OrdinalIgnoreCase) ? NameKind.Primary
            : strength.StartsWith("Low", StringComparison.OrdinalIgnoreCase)
                || strength.StartsWith("Weak", StringComparison.OrdinalIgnoreCase) ? NameKind.Weak
            : NameKind.Strong;
        var parts = entity.Kind == EntityKind.Person ? UkNames.Parts(n => name[$"Name{n}"], title) : null;
        entity.Name(UkNames.Full(n => name[$"Name{n}"]), kind, parts, kind == NameKind.Primary ? null : type);
    }

    private static void Texts(EntityBuilder entity, XmlElement element)
    {
        entity.Remark(element["OtherInformation"]);
        entity.Remark(element["UKStatementofReasons"]);
        entity.Identifier(IdentifierKind.Other, element["OFSIGroupID"], label: "OFSI Group ID");
        entity.Identifier(IdentifierKind.Other, element["UNReferenceNumber"], label: "UN Reference Number");
        Each(element, "PhoneNumbers/PhoneNumber", text =>
            entity.Identifier(IdentifierKind.Phone, text, label: "Phone"));
        Each(element, "EmailAddresses/EmailAddress", text =>
            entity.Identifier(IdentifierKind.Email, text, label: "Email"));
        Each(element, "Websites/Website", text => entity.Identifier(IdentifierKind.Website, text, label: "Website"));
    }

    private static void Person(EntityBuilder entity, XmlElement person)
    {
        Each(person, "DOBs/DOB", text => entity.Date(DateKind.Birth, text, "Date of birth"));
        Each(person, "Nationalities/Nationality", text => entity.Country(CountryRole.Nationality, text));
        Each(person, "Positions/Position", entity.Position);
        Each(person, "Genders/Gender", text => entity.Gender = UkNames.GenderOf(text, entity.Gender));
        foreach (var place in person.All("BirthDetails/Location"))
        {
            UkTables.BirthPlaces(entity, place["TownOfBirth"], place["CountryOfBirth"]);
        }

        foreach (var passport in person.All("PassportDetails/Passport"))
        {
            Document(entity, IdentifierKind.Passport, passport["PassportNumber"],
                passport["PassportAdditionalInformation"], "Passport");
        }

        foreach (var id in person.All("NationalIdentifierDetails/NationalIdentifier"))
        {
            Document(entity, IdentifierKind.NationalId, id["NationalIdentifierNumber"],
                id["NationalIdentifierAdditionalInformation"], "National identification");
        }
    }

    private static void Organisation(EntityBuilder entity, XmlElement organisation)
    {
        Each(organisation, "TypeOfEntities/TypeOfEntity", text => entity.Subtype ??= text);
        Each(organisation, "BusinessRegistrationNumbers/BusinessRegistrationNumber", text =>
            NumberedText.Documents(entity, IdentifierKind.Registration, text, "Business registration"));
        Each(organisation, "ParentCompanies/ParentCompany", text =>
            UkNames.Owner(entity, LinkKind.OwnedBy, text, "Parent company"));
        Each(organisation, "Subsidiaries/Subsidiary", text =>
            UkNames.Owner(entity, LinkKind.OwnerOf, text, "Subsidiary"));
    }

    private static void Ship(EntityBuilder entity, XmlElement ship)
    {
        Each(ship, "IMONumbers/IMONumber", text => entity.Identifier(IdentifierKind.Imo, text, label: "IMO number"));
        Each(ship, "CurrentOwnerOperators/CurrentOwnerOperator", text =>
            UkNames.Owner(entity, LinkKind.OwnedBy, text, "Current owner/operator"));
        Each(ship, "PreviousOwnerOperators/PreviousOwnerOperator", text =>
            UkNames.Owner(entity, LinkKind.LinkedTo, text, "Previous owner/operator"));
        Each(ship, "CurrentBelievedFlagOfShips/CurrentBelievedFlagOfShip", text =>
            entity.Country(CountryRole.Flag, text));
        Each(ship, "PreviousFlags/PreviousFlag", text => entity.Country(CountryRole.FormerFlag, text));
        Each(ship, "TypeOfShipDetails/TypeOfShip", text => entity.Subtype ??= text);
        Each(ship, "YearsBuilt/YearBuilt", text => entity.Date(DateKind.Built, text, "Year built"));
        Each(ship, "TonnageOfShipDetails/TonnageOfShip", text => UkNames.Measure(entity, "Tonnage", text));
    }

    private static void Document(EntityBuilder entity, IdentifierKind kind, string number, string note, string label)
    {
        var country = NumberedText.CountryIn(note);
        entity.Identifier(kind, number, country, label, note);
    }

    private static ListedAddress Address(XmlElement address) => new()
    {
        Street = UkNames.Joined(", ", Enumerable.Range(1, 5).Select(n => address[$"AddressLine{n}"])),
        City = address["AddressLine6"],
        PostalCode = address["AddressPostalCode"],
        CountryText = address["AddressCountry"],
    };

    private static void Each(XmlElement element, string path, Action<string> add)
    {
        foreach (var item in element.All(path).Where(item => item.Text.Length != 0))
        {
            add(item.Text);
        }
    }
}
