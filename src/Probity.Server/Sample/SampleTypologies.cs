using System.Globalization;
using System.Text.Json;
using Probity.Contracts.Finance;
using Probity.Monitoring;
using Probity.Monitoring.Pack;
using Probity.Monitoring.Rules;
using Probity.Server.Customers;
using Probity.Server.Monitoring.Decisions;

namespace Probity.Server.Sample;

/// <summary>
/// Puts every shipped rule into the bank twice, from the examples that the rule itself carries: once so that it
/// matches, once so that it just does not. Each is moved by whole weeks, so that business days stay business days, and
/// kept only where an engine of its own says what was expected. Used once; not thread safe.
/// </summary>
internal sealed class SampleTypologies(SampleRequest request, SampleRandom random)
{
    private readonly RuleSet _rules = RulePack.Compile(RulePack.Book());
    private readonly List<CustomerDocument> _customers = [];
    private readonly List<SampleStep> _steps = [];
    private readonly List<SampleScenario> _scenarios = [];
    private readonly List<string> _unplaced = [];
    private readonly SampleRandom _names = random.For("names");

    public IReadOnlyList<CustomerDocument> Customers => _customers;

    public IReadOnlyList<SampleStep> Steps => _steps;

    public IReadOnlyList<SampleScenario> Scenarios => _scenarios;

    public IReadOnlyList<string> Unplaced => _unplaced;

    public void Make()
    {
        var at = 0;
        foreach (var document in RulePack.Documents())
        {
            at++;
            using var json = JsonDocument.Parse(document.Json);
            var rule = json.RootElement.GetProperty("name").GetString()!;
            var law = json.RootElement.GetProperty("jurisdiction").GetString()!;
            var examples = json.RootElement.GetProperty("examples");
            foreach (var isTrue in (bool[])[true, false])
            {
                var example = examples.GetProperty(isTrue ? "positive" : "near_miss");
                Place(rule, law, isTrue, example, FormattableString.Invariant($"{at:00}{(isTrue ? 't' : 'n')}"));
            }
        }
    }

    private void Place(string rule, string law, bool isTrue, JsonElement example, string code)
    {
        var last = SampleExample.LastDay(example);
        var latest = request.Today.AddDays(-1).DayNumber - last.DayNumber;
        // From the newest week back; which week is first is left to chance.
        var weeks = Enumerable.Range(0, Math.Max(1, request.Days / 7)).Select(week => (Math.DivRem(latest, 7).Quotient
            - (latest < 0 && latest % 7 != 0 ? 1 : 0) - week) * 7).ToList();
        var start = random.Below(weeks.Count);
        (SampleExample Made, Decision Decision)? loud = null;
        foreach (var days in weeks.Skip(start).Concat(weeks.Take(start)))
        {
            foreach (var isOwned in (bool[])[true, false])
            {
                var made = new SampleExample(request, law, code, days, isOwned, _names.For(code));
                made.Read(example);
                if (Judge(made) is not { } decision
                    || decision.Contributions.Any(item => item.Rule == rule) != isTrue)
                {
                    continue;
                }

                if (isTrue || decision.Alert is null)
                {
                    Keep(rule, isTrue, made, decision);
                    return;
                }

                loud ??= (made, decision); // It misses this rule, and another one is right to alert.
            }
        }

        if (loud is { } kept)
        {
            Keep(rule, isTrue, kept.Made, kept.Decision);
            return;
        }

        _unplaced.Add($"{rule}, {(isTrue ? "true" : "near miss")}");
    }

    private void Keep(string rule, bool isTrue, SampleExample made, Decision decision)
    {
        _customers.AddRange(made.Customers);
        _steps.AddRange(made.Steps);
        _scenarios.Add(new SampleScenario(rule, isTrue, decision.Transaction, decision.Alert is not null));
    }

    private Decision? Judge(SampleExample made)
    {
        var engine = new MonitoringEngine(_rules, new MonitoringOptions { HomeJurisdiction = "US" });
        Decision? last = null;
        foreach (var step in made.Steps)
        {
            if (engine.Submit(step.Transaction, made.FactsOf(step.Transaction)) is not JudgeResult.Decided decided)
            {
                return null;
            }

            last = decided.Decision;
            if (step.IsTakenBack)
            {
                engine.Reverse(step.Transaction.Key);
            }

            engine.Commit();
        }

        return last;
    }
}

/// <summary>One example of a rule with its parties named and its time moved. Used once; not thread safe.</summary>
/// <param name="request">The bank.</param>
/// <param name="law">The law of the rule; its accounts are kept under it.</param>
/// <param name="code">What its accounts begin with.</param>
/// <param name="days">By how many days it is moved.</param>
/// <param name="isOwned">Whether accounts named a… have owners here even if the example names none.</param>
/// <param name="random">For names.</param>
internal sealed class SampleExample(
    SampleRequest request, string law, string code, int days, bool isOwned, SampleRandom random)
{
    private const int MostRepeats = 1_000;

    private static readonly JsonElement s_nothing = JsonSerializer.Deserialize<JsonElement>("{}");

    private readonly Dictionary<string, CustomerDocument> _customers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _owners = new(StringComparer.Ordinal);
    private readonly List<SampleStep> _steps = [];

    public IReadOnlyCollection<CustomerDocument> Customers => _customers.Values;

    public IReadOnlyList<SampleStep> Steps => _steps;

    /// <summary>The day of the last event of an example, as it is written.</summary>
    public static DateOnly LastDay(JsonElement example) => DateOnly.FromDateTime(
        example.GetProperty("events").EnumerateArray().Max(item =>
            At(item).AddTicks(Step(item) * (Repeats(item) - 1))).UtcDateTime);

    /// <summary>What the server will know of the parties.</summary>
    public PartyFacts FactsOf(Transaction transaction) => new(SideOf(transaction.Debtor), SideOf(transaction.Creditor));

    public void Read(JsonElement example)
    {
        var facts = example.TryGetProperty("facts", out var told) ? told : default;
        var number = 0;
        foreach (var item in example.GetProperty("events").EnumerateArray())
        {
            for (var i = 0; i < Repeats(item); i++)
            {
                var debtor = Party(item, "debtor", i, facts);
                var creditor = Party(item, "creditor", i, facts);
                _steps.Add(new SampleStep(
                    Transaction(item, i, ++number, debtor, creditor),
                    item.TryGetProperty("reverse", out var reverse) && reverse.GetBoolean()));
            }
        }
    }

    private SideFacts SideOf(TransactionParty party) =>
        party.Customer is { } number && _customers.TryGetValue(number, out var document)
            ? RegisteredParties.Known(document, 1, ScreeningState.Clear, party.Account)
            : SideFacts.None;

    private Transaction Transaction(
        JsonElement item, int index, int number, TransactionParty debtor, TransactionParty creditor)
    {
        var conductor = Named(item, "conductor", index);
        var behalf = Named(item, "on_behalf_of", index);
        var branch = Text(item, "branch", index);
        var isExchange = item.TryGetProperty("exchange", out _);
        return new Transaction
        {
            Key = new TransactionKey(request.Source, FormattableString.Invariant($"{code}-{number:0000}")),
            OccurredAt = At(item).AddDays(days).AddTicks(Step(item) * index),
            Amount = new Money(
                decimal.Parse(item.GetProperty("amount").GetString()!, CultureInfo.InvariantCulture),
                CurrencyCode.Parse(item.GetProperty("currency").GetString()!)),
            Type = item.GetProperty("type").GetString()!,
            Debtor = debtor,
            Creditor = creditor,
            Status = Text(item, "status", index) == "failed" ? TransactionStatus.Failed : TransactionStatus.Settled,
            Narrative = Text(item, "narrative", index),
            Cash = conductor is null && behalf is null && branch is null && !isExchange
                ? null : new CashFacts(conductor, behalf, branch, isExchange),
        };
    }

    private TransactionParty Party(JsonElement item, string side, int index, JsonElement facts)
    {
        var country = Text(item, side + "_country", index);
        if (Text(item, side, index) is not { } name)
        {
            return new TransactionParty(null, null, country);
        }

        var account = $"{Country}-{code}-{name}";
        var customer = Text(item, side + "_customer", index);
        var isKnown = customer is not null || HasFacts(facts, name) || (isOwned && name[0] is 'a');
        return new TransactionParty(account, isKnown ? Owner(name, account, customer, facts) : null, country);
    }

    private string Owner(string name, string account, string? customer, JsonElement facts)
    {
        if (_owners.TryGetValue(account, out var known))
        {
            return known;
        }

        var number = $"s{request.Seed}-{code}-{customer ?? "o" + name}".ToLowerInvariant();
        _owners.Add(account, number);
        var told = customer is not null && HasFacts(facts, customer) ? facts.GetProperty(customer) : default;
        var held = HasFacts(facts, name) ? facts.GetProperty(name) : default;
        var kept = new CustomerAccount(
            account, null, Country, Day(held, "opened"), held.ValueKind == JsonValueKind.Object
                && held.TryGetProperty("product", out var product) ? product.GetString() : null);
        _customers[number] = _customers.TryGetValue(number, out var there)
            ? there with { Accounts = [.. there.Accounts, kept] }
            : Person(number, kept, told);
        return number;
    }

    private CustomerDocument Person(string number, CustomerAccount account, JsonElement told) =>
        CustomerRules.Checked(new CustomerDocument
        {
            ExternalId = number,
            Kind = CustomerRules.Person,
            Names = [new CustomerName($"{random.Of(SampleNames.Given)} {random.Of(SampleNames.Family)}")],
            Countries = [new CustomerCountry("residence", Country)],
            Dates = told.ValueKind == JsonValueKind.Object && told.TryGetProperty("born", out var born)
                ? [new CustomerDate("birth", born.GetString()!)] : [],
            Accounts = [account],
            DueDiligence = DueDiligence(told.ValueKind == JsonValueKind.Object ? told : s_nothing),
        });

    private CustomerDueDiligence DueDiligence(JsonElement told) => new()
    {
        Rating = told.TryGetProperty("rating", out var rating) ? rating.GetString() : null,
        Segment = told.TryGetProperty("segment", out var segment) ? segment.GetString() : null,
        IsPep = told.TryGetProperty("pep", out var pep) && pep.GetBoolean(),
        ReviewDueOn = Day(told, "review_due"),
        ExpectedMonthly = told.TryGetProperty("expected", out var expected)
            ? new CustomerMoney(expected[0].GetString()!, expected[1].GetString()!) : null,
        Documents = [new CustomerIdentityDocument("passport", null, Country, null, Day(told, "document_expires"))],
    };

    private string Country => law switch { "*" => "US", "EU" => "DE", _ => law };

    private string? Day(JsonElement owner, string name) =>
        owner.ValueKind == JsonValueKind.Object && owner.TryGetProperty(name, out var day)
            ? DateOnly.ParseExact(day.GetString()!, "yyyy-MM-dd", CultureInfo.InvariantCulture).AddDays(days)
                .ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)
            : null;

    private string? Named(JsonElement item, string name, int index) =>
        Text(item, name, index) is { } text ? $"{code}-{text}" : null;

    private static bool HasFacts(JsonElement facts, string name) =>
        facts.ValueKind == JsonValueKind.Object && facts.TryGetProperty(name, out _);

    private static string? Text(JsonElement item, string name, int index) =>
        item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!.Replace("#", index.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            : null;

    private static int Repeats(JsonElement item) =>
        item.TryGetProperty("repeat", out var repeat) ? Math.Clamp(repeat.GetInt32(), 1, MostRepeats) : 1;

    private static DateTimeOffset At(JsonElement item) => DateTimeOffset.ParseExact(
        item.GetProperty("at").GetString()!, "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture,
        DateTimeStyles.AssumeUniversal);

    // The forms that rules use: 90m, 24h, 7d.
    private static long Step(JsonElement item)
    {
        if (!item.TryGetProperty("every", out var every))
        {
            return 0;
        }

        var text = every.GetString()!;
        var count = long.Parse(text.AsSpan(0, text.Length - 1), CultureInfo.InvariantCulture);
        return count * text[^1] switch
        {
            's' => TimeSpan.TicksPerSecond,
            'm' => TimeSpan.TicksPerMinute,
            'h' => TimeSpan.TicksPerHour,
            _ => TimeSpan.TicksPerDay,
        };
    }
}
