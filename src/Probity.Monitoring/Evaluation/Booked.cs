using Probity.Contracts.Finance;

namespace Probity.Monitoring.Evaluation;

/// <summary>A numbered transaction in the state. Its status changes only by a numbered reversal.</summary>
internal sealed class Booked(Transaction transaction, long number)
{
    /// <summary>Amounts are kept in ten-thousandths: no currency has more than four places.</summary>
    public const int UnitsPerOne = 10_000;

    public Transaction Transaction { get; } = transaction;

    /// <summary>The number in the order of arrival; ties of time go by it.</summary>
    public long Number { get; } = number;

    public long Micros { get; } = Instants.ToMicros(transaction.OccurredAt);

    /// <summary>The amount in ten-thousandths of its own currency.</summary>
    public long Units { get; } = ToUnits(transaction.Amount);

    /// <summary>The currency, as the history that keeps it numbers currencies.</summary>
    public short CurrencyNumber { get; set; }

    /// <summary>The type, as the history that keeps it numbers types; 0 where it has no number.</summary>
    public byte TypeNumber { get; set; }

    public DateOnly Day { get; } = DateOnly.FromDateTime(transaction.OccurredAt.UtcDateTime);

    public TransactionStatus Status { get; set; } = transaction.Status;

    public static long ToUnits(Money money) => PackedTransaction.ToUnits(money.Amount);

    public static decimal FromUnits(Int128 units) => units >= long.MinValue && units <= long.MaxValue
        ? (decimal)(long)units / UnitsPerOne
        : (decimal)units / UnitsPerOne;

    /// <summary>The party on a side.</summary>
    public TransactionParty Side(bool isDebtor) => isDebtor ? Transaction.Debtor : Transaction.Creditor;
}

/// <summary>Instants as microseconds since 1970, exact to what the ledger keeps.</summary>
internal static class Instants
{
    public static long ToMicros(DateTimeOffset instant) => ToMicros(instant.UtcTicks);

    public static long ToMicros(long utcTicks) => (utcTicks - DateTimeOffset.UnixEpoch.Ticks) / 10;

    public static DateTimeOffset FromMicros(long micros) => DateTimeOffset.UnixEpoch.AddTicks(micros * 10);

    /// <summary>The day of an instant, in UTC.</summary>
    public static DateOnly DayOf(long micros) => DateOnly.FromDateTime(FromMicros(micros).UtcDateTime);
}
