using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Threading.Channels;
using Microsoft.EntityFrameworkCore;
using Probity.Contracts.Finance;
using Probity.Monitoring;
using Probity.Monitoring.Rating;
using Probity.Server.Customers;
using Probity.Server.Storage;
using Probity.Server.Storage.Sqlite;

namespace Probity.Server.Monitoring.Decisions;

/// <summary>Where monitoring learns what is known of the parties of transactions. Thread safe.</summary>
internal interface IPartyFactSource
{
    /// <summary>What is known now of all parties of some transactions.</summary>
    Task<KnownParties> OfAsync(IReadOnlyList<Transaction> transactions, CancellationToken cancellationToken);
}

/// <summary>
/// What screening says of customers. Monitoring and screening do not call each other: the composition root puts the
/// one behind this. Thread safe.
/// </summary>
internal interface IScreeningStates
{
    /// <summary>Whether customers are screened at all; where they are not, nothing is said of who was not.</summary>
    ValueTask<bool> IsOnAsync(CancellationToken cancellationToken);

    /// <summary>What screening last said of registered customers.</summary>
    /// <param name="customers">
    /// Their versions by <c>cus_…</c>; where another version was screened, that does not count.
    /// </param>
    /// <param name="isOn">What <see cref="IsOnAsync"/> said.</param>
    /// <param name="db">The context to read with.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The state of each of them.</returns>
    Task<IReadOnlyDictionary<string, ScreeningState>> OfAsync(
        IReadOnlyDictionary<string, int> customers, bool isOn, ProbityDb db, CancellationToken cancellationToken);
}

/// <summary>What was known of parties at one moment. Immutable.</summary>
/// <param name="parties">By the institution's own number; who is missing is nobody's here.</param>
internal sealed class KnownParties(IReadOnlyDictionary<string, KnownParty> parties)
{
    /// <summary>Nobody is known.</summary>
    public static KnownParties None { get; } = new(new Dictionary<string, KnownParty>());

    /// <summary>What is known of both sides; a side that is nobody's here is <see cref="SideFacts.None"/>.</summary>
    /// <exception cref="CryptographicException">The row of a party was altered past the server.</exception>
    public PartyFacts Of(Transaction transaction)
    {
        var debtor = Side(transaction.Debtor);
        var creditor = Side(transaction.Creditor);
        return debtor == SideFacts.None && creditor == SideFacts.None
            ? PartyFacts.None
            : new PartyFacts(debtor, creditor);
    }

    private SideFacts Side(TransactionParty party) =>
        party.Customer is { } number && parties.TryGetValue(number, out var known)
            ? known.On(party.Account)
            : SideFacts.None;
}

/// <summary>What is known of one party. Immutable.</summary>
/// <param name="customer">The customer.</param>
/// <param name="accounts">The accounts the customer holds.</param>
/// <param name="fault">Why nothing can be told of the customer; null when all is well.</param>
internal sealed class KnownParty(CustomerFacts customer, IReadOnlyList<AccountFacts> accounts, Exception? fault = null)
{
    /// <summary>The same with what screening says now.</summary>
    public KnownParty With(ScreeningState state) =>
        fault is not null || state == customer.Screening
            ? this
            : new KnownParty(customer with { Screening = state }, accounts);

    /// <summary>The same as it stands: the rating and the review day in force go before what was told, and how far
    /// onboarding is follows from its checks; null for what is not in force.</summary>
    public KnownParty Standing(CustomerRating? rating, DateOnly? reviewDueOn, OnboardingFacts? onboarding) =>
        fault is not null || ((rating ?? customer.Rating) == customer.Rating && onboarding is null
            && (reviewDueOn ?? customer.ReviewDueOn) == customer.ReviewDueOn)
            ? this
            : new KnownParty(
                customer with
                {
                    Rating = rating ?? customer.Rating, ReviewDueOn = reviewDueOn ?? customer.ReviewDueOn,
                    Onboarding = onboarding,
                },
                accounts);

    /// <summary>The side of a transaction on an account; null for none.</summary>
    /// <exception cref="CryptographicException">The row was altered past the server.</exception>
    public SideFacts On(string? account)
    {
        if (fault is not null)
        {
            throw new CryptographicException("The row of a customer was altered past the server.", fault);
        }

        for (var i = 0; i < accounts.Count; i++)
        {
            if (accounts[i].Id == account)
            {
                return new SideFacts(customer, accounts[i]);
            }
        }

        return new SideFacts(customer, null);
    }
}

/// <summary>
/// Facts of registered customers, found by the institution's own number. A customer who is not registered is nobody's
/// here, and nothing is made up for one: a rule that asks for more than is known is not answered.
/// </summary>
/// <remarks>
/// What a version of a customer says is kept, since opening it costs more than all else. Versions, ratings and
/// screening are asked of the store for all parties at once; the embedded store tells which of them changed since
/// (<see cref="PartyMemory"/>), so that only those are asked for again. A change counts from its commit on, on every
/// node.
/// </remarks>
internal sealed class RegisteredParties(IDatabase database, CustomerSeal seal, IScreeningStates screening)
    : IPartyFactSource, ICustomerWatch, IAsyncDisposable
{
    /// <summary>The most customers whose facts are kept, some 600 bytes each.</summary>
    public const int MostKept = 131_072;

    private const int WarmedTogether = 256;

    private readonly ConcurrentDictionary<string, Kept> _kept = new(StringComparer.Ordinal);
    private int _count; // How many are kept, or nearly: asking the dictionary would take all of its locks.
    private readonly KeptContexts _contexts = new(database);
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Who was registered or changed since monitoring asks, and may be met soon. More than are kept are of no use.
    private readonly Channel<string> _changed = Channel.CreateBounded<string>(
        new BoundedChannelOptions(MostKept) { FullMode = BoundedChannelFullMode.DropWrite });

    private readonly PartyMemory? _memory = database is SqliteDatabase embedded ? new PartyMemory(embedded) : null;

    public async Task<KnownParties> OfAsync(
        IReadOnlyList<Transaction> transactions, CancellationToken cancellationToken)
    {
        _asked.TrySetResult();
        var numbers = Numbers(transactions);
        return numbers.Count == 0
            ? KnownParties.None
            : new KnownParties(await KnownAsync(numbers, cancellationToken));
    }

    /// <summary>Completes when monitoring first asks for anybody: who does not monitor keeps nothing.</summary>
    public Task Asked => _asked.Task;

    /// <summary>How many were registered or changed since they were looked at last.</summary>
    public int Changed => _changed.Reader.Count;

    /// <summary>Waits for somebody to be registered or changed.</summary>
    public ValueTask<bool> WaitForChangeAsync(CancellationToken cancellationToken) =>
        _changed.Reader.WaitToReadAsync(cancellationToken);

    /// <summary>Looks at who was registered or changed, so that their first transaction need not wait for it.</summary>
    /// <returns>How many were looked at.</returns>
    public async Task<int> WarmChangedAsync(CancellationToken cancellationToken)
    {
        var (numbers, taken) = (new HashSet<string>(StringComparer.Ordinal), 0);
        do
        {
            numbers.Clear();
            while (numbers.Count < WarmedTogether && _changed.Reader.TryRead(out var number))
            {
                numbers.Add(number);
            }

            await KnownAsync([.. numbers], cancellationToken);
            taken += numbers.Count;
        }
        while (numbers.Count == WarmedTogether);
        return taken;
    }

    /// <summary>Opens customers ahead, as many as are kept without letting others go.</summary>
    /// <returns>How many were looked at.</returns>
    public async Task<int> WarmAsync(CancellationToken cancellationToken)
    {
        var (last, taken) = (string.Empty, 0);
        while (taken < MostKept - (MostKept / 4))
        {
            var after = last;
            var page = await _contexts.ReadAsync(
                (db, token) => db.Set<CustomerRow>().AsNoTracking()
                    .Where(row => row.State == CustomerRow.Active && string.Compare(row.Id, after) > 0)
                    .OrderBy(row => row.Id).Take(WarmedTogether).Select(row => new { row.Id, row.ExternalId })
                    .ToListAsync(token),
                cancellationToken);
            if (page.Count == 0)
            {
                break;
            }

            await KnownAsync(page.ConvertAll(row => row.ExternalId), cancellationToken);
            (last, taken) = (page[^1].Id, taken + page.Count);
        }

        return taken;
    }

    private async Task<Dictionary<string, KnownParty>> KnownAsync(
        List<string> numbers, CancellationToken cancellationToken)
    {
        var isScreening = await screening.IsOnAsync(cancellationToken);
        if (_memory is null)
        {
            return await AskAsync(numbers, isScreening, cancellationToken);
        }

        var parties = new Dictionary<string, KnownParty>(numbers.Count, StringComparer.Ordinal);
        var (missing, asOf) = _memory.Recall(numbers, isScreening, parties);
        if (missing.Count > 0)
        {
            var asked = await AskAsync(missing, isScreening, cancellationToken);
            _memory.Keep(asOf, isScreening, missing, asked);
            foreach (var (number, party) in asked)
            {
                parties.Add(number, party);
            }
        }

        return parties;
    }

    public ValueTask DisposeAsync()
    {
        _memory?.Dispose();
        return _contexts.DisposeAsync();
    }

    private Task<Dictionary<string, KnownParty>> AskAsync(
        List<string> numbers, bool isScreening, CancellationToken cancellationToken) =>
        _contexts.ReadAsync((db, token) => AskAsync(db, numbers, isScreening, token), cancellationToken);

    private async Task<Dictionary<string, KnownParty>> AskAsync(
        ProbityDb db, List<string> numbers, bool isScreening, CancellationToken cancellationToken)
    {
        var rows = await db.Set<CustomerRow>().AsNoTracking()
            .Where(row => EF.Parameter(numbers).Contains(row.ExternalId))
            .Select(row => new
            {
                row.Id, row.ExternalId, row.Version, row.Rating, row.ReviewDueOn, row.Onboarding, row.Checks,
            })
            .ToListAsync(cancellationToken);
        var known = new Dictionary<string, Kept>(rows.Count, StringComparer.Ordinal);
        foreach (var row in rows)
        {
            if (_kept.TryGetValue(row.ExternalId, out var kept) && kept.Id == row.Id && kept.Version == row.Version)
            {
                known.Add(row.ExternalId, kept);
            }
        }

        await OpenAsync(db, [.. rows.Select(row => row.ExternalId).Where(id => !known.ContainsKey(id))], known,
            cancellationToken);
        var parties = await ScreenedAsync(db, known, isScreening, cancellationToken);
        foreach (var row in rows)
        {
            if (parties.TryGetValue(row.ExternalId, out var party))
            {
                parties[row.ExternalId] = party.Standing(
                    RatingRecord.Read(row.Rating), row.ReviewDueOn,
                    row.Onboarding is null ? null : OnboardingFacts.Read(
                        row.Checks is null ? row.Onboarding : $"{row.Onboarding} {row.Checks}"));
            }
        }

        return parties;
    }

    public Task ChangedAsync(
        Storage.Commits.UnitOfWork work, CustomerRow row, CustomerDocument document, Access.AccessEntry entry,
        CancellationToken cancellationToken) => Task.CompletedTask;

    // Nothing personal of one who was erased stays here; for the others the version tells.
    public void Committed(CustomerRow row, CustomerDocument? document)
    {
        Drop(row.ExternalId);
        _memory?.Forget(row.ExternalId);
        if (document is not null && _asked.Task.IsCompleted)
        {
            _changed.Writer.TryWrite(row.ExternalId);
        }
    }

    /// <summary>What a customer's document says of one side of a transaction. Pure.</summary>
    /// <param name="document">The customer.</param>
    /// <param name="version">Its version, for replay.</param>
    /// <param name="state">What screening says.</param>
    /// <param name="number">The account of the transaction; null for none.</param>
    public static SideFacts Known(CustomerDocument document, int version, ScreeningState state, string? number) =>
        Known(document, version).With(state).On(number);

    private static List<string> Numbers(IReadOnlyList<Transaction> transactions)
    {
        var numbers = new HashSet<string>(transactions.Count * 2, StringComparer.Ordinal);
        foreach (var transaction in transactions)
        {
            if (transaction.Debtor.Customer is { } debtor)
            {
                numbers.Add(debtor);
            }

            if (transaction.Creditor.Customer is { } creditor)
            {
                numbers.Add(creditor);
            }
        }

        return [.. numbers];
    }

    // Whole rows of those that are not kept in their present version; an erased one says nothing.
    private async Task OpenAsync(
        ProbityDb db, List<string> numbers, Dictionary<string, Kept> known, CancellationToken cancellationToken)
    {
        if (numbers.Count == 0)
        {
            return;
        }

        var rows = await db.Set<CustomerRow>().AsNoTracking()
            .Where(row => EF.Parameter(numbers).Contains(row.ExternalId)).ToListAsync(cancellationToken);
        foreach (var row in rows)
        {
            if (Open(row) is { } party)
            {
                var kept = new Kept(row.Id, row.Version, party);
                known[row.ExternalId] = kept;
                Keep(row.ExternalId, kept);
            }
        }
    }

    private KnownParty? Open(CustomerRow row)
    {
        try
        {
            return seal.Open(row) is { } document ? Known(document, row.Version) : null;
        }
        catch (CryptographicException altered)
        {
            // It holds up the transactions of this customer and no others.
            return new KnownParty(new CustomerFacts(row.ExternalId, row.Version), [], altered);
        }
    }

    private async Task<Dictionary<string, KnownParty>> ScreenedAsync(
        ProbityDb db, Dictionary<string, Kept> known, bool isScreening, CancellationToken cancellationToken)
    {
        var states = await screening.OfAsync(
            known.Values.ToDictionary(kept => kept.Id, kept => kept.Version, StringComparer.Ordinal), isScreening, db,
            cancellationToken);
        var parties = new Dictionary<string, KnownParty>(known.Count, StringComparer.Ordinal);
        foreach (var (number, kept) in known)
        {
            parties.Add(number, kept.Party.With(states[kept.Id]));
        }

        return parties;
    }

    private void Keep(string number, Kept kept)
    {
        if (Volatile.Read(ref _count) >= MostKept)
        {
            foreach (var (any, _) in _kept.Take(MostKept / 4))
            {
                Drop(any);
            }
        }

        if (_kept.TryAdd(number, kept))
        {
            Interlocked.Increment(ref _count);
        }
        else
        {
            _kept[number] = kept;
        }
    }

    private void Drop(string number)
    {
        if (_kept.TryRemove(number, out _))
        {
            Interlocked.Decrement(ref _count);
        }
    }

    private static KnownParty Known(CustomerDocument document, int version)
    {
        var told = document.DueDiligence;
        var customer = new CustomerFacts(document.ExternalId, version)
        {
            Country = CountryOf(document),
            BornOn = BirthOf(document),
            Rating = RatingOf(told),
            Segment = told?.Segment,
            Industry = told?.Industry,
            IsPep = told?.IsPep is true,
            OnboardedOn = Day(told?.OnboardedOn),
            ReviewDueOn = Day(told?.ReviewDueOn),
            DocumentExpiresOn = ExpiryOf(told),
            ExpectedMonthly = ExpectedOf(told),
        };
        return new KnownParty(
            customer,
            [.. document.Accounts.Select(account => new AccountFacts(account.Number, version)
            {
                Jurisdiction = account.Country, OpenedOn = Day(account.OpenedOn), Product = account.Product,
            })]);
    }

    private static string? CountryOf(CustomerDocument document) =>
        (document.Countries.FirstOrDefault(country => country.Kind is "residence" or "registration" or "incorporation")
            ?? (document.Countries.Count > 0 ? document.Countries[0] : null))?.Code;

    // A year alone is no day; a rule that asks for an age is not answered then.
    private static DateOnly? BirthOf(CustomerDocument document) =>
        document.Dates.FirstOrDefault(date => date.Kind == "birth" && date.Date.Length == 10) is { } birth
            ? Day(birth.Date)
            : null;

    private static CustomerRating RatingOf(CustomerDueDiligence? told) =>
        RatingRecord.Read(told?.Rating) ?? CustomerRating.Medium;

    // One document that holds is enough, so the last one to end counts; one without an end never ends.
    private static DateOnly? ExpiryOf(CustomerDueDiligence? told) =>
        told is null || told.Documents.Any(document => document.ExpiresOn is null)
            ? null
            : told.Documents.Max(document => Day(document.ExpiresOn));

    private static Money? ExpectedOf(CustomerDueDiligence? told) =>
        told?.ExpectedMonthly is { } money
            ? new Money(
                decimal.Parse(money.Amount, CultureInfo.InvariantCulture), CurrencyCode.Parse(money.Currency))
            : null;

    private static DateOnly? Day(string? text) =>
        text is null ? null : DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>What one version of a customer says.</summary>
    private sealed record Kept(string Id, int Version, KnownParty Party);
}
