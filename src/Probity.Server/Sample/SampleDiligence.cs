using System.Globalization;
using Probity.Server.Customers;
using Probity.Server.Customers.Reviews;

namespace Probity.Server.Sample;

/// <summary>A relationship of two parties of the bank.</summary>
/// <param name="Owned">The number of who is owned or controlled.</param>
/// <param name="Owner">The number of who owns or controls.</param>
/// <param name="Kind">A word of <c>LinkDesk.Kinds</c>.</param>
/// <param name="Percent">The share; null unless it owns.</param>
internal sealed record SampleLink(string Owned, string Owner, string Kind, string? Percent);

/// <summary>A completed review of a customer, by its number.</summary>
internal sealed record SampleReview(string Number, CompleteReview Review);

/// <summary>
/// Who stands behind the companies of the bank, and which customers were reviewed. Each shape of ownership once:
/// plain, through a holding, partly unknown, in a circle, through layers, with somebody politically exposed. Used once;
/// not thread safe.
/// </summary>
internal sealed class SampleDiligence(SampleRequest request, SampleRandom random)
{
    private const int Owned = 6; // Businesses with takings in cash whose owner is told.

    private readonly List<CustomerDocument> _parties = [];
    private readonly List<SampleLink> _links = [];
    private readonly List<SampleReview> _reviews = [];
    private int _number;

    /// <summary>Parties that are no customers.</summary>
    public IReadOnlyList<CustomerDocument> Parties => _parties;

    public IReadOnlyList<SampleLink> Links => _links;

    public IReadOnlyList<SampleReview> Reviews => _reviews;

    public void Make()
    {
        Groups();
        for (var i = 0; i < Owned; i++)
        {
            var owner = Person();
            Link(Company('k', i), owner, "owns", "100");
            Link(Company('k', i), owner, "director");
        }

        Review(Company('e', 0), "confirmed", "Turnover fits what the company told; owners unchanged.");
        Review(Company('e', 4), "enhanced_measures", "An owner holds a public office: source of wealth asked for.");
        Review(SampleBackground.PersonOf(request, SampleBackground.Exposed), "enhanced_measures",
            "Public office; salary and declared assets agree with the account.");
    }

    private void Groups()
    {
        var (plain, held, unknown) = (Company('e', 0), Company('e', 1), Company('e', 2));
        var first = Person();
        Link(plain, first, "owns", "60");
        Link(plain, Person(), "owns", "40");
        Link(plain, first, "director");

        var (holding, both) = (Entity("Holding"), Person());
        Link(held, holding, "owns", "70");
        Link(held, both, "owns", "30");
        Link(holding, both, "owns", "50");
        Link(holding, Person(), "owns", "50");

        Link(unknown, Person(), "owns", "20");
        Link(unknown, Person(), "owns", "15");

        var (round, circle, inner) = (Company('e', 3), Entity("Participations"), Person());
        Link(round, circle, "owns", "60");
        Link(round, inner, "owns", "9.5");
        Link(circle, inner, "owns", "50");
        Link(circle, round, "owns", "10");

        var exposed = Company('e', 4);
        Link(exposed, Person(isPep: true), "owns", "35");
        Link(exposed, Person(), "owns", "65");

        var (top, middle, low) = (Entity("Trust Services"), Entity("Overseas"), Entity("Nominees"));
        Link(Company('e', 5), low, "owns", "100");
        Link(low, middle, "owns", "100");
        Link(middle, top, "owns", "80");
        Link(top, Person(), "owns", "100");
    }

    private string Company(char letter, int i) => SampleBackground.CompanyOf(request, letter, i);

    private string Person(bool isPep = false) => Add(
        CustomerRules.Person, $"{random.Of(SampleNames.Given)} {random.Of(SampleNames.Family)}",
        new CustomerCountry("residence", "US"), isPep ? new CustomerDueDiligence { IsPep = true } : null);

    private string Entity(string word) => Add(
        CustomerRules.Organisation, $"{random.Of(SampleNames.Trade)} {word} LLC",
        new CustomerCountry("registration", "US"), null);

    private string Add(string kind, string name, CustomerCountry country, CustomerDueDiligence? told)
    {
        var number = FormattableString.Invariant($"s{request.Seed}-o{_number++:00}");
        var born = new DateOnly(random.Between(1945, 1990), random.Between(1, 12), random.Between(1, 28));
        _parties.Add(CustomerRules.Checked(new CustomerDocument
        {
            ExternalId = number,
            Kind = kind,
            Role = CustomerRules.Related,
            Names = [new CustomerName(name)],
            Countries = [country],
            Dates = kind == CustomerRules.Person
                ? [new CustomerDate("birth", born.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture))] : [],
            DueDiligence = told,
        }));
        return number;
    }

    private void Link(string owned, string owner, string kind, string? percent = null) =>
        _links.Add(new SampleLink(owned, owner, kind, percent));

    private void Review(string number, string outcome, string findings) =>
        _reviews.Add(new SampleReview(number, new CompleteReview { Outcome = outcome, Reason = findings }));
}
