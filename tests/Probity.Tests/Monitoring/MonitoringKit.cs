using System.Globalization;
using System.Text;
using Probity.Contracts.Finance;
using Probity.Monitoring;
using Probity.Monitoring.Pack;
using Probity.Monitoring.Rules;
using Xunit;

namespace Probity.Tests.Monitoring;

/// <summary>Makes transactions, rules and books for tests.</summary>
internal static class MonitoringKit
{
    public static CurrencyCode Usd { get; } = CurrencyCode.Parse("USD");

    public static CurrencyCode Eur { get; } = CurrencyCode.Parse("EUR");

    public static DateTimeOffset Monday { get; } = new(2026, 3, 2, 15, 0, 0, TimeSpan.Zero);

    /// <summary>The shipped lists and calendars, with a rate for the euro in 2026.</summary>
    public static ReferenceBook Book { get; } = new(
        "test",
        Usd,
        Enumerable.Range(0, 53).Select(week =>
            new DatedRate(Eur, new DateOnly(2026, 1, 1).AddDays(week * 7), 1.10m + (week * 0.001m))),
        [
            new DatedMember("risky", "KP", new DateOnly(2020, 1, 1), null, "test"),
            new DatedMember("risky", "XX", new DateOnly(2020, 1, 1), new DateOnly(2026, 3, 3), "test"),
        ],
        [
            new DatedThreshold("limit", new DateOnly(2026, 1, 1), new Money(10_000, Usd), "test"),
            new DatedThreshold("limit", new DateOnly(2026, 3, 3), new Money(20_000, Usd), "test"),
        ],
        [
            new DatedCalendar(
                "us",
                "America/New_York",
                new HashSet<DateOnly> { new(2026, 2, 16), new(2026, 5, 25) }),
        ]);

    public static RuleDocument Document(string json) => new("test", Encoding.UTF8.GetBytes(json));

    public static RuleSet Compile(params string[] rules) =>
        Assert.IsType<RuleSetResult.Compiled>(RuleSet.Compile(rules.Select(Document), Book)).Rules;

    public static IReadOnlyList<RuleFault> FaultsOf(params string[] rules) =>
        RuleSet.Compile(rules.Select(Document), Book) switch
        {
            RuleSetResult.Refused refused => refused.Faults,
            RuleSetResult.Compiled compiled => compiled.Warnings,
            _ => throw new InvalidOperationException(),
        };

    /// <summary>A rule with these conditions that alerts by itself.</summary>
    public static string Rule(string conditions, string extras = "", string name = "rule") =>
        "{\"name\":\"" + name + "\",\"rule_type\":\"AML\",\"jurisdiction\":\"*\",\"conditions\":" + conditions +
        ",\"actions\":{\"alert\":true},\"severity\":\"HIGH\"" + extras + "}";

    public static MonitoringEngine Engine(RuleSet rules, MonitoringOptions? options = null) =>
        new(rules, options ?? new MonitoringOptions());

    public static Transaction Transfer(
        int id, DateTimeOffset at, string amount, string? from = "a", string? to = "b", string currency = "USD") =>
            new()
    {
        Key = new TransactionKey("test", id.ToString(CultureInfo.InvariantCulture)),
        OccurredAt = at,
        Amount = new Money(decimal.Parse(amount, CultureInfo.InvariantCulture), CurrencyCode.Parse(currency)),
        Type = "transfer",
        Debtor = new TransactionParty(from),
        Creditor = new TransactionParty(to),
    };

    public static Decision Decide(this MonitoringEngine engine, Transaction transaction, PartyFacts? facts = null) =>
        Assert.IsType<JudgeResult.Decided>(engine.Submit(transaction, facts ?? PartyFacts.None)).Decision;

    /// <summary>Judges one transfer by one rule without history.</summary>
    public static Decision DecideAlone(string rule, Transaction transaction, PartyFacts? facts = null) =>
        Engine(Compile(rule)).Decide(transaction, facts);

    public static string Text(ReadOnlyMemory<byte> record) => Encoding.UTF8.GetString(record.Span);

    public static RuleSet DefaultPack() => RulePack.Compile(RulePack.Book());
}
