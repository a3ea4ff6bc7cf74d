using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Probity.Server.Monitoring.Rules;
using Probity.Server.Tests.AuditTrail.Api;
using Xunit;

namespace Probity.Server.Tests.Monitoring;

/// <summary>Of sets of rules that are agreed to in the same instant one goes live and the others are refused.</summary>
public abstract class RuleRaceTests(RunningServer server)
{
    private const string Sets = "/api/v1/monitoring/rule-sets/";

    [Fact]
    public async Task Of_sets_agreed_to_in_the_same_instant_one_is_live_and_the_others_are_stale()
    {
        for (var round = 0; round < 3; round++)
        {
            var drafts = new List<string>();
            for (var i = 0; i < 3; i++)
            {
                drafts.Add(await DraftAsync($"At once {round}-{i}", 6_000 + (round * 10) + i));
            }

            var answers = await Task.WhenAll(drafts.Select(set => server.PostAsync(
                $"{Sets}{set}:activate", """{"reason":"at once"}""")));

            var winner = Assert.Single(drafts.Zip(answers), item => item.Second.Status == HttpStatusCode.OK).First;
            Assert.All(answers.Where(answer => answer.Status != HttpStatusCode.OK), answer =>
                answer.IsProblem(HttpStatusCode.Conflict, "monitoring.rule_set_stale"));
            Assert.Equal(winner, await LiveAsync());
            await server.Services.GetRequiredService<RuleDesk>().GoLiveAsync(TestContext.Current.CancellationToken);
            Assert.Equal(winner, await LiveAsync());
            foreach (var loser in drafts.Where(set => set != winner))
            {
                Assert.Equal("draft", await StatusAsync(loser));
            }
        }
    }

    private async Task<string> DraftAsync(string name, int threshold)
    {
        var draft = await server.PostAsync(
            "/api/v1/monitoring/rules",
            $$"""{"name":"{{name}}","rule_type":"AML","jurisdiction":"US","conditions":{"amount_threshold":"""
            + $$"""{{threshold}},"currency":"USD"},"actions":{"alert":true},"severity":"LOW"}""");
        Assert.True(draft.Status == HttpStatusCode.Created, draft.Text);
        return draft.Json["id"]!.GetValue<string>();
    }

    private async Task<string> LiveAsync() =>
        (await server.GetAsync("/api/v1/monitoring/rule-sets")).Json["rule_sets"]!.AsArray()
            .Single(set => set!["is_live"]!.GetValue<bool>())!["id"]!.GetValue<string>();

    private async Task<string> StatusAsync(string set) =>
        (await server.GetAsync(Sets + set)).Json["rule_set"]!["status"]!.GetValue<string>();
}

public sealed class RuleRacesOnSqliteTests(RunningServer server)
    : RuleRaceTests(server), IClassFixture<RunningServer>;

public sealed class RuleRacesOnPostgresTests(PostgresRunningServer server)
    : RuleRaceTests(server.OrSkip()), IClassFixture<PostgresRunningServer>;
