using Probity.Screening.Lists.Reading;
using Probity.Screening.Lists.Values;
using Probity.Screening.Model;

namespace Probity.Screening.Lists.Formats;

/// <summary>Reads the two tables of the United Kingdom: OFSI's ConList and the UK Sanctions List.</summary>
/// <remarks>
/// Sources: OFSI "Format guide for the consolidated list", FCDO "UK Sanctions List: format guide". Above the header
/// stands a line with the date. One entry has a row for each name x date of birth x address; rows of one id are put
/// together. "00/00/1980" is a year alone; fields may number their values.
/// </remarks>
internal static class UkTables
{
    /// <summary>Columns that have other names in the two tables.</summary>
    private sealed record Columns(
        string Uid, string NameType, string Quality, string NonLatin, string Type, string Regime, string Listed,
        string Born, string Address, string PostCode, string Country, string Nationality, string[] Documents);

    private static readonly Columns s_conList = new(
        "Group ID", "Alias Type", "Alias Quality", "Name Non-Latin Script", "Group Type", "Regime", "Listed On",
        "DOB", "Address ", "Post/Zip Code", "Country", "Nationality",
        ["Passport Number", "Passport Details", "National Identification Number", "NI Number"]);

    private static readonly Columns s_sanctionsList = new(
        "Unique ID", "Name type", "Alias strength", "Name non-latin script", "Designation Type", "Regime Name",
        "Date Designated", "D.O.B", "Address Line ", "Address Postal Code", "Address Country", "Nationality(/ies)",
        ["Passport number", "", "National Identifier number", ""]);

    /// <summary>Reads the ConList of OFSI.</summary>
    public static ListReadResult.Accepted ReadConList(ListFile file, ListLimits limits) =>
        Read(file, limits, s_conList, ListFormat.UkConListCsv, ListId.UkOfsi);

    /// <summary>Reads the UK Sanctions List as a table.</summary>
    public static ListReadResult.Accepted ReadSanctionsList(ListFile file, ListLimits limits) =>
        Read(file, limits, s_sanctionsList, ListFormat.UkSanctionsCsv, ListId.UkSanctions);

    private static ListReadResult.Accepted Read(
        ListFile file, ListLimits limits, Columns columns, ListFormat format, ListId list)
    {
        var context = new ReadContext(format, limits);
        using var rows = TableReader.Open(file, ',', limits);
        context.PublishedOn = Published(rows, file, columns);
        using var table = new HeaderTable(rows, columns.Uid, "Name 6", "Name 1", columns.NameType, columns.Regime);
        var typeColumn = table.Has(columns.Type) ? columns.Type : "Individual, Entity, Ship";
        var count = 0;
        while (table.Next())
        {
            Row(context.Entity(table[columns.Uid], file, table.Line), table, columns, typeColumn);
            count++;
        }

        context.Part(file, "list", count);
        context.MergedRows = count - context.Count;
        return context.Finish(list, file.Name);
    }

    // "Last Updated,13/04/2018" or "Report Date: 23-Sep-2026"; a list without it cannot be told from an older one.
    private static DateOnly? Published(TableReader rows, ListFile file, Columns columns)
    {
        if (rows.PeekRow()?.Contains(columns.Uid, StringComparer.OrdinalIgnoreCase) ?? true)
        {
            return null;
        }

        var line = rows.Read() ?? throw ReadContext.Fault(file, 1, null, "The file is empty.");
        var text = line[0].Contains(':', StringComparison.Ordinal)
            ? line[0][(line[0].IndexOf(':', StringComparison.Ordinal) + 1)..]
            : line.Count > 1 ? line[1] : "";
        return DateText.Day(text.Length == 0 && line.Count > 1 ? line[1] : text);
    }

    private static void Row(EntityBuilder entity, HeaderTable row, Columns columns, string typeColumn)
    {
        entity.Kind = row[typeColumn].ToUpperInvariant() switch
        {
            "INDIVIDUAL" => EntityKind.Person,
            "ENTITY" => EntityKind.Organisation,
            "SHIP" => EntityKind.Vessel,
            _ => entity.Kind,
        };
        Names(entity, row, columns);
        entity.Date(DateKind.Birth, NoValue(row[columns.Born]), "Date of birth");
        BirthPlaces(entity, row["Town of Birth"], row["Country of Birth"]);
        Address(entity, row, columns);
        foreach (var nationality in NumberedText.Split(row[columns.Nationality]))
        {
            entity.Country(CountryRole.Nationality, nationality);
        }

        Documents(entity, row, columns);
        foreach (var position in NumberedText.Split(row["Position"]))
        {
            entity.Position(position);
        }

        Traits(entity, row, columns);
        Ship(entity, row);
    }

    private static void Names(EntityBuilder entity, HeaderTable row, Columns columns)
    {
        var type = row[columns.NameType];
        var kind = type.StartsWith("Prim", StringComparison.OrdinalIgnoreCase) ? NameKind.Primary
            : row[columns.Quality].StartsWith("Low", StringComparison.OrdinalIgnoreCase)
                || row[columns.Quality].StartsWith("Weak", StringComparison.OrdinalIgnoreCase) ? NameKind.Weak
            : NameKind.Strong;
        entity.Name(
            UkNames.Full(n => row[$"Name {n}"]), kind,
            entity.Kind == EntityKind.Person ? UkNames.Parts(n => row[$"Name {n}"], row["Title"]) : null,
            kind == NameKind.Primary ? null : type);
        var language = row["Non-Latin Script Language"];
        entity.Name(row[columns.NonLatin], NameKind.Strong, label: "non-Latin script", language: language);
    }

    /// <summary>Adds places of birth; towns and countries belong together where there are as many of both.</summary>
    public static void BirthPlaces(EntityBuilder entity, string towns, string countries)
    {
        var (places, lands) = (NumberedText.Split(towns), NumberedText.Split(countries));
        if (places.Count == lands.Count)
        {
            foreach (var (place, land) in places.Zip(lands))
            {
                entity.BirthPlace(new ListedAddress { City = place, CountryText = land });
            }

            return;
        }

        foreach (var place in places)
        {
            entity.BirthPlace(new ListedAddress { City = place, CountryText = lands.Count == 1 ? lands[0] : null });
        }

        foreach (var land in places.Count == 0 || lands.Count > 1 ? lands : [])
        {
            entity.BirthPlace(new ListedAddress { CountryText = land });
        }
    }

    private static void Address(EntityBuilder entity, HeaderTable row, Columns columns) =>
        entity.Address(new ListedAddress
        {
            Street = UkNames.Joined(", ", Enumerable.Range(1, 5).Select(n => row[$"{columns.Address}{n}"])),
            City = row[$"{columns.Address}6"],
            PostalCode = row[columns.PostCode],
            CountryText = row[columns.Country],
        });

    private static void Documents(EntityBuilder entity, HeaderTable row, Columns columns)
    {
        NumberedText.Documents(entity, IdentifierKind.Passport, row[columns.Documents[0]], "Passport");
        NumberedText.Documents(entity, IdentifierKind.Passport, row[columns.Documents[1]], "Passport");
        NumberedText.Documents(entity, IdentifierKind.NationalId, row[columns.Documents[2]], "National identification");
        NumberedText.Documents(entity, IdentifierKind.NationalId, row[columns.Documents[3]], "National identification");
        NumberedText.Documents(
            entity, IdentifierKind.Registration, row["Business registration number (s)"], "Business registration");
        entity.Identifier(IdentifierKind.Phone, row["Phone number"], label: "Phone");
        entity.Identifier(IdentifierKind.Email, row["Email address"], label: "Email");
        entity.Identifier(IdentifierKind.Website, row["Website"], label: "Website");
        entity.Identifier(IdentifierKind.Other, row["OFSI Group ID"], label: "OFSI Group ID");
        entity.Identifier(IdentifierKind.Other, row["UN Reference Number"], label: "UN Reference Number");
    }

    private static void Traits(EntityBuilder entity, HeaderTable row, Columns columns)
    {
        entity.Programme(row[columns.Regime]);
        entity.ListedOn ??= DateText.Day(row[columns.Listed]);
        entity.Gender = UkNames.GenderOf(row["Gender"], entity.Gender);
        entity.Remark(row["Other Information"]);
        entity.Remark(row["UK Statement of Reasons"]);
        entity.Subtype ??= row["Type of entity"] is { Length: > 0 } type ? type : null;
        UkNames.Owner(entity, LinkKind.OwnedBy, row["Parent company"], "Parent company");
        UkNames.Owner(entity, LinkKind.OwnerOf, row["Subsidiaries"], "Subsidiary");
    }

    private static void Ship(EntityBuilder entity, HeaderTable row)
    {
        entity.Identifier(IdentifierKind.Imo, row["IMO number"], label: "IMO number");
        UkNames.Owner(entity, LinkKind.OwnedBy, row["Current owner/operator (s)"], "Current owner/operator");
        UkNames.Owner(entity, LinkKind.LinkedTo, row["Previous owner/operator (s)"], "Previous owner/operator");
        UkNames.Flags(entity, row["Current believed flag of ship"], CountryRole.Flag);
        UkNames.Flags(entity, row["Previous flags"], CountryRole.FormerFlag);
        entity.Date(DateKind.Built, row["Year Built"], "Year built");
        entity.Subtype ??= row["Type of ship"] is { Length: > 0 } type ? type : null;
        UkNames.Measure(entity, "Tonnage", row["Tonnage of ship"]);
        UkNames.Measure(entity, "Length", row["Length of ship"]);
        UkNames.Measure(entity, "Hull identification number", row["Hull identification number (HIN)"]);
    }

    private static string NoValue(string text) => text is "00/00/0000" or "dd/mm/yyyy" ? "" : text;
}
