using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Probity.Server.Cases;
using Probity.Server.Monitoring.Rules;
using Probity.Server.Storage;
using Probity.Server.Tests.AuditTrail.Api;
using Xunit;

namespace Probity.Server.Tests.Monitoring;

/// <summary>A rule in shadow beside live: on record, counted, replayed, and nothing is done by it.</summary>
public sealed class ShadowServerTests(RunningServer server) : IClassFixture<RunningServer>
{
    private const string Name = "Shadow over five thousand";

    [Fact]
    public async Task A_rule_runs_in_shadow_and_then_live()
    {
        await GoLiveAsync(",\"mode\":\"shadow\"");
        var alerts = await AlertsAsync();

        var answer = await server.PostAsync("/api/v1/transactions", Transaction("shadow-1", "5001.00"));

        Assert.True(answer.Status == HttpStatusCode.Created, answer.Text);
        Assert.Null(answer.Json["alert_rule"]);
        Assert.Equal("approve", answer.Json["decision"]!["outcome"]!.GetValue<string>());
        var shadow = answer.Json["decision"]!["shadow"]!;
        Assert.Equal((true, "review", Name), (shadow["alert"]!.GetValue<bool>(),
            shadow["outcome"]!.GetValue<string>(), shadow["rule"]!.GetValue<string>()));
        var silent = await server.PostAsync("/api/v1/transactions", Transaction("shadow-2", "4999.00"));
        Assert.Null(silent.Json["decision"]!["shadow"]);
        Assert.Equal(alerts, await AlertsAsync());
        Assert.Equal(["shadow-1"], await ListedAsync("shadow"));
        var yield = (await server.Services.GetRequiredService<RuleYields>().ReadAsync(default))[Name];
        Assert.Equal((0, 0, 1), (yield.Decisions, yield.Alerts, yield.Shadow));
        await PageSaysAsync(answer.Json["id"]!.GetValue<string>());

        // Live it does what it said; the record of before stays as it was.
        var set = await GoLiveAsync("");
        var loud = await server.PostAsync("/api/v1/transactions", Transaction("shadow-3", "5001.00"));
        Assert.Equal(Name, loud.Json["alert_rule"]!.GetValue<string>());
        Assert.Equal(alerts + 1, await AlertsAsync());
        var trial = await server.PostAsync($"/api/v1/monitoring/rule-sets/{set}:backtest", "{}");
        Assert.Equal(0, trial.Json["shadow_alerts"]!.GetValue<int>());
        var replay = (await server.PostAsync("/api/v1/monitoring:replay", "{}")).Json;
        Assert.Equal(replay["decisions"]!.GetValue<int>(), replay["identical"]!.GetValue<int>());
    }

    private async Task PageSaysAsync(string id)
    {
        var kept = (await server.GetAsync($"/api/v1/transactions/{id}/decision")).Json;
        Assert.Equal(Name, kept["shadow"]!["contributions"]![0]!["rule"]!.GetValue<string>());
    }

    private async Task<string> GoLiveAsync(string mode)
    {
        var draft = await server.PostAsync("/api/v1/monitoring/rules?base=none", Rule(mode));
        Assert.True(draft.Status == HttpStatusCode.Created, draft.Text);
        var set = draft.Json["id"]!.GetValue<string>();
        if (mode.Length > 0)
        {
            await server.PostAsync("/api/v1/transactions", Transaction("shadow-0", "5001.00")); // History to try it on.
            var trial = await server.PostAsync($"/api/v1/monitoring/rule-sets/{set}:backtest", "{}");
            Assert.Equal(
                (0, 1), (trial.Json["alerts"]!.GetValue<int>(), trial.Json["shadow_alerts"]!.GetValue<int>()));
            var tuned = await server.PostAsync(
                $"/api/v1/monitoring/rule-sets/{set}:tune",
                $$"""{"rule":"{{Name}}","pointer":"/conditions/amount_threshold","values":["6000"],"sample":0}""");
            Assert.Equal(
                [("5000", 1, 1), ("6000", 0, 0)],
                tuned.Json["values"]!.AsArray().Select(value => (value!["value"]!.GetValue<string>(),
                    value["matches"]!.GetValue<int>(), value["alerts"]!.GetValue<int>())));
        }

        var agreed = await server.PostAsync(
            $"/api/v1/monitoring/rule-sets/{set}:activate", """{"reason":"looked at"}""");
        Assert.True(agreed.Status == HttpStatusCode.OK, agreed.Text);
        return set;
    }

    private async Task<int> AlertsAsync()
    {
        await using var db = server.Services.GetRequiredService<IDatabase>().CreateContext();
        return await db.Set<AlertRow>().CountAsync(TestContext.Current.CancellationToken);
    }

    private async Task<IReadOnlyList<string>> ListedAsync(string filter)
    {
        var listed = await server.GetAsync($"/api/v1/transactions?{filter}={Uri.EscapeDataString(Name)}");
        var found = new List<string>();
        foreach (var item in listed.Json["transactions"]!.AsArray())
        {
            Assert.Equal(Name, item!["shadow_rule"]!.GetValue<string>());
            var whole = await server.GetAsync($"/api/v1/transactions/{item["id"]}");
            found.Add(whole.Json["transaction"]!["id"]!.GetValue<string>());
        }

        return found;
    }

    private static string Rule(string mode) =>
        $$"""{"name":"{{Name}}","rule_type":"AML","jurisdiction":"US","conditions":{"amount_threshold":5000,"""
        + $$""" "currency":"USD"},"actions":{"alert":true},"severity":"HIGH"{{mode}}}""";

    private static string Transaction(string id, string amount) =>
        $$"""{"source":"core","id":"{{id}}","occurred_at":"2026-03-02T15:00:00Z","amount":"{{amount}}","""
        + """ "currency":"USD","type":"wire","debtor":{"account":"SH-1"},"creditor":{"account":"SH-2"}}""";
}
