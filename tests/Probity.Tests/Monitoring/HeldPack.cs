using Probity.Monitoring;

namespace Probity.Tests.Monitoring;

/// <summary>A pack of transactions that are there already; it counts how many are asked for.</summary>
internal sealed class HeldPack(IReadOnlyList<(Transaction Transaction, long Number)> items) : ITransactionPack
{
    private readonly List<TransactionParty> _parties =
        [.. items.Select(item => item.Transaction.Debtor).Union(items.Select(item => item.Transaction.Creditor))];

    private readonly List<string> _types = [.. items.Select(item => item.Transaction.Type).Distinct()];

    private PackedTransaction[]? _packed;

    public int Count => items.Count;

    public int Parties => _parties.Count;

    public int Types => _types.Count;

    /// <summary>How many were made so far.</summary>
    public int Opened { get; private set; }

    public ref readonly PackedTransaction this[int place] =>
        ref (_packed ??= [.. items.Select(item => Packed(item.Transaction, item.Number))])[place];

    public TransactionParty Party(int place) => _parties[place];

    public string Type(int place) => _types[place];

    public Transaction Open(int place)
    {
        Opened++;
        return items[place].Transaction with { };
    }

    private PackedTransaction Packed(Transaction transaction, long number) => new()
    {
        Number = number,
        UtcTicks = transaction.OccurredAt.UtcTicks,
        Units = PackedTransaction.ToUnits(transaction.Amount.Amount),
        Currency = transaction.Amount.Currency,
        Type = (ushort)_types.IndexOf(transaction.Type),
        Debtor = _parties.IndexOf(transaction.Debtor),
        Creditor = _parties.IndexOf(transaction.Creditor),
        KeyMark = TransactionKey.MarkOf(transaction.Key.Source, transaction.Key.Id),
        Status = transaction.Status,
    };
}
