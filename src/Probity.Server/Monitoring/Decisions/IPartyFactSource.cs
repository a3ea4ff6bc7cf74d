using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Probity.Contracts.Finance;
using Probity.Monitoring;
using Probity.Monitoring.Rating;
using Probity.Server.Customers;
using Probity.Server.Storage;

namespace Probity.Server.Monitoring.Decisions;

/// <summary>Where monitoring learns what is known of the parties of a transaction. Thread safe.</summary>
internal interface IPartyFactSource
{
    /// <summary>
    /// What is known now of both sides; a side that is nobody's here is <see cref="SideFacts.None"/>.
    /// </summary>
    Task<PartyFacts> OfAsync(Transaction transaction, CancellationToken cancellationToken);
}

/// <summary>
/// What screening says of customers. Monitoring and screening do not call each other: the composition root puts the
/// one behind this. Thread safe.
/// </summary>
internal interface IScreeningStates
{
    /// <summary>What screening last said of a registered customer.</summary>
    /// <param name="customerId"><c>cus_…</c>.</param>
    /// <param name="version">The version of the customer; another one that was screened does not count.</param>
    /// <param name="db">The context to read with.</param>
    Task<ScreeningState> OfAsync(string customerId, int version, ProbityDb db, CancellationToken cancellationToken);
}

/// <summary>
/// Facts of registered customers, found by the institution's own number. A customer who is not registered is nobody's
/// here, and nothing is made up for one: a rule that asks for more than is known is not answered.
/// </summary>
internal sealed class RegisteredParties(IDatabase database, CustomerSeal seal, IScreeningStates screening)
    : IPartyFactSource
{
    public async Task<PartyFacts> OfAsync(Transaction transaction, CancellationToken cancellationToken)
    {
        if (transaction is { Debtor.Customer: null, Creditor.Customer: null })
        {
            return PartyFacts.None;
        }

        await using var db = database.CreateContext();
        var debtor = await SideAsync(db, transaction.Debtor, cancellationToken);
        var creditor = await SideAsync(db, transaction.Creditor, cancellationToken);
        return debtor == SideFacts.None && creditor == SideFacts.None
            ? PartyFacts.None
            : new PartyFacts(debtor, creditor);
    }

    private async Task<SideFacts> SideAsync(ProbityDb db, TransactionParty party, CancellationToken cancellationToken)
    {
        if (party.Customer is not { } number
            || await db.Set<CustomerRow>().AsNoTracking()
                .SingleOrDefaultAsync(row => row.ExternalId == number, cancellationToken) is not { } row
            || seal.Open(row) is not { } document)
        {
            return SideFacts.None;
        }

        return Rated(row, Known(
            document, row.Version, await screening.OfAsync(row.Id, row.Version, db, cancellationToken),
            party.Account));
    }

    /// <summary>The facts with rating and review day in force, which go before what was told. Pure.</summary>
    public static SideFacts Rated(CustomerRow row, SideFacts known) => known.Customer is not { } customer ? known
        : known with
        {
            Customer = customer with
            {
                Rating = Word(row.Rating) ?? customer.Rating,
                ReviewDueOn = row.ReviewDueOn ?? customer.ReviewDueOn,
            },
        };

    /// <summary>What a customer's document says of one side of a transaction. Pure.</summary>
    /// <param name="document">The customer.</param>
    /// <param name="version">Its version, for replay.</param>
    /// <param name="state">What screening says.</param>
    /// <param name="number">The account of the transaction; null for none.</param>
    public static SideFacts Known(CustomerDocument document, int version, ScreeningState state, string? number)
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
            Screening = state,
        };
        var account = document.Accounts.FirstOrDefault(item => item.Number == number);
        return new SideFacts(
            customer,
            account is null ? null : new AccountFacts(account.Number, version)
            {
                Jurisdiction = account.Country, OpenedOn = Day(account.OpenedOn), Product = account.Product,
            });
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
        Word(told?.Rating) ?? CustomerRating.Medium;

    private static CustomerRating? Word(string? rating) => RatingRecord.Read(rating);

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
}
