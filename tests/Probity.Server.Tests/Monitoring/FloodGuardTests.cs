using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Probity.Server.Cases;
using Probity.Server.Monitoring;
using Probity.Server.Monitoring.Rules;
using Probity.Server.Storage;
using Probity.Server.Tests.AuditTrail.Api;
using Xunit;

namespace Probity.Server.Tests.Monitoring;

/// <summary>A rule that floods is paused and told of; one that only alerts is not.</summary>
public sealed class FloodGuardTests(RunningServer server) : IClassFixture<RunningServer>
{
    [Fact]
    public async Task A_rule_that_floods_is_paused_with_an_entry_and_an_alert_and_what_was_live_can_come_back()
    {
        var draft = await server.PostAsync("/api/v1/monitoring/rules",
            """{"name":"Everything","rule_type":"AML","jurisdiction":"*","conditions":{"eq":["$tx_type","flood"]},"""
            + """ "actions":{"alert":true},"severity":"HIGH"}""");
        var set = draft.Json["id"]!.GetValue<string>();
        await ActivateAsync(set);
        var guard = server.Services.GetRequiredService<FloodGuard>();
        await SendAsync(0, FloodGuard.LeastAlerts - 1);
        Assert.Empty(await guard.LookAsync(TestContext.Current.CancellationToken)); // The negative control.
        await SendAsync(FloodGuard.LeastAlerts - 1, 1);
        var size = await server.SizeAsync();

        var paused = await guard.LookAsync(TestContext.Current.CancellationToken);

        Assert.Equal(["Everything"], paused);
        var types = (await server.EntriesFromAsync(size)).Select(entry => entry["type"]!.GetValue<string>()).ToList();
        Assert.Equal(
            [MonitoringEvents.RulePaused, CaseEvents.Raised, MonitoringEvents.RulesActivated], types.Take(3));
        var after = await server.PostAsync("/api/v1/transactions", Line(9_000));
        Assert.Null(after.Json["alert_rule"]);
        await using var db = server.Services.GetRequiredService<IDatabase>().CreateContext();
        var alert = await db.Set<AlertRow>().SingleAsync(
            row => row.Kind == "rule_flood", TestContext.Current.CancellationToken);
        Assert.Equal(("rules", "Everything", "high"), (alert.Route, alert.SubjectId, alert.Severity));
        Assert.Empty(await guard.LookAsync(TestContext.Current.CancellationToken)); // It is paused once.

        await ActivateAsync(set);
        var back = await server.PostAsync("/api/v1/transactions", Line(9_001));
        Assert.Equal("Everything", back.Json["alert_rule"]!.GetValue<string>());
    }

    private async Task ActivateAsync(string set)
    {
        var answer = await server.PostAsync(
            $"/api/v1/monitoring/rule-sets/{set}:activate", """{"reason":"looked at"}""");
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
    }

    private async Task SendAsync(int from, int count)
    {
        var answer = await server.PostAsync(
            "/api/v1/transactions:ingest", string.Join('\n', Enumerable.Range(from, count).Select(Line)));
        Assert.All(answer.Lines, line => Assert.Equal("decided", line["status"]!.GetValue<string>()));
    }

    private static string Line(int number) =>
        $$"""{"source":"flood","id":"{{number}}","occurred_at":"2026-03-02T15:00:00Z","amount":"5.00", """
        + $$""" "currency":"USD","type":"flood","debtor":{"account":"F{{number % 50}}"}, """
        + """ "creditor":{"account":"G"}}""";
}
