using Probity.Monitoring.Rules;
using Xunit;
using static Probity.Tests.Monitoring.MonitoringKit;

namespace Probity.Tests.Monitoring;

/// <summary>Bad rules are refused with the place and the fix.</summary>
public sealed class RuleFaultTests
{
    private const string Count = """{"agg":{"fn":"count","key":"account","dir":"in","window":{"last":"24h"}}}""";

    [Theory]
    [InlineData("""{"gte":["$amout",1]}""", "/conditions/gte/0", "unknown_field", "$amount")]
    [InlineData("""{"gte":["$amount",10000]}""", "/conditions/gte", "bad_type", "money")]
    [InlineData("""{"gte":["$ccy","USD"]}""", "/conditions/gte", "bad_type", "eq")]
    [InlineData("""{"greater":["$amount",1]}""", "/conditions/greater", "unknown_operation", "")]
    [InlineData("""{"amount_threshold":10000,"currency":"USX"}""", "/conditions/currency", "bad_currency", "USD")]
    [InlineData(
        """{"amount_threshold":10000.001,"currency":"USD"}""", "/conditions/amount_threshold", "bad_amount", "")]
    [InlineData("""{"amount_threshold":10000}""", "/conditions", "missing_member", "currency")]
    [InlineData("""{"in_list":["$ccy","nolist"]}""", "/conditions/in_list/1", "unknown_list", "risky")]
    [InlineData(
        """{"all":[{"gt":["$amount",{"money":[5,"USD"]}]},{"lt":["$amount",{"money":[5,"USD"]}]}]}""",
        "/conditions/all/1", "unreachable", "")]
    [InlineData("""{"all":["$is_cash","$is_cash"]}""", "/conditions/all/1", "duplicate_term", "")]
    [InlineData(
        """{"gte":[{"agg":{"fn":"count","key":"account","dir":"in","window":{"last":"500d"}}},1]}""",
        "/conditions/gte/0/agg/window", "window_beyond_history", "400")]
    [InlineData(
        """{"gte":[{"agg":{"fn":"sum","key":"account","dir":"in","window":{"last":"5d"}}},1]}""",
        "/conditions/gte/0/agg", "missing_member", "to")]
    [InlineData(
        """{"gte":[{"agg":{"fn":"count","key":"account","dir":"in","window":{"business_days":5}}},1]}""",
        "/conditions/gte/0/agg/window", "missing_member", "calendar")]
    [InlineData(
        """{"gte":[{"agg":{"fn":"count","key":"account","dir":"in","window":{"last":"5d"}"""
        + ""","where":"$customer.is_pep"}},1]}""",
        "/conditions/gte/0/agg/where", "bad_field", "$current.customer.is_pep")]
    public void A_fault_is_told_with_its_place_and_fix(string conditions, string place, string code, string fix)
    {
        var fault = Assert.Single(FaultsOf(Rule(conditions)));

        Assert.Equal((place, "monitoring." + code), (fault.Place, fault.Code));
        Assert.Contains(fix, fault.Fix, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""[{"upto":5,"score":0},{"upto":9,"score":0.4}]""", "band_gap")]
    [InlineData("""[{"upto":5,"score":0},{"from":6,"score":0.4}]""", "band_gap")]
    [InlineData("""[{"upto":5,"score":0},{"upto":5,"score":0.4},{"score":1}]""", "unreachable_band")]
    [InlineData("""[{"score":0},{"score":0.4}]""", "unreachable_band")]
    [InlineData("""[{"upto":5,"score":0},{"score":1.1}]""", "bad_score")]
    public void Bands_leave_no_gap(string bands, string code)
    {
        var fault = Assert.Single(FaultsOf(Rule("{\"value\":" + Count + ",\"bands\":" + bands + "}")));

        Assert.Equal("monitoring." + code, fault.Code);
        Assert.StartsWith("/conditions/bands", fault.Place, StringComparison.Ordinal);
    }

    [Fact]
    public void All_faults_of_a_set_are_told_at_once()
    {
        var faults = FaultsOf(
            Rule("""{"score":"b"}""", name: "a"),
            Rule("""{"gte":[{"score":"c"},1]}""", name: "b"),
            Rule("""{"gte":[{"score":"b"},1]}""", name: "c"),
            Rule("""{"gte":[{"score":"nobody"},1]}""", name: "d"),
            Rule("\"$is_cash\"", name: "e"),
            Rule("\"$is_cash\"", name: "e"));

        Assert.Equal(
            ["bad_type", "circular_score", "duplicate_name", "duplicate_rule", "unknown_rule"],
            faults.Select(fault => fault.Code["monitoring.".Length..]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_rule_that_costs_too_much_is_refused()
    {
        var cycles = Enumerable.Range(1, 3).Select(day =>
            $$$"""{"flow":{"pattern":"cycle","max_hops":12,"within":"{{{day}}}d"}}""");

        var fault = Assert.Single(FaultsOf(Rule("{\"any\":[" + string.Join(',', cycles) + "]}")));

        Assert.Equal("monitoring.too_costly", fault.Code);
    }

    [Fact]
    public void A_duplicate_is_a_warning_and_does_not_refuse_the_set()
    {
        var result = RuleSet.Compile(
            [Document(Rule("\"$is_cash\"", name: "a")), Document(Rule("\"$is_cash\"", name: "b"))], Book);

        Assert.Equal(FaultLevel.Warning, Assert.Single(Assert.IsType<RuleSetResult.Compiled>(result).Warnings).Level);
    }

    [Fact]
    public void Exact_numbers_are_kept_and_bad_json_is_placed()
    {
        var fault = Assert.Single(FaultsOf("""{"name":"x","name":"y"}"""));

        Assert.Equal("monitoring.bad_json", fault.Code);
    }
}
