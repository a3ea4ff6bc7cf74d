using System.Security.Cryptography;
using System.Text;
using Probity.Screening.Lists.Reading;
using Probity.Screening.Lists.Values;
using Probity.Screening.Model;

namespace Probity.Screening.Lists.Formats;

/// <summary>Reads the BIS Denied Persons List, tab-separated.</summary>
/// <remarks>
/// Source: Bureau of Industry and Security, dpl.txt. The list numbers nothing: the uid is a hash of name, address and
/// day of the order, so that it stays while the order stands. It does not say what kind an entry is.
/// </remarks>
internal static class BisDpl
{
    public static ListReadResult.Accepted Read(ListFile file, ListLimits limits)
    {
        var context = new ReadContext(ListFormat.BisDplTsv, limits);
        using var rows = TableReader.Open(file, '\t', limits);
        using var table =
            new HeaderTable(rows, "Name", "Street_Address", "Country", "Effective_Date", "Expiration_Date");
        var count = 0;
        while (table.Next())
        {
            Row(context.Entity(Uid(context, table), file, table.Line), table);
            if (DateText.Day(table["Last_Update"]) is { } day
                && (context.PublishedOn is null || day > context.PublishedOn))
            {
                context.PublishedOn = day;
            }

            count++;
        }

        context.Part(file, "list", count);
        return context.Finish(ListId.BisDpl, file.Name);
    }

    private static string Uid(ReadContext context, HeaderTable row)
    {
        var key =
            string.Join('|', row["Name"], row["Street_Address"], row["City"], row["Country"], row["Effective_Date"]);
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))[..16];
        var uid = hash;
        for (var number = 2; context.Has(uid); number++)
        {
            uid = $"{hash}-{number}";
        }

        return uid;
    }

    private static void Row(EntityBuilder entity, HeaderTable row)
    {
        entity.Name(row["Name"], NameKind.Primary);
        entity.Address(new ListedAddress
        {
            Street = row["Street_Address"],
            City = row["City"],
            Region = row["State"],
            PostalCode = row["Postal_Code"],
            CountryText = row["Country"],
        });
        entity.Programme("DPL");
        entity.ListedOn = DateText.TryParseUs(row["Effective_Date"], out var from) ? from : null;
        entity.ValidUntil = DateText.TryParseUs(row["Expiration_Date"], out var until) ? until : null;
        entity.Remark(row["Action"]);
        entity.Remark(row["FR_Citation"]);
        if (row["Standard_Order"] == "Y")
        {
            entity.Remark("standard order");
        }
    }
}
