using System.Text.RegularExpressions;
using Probity.Screening.Lists.Reading;
using Probity.Screening.Model;

namespace Probity.Screening.Lists.Formats;

/// <summary>Reads lists of digital-currency addresses, one on a line, one file per currency.</summary>
/// <remarks>The currency stands in the file's name (<c>…_XBT.txt</c>), as the lists taken from OFAC's XML have
/// it.</remarks>
internal static partial class WalletLines
{
    /// <summary>Tells whether the first lines are all addresses.</summary>
    public static bool Fits(IEnumerable<string> lines)
    {
        var seen = lines.Where(line => line.Length != 0).Take(20).ToList();
        return seen.Count != 0 && seen.TrueForAll(IsAddress);
    }

    public static ListReadResult.Accepted Read(IReadOnlyList<ListFile> files, ListLimits limits)
    {
        var context = new ReadContext(ListFormat.WalletLines, limits);
        foreach (var file in files.OrderBy(file => file.PlainName, StringComparer.Ordinal))
        {
            var currency = CurrencyOf(file);
            context.Part(file, currency, File(context, file, currency));
        }

        return context.Finish(ListId.Wallets, files[0].Name);
    }

    private static int File(ReadContext context, ListFile file, string currency)
    {
        using var rows = TableReader.Open(file, '\t', context.Limits);
        var count = 0;
        while (rows.Read() is { } row)
        {
            var address = row[0].Trim();
            if (row.Count != 1 || !IsAddress(address))
            {
                throw rows.Fault(null, "The line is not a digital-currency address.", "Remove it or correct it.");
            }

            var entity = context.Entity($"{currency}:{address}", file, rows.Line);
            entity.Kind = EntityKind.Wallet;
            entity.Identifier(IdentifierKind.Wallet, address, currency: currency);
            count++;
        }

        return count;
    }

    private static string CurrencyOf(ListFile file)
    {
        var match = NamePattern().Match(file.PlainName);
        return match.Success
            ? match.Groups["currency"].Value
            : throw new ListFormatException(new ListFault(ListFaultKind.UnknownFormat, file.Name, null, null,
                "The name of the file does not end with a currency.", "Name it like addresses_XBT.txt."));
    }

    private static bool IsAddress(string text) => AddressPattern().IsMatch(text) && text.Any(char.IsAsciiDigit);

    [GeneratedRegex(@"^[A-Za-z0-9:]{25,120}$", RegexOptions.CultureInvariant)]
    private static partial Regex AddressPattern();

    [GeneratedRegex(@"[_.-](?<currency>[A-Z0-9]{2,8})\.(?:txt|csv)$", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();
}
