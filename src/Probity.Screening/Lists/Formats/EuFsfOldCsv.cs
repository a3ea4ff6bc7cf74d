using System.Text.RegularExpressions;
using Probity.Screening.Lists.Reading;
using Probity.Screening.Lists.Values;
using Probity.Screening.Model;

namespace Probity.Screening.Lists.Formats;

/// <summary>Rows of the EU's CSV as published until 2018 (columns Naal_, Addr_, Birt_, Iden_, Citi_).</summary>
internal static partial class EuFsfOldCsv
{
    public static void Row(ReadContext context, HeaderTable row, ListFile file)
    {
        context.PublishedOn ??= DateText.Day(row["Date_file"]) ?? DateText.Day(row["Date_filexxxx"]);
        var entity = context.Entity(row["Entity_logical_id"], file, row.Line);
        entity.Kind = EuFsf.KindOf(row["Subject_type"], "");
        entity.Programme(row["Programme"]);
        entity.ListedOn ??= DateText.Day(row["Leba_publication_date"]);
        entity.Remark(Text(row["Entity_remark"]));
        entity.Identifier(IdentifierKind.Other, row["EU_ref_num"], label: "EU reference number");
        Name(entity, row);
        entity.Address(new ListedAddress
        {
            Street = UkNames.Joined(" ", [Text(row["Addr_number"]), Text(row["Addr_street"])]),
            City = Text(row["Addr_city"]),
            PostalCode = row["Addr_zipcode"],
            CountryText = row["Addr_country"],
            Note = Text(row["Addr_other"]),
        });
        if (row["Birt_date"] is not "N/A")
        {
            entity.Date(DateKind.Birth, row["Birt_date"], "Date of birth");
        }

        entity.BirthPlace(new ListedAddress { City = Text(row["Birt_place"]), CountryText = row["Birt_country"] });
        Document(entity, row);
        entity.Country(CountryRole.Citizenship, row["Citi_country"]);
    }

    private static void Name(EntityBuilder entity, HeaderTable row)
    {
        var parts = new NameParts(
            Empty(row["Naal_firstname"]), Empty(row["Naal_middlename"]), null, Empty(row["Naal_lastname"]),
            Empty(row["Naal_title"]));
        var kind = entity.HasStrongName ? NameKind.Strong : NameKind.Primary;
        entity.Name(
            Text(row["Naal_wholename"]), kind, parts == new NameParts() ? null : parts, null, row["Naal_language"]);
        entity.Position(Text(row["Naal_function"]));
        entity.Gender = UkNames.GenderOf(row["Naal_gender"], entity.Gender);
    }

    // "AD001095 (passport-National passport) ((passport))": number, type code, description, remarks.
    private static void Document(EntityBuilder entity, HeaderTable row)
    {
        var text = Text(row["Iden_number"]);
        var match = DocumentPattern().Match(text);
        if (!match.Success)
        {
            entity.Identifier(IdentifierKind.Other, text, Countries.CodeOf(row["Iden_country"]));
            return;
        }

        // The remark often only repeats the code of the type.
        var type = match.Groups["type"].Value;
        var note = match.Groups["note"].Value;
        entity.Identifier(
            EuFsf.KindOf(type), match.Groups["number"].Value, Countries.CodeOf(row["Iden_country"]),
            match.Groups["label"].Value, note.Trim('(', ')', ' ') == type ? null : note);
    }

    // The file writes a line break as the two characters \n.
    private static string Text(string text) => text.Replace("\\n", " ", StringComparison.Ordinal);

    private static string? Empty(string text) => EntityBuilder.Clean(Text(text)) is { Length: > 0 } clean ? clean
        : null;

    [GeneratedRegex(
        @"^(?<number>[^()]{1,80}?) ?\((?<type>[a-z]{1,20})-(?<label>[^()]{1,80})\) ?(?<note>.*)$",
        RegexOptions.CultureInvariant)]
    private static partial Regex DocumentPattern();
}
