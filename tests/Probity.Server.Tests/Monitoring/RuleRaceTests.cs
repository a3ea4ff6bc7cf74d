using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Probity.Server.Monitoring;
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

    [Fact]
    public async Task What_many_look_at_in_the_same_instant_is_held_once()
    {
        var desk = server.Services.GetRequiredService<RuleDesk>();
        for (var round = 0; round < 5; round++)
        {
            var later = await DraftAsync($"Later {round}", 7_000 + round);
            await server.PostAsync(
                $"{Sets}{later}:activate", """{"reason":"later","active_from":"2090-01-01T00:00:00Z"}""");
            Assert.Equal("approved", await StatusAsync(later));
            var sooner = await DraftAsync($"Sooner {round}", 8_000 + round);
            Assert.Equal(HttpStatusCode.OK, (await server.PostAsync(
                $"{Sets}{sooner}:activate", """{"reason":"now"}""")).Status);
            var size = await server.SizeAsync();

            await Task.WhenAll(Enumerable.Range(0, 8).Select(
                _ => Task.Run(() => desk.GoLiveAsync(TestContext.Current.CancellationToken))));

            Assert.Equal("draft", await StatusAsync(later));
            Assert.Single(
                await server.EntriesFromAsync(size),
                entry => entry["type"]!.GetValue<string>() == MonitoringEvents.RulesHeld);
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
