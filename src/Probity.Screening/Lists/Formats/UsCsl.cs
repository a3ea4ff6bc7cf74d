using Probity.Screening.Lists.Reading;
using Probity.Screening.Lists.Values;
using Probity.Screening.Model;

namespace Probity.Screening.Lists.Formats;

/// <summary>Reads the US Consolidated Screening List, CSV.</summary>
/// <remarks>
/// Source: International Trade Administration, developer portal, "CSL CSV". Several values of a field are joined by
/// "; ". One row is one entry of one of the thirteen lists; an entry that two lists hold has one <c>_id</c> twice,
/// and the second takes the list's code to its uid.
/// </remarks>
internal static class UsCsl
{
    public static ListReadResult.Accepted Read(ListFile file, ListLimits limits)
    {
        var context = new ReadContext(ListFormat.UsCslCsv, limits);
        using var rows = TableReader.Open(file, ',', limits);
        using var table = new HeaderTable(rows, "_id", "source", "name", "alt_names", "addresses", "ids");
        var count = 0;
        DateOnly? newest = null;
        while (table.Next())
        {
            var entity = context.Entity(Uid(context, table), file, table.Line);
            Row(entity, table);
            newest = entity.ListedOn > newest || newest is null ? entity.ListedOn ?? newest : newest;
            count++;
        }

        context.Part(file, "list", count);
        context.PublishedOn = newest;
        return context.Finish(ListId.UsCsl, file.Name);
    }

    private static string Uid(ReadContext context, HeaderTable row)
    {
        var id = row["_id"];
        if (id.Length == 0)
        {
            throw row.Fault("_id", "The id is empty.", "The file is damaged: download it again.");
        }

        var uid = id;
        for (var number = 1; context.Has(uid); number++)
        {
            uid = $"{id}/{Code(row["source"])}" + (number == 1 ? "" : $"/{number}");
        }

        return uid;
    }

    private static string Code(string source)
    {
        var open = source.IndexOf('(', StringComparison.Ordinal);
        var close = source.IndexOf(')', Math.Max(open, 0));
        return open >= 0 && close > open + 1 ? source[(open + 1)..close] : source;
    }

    private static void Row(EntityBuilder entity, HeaderTable row)
    {
        entity.Source = Code(row["source"]);
        entity.Kind = row["type"].ToUpperInvariant() switch
        {
            "INDIVIDUAL" => EntityKind.Person,
            "ENTITY" => EntityKind.Organisation,
            "VESSEL" => EntityKind.Vessel,
            "AIRCRAFT" => EntityKind.Aircraft,
            _ => EntityKind.Unknown,
        };
        Name(entity, row["name"], NameKind.Primary);
        Each(row["alt_names"], text => Name(entity, text, NameKind.Strong));
        Each(row["programs"], entity.Programme);
        Each(row["addresses"], text => entity.Address(Address(text)));
        Each(row["citizenships"], text => entity.Country(CountryRole.Citizenship, text));
        Each(row["nationalities"], text => entity.Country(CountryRole.Nationality, text));
        Each(row["dates_of_birth"], text => entity.Date(DateKind.Birth, text, "Date of birth"));
        Each(row["places_of_birth"], text => entity.BirthPlace(OfacRemarks.PlaceOf(text)));
        Each(row["ids"], text => Id(entity, text));
        entity.Position(row["title"]);
        entity.ListedOn = DateText.Day(row["start_date"]);
        entity.ValidUntil = DateText.Day(row["end_date"]);
        Ship(entity, row);
        OfacRemarks.Apply(entity, row["remarks"]);
    }

    private static void Name(EntityBuilder entity, string text, NameKind kind)
    {
        var name = text.StartsWith("and ", StringComparison.Ordinal) && kind == NameKind.Strong ? text[4..] : text;
        entity.Name(name, kind, entity.Kind == EntityKind.Person ? OfacNames.Parts(name) : null,
            kind == NameKind.Strong ? "a.k.a." : null);
        OfacNames.TailNumber(entity, name);
    }

    private static void Ship(EntityBuilder entity, HeaderTable row)
    {
        entity.Identifier(IdentifierKind.CallSign, row["call_sign"], label: "Vessel Call Sign");
        entity.Subtype ??= row["vessel_type"] is { Length: > 0 } type ? type : null;
        entity.Country(CountryRole.Flag, row["vessel_flag"]);
        UkNames.Owner(entity, LinkKind.OwnedBy, row["vessel_owner"], "Vessel owner");
        UkNames.Measure(entity, "Gross tonnage", row["gross_tonnage"]);
        UkNames.Measure(entity, "Gross registered tonnage", row["gross_registered_tonnage"]);
    }

    // "19 Luysi Chalovskoy St., Borisov, 222512, BY": the country's code comes last.
    private static ListedAddress Address(string text)
    {
        var comma = text.LastIndexOf(',');
        var last = text[(comma + 1)..].Trim();
        if (last.Length != 2 || Countries.CodeOf(last) is null)
        {
            return new ListedAddress { Street = text };
        }

        return new ListedAddress { Street = comma < 0 ? null : text[..comma], CountryText = last };
    }

    // "RU, 7702235133, Tax ID No." or "www.cbr.ru, Website": the kind comes last, the country may come first.
    private static void Id(EntityBuilder entity, string text)
    {
        var last = text.LastIndexOf(", ", StringComparison.Ordinal);
        if (last <= 0)
        {
            entity.Remark(text);
            return;
        }

        var type = text[(last + 2)..].Trim();
        var value = text[..last].Trim();
        var first = value.IndexOf(", ", StringComparison.Ordinal);
        var country = first == 2 && char.IsAsciiLetterUpper(value[0]) ? Countries.CodeOf(value[..2]) : null;
        if (country is null)
        {
            OfacRemarks.Feature(entity, type, value);
            return;
        }

        var number = value[(first + 2)..];
        var isImo = number.StartsWith("IMO ", StringComparison.Ordinal);
        entity.Identifier(isImo ? IdentifierKind.Imo : IdentifierLabels.KindOf(type), isImo ? number[4..]
            : number, country, type);
    }

    private static void Each(string field, Action<string> add)
    {
        foreach (var text in field.Split("; ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            add(text);
        }
    }
}
