using Probity.Server.Hosting.Tables;

namespace Probity.Server.Customers.Import;

/// <summary>
/// Customers as a table with a header. Several values of a cell have bars between; an identifier is
/// <c>kind:value@country</c>, an account <c>number/currency@country</c>. Columns that are not named here are refused,
/// since what is not read would be lost in silence.
/// </summary>
internal static class CustomerCsv
{
    private static readonly (string Column, string Kind)[] s_names =
        [("name", CustomerRules.Primary), ("aliases", "alias"), ("former_names", "former"), ("native_name", "native")];

    private static readonly (string Column, string Kind)[] s_dates =
        [("birth_date", "birth"), ("incorporation_date", "incorporation")];

    private static readonly (string Column, string Kind)[] s_countries =
    [
        ("nationality", "nationality"), ("residence", "residence"), ("birth_country", "birth"),
        ("incorporation_country", "incorporation"),
    ];

    /// <summary>Every column there may be.</summary>
    public static IReadOnlyList<string> Columns { get; } =
    [
        "external_id", "kind", "legal_entity", "gender", "identifiers", "addresses", "accounts",
        .. s_names.Concat(s_dates).Concat(s_countries).Select(pair => pair.Column),
    ];

    /// <summary>Columns without which there is no customer.</summary>
    public static IReadOnlyList<string> Required { get; } = ["external_id", "kind", "name"];

    /// <summary>Reads one row; what is wrong in it is found by <see cref="CustomerRules"/>.</summary>
    public static CustomerDocument Read(CsvRows rows, CsvRow row)
    {
        return new CustomerDocument
        {
            ExternalId = rows.Cell(row, "external_id"),
            Kind = rows.Cell(row, "kind"),
            LegalEntity = rows.Cell(row, "legal_entity"),
            Gender = rows.Cell(row, "gender"),
            Names = All(s_names, (kind, text) => new CustomerName(text, kind)),
            Dates = All(s_dates, (kind, text) => new CustomerDate(kind, text)),
            Countries = All(s_countries, (kind, text) => new CustomerCountry(kind, text)),
            Identifiers = [.. Parts(rows.Cell(row, "identifiers")).Select(Identifier)],
            Addresses = [.. Parts(rows.Cell(row, "addresses")).Select(text => new CustomerAddress(text))],
            Accounts = [.. Parts(rows.Cell(row, "accounts")).Select(Account)],
        };

        List<T> All<T>((string Column, string Kind)[] columns, Func<string, string, T> make) =>
            [.. columns.SelectMany(pair => Parts(rows.Cell(row, pair.Column)).Select(text => make(pair.Kind, text)))];
    }

    private static CustomerIdentifier Identifier(string text)
    {
        var (value, country) = Cut(text, '@');
        var at = value.IndexOf(':', StringComparison.Ordinal);
        return at < 0
            ? new CustomerIdentifier("other", value, country)
            : new CustomerIdentifier(value[..at].Trim(), value[(at + 1)..].Trim(), country);
    }

    private static CustomerAccount Account(string text)
    {
        var (number, country) = Cut(text, '@');
        var (plain, currency) = Cut(number, '/');
        return new CustomerAccount(plain, currency, country);
    }

    private static (string Before, string? After) Cut(string text, char mark)
    {
        var at = text.LastIndexOf(mark);
        return at < 0 ? (text, null) : (text[..at].Trim(), text[(at + 1)..].Trim());
    }

    private static string[] Parts(string text) =>
        text.Split('|', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
