using Probity.Monitoring;
using Xunit;
using static Probity.Tests.Monitoring.MonitoringKit;

namespace Probity.Tests.Monitoring;

/// <summary>Simple conditions work as they are written.</summary>
public sealed class LargeTransactionTests
{
    // Byte for byte as documents in the field write it.
    private const string AsWritten =
        """{"name":"Large Transaction Monitoring","rule_type":"AML","jurisdiction":"US","conditions":"""
        + """{"amount_threshold":10000,"currency":"USD"},"actions":"""
        + """{"alert":true,"require_documentation":true},"severity":"HIGH"}""";

    [Theory]
    [InlineData("9999.99", DecisionOutcome.Approve)]
    [InlineData("10000.00", DecisionOutcome.Review)]
    [InlineData("10000.01", DecisionOutcome.Review)]
    public void The_threshold_is_met_at_the_exact_cent(string amount, DecisionOutcome expected)
    {
        var decision = DecideAlone(AsWritten, Transfer(1, Monday, amount));

        Assert.Equal(expected, decision.Outcome);
        Assert.Equal(expected == DecisionOutcome.Review, decision.Alert is { RequiresDocumentation: true });
    }

    [Theory]
    [InlineData("10000.00", DecisionOutcome.Approve)]
    [InlineData("10000.01", DecisionOutcome.Review)]
    public void More_than_can_be_asked_for(string amount, DecisionOutcome expected)
    {
        var strict = AsWritten.Replace("\"USD\"", "\"USD\",\"amount_operator\":\"gt\"", StringComparison.Ordinal);

        Assert.Equal(expected, DecideAlone(strict, Transfer(1, Monday, amount)).Outcome);
    }

    [Theory]
    // 2026-03-02 falls under the rate from 26 February, 1.108.
    [InlineData("9025.27", DecisionOutcome.Review)]
    [InlineData("9025.26", DecisionOutcome.Approve)]
    public void Another_currency_is_converted_at_the_rate_of_its_day(string euros, DecisionOutcome expected)
    {
        var decision = DecideAlone(AsWritten, Transfer(1, Monday, euros, currency: "EUR"));

        Assert.Equal(expected, decision.Outcome);
        Assert.Contains("\"rate\":{\"currency\":\"EUR\",\"from\":\"2026-02-26\"", Text(decision.Record),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_rate_a_person_decides_and_bare_numbers_are_not_compared()
    {
        var decision = DecideAlone(AsWritten, Transfer(1, Monday, "1000000", currency: "JPY"));

        Assert.Equal(DecisionOutcome.Review, decision.Outcome);
        Assert.Empty(decision.Contributions);
        Assert.Equal(new Unanswered("Large Transaction Monitoring", "no_rate", true),
            Assert.Single(decision.Unanswered));
    }

    [Theory]
    [InlineData("US", true)]
    [InlineData("DE", false)]
    public void The_rule_is_limited_to_accounts_under_its_law(string law, bool isAsked)
    {
        var facts = new PartyFacts(
            new SideFacts(Account: new AccountFacts("a", 1) { Jurisdiction = law }), SideFacts.None);

        Assert.Equal(isAsked, DecideAlone(AsWritten, Transfer(1, Monday, "10000.00"), facts).Alert is not null);
    }

    [Fact]
    public void The_counterfactual_names_the_threshold()
    {
        var decision = DecideAlone(AsWritten, Transfer(1, Monday, "12500.00"));

        Assert.Equal(
            "$amount had been below 10000.00 USD (it was 12500.00 USD)",
            Assert.Single(Assert.Single(decision.Contributions).Counterfactual));
    }
}
