using System.Globalization;
using Probity.Contracts.Finance;
using Probity.Ledger.Json;
using Probity.Monitoring.Rules;

namespace Probity.Monitoring.Pack;

/// <summary>What running an example came to.</summary>
/// <param name="Rule">The rule the example belongs to.</param>
/// <param name="Name"><c>positive</c> or <c>near_miss</c>.</param>
/// <param name="Fired">Whether the rule matched the last transaction.</param>
/// <param name="Decision">The decision about it.</param>
public sealed record ExampleResult(string Rule, string Name, bool Fired, Decision Decision);

/// <summary>
/// Runs the examples that rules carry: a sequence that must make the rule match at its end, and one that just must not.
/// An examiner can run them as well as a test.
/// </summary>
public static class RuleExample
{
    private const int MostRepeats = 1_000;

    /// <summary>Runs the examples of a rule against the whole set it belongs to.</summary>
    /// <returns>One result for each example; empty when the document carries none.</returns>
    /// <exception cref="FormatException">An example has a fault.</exception>
    public static IReadOnlyList<ExampleResult> Run(RuleDocument document, RuleSet rules)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(rules);
        try
        {
            using var tape = JsonTape.Parse(document.Json, new JsonLimits(64 * 1024, 32));
            var members = tape.Root.Members();
            var rule = members.Required(tape.Root, "name").Text();
            var law = members.Required(tape.Root, "jurisdiction").Text();
            return members.TryGetValue("examples", out var examples)
                ? [.. examples.Members("positive", "near_miss").Select(
                    example => Run(rule, law == "*" ? null : law, example.Key, example.Value, rules))]
                : [];
        }
        catch (RuleRefusedException fault)
        {
            throw new FormatException($"{document.Origin}{fault.Place}: {fault.Message} {fault.Fix}", fault);
        }
    }

    private static ExampleResult Run(string rule, string? law, string name, JsonItem item, RuleSet rules)
    {
        var members = item.Members("events", "facts");
        var facts = members.TryGetValue("facts", out var known) ? known.Members() : [];
        var engine = new MonitoringEngine(rules, new MonitoringOptions { HomeJurisdiction = law });
        Decision? last = null;
        var number = 0;
        foreach (var element in members.Required(item, "events").Elements(1, 100))
        {
            var parts = element.Members();
            var repeats = parts.TryGetValue("repeat", out var times) ? times.Whole(1, MostRepeats) : 1;
            var step = parts.TryGetValue("every", out var every) && Durations.TryParse(every.Text(), out var micros)
                ? micros
                : 0;
            for (var i = 0; i < repeats; i++)
            {
                var transaction = Event(element, parts, ++number, i, i * step);
                last = Submit(engine, transaction, FactsOf(transaction, facts), element);
                if (parts.TryGetValue("reverse", out var reverse) && reverse.Truth())
                {
                    engine.Reverse(transaction.Key);
                }
            }
        }

        var decision = last!; // There is at least one event.
        return new ExampleResult(rule, name, decision.Contributions.Any(item => item.Rule == rule), decision);
    }

    private static Decision Submit(MonitoringEngine engine, Transaction transaction, PartyFacts facts, JsonItem at) =>
        engine.Submit(transaction, facts) switch
        {
            JudgeResult.Decided decided => decided.Decision,
            JudgeResult.Refused refused => throw at.Refuse("bad_example", refused.Faults[0].Message, "Mend the event."),
            _ => throw at.Refuse("bad_example", "The event is there twice.", "Mend the event."),
        };

    private static Transaction Event(JsonItem item, Dictionary<string, JsonItem> parts, int number, int index,
        long later)
    {
        string? Named(string name) => parts.TryGetValue(name, out var value)
            ? value.Text().Replace("#", index.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            : null;
        var hasCash = parts.Keys.Any(name => name is "conductor" or "on_behalf_of" or "branch" or "exchange");
        return new Transaction
        {
            Key = new TransactionKey("example", number.ToString(CultureInfo.InvariantCulture)),
            OccurredAt = DateTimeOffset.ParseExact(
                parts.Required(item, "at").Text(), "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal).AddTicks(later * 10),
            Amount = new Money(
                parts.Required(item, "amount").Exact(), ExprReader.ReadCurrency(parts.Required(item, "currency"))),
            Type = parts.Required(item, "type").Text(),
            Debtor = new TransactionParty(Named("debtor"), Named("debtor_customer"), Named("debtor_country")),
            Creditor = new TransactionParty(Named("creditor"), Named("creditor_customer"), Named("creditor_country")),
            Status = Named("status") == "failed" ? TransactionStatus.Failed : TransactionStatus.Settled,
            Narrative = Named("narrative"),
            Purpose = Named("purpose"),
            Location = parts.TryGetValue("latitude", out var north)
                ? new GeoPoint(north.Exact(), parts.Required(item, "longitude").Exact())
                : null,
            Cash = hasCash
                ? new CashFacts(
                    Named("conductor"), Named("on_behalf_of"), Named("branch"), parts.ContainsKey("exchange"))
                : null,
        };
    }

    private static PartyFacts FactsOf(Transaction transaction, Dictionary<string, JsonItem> facts)
    {
        SideFacts Side(TransactionParty party) => new(
            party.Customer is { } customer && facts.TryGetValue(customer, out var person) ? Customer(customer, person)
                : null,
            party.Account is { } account && facts.TryGetValue(account, out var held) ? Account(account, held) : null);
        return new PartyFacts(Side(transaction.Debtor), Side(transaction.Creditor));
    }

    private static CustomerFacts Customer(string id, JsonItem item)
    {
        var members = item.Members(
            "rating", "segment", "pep", "born", "review_due", "document_expires", "expected", "onboarding");
        DateOnly? Day(string name) => members.TryGetValue(name, out var value) ? value.Day() : null;
        return new CustomerFacts(id, 1)
        {
            Rating = members.TryGetValue("rating", out var rating)
                ? rating.Choice(
                    ("low", CustomerRating.Low), ("medium", CustomerRating.Medium), ("high", CustomerRating.High))
                : CustomerRating.Medium,
            Segment = members.TryGetValue("segment", out var segment) ? segment.Text() : null,
            IsPep = members.TryGetValue("pep", out var pep) && pep.Truth(),
            BornOn = Day("born"),
            ReviewDueOn = Day("review_due"),
            DocumentExpiresOn = Day("document_expires"),
            ExpectedMonthly = members.TryGetValue("expected", out var expected) ? ExprReader.ReadMoney(expected) : null,
            Onboarding = members.TryGetValue("onboarding", out var onboarding)
                ? OnboardingFacts.Read(onboarding.Text()) ?? throw onboarding.Refuse(
                    "bad_onboarding", "This does not say how far onboarding is.",
                    "Write it as \"pending standard passed:identity,document missing:address\".")
                : null,
        };
    }

    private static AccountFacts Account(string id, JsonItem item)
    {
        var members = item.Members("opened", "product");
        return new AccountFacts(id, 1)
        {
            OpenedOn = members.TryGetValue("opened", out var opened) ? opened.Day() : null,
            Product = members.TryGetValue("product", out var product) ? product.Text() : null,
        };
    }
}
