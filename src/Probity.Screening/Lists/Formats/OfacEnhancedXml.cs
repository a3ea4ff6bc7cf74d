using Probity.Screening.Lists.Reading;
using Probity.Screening.Lists.Values;
using Probity.Screening.Model;

namespace Probity.Screening.Lists.Formats;

/// <summary>Reads OFAC's Enhanced XML, SDN and Consolidated.</summary>
/// <remarks>
/// Source: ENHANCED_XML.xsd of the OFAC Sanctions List Service. Dates of features are read from their four bounds, so
/// that "circa" and spans keep their precision; features use the words of the CSV remarks and take the same way.
/// </remarks>
internal static class OfacEnhancedXml
{
    private static readonly string[] s_streets = ["ADDRESS1", "ADDRESS2", "ADDRESS3"];

    public static ListReadResult.Accepted Read(ListFile file, ListLimits limits)
    {
        var context = new ReadContext(ListFormat.OfacEnhancedXml, limits) { HasOrderedUids = true };
        using var xml = new XmlElements(file, limits);
        var list = ListId.OfacSdn;
        var count = 0;
        foreach (var element in xml.Read("publicationInfo", "entity"))
        {
            if (element.Name == "publicationInfo")
            {
                context.PublishedOn = DateText.Day(element["dataAsOf"]);
                var names = element.All("filters/sanctionsLists/sanctionsList").Select(item => item.Text).ToList();
                list = names.Count != 0 && names.TrueForAll(IsConsolidated) ? ListId.OfacConsolidated : list;
                continue;
            }

            Entry(NewEntity(context, file, element), element);
            count++;
        }

        context.Part(file, "list", count);
        return context.Finish(list, file.Name);
    }

    private static bool IsConsolidated(string name) =>
        name.Contains("Consolidated", StringComparison.OrdinalIgnoreCase);

    private static EntityBuilder NewEntity(ReadContext context, ListFile file, XmlElement element)
    {
        var uid = element.Attribute("id");
        if (!uid.All(char.IsAsciiDigit) || uid.Length is 0 or > 10 || context.Has(uid))
        {
            throw ReadContext.Fault(
                file, element.Line, "entity/@id", $"The id \"{uid}\" is no number or occurs twice.");
        }

        return context.Entity(uid, file, element.Line);
    }

    private static void Entry(EntityBuilder entity, XmlElement element)
    {
        entity.Kind = element["generalInfo/entityType"] switch
        {
            "Individual" => EntityKind.Person,
            "Entity" => EntityKind.Organisation,
            "Vessel" => EntityKind.Vessel,
            "Aircraft" => EntityKind.Aircraft,
            _ => EntityKind.Unknown,
        };
        foreach (var name in element.All("names/name"))
        {
            Name(entity, name);
        }

        foreach (var address in element.All("addresses/address"))
        {
            Address(entity, address);
        }

        foreach (var feature in element.All("features/feature"))
        {
            Feature(entity, feature);
        }

        foreach (var document in element.All("identityDocuments/identityDocument"))
        {
            Document(entity, document);
        }

        foreach (var link in element.All("relationships/relationship"))
        {
            Link(entity, link);
        }

        Listing(entity, element);
    }

    private static void Listing(EntityBuilder entity, XmlElement element)
    {
        foreach (var programme in element.All("sanctionsPrograms/sanctionsProgram"))
        {
            entity.Programme(programme.Text);
        }

        entity.Position(element["generalInfo/title"]);
        entity.Remark(element["generalInfo/remarks"]);
        var published = element.All("sanctionsLists/sanctionsList")
            .Select(list => DateText.Day(list.Attribute("datePublished"))).Where(date => date is not null).ToList();
        entity.ListedOn = published.Count == 0 ? null : published.Min();
    }

    private static void Name(EntityBuilder entity, XmlElement name)
    {
        var isWeak = name["isLowQuality"] == "true";
        var isPrimary = name["isPrimary"] == "true";
        foreach (var form in name.All("translations/translation"))
        {
            // Only the primary form of the primary name is the name of the entry; other scripts are strong aliases.
            var kind = isWeak ? NameKind.Weak
                : isPrimary && form["isPrimary"] == "true" ? NameKind.Primary
                : NameKind.Strong;
            var label = name["aliasType"] is { Length: > 0 } type ? type.ToLowerInvariant() : null;
            OfacNames.TailNumber(entity, form["formattedFullName"]);
            entity.Name(form["formattedFullName"], kind, Parts(entity, form), label, Language(form["script"]));
        }
    }

    private static string? Language(string script) => script is "Latin" or "" ? null : script;

    private static NameParts? Parts(EntityBuilder entity, XmlElement form)
    {
        if (entity.Kind != EntityKind.Person)
        {
            return null;
        }

        var parts = form.All("nameParts/namePart").ToLookup(part => part["type"], part => part["value"]);
        var found = new NameParts(
            Joined(parts["First Name"]), Joined(parts["Middle Name"]), Joined(parts["Patronymic"]),
                Joined(parts["Last Name"]));
        return found == new NameParts() ? null : found;
    }

    private static string? Joined(IEnumerable<string> values) =>
        EntityBuilder.Clean(string.Join(' ', values)) is { Length: > 0 } text ? text : null;

    private static void Address(EntityBuilder entity, XmlElement address)
    {
        foreach (var form in address.All("translations/translation"))
        {
            var parts = form.All("addressParts/addressPart").ToLookup(part => part["type"], part => part["value"]);
            entity.Address(new ListedAddress
            {
                Street = string.Join(", ", s_streets.SelectMany(type => parts[type])),
                City = parts["CITY"].FirstOrDefault(),
                Region = string.Join(", ", parts["STATE/PROVINCE"].Concat(parts["REGION"])),
                PostalCode = parts["POSTAL CODE"].FirstOrDefault(),
                CountryText = address["country"],
            });
        }
    }

    private static void Feature(EntityBuilder entity, XmlElement feature)
    {
        var type = feature["type"];
        var value = feature["value"];
        var kind = type switch
        {
            "Birthdate" => DateKind.Birth,
            "Organization Established Date" => DateKind.Incorporation,
            "Vessel Year of Build" or "Aircraft Manufacture Date" or "Build Date" => DateKind.Built,
            _ => (DateKind?)null,
        };
        if (kind is { } date && feature.First("valueDate") is { } bounds && Span(bounds, date) is { } span)
        {
            entity.Date(span);
            return;
        }

        OfacRemarks.Feature(entity, type, value);
        entity.Remark(feature["comments"]);
    }

    // fromDateBegin is the first day possible, toDateEnd the last. A whole year or month is that year or month.
    private static ListedDate? Span(XmlElement bounds, DateKind kind)
    {
        if (DateText.Day(bounds["fromDateBegin"]) is not { } from || DateText.Day(bounds["toDateEnd"]) is not { } to
            || to < from)
        {
            return null;
        }

        var isCirca = bounds["isApproximate"] == "true";
        var whole = Whole(from, to);
        return whole is { } date
            ? new ListedDate(kind, date, isCirca)
            : new ListedDate(
                kind, Bound(from, from.DayOfYear == 1), Bound(to, (to.Month, to.Day) == (12, 31)), isCirca);
    }

    private static PartialDate Bound(DateOnly day, bool isYear) =>
        isYear ? new PartialDate(day.Year) : new PartialDate(day.Year, day.Month, day.Day);

    private static PartialDate? Whole(DateOnly from, DateOnly to)
    {
        if (from == to)
        {
            return new PartialDate(from.Year, from.Month, from.Day);
        }

        var month = new PartialDate(from.Year, from.Month);
        var year = new PartialDate(from.Year);
        return (month.First, month.Last) == (from, to) ? month : (year.First, year.Last) == (from, to) ? year : null;
    }

    private static void Document(EntityBuilder entity, XmlElement document)
    {
        var label = document["type"];
        var number = document["documentNumber"];
        var isImo = number.StartsWith("IMO ", StringComparison.OrdinalIgnoreCase);
        string[] notes = [.. new[]
            {
                Dated("issued", document["issueDate"]), Dated("expires", document["expirationDate"]),
                document["issuingAuthority"], document["comments"], document["isValid"] == "false" ? "not valid" : "",
            }.Where(note => note.Length != 0)];
        entity.Identifier(
            isImo ? IdentifierKind.Imo : IdentifierLabels.KindOf(label),
            isImo ? number[4..] : number,
            Countries.CodeOf(document["issuingCountry"]),
            label,
            notes.Length == 0 ? null : string.Join("; ", notes));
    }

    private static string Dated(string word, string date) => date.Length == 0 ? "" : $"{word} {date}";

    private static void Link(EntityBuilder entity, XmlElement link)
    {
        var target = link.First("relatedEntity");
        if (target is null)
        {
            return;
        }

        var label = link["type"];
        entity.Link(new ListedLink
        {
            Kind = label switch
            {
                "Owned or Controlled By" or "Property in the interest of" => LinkKind.OwnedBy,
                "Owns, controls, or operates" => LinkKind.OwnerOf,
                "Acting for or on behalf of" => LinkKind.ControlledBy,
                "Family member of" => LinkKind.Family,
                _ => LinkKind.LinkedTo,
            },
            TargetUid = target.Attribute("entityId") is { Length: > 0 } uid ? uid : null,
            TargetName = EntityBuilder.Clean(target.Text),
            Label = label,
        });
    }
}
