using Probity.Contracts.Finance;
using Probity.Monitoring.Evaluation;

namespace Probity.Monitoring;

/// <summary>
/// Transactions that were judged before, as their store keeps them: what windows ask is at hand, and the whole of one
/// is made when it is asked for. A state of millions is made in a fraction of the time and memory so, since few of them
/// are ever asked for again. It never changes; one reader at a time.
/// </summary>
public interface ITransactionPack
{
    /// <summary>Gets how many transactions it has.</summary>
    int Count { get; }

    /// <summary>Gets how many parties its transactions name.</summary>
    int Parties { get; }

    /// <summary>Gets how many types its transactions name.</summary>
    int Types { get; }

    /// <summary>Gets what the state needs of a transaction, by place from 0; their numbers rise.</summary>
    ref readonly PackedTransaction this[int place] { get; }

    /// <summary>Gets a party, by the place that transactions name.</summary>
    TransactionParty Party(int place);

    /// <summary>Gets a type, by the place that transactions name.</summary>
    string Type(int place);

    /// <summary>Makes a transaction; each time anew.</summary>
    Transaction Open(int place);
}

/// <summary>What the state needs of a transaction before anybody asks for the whole of it.</summary>
public readonly struct PackedTransaction
{
    /// <summary>Returns an amount in ten-thousandths.</summary>
    /// <exception cref="OverflowException">It is far above <see cref="Transaction.AmountLimit"/>.</exception>
    public static long ToUnits(decimal amount) => decimal.ToInt64(amount * Booked.UnitsPerOne);

    /// <summary>Gets its number in the order of arrival, 1 or more.</summary>
    public required long Number { get; init; }

    /// <summary>Gets the ticks of <see cref="Transaction.OccurredAt"/> in UTC.</summary>
    public required long UtcTicks { get; init; }

    /// <summary>Gets the amount in ten-thousandths of the currency; none has more than four places.</summary>
    public required long Units { get; init; }

    /// <summary>Gets the currency.</summary>
    public required CurrencyCode Currency { get; init; }

    /// <summary>Gets the place of the type among the types of the pack.</summary>
    public required ushort Type { get; init; }

    /// <summary>Gets the place of the debtor among the parties of the pack.</summary>
    public required int Debtor { get; init; }

    /// <summary>Gets the place of the creditor among the parties of the pack.</summary>
    public required int Creditor { get; init; }

    /// <summary>Gets <see cref="TransactionKey.MarkOf"/> of its key.</summary>
    public required uint KeyMark { get; init; }

    /// <summary>Gets the status it was judged with.</summary>
    public required TransactionStatus Status
    {
        get => (TransactionStatus)_status;
        init => _status = (byte)value;
    }

    private readonly byte _status;
}
