using Probity.Contracts.Finance;

namespace Probity.Monitoring;

/// <summary>Names a transaction for all time: its source system and its id there.</summary>
/// <param name="Source">The system that says so, 1 to 64 characters.</param>
/// <param name="Id">The id in that system, 1 to 128 characters.</param>
public readonly record struct TransactionKey(string Source, string Id)
{
    /// <summary>
    /// A number that the same key always has, and another key hardly; drawn anew in each process, so that nobody can
    /// choose keys that share it.
    /// </summary>
    /// <param name="source">The system.</param>
    /// <param name="id">The id in that system.</param>
    public static uint MarkOf(string source, ReadOnlySpan<char> id)
    {
        ArgumentNullException.ThrowIfNull(source);
        var mixed = unchecked(((uint)string.GetHashCode(source) * 31) + (uint)string.GetHashCode(id));
        return mixed ^ (mixed >> 15);
    }
}

/// <summary>What has become of a transaction.</summary>
public enum TransactionStatus
{
    /// <summary>Asked for and not yet booked; windows count it, as a payment in flight is one.</summary>
    Pending,

    /// <summary>Booked.</summary>
    Settled,

    /// <summary>Never booked: windows leave it out unless a rule asks for it.</summary>
    Failed,

    /// <summary>Booked and taken back: windows leave it out from the moment the reversal is numbered.</summary>
    Reversed,
}

/// <summary>One side of a transaction.</summary>
/// <param name="Account">The account, or null when the side has none, as with cash.</param>
/// <param name="Customer">The customer who owns it, or null when it is nobody registered here.</param>
/// <param name="Country">ISO 3166-1 alpha-2, or null when unknown.</param>
public sealed record TransactionParty(string? Account = null, string? Customer = null, string? Country = null);

/// <summary>What is known of the cash in a transaction (31 CFR 1010.311 and .313 ask for each).</summary>
/// <param name="Conductor">Who stood at the counter, or null when unknown.</param>
/// <param name="OnBehalfOf">For whom, or null when for themselves.</param>
/// <param name="Branch">Where, or null.</param>
/// <param name="IsExchange">Whether notes were exchanged for notes.</param>
public sealed record CashFacts(
    string? Conductor = null, string? OnBehalfOf = null, string? Branch = null, bool IsExchange = false);

/// <summary>A transaction as the engine judges it. Values only; compare two to see whether they say the same.</summary>
public sealed record Transaction
{
    /// <summary>No amount may reach this: exact sums of squares stay within 128 bits.</summary>
    public const decimal AmountLimit = 1_000_000_000_000m;

    /// <summary>Gets its name.</summary>
    public required TransactionKey Key { get; init; }

    /// <summary>Gets when it happened as the source says, to the microsecond; windows go by it.</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>Gets the amount: above 0, below <see cref="AmountLimit"/>, in whole minor units.</summary>
    public required Money Amount { get; init; }

    /// <summary>Gets who pays.</summary>
    public required TransactionParty Debtor { get; init; }

    /// <summary>Gets who is paid.</summary>
    public required TransactionParty Creditor { get; init; }

    /// <summary>
    /// Gets what kind it is, such as <c>cash_in</c>, <c>cash_out</c>, <c>wire</c>, <c>crypto_out</c>.
    /// </summary>
    public required string Type { get; init; }

    /// <summary>Gets how it came, such as <c>branch</c> or <c>mobile</c>; null when unknown.</summary>
    public string? Channel { get; init; }

    /// <summary>Gets what has become of it.</summary>
    public TransactionStatus Status { get; init; } = TransactionStatus.Settled;

    /// <summary>Gets the facts of the cash, or null when there was none.</summary>
    public CashFacts? Cash { get; init; }

    /// <summary>Gets the text that came with it, or null.</summary>
    public string? Narrative { get; init; }

    /// <summary>
    /// Gets the code of its purpose, such as an external purpose code of ISO 20022; null when none was given.
    /// </summary>
    public string? Purpose { get; init; }

    /// <summary>Gets where it was asked for, or null when unknown.</summary>
    public GeoPoint? Location { get; init; }
}
