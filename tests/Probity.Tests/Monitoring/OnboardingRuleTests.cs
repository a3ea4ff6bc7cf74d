using Probity.Monitoring;
using Probity.Monitoring.Pack;
using Xunit;
using static Probity.Tests.Monitoring.MonitoringKit;

namespace Probity.Tests.Monitoring;

/// <summary>Rules may ask how far onboarding of a customer is, and what each check came to.</summary>
public sealed class OnboardingRuleTests
{
    private const string Begun = "pending standard passed:identity waived:address failed:purpose missing:document";

    [Theory]
    [InlineData("""{"ne":["$customer.onboarding","active"]}""", Begun, true)]
    [InlineData("""{"ne":["$customer.onboarding","active"]}""", "active standard passed:identity", false)]
    [InlineData("""{"eq":["$customer.onboarding","refused"]}""", "refused", true)]
    [InlineData("""{"eq":["$customer.onboarding_level","standard"]}""", Begun, true)]
    [InlineData("""{"in":["$customer.check.identity",["missing","failed"]]}""", Begun, false)]
    [InlineData("""{"in":["$customer.check.document",["missing","failed"]]}""", Begun, true)]
    [InlineData("""{"eq":["$customer.check.address","waived"]}""", Begun, true)]
    [InlineData("""{"eq":["$customer.check.purpose","failed"]}""", Begun, true)]
    [InlineData("""{"eq":["$customer.check.approval","not_asked"]}""", Begun, true)]
    [InlineData("""{"eq":["passed","$customer.check.identity"]}""", Begun, true)]
    public void A_rule_asks_for_the_state_the_level_and_each_check(string conditions, string onboarding, bool expected)
    {
        var decision = DecideAlone(Rule(conditions), Transfer(1, Monday, "10.00"), Facts(onboarding));

        Assert.Empty(decision.Unanswered);
        Assert.Equal(expected, decision.Alert is not null);
    }

    [Theory]
    [InlineData("""{"ne":["$customer.onboarding","active"]}""", null)]
    [InlineData("""{"ne":["$customer.check.identity","passed"]}""", null)]
    [InlineData("""{"ne":["$customer.check.identity","passed"]}""", "pending")]
    [InlineData("""{"ne":["$customer.onboarding_level","standard"]}""", "pending")]
    public void What_is_not_told_leaves_the_rule_unanswered(string conditions, string? told)
    {
        var decision = DecideAlone(Rule(conditions), Transfer(1, Monday, "10.00"), Facts(told));

        Assert.Equal("missing_field", Assert.Single(decision.Unanswered).Reason);
        Assert.Null(decision.Alert);
    }

    [Theory]
    [InlineData("""{"eq":["$customer.onboarding","pendign"]}""", "/conditions/eq/1", "pending")]
    [InlineData("""{"eq":["done","$customer.onboarding"]}""", "/conditions/eq/0", "active")]
    [InlineData("""{"in":["$customer.check.address",["passed","none"]]}""", "/conditions/in/1/1", "missing")]
    [InlineData("""{"eq":["$customer.onboarding_level","high"]}""", "/conditions/eq/1", "enhanced")]
    public void A_word_that_it_never_has_is_refused(string conditions, string place, string fix)
    {
        var fault = Assert.Single(FaultsOf(Rule(conditions)));

        Assert.Equal((place, "monitoring.unknown_word"), (fault.Place, fault.Code));
        Assert.Contains(fix, fault.Fix, StringComparison.Ordinal);
    }

    [Fact]
    public void An_example_of_a_rule_tells_it_as_a_fact()
    {
        const string Events =
            """[{"at":"2026-03-02T15:00:00Z","amount":"10.00","currency":"USD","type":"transfer","debtor":"a1","""
            + """ "creditor":"x1","debtor_customer":"c1"}]""";
        static string Example(string name, string onboarding) =>
            $"\"{name}\":{{\"events\":{Events},\"facts\":{{\"c1\":{{\"onboarding\":\"{onboarding}\"}}}}}}";
        var rule = Rule(
            """{"eq":["$customer.check.identity","missing"]}""",
            $",\"examples\":{{{Example("positive", "pending standard missing:identity")},"
            + $"{Example("near_miss", "pending standard passed:identity missing:document")}}}");

        var results = RuleExample.Run(Document(rule), Compile(rule));

        Assert.Equal([("positive", true), ("near_miss", false)], results.Select(item => (item.Name, item.Fired)));
        var bad = rule.Replace("passed:identity", "passed:identiti", StringComparison.Ordinal);
        var fault = Assert.Throws<FormatException>(() => RuleExample.Run(Document(bad), Compile(rule)));
        Assert.Contains("onboarding", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pending", true)]
    [InlineData("active enhanced", true)]
    [InlineData(Begun, true)]
    [InlineData("", false)]
    [InlineData("Pending", false)]
    [InlineData("pending high", false)]
    [InlineData("pending standard passed", false)]
    [InlineData("pending standard passed:", false)]
    [InlineData("pending standard done:identity", false)]
    [InlineData("pending  standard", false)]
    public void Only_the_form_is_read(string text, bool isRead) =>
        Assert.Equal(isRead, OnboardingFacts.Read(text) is not null);

    [Fact]
    public void What_is_written_is_read()
    {
        var written = OnboardingFacts.Write(
            "standard", [("document", "missing"), ("identity", "passed"), ("address", "passed")]);

        Assert.Equal("standard passed:identity,address missing:document", written);
        var read = OnboardingFacts.Read("pending " + written)!;
        Assert.Equal(
            ("pending", "standard", "passed", "missing", "not_asked"),
            (read.State, read.Level, read.OutcomeOf("address"), read.OutcomeOf("document"), read.OutcomeOf("purpose")));
    }

    private static PartyFacts Facts(string? onboarding) => new(
        new SideFacts(new CustomerFacts("c1", 1)
        {
            Onboarding = onboarding is null ? null : OnboardingFacts.Read(onboarding)!,
        }),
        SideFacts.None);
}
