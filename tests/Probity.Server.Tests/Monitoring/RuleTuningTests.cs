using System.Net;
using Probity.Server.Tests.AuditTrail.Api;
using Xunit;

namespace Probity.Server.Tests.Monitoring;

/// <summary>Above and below the line: other values of a number, what lies between, and a sample of it.</summary>
public sealed class RuleTuningTests(RunningServer server) : IClassFixture<RunningServer>
{
    private const string Rule =
        """{"name":"Line","rule_type":"AML","jurisdiction":"US","conditions":{"amount_threshold":1000,"""
        + """ "currency":"USD"},"actions":{"alert":true},"severity":"HIGH"}""";

    [Fact]
    public async Task Values_are_counted_and_what_lies_between_them_is_drawn_the_same_for_a_seed()
    {
        var lines = Enumerable.Range(0, 60).Select(i => Transaction(i, 700 + (i * 10)));
        await server.PostAsync("/api/v1/transactions:ingest", string.Join('\n', lines)); // 700 to 1290
        var set = await DraftAsync();

        var one = await TuneAsync(set, """["900","1100"]""", 7);
        var same = await TuneAsync(set, """["900","1100"]""", 7);
        var other = await TuneAsync(set, """["900","1100"]""", 8);

        Assert.Equal(60, one.Json["transactions"]!.GetValue<int>());
        Assert.Equal(
            [("1000", 30, 0, 0), ("900", 40, 10, 0), ("1100", 20, 0, 10)],
            one.Json["values"]!.AsArray().Select(value => (
                value!["value"]!.GetValue<string>(), value["matches"]!.GetValue<int>(),
                value["only_here"]!.GetValue<int>(), value["only_written"]!.GetValue<int>())));
        var drawn = one.Json["values"]![1]!["sample"]!.AsArray().Select(item => item!.GetValue<string>()).ToList();
        Assert.Equal(5, drawn.Count);
        Assert.All(drawn, item => Assert.InRange(int.Parse(
            item["tune/".Length..], System.Globalization.CultureInfo.InvariantCulture), 20, 29)); // 900 to 990
        Assert.Equal(one.Text, same.Text);
        Assert.NotEqual(one.Text, other.Text);
    }

    [Theory]
    [InlineData("/conditions/currency", "[\"900\"]", HttpStatusCode.UnprocessableEntity)]
    [InlineData("/conditions/nothing", "[\"900\"]", HttpStatusCode.UnprocessableEntity)]
    [InlineData("/conditions/amount_threshold", "[\"many\"]", HttpStatusCode.UnprocessableEntity)]
    [InlineData("/conditions/amount_threshold", "[]", HttpStatusCode.BadRequest)]
    [InlineData("/conditions/amount_threshold", "[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\"]", HttpStatusCode.BadRequest)]
    public async Task What_cannot_be_tried_is_refused(string pointer, string values, HttpStatusCode status)
    {
        var set = await DraftAsync();

        var answer = await server.PostAsync(
            $"/api/v1/monitoring/rule-sets/{set}:tune",
            $$"""{"rule":"Line","pointer":"{{pointer}}","values":{{values}}}""");

        Assert.True(answer.Status == status, answer.Text);
    }

    private async Task<string> DraftAsync()
    {
        var draft = await server.PostAsync("/api/v1/monitoring/rules?base=none", Rule);
        Assert.True(draft.Status == HttpStatusCode.Created, draft.Text);
        return draft.Json["id"]!.GetValue<string>();
    }

    private async Task<Answer> TuneAsync(string set, string values, int seed)
    {
        var answer = await server.PostAsync(
            $"/api/v1/monitoring/rule-sets/{set}:tune",
            $$"""{"rule":"Line","pointer":"/conditions/amount_threshold","values":{{values}}, """
            + $$""" "sample":5,"seed":{{seed}}}""");
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
        return answer;
    }

    private static string Transaction(int number, int amount) =>
        $$"""{"source":"tune","id":"{{number}}","occurred_at":"2026-03-02T15:00:00Z","amount":"{{amount}}.00", """
        + $$""" "currency":"USD","type":"wire","debtor":{"account":"T{{number}}"}, """
        + """ "channel":"online"}""";
}
