using System.Globalization;
using Probity.Contracts.Finance;

namespace Probity.Monitoring.Worlds;

/// <summary>What world to make.</summary>
public sealed record WorldOptions
{
    /// <summary>Gets the seed; the same one makes the same world anywhere.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Gets how many accounts there are, 500 to 1,000,000.</summary>
    public int Accounts { get; init; } = 10_000;

    /// <summary>Gets how many days pass before the first laundering, so that accounts have a history.</summary>
    public int WarmUpDays { get; init; } = 45;

    /// <summary>Gets how many days follow, in which rings launder.</summary>
    public int Days { get; init; } = 21;

    /// <summary>Gets the first day, UTC.</summary>
    public DateOnly Start { get; init; } = new(2026, 3, 2);

    /// <summary>Gets how many rings of each typology launder.</summary>
    public int RingsPerTypology { get; init; } = 5;

    /// <summary>Gets the rings from elsewhere to place, as <see cref="RingFile"/> reads them; empty for none.</summary>
    public IReadOnlyList<PlacedRing> Placed { get; init; } = [];

    /// <summary>Gets the currency of all amounts.</summary>
    public CurrencyCode Currency { get; init; } = CurrencyCode.Parse("USD");
}

/// <summary>A transaction with what it is in truth.</summary>
/// <param name="Transaction">The transaction.</param>
/// <param name="Kind">Such as <c>salary</c>, <c>rent</c>, <c>decoy_event</c>, or <c>laundering</c>.</param>
/// <param name="Ring">The ring, or null for an innocent one.</param>
/// <param name="Typology">The typology of the ring, or null.</param>
public sealed record WorldEvent(Transaction Transaction, string Kind, string? Ring = null, string? Typology = null);

/// <summary>
/// A bank with its customers, from a seed: salaries, rents, purchases, families, trade, seasonal cash; decoys shaped like
/// each typology; rings that launder. Amounts vary and counterparties repeat, so that no single feature gives laundering
/// away (<see cref="WorldAudit"/> holds it against that). Immutable; each enumeration makes the events anew.
/// </summary>
public sealed class World
{
    private readonly WorldOptions _options;
    private readonly Population _population;

    /// <summary>Makes a world.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number of the options is out of range.</exception>
    public World(WorldOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Accounts, 500);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Accounts, 1_000_000);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Days, 10);
        ArgumentOutOfRangeException.ThrowIfNegative(options.WarmUpDays);
        _options = options;
        _population = new Population(options);
        Rings = RingSchedule.Of(options, _population);
    }

    /// <summary>Gets how the world was made.</summary>
    public WorldOptions Options => _options;

    /// <summary>Gets the first day on which a ring may launder.</summary>
    public DateOnly FirstRingDay => _options.Start.AddDays(_options.WarmUpDays);

    /// <summary>Gets the rings, with their transfers in order of time.</summary>
    public IReadOnlyList<WorldRing> Rings { get; }

    /// <summary>The parties of the world, by account.</summary>
    public IReadOnlyList<TransactionParty> Parties => _population.Parties;

    /// <summary>What is known of the parties of a transaction of this world.</summary>
    public PartyFacts FactsOf(Transaction transaction)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        return new PartyFacts(_population.FactsOf(transaction.Debtor), _population.FactsOf(transaction.Creditor));
    }

    /// <summary>All transactions in order of time, day by day.</summary>
    public IEnumerable<WorldEvent> Events()
    {
        var background = new Background(_options, _population);
        var transfers = Rings.SelectMany(ring => ring.Transfers.Select(transfer => (ring, transfer)))
            .ToLookup(item => item.transfer.Day);
        var number = 0L;
        for (var day = 0; day < _options.WarmUpDays + _options.Days; day++)
        {
            var drafts = background.Day(day);
            drafts.AddRange(transfers[day].Select(item => new Draft(
                item.transfer.Second, item.transfer.From, item.transfer.To, item.transfer.Cents, item.transfer.Type,
                "laundering", item.ring)));
            drafts.Sort(static (one, other) => one.Second.CompareTo(other.Second) is not 0 and var order
                ? order
                : (one.From, one.To, one.Cents).CompareTo((other.From, other.To, other.Cents)));
            foreach (var draft in drafts)
            {
                yield return Made(draft, day, ++number);
            }
        }
    }

    /// <summary>An instant of the world, whose days are those of New York in winter.</summary>
    internal DateTimeOffset TimeOf(int day, int second) =>
        new DateTimeOffset(_options.Start.AddDays(day), TimeOnly.MinValue, TimeSpan.FromHours(-5)).AddSeconds(second)
            .ToUniversalTime();

    private WorldEvent Made(in Draft draft, int day, long number) => new(
        new Transaction
        {
            Key = new TransactionKey("world", number.ToString("D9", CultureInfo.InvariantCulture)),
            OccurredAt = TimeOf(day, draft.Second),
            Amount = new Money(draft.Cents / 100m, _options.Currency),
            Debtor = draft.From < 0 ? Population.Nobody : _population.Parties[draft.From],
            Creditor = draft.To < 0 ? Population.Nobody : _population.Parties[draft.To],
            Type = draft.Type,
            Cash = draft.Type is "cash_in" or "cash_out" ? _population.CashOf(draft.From, draft.To) : null,
            Narrative = draft.Narrative,
        },
        draft.Kind,
        draft.Ring?.Id,
        draft.Ring?.Typology);
}

/// <summary>A transaction before it has its parties and number.</summary>
/// <param name="Second">Of the day.</param>
/// <param name="From">The paying account; below 0 for cash.</param>
/// <param name="To">The paid account; below 0 for cash.</param>
/// <param name="Cents">The amount.</param>
/// <param name="Type">As transactions have it.</param>
/// <param name="Kind">What it is in truth.</param>
/// <param name="Ring">The ring, or null.</param>
/// <param name="Narrative">The text, or null.</param>
internal readonly record struct Draft(
    int Second, int From, int To, long Cents, string Type, string Kind, WorldRing? Ring = null,
    string? Narrative = null);
