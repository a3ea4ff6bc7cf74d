using System.Globalization;
using Probity.Contracts.Finance;
using Probity.Monitoring;
using Probity.Server.Customers;

namespace Probity.Server.Sample;

/// <summary>
/// The ordinary life of a bank, and what only looks like laundering: payroll (one pays many), shops (many pay one),
/// chains of rent, families that send money to and fro, businesses with seasonal cash, standing orders, and customers
/// who are like somebody on a list. Used once; not thread safe.
/// </summary>
internal sealed class SampleBackground
{
    private const int People = 700;
    private const int Employers = 14;
    private const int Shops = 40;
    private const int Landlords = 60;
    private const int CashBusinesses = 16;

    /// <summary>The person who holds a public office.</summary>
    public const int Exposed = 7;

    // One in so many has a document that ended or ends within four weeks, a review that is overdue or due within four
    // weeks, was brought by an introducer, or is in the news.
    private const int EndedOneIn = 90;
    private const int EndingOneIn = 45;
    private const int OverdueOneIn = 60;
    private const int DueOneIn = 35;
    private const int IntroducedOneIn = 41;
    private const int InTheNewsOneIn = 170;

    // The months between reviews of the shipped scorecard, as days: what the bank's own system was told.
    private const int LowDays = 1_095;
    private const int MediumDays = 730;

    private static readonly CurrencyCode s_dollar = CurrencyCode.Parse("USD");

    private readonly SampleRequest _request;
    private readonly SampleRandom _random;
    private readonly List<CustomerDocument> _customers = [];
    private readonly List<SampleStep> _steps = [];
    private readonly List<Holder> _people = [];
    private int _number;

    public SampleBackground(SampleRequest request, SampleRandom random) => (_request, _random) = (request, random);

    public IReadOnlyList<CustomerDocument> Customers => _customers;

    public IReadOnlyList<SampleStep> Steps => _steps;

    /// <summary>The number of a person.</summary>
    public static string PersonOf(SampleRequest request, int i) =>
        FormattableString.Invariant($"s{request.Seed}-p{i:0000}");

    /// <summary>The number of a company: e employs, m sells, k takes cash.</summary>
    public static string CompanyOf(SampleRequest request, char letter, int i) =>
        FormattableString.Invariant($"s{request.Seed}-{letter}{i:00}");

    public void Make()
    {
        var employers = Companies('e', Employers, "corporate");
        var shops = Companies('m', Shops, "merchant");
        var cash = Companies('k', CashBusinesses, "cash_intensive");
        for (var i = 0; i < People; i++)
        {
            _people.Add(AddPerson(i));
        }

        var landlords = _people.Take(Landlords).ToList();
        for (var day = _request.Days; day >= 1; day--)
        {
            var date = _request.Today.AddDays(-day);
            Pay(date, employers);
            Rent(date, landlords);
            Spend(date, shops);
            Family(date);
            Bank(date, cash);
        }

        NearMisses();
    }

    /// <summary>Two thirds once a month, on a payday of their employer; with overtime.</summary>
    private void Pay(DateOnly date, List<Holder> employers)
    {
        for (var i = 0; i < _people.Count; i++)
        {
            var payday = 24 + (i % Employers % 5);
            if (date.Day == payday && i % 3 != 0)
            {
                var amount = 1_900m + (i * 37 % 2_600) + _random.Money(0, 180);
                Add(date, 8, "transfer", amount, employers[i % Employers], _people[i], "salary");
            }
        }
    }

    /// <summary>Rent goes up a chain: tenant, landlord, and from some landlords on to an owner.</summary>
    private void Rent(DateOnly date, List<Holder> landlords)
    {
        for (var i = Landlords; i < _people.Count; i++)
        {
            if (i % 2 == 0 && date.Day == 1 + (i % 5))
            {
                Add(date, 9, "transfer", 640m + (i * 13 % 700), _people[i], landlords[i % 40], "rent");
            }
        }

        for (var i = 0; i < 20; i++)
        {
            if (date.Day == 10 + (i % 6))
            {
                var amount = 900m + (i * 29 % 500);
                Add(date, 11, "transfer", amount, landlords[i], landlords[40 + (i % 20)], "ground rent");
            }
        }
    }

    /// <summary>Cards and utilities; more on Saturdays and in the last weeks before the end.</summary>
    private void Spend(DateOnly date, List<Holder> shops)
    {
        var times = date.DayOfWeek == DayOfWeek.Saturday ? 260 : date.DayOfWeek == DayOfWeek.Sunday ? 110 : 185;
        for (var i = 0; i < times; i++)
        {
            var person = _random.Of(_people);
            Add(date, _random.Between(8, 21), "card_payment", _random.Money(4, 140), person, _random.Of(shops), null);
        }

        for (var i = date.Day % 28; i < _people.Count; i += 28)
        {
            Add(date, 6, "transfer", 38m + (i % 60), _people[i], shops[i % 4], "standing order");
        }
    }

    private void Family(DateOnly date)
    {
        for (var i = 0; i < 24; i++)
        {
            var at = _random.Below(_people.Count / 2);
            var (one, other) = (_people[at * 2], _people[(at * 2) + 1]);
            var isBack = _random.OneIn(3);
            Add(
                date, _random.Between(9, 22), "transfer", _random.Between(2, 18) * 10m + _random.Below(100) / 100m,
                isBack ? other : one, isBack ? one : other, "thank you");
        }
    }

    /// <summary>Takings after each business day: steady, higher in season, well below any threshold.</summary>
    private void Bank(DateOnly date, List<Holder> businesses)
    {
        if (date.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday)
        {
            return;
        }

        foreach (var (business, i) in businesses.Select((business, i) => (business, i)))
        {
            if ((date.DayNumber + i) % 5 == 0)
            {
                var season = date.Month is 7 or 8 or 12 ? 1.3m : 1m;
                var amount = decimal.Round((700m + (i * 45)) * season, 2) + _random.Money(0, 120);
                AddCash(date, amount, business);
            }
        }
    }

    private void NearMisses()
    {
        for (var i = 0; i < SampleNames.NearMisses.Count; i++)
        {
            var (name, born, country) = SampleNames.NearMisses[i];
            var number = FormattableString.Invariant($"s{_request.Seed}-n{i:00}");
            Register(i, number, name, CustomerRules.Person, country, born, "retail", $"US-n{i:00}");
        }
    }

    private List<Holder> Companies(char letter, int count, string segment) =>
        [.. Enumerable.Range(0, count).Select(i =>
        {
            var name = $"{_random.Of(SampleNames.Trade)} {_random.Of(SampleNames.Business)} Inc";
            return Register(
                i, CompanyOf(_request, letter, i), name, CustomerRules.Organisation, "US", null, segment,
                FormattableString.Invariant($"US-{letter}{i:00}"));
        })];

    private Holder AddPerson(int i)
    {
        var born = new DateOnly(_random.Between(1945, 2004), _random.Between(1, 12), _random.Between(1, 28));
        return Register(
            i, PersonOf(_request, i),
            $"{_random.Of(SampleNames.Given)} {_random.Of(SampleNames.Family)}", CustomerRules.Person, "US",
            born.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), "retail",
            FormattableString.Invariant($"US-p{i:0000}"));
    }

    private Holder Register(
        int i, string number, string name, string kind, string country, string? born, string segment, string account)
    {
        var isPerson = kind == CustomerRules.Person;
        // What the shipped scorecard makes of them: companies, and whoever is like somebody on a list, are medium.
        var isLow = isPerson && number == PersonOf(_request, i);
        var months = isLow ? LowDays : MediumDays;
        var opened = _request.Today.AddDays(-Known(i, months));
        _customers.Add(CustomerRules.Checked(new CustomerDocument
        {
            ExternalId = number,
            Kind = kind,
            Names = [new CustomerName(name)],
            Countries = [new CustomerCountry(isPerson ? "residence" : "registration", country)],
            Dates = born is null ? [] : [new CustomerDate("birth", born)],
            Accounts = [new CustomerAccount(account, "USD", "US", Text(opened), "current")],
            DueDiligence = new CustomerDueDiligence
            {
                Level = "standard",
                Rating = segment == "cash_intensive" ? "medium" : "low",
                Segment = segment,
                OnboardedOn = Text(opened),
                ReviewDueOn = Text(opened.AddDays(months)),
                SourceOfFunds = isPerson ? "salary" : "trade",
                Purpose = isPerson ? "salary and household" : "takings and suppliers",
                Channel = i % IntroducedOneIn == IntroducedOneIn - 1 ? "introducer" : i % 3 == 0 ? "online" : "branch",
                IsPep = number == PersonOf(_request, Exposed),
                Adverse = isPerson && i % InTheNewsOneIn == InTheNewsOneIn - 1 ? ["adverse_media"] : [],
                Documents =
                [
                    new CustomerIdentityDocument(
                        isPerson ? "passport" : "register_extract",
                        FormattableString.Invariant($"X{_random.Between(1_000_000, 9_999_999)}"), country, null,
                        Text(_request.Today.AddDays(Ends(i)))),
                ],
            },
        }));
        return new Holder(number, account);
    }

    /// <summary>For how many days a customer has been one: most were taken on, or reviewed, so lately that the next
    /// review lies ahead.</summary>
    private int Known(int i, int months) =>
        i % OverdueOneIn == OverdueOneIn - 1 ? months + _random.Between(2, 28)
        : i % DueOneIn == DueOneIn - 1 ? months - _random.Between(1, 27)
        : _random.Between(300, months - 40);

    private int Ends(int i) =>
        i % EndedOneIn == EndedOneIn - 2 ? -_random.Between(3, 40)
        : i % EndingOneIn == EndingOneIn - 2 ? _random.Between(2, 27)
        : _random.Between(100, 3_000);

    private void Add(
        DateOnly date, int hour, string type, decimal amount, Holder from, Holder to, string? narrative) =>
        Keep(date, hour, type, amount, from.Party, to.Party, null, narrative);

    private void AddCash(DateOnly date, decimal amount, Holder to) =>
        Keep(date, 17, "cash_in", amount, new TransactionParty(), to.Party,
            new CashFacts(to.Number + "-clerk", null, "main"), "takings");

    private void Keep(
        DateOnly date, int hour, string type, decimal amount, TransactionParty from, TransactionParty to,
        CashFacts? cash, string? narrative) =>
        _steps.Add(new SampleStep(new Transaction
        {
            Key = new TransactionKey(_request.Source, FormattableString.Invariant($"b{++_number:000000}")),
            OccurredAt = new DateTimeOffset(
                date, new TimeOnly(hour, _random.Below(60), _random.Below(60)), TimeSpan.Zero),
            Amount = new Money(amount, s_dollar),
            Type = type,
            Debtor = from,
            Creditor = to,
            Channel = type == "card_payment" ? "card" : cash is null ? "online" : "branch",
            Cash = cash,
            Narrative = narrative,
        }));

    private static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private sealed record Holder(string Number, string Account)
    {
        public TransactionParty Party { get; } = new(Account, Number, "US");
    }
}
