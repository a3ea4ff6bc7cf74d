using Probity.Contracts.Problems;
using Probity.Server.Hosting.Problems;
using Probity.Server.Hosting.Tables;

namespace Probity.Server.Customers.Import;

/// <summary>
/// Customers as a table with a header. Several values of a cell have bars between; an identifier is
/// <c>kind:value@country</c>, an account <c>number/currency@country</c>, a document
/// <c>kind:number@country from..to</c>.
/// Columns that are not named here are refused, since what is not read would be lost in silence.
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

    // Of due diligence; without a value in any of them a customer has none.
    private static readonly string[] s_diligence =
    [
        "dd_level", "rating", "segment", "industry", "source_of_funds", "source_of_wealth", "purpose", "channel",
        "adverse", "is_pep", "onboarded_on", "review_due_on", "expected_monthly", "documents",
    ];

    /// <summary>Every column there may be.</summary>
    public static IReadOnlyList<string> Columns { get; } =
    [
        "external_id", "kind", "role", "legal_entity", "gender", "identifiers", "addresses", "accounts",
        .. s_diligence,
        .. s_names.Concat(s_dates).Concat(s_countries).Select(pair => pair.Column),
    ];

    /// <summary>Columns without which there is no customer.</summary>
    public static IReadOnlyList<string> Required { get; } = ["external_id", "kind", "name"];

    /// <summary>Reads one row; what is wrong in it is found by <see cref="CustomerRules"/>.</summary>
    /// <exception cref="ProblemException">request.bad_field: a truth is neither yes nor no.</exception>
    public static CustomerDocument Read(CsvRows rows, CsvRow row)
    {
        return new CustomerDocument
        {
            ExternalId = rows.Cell(row, "external_id"),
            Kind = rows.Cell(row, "kind"),
            Role = rows.Cell(row, "role"),
            LegalEntity = rows.Cell(row, "legal_entity"),
            Gender = rows.Cell(row, "gender"),
            Names = All(s_names, (kind, text) => new CustomerName(text, kind)),
            Dates = All(s_dates, (kind, text) => new CustomerDate(kind, text)),
            Countries = All(s_countries, (kind, text) => new CustomerCountry(kind, text)),
            Identifiers = [.. Parts(rows.Cell(row, "identifiers")).Select(Identifier)],
            Addresses = [.. Parts(rows.Cell(row, "addresses")).Select(text => new CustomerAddress(text))],
            Accounts = [.. Parts(rows.Cell(row, "accounts")).Select(Account)],
            DueDiligence = DueDiligence(column => rows.Cell(row, column).Trim()),
        };

        List<T> All<T>((string Column, string Kind)[] columns, Func<string, string, T> make) =>
            [.. columns.SelectMany(pair => Parts(rows.Cell(row, pair.Column)).Select(text => make(pair.Kind, text)))];
    }

    private static CustomerDueDiligence? DueDiligence(Func<string, string> cell)
    {
        if (Array.TrueForAll(s_diligence, column => cell(column).Length == 0))
        {
            return null;
        }

        return new CustomerDueDiligence
        {
            Level = Told("dd_level"),
            Rating = Told("rating"),
            Segment = Told("segment"),
            Industry = Told("industry"),
            SourceOfFunds = Told("source_of_funds"),
            SourceOfWealth = Told("source_of_wealth"),
            Purpose = Told("purpose"),
            Channel = Told("channel"),
            Adverse = Parts(cell("adverse")),
            IsPep = Truth(cell("is_pep")),
            OnboardedOn = Told("onboarded_on"),
            ReviewDueOn = Told("review_due_on"),
            ExpectedMonthly = Told("expected_monthly") is { } money ? Money(money) : null,
            Documents = [.. Parts(cell("documents")).Select(Document)],
        };

        string? Told(string column) => cell(column) is { Length: > 0 } text ? text : null;
    }

    private static bool Truth(string text) => text.ToUpperInvariant() switch
    {
        "YES" or "TRUE" or "1" => true,
        "" or "NO" or "FALSE" or "0" => false,
        _ => throw new ProblemException(ErrorCodes.RequestBadField)
        {
            Faults = [new("/due_diligence/is_pep", ErrorCodes.RequestBadField.Code, "Use yes or no.")],
        },
    };

    // What is no amount stays what it is and is refused with its place.
    private static CustomerMoney Money(string text)
    {
        var at = text.LastIndexOf(' ');
        return at < 0 ? new CustomerMoney(text, "") : new CustomerMoney(text[..at].Trim(), text[(at + 1)..]);
    }

    private static CustomerIdentityDocument Document(string text)
    {
        var (told, days) = Cut(text, ' ');
        var (value, country) = Cut(told, '@');
        var at = value.IndexOf(':', StringComparison.Ordinal);
        var (from, to) = days is null ? (null, null) : Days(days);
        return new CustomerIdentityDocument(
            at < 0 ? value : value[..at].Trim(), at < 0 ? null : value[(at + 1)..].Trim(), country, from, to);
    }

    private static (string? From, string? To) Days(string days)
    {
        var at = days.IndexOf("..", StringComparison.Ordinal);
        return at < 0 ? (null, days) : (Some(days[..at]), Some(days[(at + 2)..]));

        static string? Some(string text) => text.Length > 0 ? text : null;
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
