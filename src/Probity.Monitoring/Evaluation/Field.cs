using System.Collections.Frozen;
using Probity.Monitoring.Rating;

namespace Probity.Monitoring.Evaluation;

/// <summary>A field that rules may name, with its type and where it may be used.</summary>
/// <param name="Name">With the dollar sign, as rules write it.</param>
/// <param name="Kind">Its type.</param>
/// <param name="DependsOnSide">Whether it differs between the sides.</param>
/// <param name="IsOfParties">
/// Whether it is a fact about parties, which is known for the transaction being judged only and not for earlier ones.
/// </param>
/// <param name="Read">Reads it.</param>
internal sealed record Field(
    string Name, ValueKind Kind, bool DependsOnSide, bool IsOfParties, Func<Scope, Booked, bool, Value> Read)
{
    /// <summary>The words it may have, where they are closed: a rule that compares it with another one is refused.
    /// Empty where any text may be.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    public static FrozenDictionary<string, Field> All { get; } =
        OfTransaction().Concat(OfSides()).Concat(OfFacts()).Concat(OfOnboarding()).ToFrozenDictionary(
            field => field.Name, StringComparer.Ordinal);

    private static IEnumerable<Field> OfTransaction() =>
    [
        Plain("$amount", ValueKind.Money, booked => Value.Of(booked.Transaction.Amount)),
        Plain("$ccy", ValueKind.Text, booked => Value.Of(booked.Transaction.Amount.Currency.Value)),
        Plain("$tx_type", ValueKind.Text, booked => Value.Of(booked.Transaction.Type)),
        Plain("$channel", ValueKind.Text, booked => Value.Of(booked.Transaction.Channel)),
        Plain("$narrative", ValueKind.Text, booked => Value.Of(booked.Transaction.Narrative)),
        Plain("$purpose", ValueKind.Text, booked => Value.Of(booked.Transaction.Purpose)),
        Plain("$latitude", ValueKind.Number, booked => Degrees(booked.Transaction.Location?.Latitude)),
        Plain("$longitude", ValueKind.Number, booked => Degrees(booked.Transaction.Location?.Longitude)),
        Plain("$status", ValueKind.Text, booked => Value.Of(StatusNames.Wire(booked.Status))),
        Plain("$is_cash", ValueKind.Truth, booked => Value.Of(booked.Transaction.Cash is not null)),
        Plain("$cash.conductor", ValueKind.Text, booked => Value.Of(booked.Transaction.Cash?.Conductor)),
        Plain("$cash.on_behalf_of", ValueKind.Text, booked => Value.Of(booked.Transaction.Cash?.OnBehalfOf)),
        Plain("$cash.branch", ValueKind.Text, booked => Value.Of(booked.Transaction.Cash?.Branch)),
        Plain("$cash.is_exchange", ValueKind.Truth, booked =>
            Value.Of(booked.Transaction.Cash is { IsExchange: true })),
        Plain("$debtor.account", ValueKind.Text, booked => Value.Of(booked.Transaction.Debtor.Account)),
        Plain("$creditor.account", ValueKind.Text, booked => Value.Of(booked.Transaction.Creditor.Account)),
        Plain("$country.debtor", ValueKind.Text, booked => Value.Of(booked.Transaction.Debtor.Country)),
        Plain("$country.creditor", ValueKind.Text, booked => Value.Of(booked.Transaction.Creditor.Country)),
    ];

    private static IEnumerable<Field> OfSides() =>
    [
        Sided("$direction", (_, isDebtor) => Value.Of(isDebtor ? "out" : "in")),
        Sided("$account", (booked, isDebtor) => Value.Of(booked.Side(isDebtor).Account)),
        Sided("$customer", (booked, isDebtor) => Value.Of(booked.Side(isDebtor).Customer)),
        Sided("$country", (booked, isDebtor) => Value.Of(booked.Side(isDebtor).Country)),
        Sided("$counterparty", (booked, isDebtor) => Value.Of(booked.Side(!isDebtor).Account)),
        Sided("$counterparty.customer", (booked, isDebtor) => Value.Of(booked.Side(!isDebtor).Customer)),
        Sided("$counterparty.country", (booked, isDebtor) => Value.Of(booked.Side(!isDebtor).Country)),
        new(
            "$is_own_transfer",
            ValueKind.Truth,
            false,
            false,
            (_, booked, _) => Value.Of(
                booked.Transaction.Debtor.Customer is { } debtor && debtor == booked.Transaction.Creditor.Customer)),
    ];

    private static IEnumerable<Field> OfFacts() =>
    [
        OfCustomer("$customer.rating", ValueKind.Text, (facts, _) => Value.Of(StatusNames.Wire(facts.Rating))),
        OfCustomer("$customer.segment", ValueKind.Text, (facts, _) => Value.Of(facts.Segment)),
        OfCustomer("$customer.industry", ValueKind.Text, (facts, _) => Value.Of(facts.Industry)),
        OfCustomer("$customer.country", ValueKind.Text, (facts, _) => Value.Of(facts.Country)),
        OfCustomer("$customer.is_pep", ValueKind.Truth, (facts, _) => Value.Of(facts.IsPep)),
        OfCustomer("$customer.past_alerts", ValueKind.Number, (facts, _) => Value.Of((decimal)facts.PastAlerts)),
        OfCustomer("$customer.age_years", ValueKind.Number, (facts, on) => YearsBetween(facts.BornOn, on)),
        OfCustomer("$customer.age_days", ValueKind.Number, (facts, on) => DaysBetween(facts.OnboardedOn, on)),
        OfCustomer("$customer.review_overdue_days", ValueKind.Number, (facts, on) =>
            DaysBetween(facts.ReviewDueOn, on)),
        OfCustomer(
            "$customer.document_expired_days", ValueKind.Number, (facts, on) =>
                DaysBetween(facts.DocumentExpiresOn, on)),
        OfCustomer("$customer.expected_monthly", ValueKind.Money, (facts, _) => facts.ExpectedMonthly is { } money
            ? Value.Of(money)
            : Value.Unknown(UnknownReason.MissingField)),
        OfAccount("$account.age_days", ValueKind.Number, (facts, on) => DaysBetween(facts.OpenedOn, on)),
        OfAccount("$account.product", ValueKind.Text, (facts, _) => Value.Of(facts.Product)),
        OfAccount("$account.jurisdiction", ValueKind.Text, (facts, _) => Value.Of(facts.Jurisdiction)),
    ];

    // While no scorecard asks for checks nothing is known of them, and a rule that asks is not answered.
    private static IEnumerable<Field> OfOnboarding() =>
    [
        OfOnboarding("$customer.onboarding", OnboardingFacts.States, onboarding => onboarding.State),
        OfOnboarding("$customer.onboarding_level", ScorecardReader.Levels, onboarding => onboarding.Level),
        .. ScorecardReader.Checks.Select(kind => OfOnboarding(
            "$customer.check." + kind, [.. OnboardingFacts.Outcomes, OnboardingFacts.NotAsked],
            onboarding => onboarding.OutcomeOf(kind))),
    ];

    private static Field OfOnboarding(
        string name, IReadOnlyList<string> words, Func<OnboardingFacts, string?> read) =>
        OfCustomer(name, ValueKind.Text, (facts, _) =>
            Value.Of(facts.Onboarding is { } onboarding ? read(onboarding) : null)) with
        {
            Words = words,
        };

    private static Field Plain(string name, ValueKind kind, Func<Booked, Value> read) =>
        new(name, kind, false, false, (_, booked, _) => read(booked));

    private static Field Sided(string name, Func<Booked, bool, Value> read) =>
        new(name, ValueKind.Text, true, false, (_, booked, isDebtor) => read(booked, isDebtor));

    private static Field OfCustomer(string name, ValueKind kind, Func<CustomerFacts, DateOnly, Value> read) =>
        new(name, kind, true, true, (scope, booked, isDebtor) => scope.FactsOf(isDebtor).Customer is { } facts
            ? read(facts, booked.Day)
            : Value.Unknown(UnknownReason.MissingField));

    private static Field OfAccount(string name, ValueKind kind, Func<AccountFacts, DateOnly, Value> read) =>
        new(name, kind, true, true, (scope, booked, isDebtor) => scope.FactsOf(isDebtor).Account is { } facts
            ? read(facts, booked.Day)
            : Value.Unknown(UnknownReason.MissingField));

    private static Value Degrees(decimal? degrees) =>
        degrees is { } known ? Value.Of(known) : Value.Unknown(UnknownReason.MissingField);

    /// <summary>Days from a day to another, below 0 when it is still to come.</summary>
    private static Value DaysBetween(DateOnly? from, DateOnly on) => from is { } day
        ? Value.Of((decimal)(on.DayNumber - day.DayNumber))
        : Value.Unknown(UnknownReason.MissingField);

    private static Value YearsBetween(DateOnly? from, DateOnly on)
    {
        if (from is not { } day)
        {
            return Value.Unknown(UnknownReason.MissingField);
        }

        var years = on.Year - day.Year;
        var isBeforeBirthday = on.Month < day.Month || (on.Month == day.Month && on.Day < day.Day);
        return Value.Of((decimal)(isBeforeBirthday ? years - 1 : years));
    }
}

/// <summary>The words of the wire for closed sets.</summary>
internal static class StatusNames
{
    public static string Wire(TransactionStatus status) => status switch
    {
        TransactionStatus.Pending => "pending",
        TransactionStatus.Settled => "settled",
        TransactionStatus.Failed => "failed",
        TransactionStatus.Reversed => "reversed",
        _ => throw new ArgumentOutOfRangeException(nameof(status)),
    };

    public static string Wire(CustomerRating rating) => rating switch
    {
        CustomerRating.Low => "low",
        CustomerRating.Medium => "medium",
        CustomerRating.High => "high",
        _ => throw new ArgumentOutOfRangeException(nameof(rating)),
    };

    public static TransactionStatus? Status(string text) => text switch
    {
        "pending" => TransactionStatus.Pending,
        "settled" => TransactionStatus.Settled,
        "failed" => TransactionStatus.Failed,
        "reversed" => TransactionStatus.Reversed,
        _ => null,
    };
}
