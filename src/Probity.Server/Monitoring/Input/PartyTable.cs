using Probity.Monitoring;
using Probity.Server.Hosting.Tables;

namespace Probity.Server.Monitoring.Input;

/// <summary>
/// What a table says of customers and their accounts: one row a customer, or one a customer and account. The rows of
/// one customer say the same of the customer.
/// </summary>
internal sealed class PartyTable
{
    private readonly Dictionary<string, CustomerFacts> _customers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (AccountFacts Facts, string Customer)> _accounts = new(StringComparer.Ordinal);

    /// <summary>Nothing known of anybody.</summary>
    public static PartyTable Empty { get; } = new();

    public int Customers => _customers.Count;

    public int Accounts => _accounts.Count;

    /// <summary>Reads a table: customer_id, and what else there is.</summary>
    public static PartyTable Read(string path)
    {
        var parties = new PartyTable();
        using var rows = CsvRows.Open(path, "customer_id");
        foreach (var row in rows.Read())
        {
            try
            {
                parties.Add(rows, row);
            }
            catch (InputRefusedException refused)
            {
                throw rows.Fault(row.Line, refused.Faults[0].Place + ": " + refused.Message.TrimEnd('.'),
                    "Correct the row, or take it out.");
            }
        }

        return parties;
    }

    /// <summary>Names the owners of accounts that a transaction leaves unnamed.</summary>
    public Transaction Complete(Transaction transaction) => transaction with
    {
        Debtor = Complete(transaction.Debtor), Creditor = Complete(transaction.Creditor),
    };

    /// <summary>What is known of both sides.</summary>
    public PartyFacts Of(Transaction transaction) => new(Of(transaction.Debtor), Of(transaction.Creditor));

    private TransactionParty Complete(TransactionParty party) =>
        party is { Customer: null, Account: { } account } && _accounts.TryGetValue(account, out var known)
            ? party with { Customer = known.Customer }
            : party;

    private SideFacts Of(TransactionParty party)
    {
        var customer = party.Customer is { } id ? _customers.GetValueOrDefault(id) : null;
        var account = party.Account is { } number && _accounts.TryGetValue(number, out var known) ? known.Facts : null;
        return customer is null && account is null ? SideFacts.None : new SideFacts(customer, account);
    }

    private void Add(CsvRows rows, CsvRow row)
    {
        var id = rows.Cell(row, "customer_id");
        if (id.Length == 0)
        {
            throw new InputRefusedException("customer_id", "monitoring.bad_name", "The cell is empty.");
        }

        var facts = Customer(rows, row, id);
        if (_customers.TryGetValue(id, out var earlier) && earlier != facts)
        {
            throw new InputRefusedException(
                "customer_id", "monitoring.bad_customer", "An earlier row says something else of the same customer.");
        }

        _customers[id] = facts;
        if (Optional(rows, row, "account_id") is { } account
            && !_accounts.TryAdd(account, (Account(rows, row, account), id)))
        {
            throw new InputRefusedException(
                "account_id", "monitoring.bad_account", "An earlier row has the same account.");
        }
    }

    private static CustomerFacts Customer(CsvRows rows, CsvRow row, string id) => new(id, 1)
    {
        Rating = Rating(rows.Cell(row, "rating")),
        Segment = Optional(rows, row, "segment"),
        Industry = Optional(rows, row, "industry"),
        Country = Optional(rows, row, "country"),
        IsPep = InputText.Truth(rows.Cell(row, "pep"), "pep"),
        BornOn = InputText.Day(rows.Cell(row, "born_on"), "born_on"),
        OnboardedOn = InputText.Day(rows.Cell(row, "onboarded_on"), "onboarded_on"),
        ReviewDueOn = InputText.Day(rows.Cell(row, "review_due_on"), "review_due_on"),
        DocumentExpiresOn = InputText.Day(rows.Cell(row, "document_expires_on"), "document_expires_on"),
        ExpectedMonthly = Optional(rows, row, "expected_monthly") is { } amount
            ? InputText.Amount(
                amount, rows.Cell(row, "expected_currency"), "expected_monthly", "expected_currency")
            : null,
        Screening = Screening(rows.Cell(row, "screening")),
        Onboarding = Optional(rows, row, "onboarding") is { } onboarding
            ? OnboardingFacts.Read(onboarding) ?? throw new InputRefusedException(
                "onboarding", "monitoring.bad_onboarding",
                "Write pending, active or refused, and then level and checks as they are known.")
            : null,
    };

    private static AccountFacts Account(CsvRows rows, CsvRow row, string account) => new(account, 1)
    {
        Jurisdiction = Optional(rows, row, "jurisdiction"),
        OpenedOn = InputText.Day(rows.Cell(row, "opened_on"), "opened_on"),
        Product = Optional(rows, row, "product"),
    };

    private static CustomerRating Rating(string text) => text switch
    {
        "" or "medium" => CustomerRating.Medium,
        "low" => CustomerRating.Low,
        "high" => CustomerRating.High,
        _ => throw new InputRefusedException("rating", "monitoring.bad_rating", "Write low, medium or high."),
    };

    private static ScreeningState Screening(string text) => text switch
    {
        "" or "clear" => ScreeningState.Clear,
        "possible" => ScreeningState.Possible,
        "confirmed" => ScreeningState.Confirmed,
        "unknown" => ScreeningState.Unknown,
        _ => throw new InputRefusedException(
            "screening", "monitoring.bad_screening", "Write clear, possible, confirmed or unknown."),
    };

    private static string? Optional(CsvRows rows, CsvRow row, string column) =>
        rows.Cell(row, column) is { Length: > 0 } text ? text : null;
}
