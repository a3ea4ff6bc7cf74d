using Probity.Monitoring;
using Probity.Server.Hosting.Tables;

namespace Probity.Server.Monitoring.Input;

/// <summary>Reads transactions from the rows of a table.</summary>
internal sealed class TableTransactions(CsvRows rows, TableMapping mapping, string source)
{
    /// <summary>Reads one row.</summary>
    /// <exception cref="InputRefusedException">The row cannot be judged; places are names of fields.</exception>
    public Transaction Read(CsvRow row)
    {
        var from = Optional(row, "source");
        var amount = InputText.Amount(Text(row, "amount"), Text(row, "currency"), "amount", "currency");
        var transaction = new Transaction
        {
            Key = new TransactionKey(from ?? source, Text(row, "transaction_id")),
            OccurredAt = mapping.Instant(rows, row, "occurred_at"),
            Amount = mapping.RoundsAmounts ? amount.RoundHalfEven() : amount,
            Debtor = Party(row, "debtor"),
            Creditor = Party(row, "creditor"),
            Type = Text(row, "type"),
            Channel = Optional(row, "channel"),
            Status = InputText.Status(Text(row, "status"), "status"),
            Cash = Cash(row),
            Narrative = Optional(row, "narrative"),
            Purpose = Optional(row, "purpose"),
            Location = InputText.Location(Text(row, "latitude"), Text(row, "longitude"), "latitude"),
        };
        var faults = TransactionCheck.FaultsOf(transaction);
        return faults.Count == 0 ? transaction : throw new InputRefusedException(faults);
    }

    private TransactionParty Party(CsvRow row, string side) => new(
        Optional(row, side + "_account"), Optional(row, side + "_customer"), Optional(row, side + "_country"));

    private CashFacts? Cash(CsvRow row)
    {
        var cash = new CashFacts(
            Optional(row, "conductor"), Optional(row, "on_behalf_of"), Optional(row, "branch"),
            InputText.Truth(Text(row, "is_exchange"), "is_exchange"));
        return cash == new CashFacts() ? null : cash;
    }

    private string? Optional(CsvRow row, string field) => Text(row, field) is { Length: > 0 } text ? text : null;

    private string Text(CsvRow row, string field) => mapping.Text(rows, row, field);
}
