using System.Text;
using Probity.Monitoring.Pack;
using Probity.Monitoring.Rules;
using Probity.Tests.Style;
using Xunit;

namespace Probity.Tests.Monitoring;

/// <summary>The rules that ship: sound, sourced, and each proven by its own examples.</summary>
public sealed class RulePackTests
{
    private static readonly RuleSet s_rules = MonitoringKit.DefaultPack();

    public static TheoryData<string> Origins() => [.. RulePack.Documents().Select(document => document.Origin)];

    [Theory]
    [MemberData(nameof(Origins))]
    public void A_rule_fires_on_its_example_and_not_on_its_near_miss(string origin)
    {
        var document = RulePack.Documents().Single(item => item.Origin == origin);

        var results = RuleExample.Run(document, s_rules);

        Assert.Equal(
            [("near_miss", false), ("positive", true)],
            results.Select(result => (result.Name, result.Fired)).Order());
    }

    [Fact]
    public void There_are_forty_rules_and_more_and_each_says_where_it_comes_from()
    {
        Assert.True(s_rules.Rules.Count >= 40);
        Assert.All(s_rules.Rules, rule =>
        {
            Assert.False(string.IsNullOrEmpty(rule.Source));
            Assert.False(string.IsNullOrEmpty(rule.Purpose));
            Assert.NotEmpty(rule.RedFlags);
        });
        Assert.Equal(
            [], Assert.IsType<RuleSetResult.Compiled>(RuleSet.Compile(RulePack.Documents(), RulePack.Book())).Warnings);
    }

    [Fact]
    public void The_table_for_the_examiner_is_that_of_the_rules() =>
        Assert.Equal(CoverageTable.Write(s_rules), Repository.Read("docs/monitoring-coverage.md"));

    [Fact]
    public void The_published_schema_is_the_one_inside() => Assert.Equal(
        Encoding.UTF8.GetString(RulePack.Schema().Span), Repository.Read("docs/reference/monitoring-rule.schema.json"));
}
