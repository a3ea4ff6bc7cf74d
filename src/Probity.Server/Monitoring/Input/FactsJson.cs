using System.Globalization;
using System.Text.Json;
using Probity.Contracts.Finance;
using Probity.Monitoring;

namespace Probity.Server.Monitoring.Input;

/// <summary>
/// Facts of parties as entries keep them: what a decision rested on, so that it can be computed again.
/// </summary>
internal static class FactsJson
{
    private const string Day = "yyyy-MM-dd";

    /// <summary>Writes the facts of both sides; a side of which nothing is known is left out.</summary>
    public static void Write(Utf8JsonWriter to, PartyFacts facts)
    {
        to.WriteStartObject();
        Side(to, "creditor", facts.Creditor);
        Side(to, "debtor", facts.Debtor);
        to.WriteEndObject();
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static PartyFacts Read(JsonElement json) => new(Side(json, "debtor"), Side(json, "creditor"));

    private static void Side(Utf8JsonWriter to, string name, SideFacts side)
    {
        if (side is { Account: null, Customer: null, Conditions: null or { Count: 0 } })
        {
            return;
        }

        to.WriteStartObject(name);
        if (side.Account is { } account)
        {
            to.WriteStartObject("account");
            to.WriteString("id", account.Id);
            Optional(to, "jurisdiction", account.Jurisdiction);
            Optional(to, "opened_on", account.OpenedOn);
            Optional(to, "product", account.Product);
            to.WriteNumber("version", account.Version);
            to.WriteEndObject();
        }

        if (side.Conditions is { Count: > 0 } conditions)
        {
            to.WriteStartArray("conditions");
            foreach (var condition in conditions)
            {
                to.WriteStartObject();
                to.WriteString("from", InputText.Wire(condition.From));
                to.WriteString("kind", condition.Kind.ToString());
                Optional(to, "until", condition.Until is { } until ? InputText.Wire(until) : null);
                to.WriteEndObject();
            }

            to.WriteEndArray();
        }

        if (side.Customer is { } customer)
        {
            Customer(to, customer);
        }

        to.WriteEndObject();
    }

    private static void Customer(Utf8JsonWriter to, CustomerFacts customer)
    {
        to.WriteStartObject("customer");
        Optional(to, "born_on", customer.BornOn);
        Optional(to, "country", customer.Country);
        Optional(to, "document_expires_on", customer.DocumentExpiresOn);
        if (customer.ExpectedMonthly is { } expected)
        {
            to.WriteString("expected_currency", expected.Currency.Value);
            to.WriteString("expected_monthly", expected.ToWire());
        }

        to.WriteString("id", customer.Id);
        Optional(to, "industry", customer.Industry);
        Optional(to, "onboarded_on", customer.OnboardedOn);
        Optional(to, "onboarding", customer.Onboarding?.Text);
        to.WriteNumber("past_alerts", customer.PastAlerts);
        to.WriteBoolean("pep", customer.IsPep);
        to.WriteString("rating", customer.Rating.ToString());
        Optional(to, "review_due_on", customer.ReviewDueOn);
        to.WriteString("screening", customer.Screening.ToString());
        Optional(to, "segment", customer.Segment);
        to.WriteNumber("version", customer.Version);
        to.WriteEndObject();
    }

    private static SideFacts Side(JsonElement json, string name) =>
        !json.TryGetProperty(name, out var side) ? SideFacts.None : new SideFacts(
            side.TryGetProperty("customer", out var customer) ? Customer(customer) : null,
            side.TryGetProperty("account", out var account) ? Account(account) : null,
            side.TryGetProperty("conditions", out var conditions)
                ? [.. conditions.EnumerateArray().Select(Condition)]
                : null);

    private static AccountFacts Account(JsonElement json) =>
        new(Text(json, "id")!, json.GetProperty("version").GetInt64())
        {
            Jurisdiction = Text(json, "jurisdiction"),
            OpenedOn = DayOf(json, "opened_on"),
            Product = Text(json, "product"),
        };

    private static PartyCondition Condition(JsonElement json) => new(
        Enum.Parse<PartyConditionKind>(Text(json, "kind")!),
        InputText.Instant(Text(json, "from")!, "/from"),
        Text(json, "until") is { } until ? InputText.Instant(until, "/until") : null);

    private static CustomerFacts Customer(JsonElement json) =>
        new(Text(json, "id")!, json.GetProperty("version").GetInt64())
        {
            Rating = Enum.Parse<CustomerRating>(Text(json, "rating")!),
            Segment = Text(json, "segment"),
            Industry = Text(json, "industry"),
            Country = Text(json, "country"),
            IsPep = json.GetProperty("pep").GetBoolean(),
            BornOn = DayOf(json, "born_on"),
            OnboardedOn = DayOf(json, "onboarded_on"),
            ReviewDueOn = DayOf(json, "review_due_on"),
            DocumentExpiresOn = DayOf(json, "document_expires_on"),
            ExpectedMonthly = Text(json, "expected_monthly") is { } amount
                ? new Money(InputText.Number(amount, "/expected_monthly"),
                    CurrencyCode.Parse(Text(json, "expected_currency")!))
                : null,
            Screening = Enum.Parse<ScreeningState>(Text(json, "screening")!),
            Onboarding = Text(json, "onboarding") is { } onboarding
                ? OnboardingFacts.Read(onboarding)
                    ?? throw new FormatException("What an entry says of onboarding is not of the form.")
                : null,
            PastAlerts = json.GetProperty("past_alerts").GetInt32(),
        };

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static DateOnly? DayOf(JsonElement json, string name) =>
        Text(json, name) is { } text ? DateOnly.ParseExact(text, Day, CultureInfo.InvariantCulture) : null;

    private static void Optional(Utf8JsonWriter to, string name, string? value)
    {
        if (value is not null)
        {
            to.WriteString(name, value);
        }
    }

    private static void Optional(Utf8JsonWriter to, string name, DateOnly? value) =>
        Optional(to, name, value?.ToString(Day, CultureInfo.InvariantCulture));
}
