using System.Net;
using System.Text.Json.Nodes;
using Probity.Server.Monitoring;
using Probity.Server.Tests.Access;
using Xunit;

namespace Probity.Server.Tests.Monitoring;

/// <summary>Rules go live only when a second person agrees, over the API.</summary>
public sealed class RuleApprovalTests(ApprovalServer server) : IClassFixture<ApprovalServer>
{
    private const string Officer = "compliance_officer";

    [Fact]
    public async Task A_set_of_rules_waits_for_a_second_person_and_both_are_in_the_ledger()
    {
        using var ana = await server.SignInAsync();
        var (_, makers) = await server.PersonAsync(ana, [Officer]);
        var (_, checkers) = await server.PersonAsync(ana, [Officer]);
        using var maker = await server.SignInAsync(makers);
        using var checker = await server.SignInAsync(checkers);
        var draft = await maker.PostAsync("/api/v1/monitoring/rules?base=none", JsonNode.Parse(
            """
            {"name":"Large","rule_type":"AML","jurisdiction":"US",
            "conditions":{"amount_threshold":10000,"currency":"USD"},"actions":{"alert":true},"severity":"HIGH"}
            """));
        Assert.True(draft.Status == HttpStatusCode.Created, draft.Text);
        var set = draft.Json["id"]!.GetValue<string>();
        var from = await server.SizeAsync();

        var asked = await maker.PostAsync(
            $"/api/v1/monitoring/rule-sets/{set}:activate", new { reason = "back-tested on 90 days" });

        Assert.True(asked.Status == HttpStatusCode.Accepted, asked.Text);
        Assert.Equal("draft", await StatusAsync(maker, set));
        var approval = (await checker.GetAsync($"/api/v1/approvals/{asked.Json["approval_id"]}")).Json;
        Assert.Equal(set, approval["target_id"]!.GetValue<string>());
        (await ApprovalServer.ApproveAsync(maker, approval)).IsProblem(
            HttpStatusCode.Forbidden, "access.maker_is_checker");
        Assert.Equal("draft", await StatusAsync(maker, set)); // The refusal is the negative control.

        var done = await ApprovalServer.ApproveAsync(checker, approval, "looked at the difference");

        Assert.True(done.Status == HttpStatusCode.OK, done.Text);
        Assert.Contains(MonitoringEvents.RulesApproved, await server.TypesFromAsync(from));
        for (var tries = 0; tries < 100 && await StatusAsync(maker, set) != "active"; tries++)
        {
            await Task.Delay(50, TestContext.Current.CancellationToken); // The sweep puts it live.
        }

        Assert.Equal("active", await StatusAsync(maker, set));
        Assert.Contains(MonitoringEvents.RulesActivated, await server.TypesFromAsync(from));
        var told = (await ana.GetAsync($"/api/v1/events/{done.Json["executed_entry_id"]}")).Json["data"]!;
        Assert.Equal(maker.UserId, told["maker"]!["person"]!.GetValue<string>());
        Assert.Equal(checker.UserId, told["checkers"]![0]!["person"]!.GetValue<string>());
    }

    [Fact]
    public async Task What_a_second_person_is_asked_about_is_refused_once_another_set_is_live()
    {
        using var ana = await server.SignInAsync();
        var (_, makers) = await server.PersonAsync(ana, [Officer]);
        var (_, checkers) = await server.PersonAsync(ana, [Officer]);
        using var maker = await server.SignInAsync(makers);
        using var checker = await server.SignInAsync(checkers);
        var (first, asked) = await AskAsync(maker, checker, "Asked first");
        var (second, other) = await AskAsync(maker, checker, "Asked second");
        Assert.Equal(HttpStatusCode.OK, (await ApprovalServer.ApproveAsync(checker, other)).Status);
        for (var tries = 0; tries < 100 && await StatusAsync(maker, second) != "active"; tries++)
        {
            await Task.Delay(50, TestContext.Current.CancellationToken); // The sweep puts it live.
        }

        Assert.Equal("active", await StatusAsync(maker, second)); // Nothing was live beside it: the negative control.

        var refused = await ApprovalServer.ApproveAsync(checker, asked);

        refused.IsProblem(HttpStatusCode.Conflict, "access.approval_outdated");
        Assert.Contains("monitoring.rule_set_stale", refused.Text, StringComparison.Ordinal);
        Assert.Contains(second, refused.Text, StringComparison.Ordinal);
        Assert.Equal("draft", await StatusAsync(maker, first));
        var rebased = await maker.PostAsync($"/api/v1/monitoring/rule-sets/{first}:rebase");
        Assert.True(rebased.Status == HttpStatusCode.Created, rebased.Text);
    }

    private static async Task<(string Set, JsonNode Approval)> AskAsync(Browser maker, Browser checker, string name)
    {
        var draft = await maker.PostAsync("/api/v1/monitoring/rules", JsonNode.Parse(
            $$"""
            {"name":"{{name}}","rule_type":"AML","jurisdiction":"US",
            "conditions":{"amount_threshold":{{name.Length}}000,"currency":"USD"},"actions":{"alert":true},
            "severity":"LOW"}
            """));
        Assert.True(draft.Status == HttpStatusCode.Created, draft.Text);
        var set = draft.Json["id"]!.GetValue<string>();
        var asked = await maker.PostAsync(
            $"/api/v1/monitoring/rule-sets/{set}:activate", new { reason = "back-tested on 90 days" });
        Assert.True(asked.Status == HttpStatusCode.Accepted, asked.Text);
        return (set, (await checker.GetAsync($"/api/v1/approvals/{asked.Json["approval_id"]}")).Json);
    }

    private static async Task<string> StatusAsync(Browser person, string set) =>
        (await person.GetAsync($"/api/v1/monitoring/rule-sets/{set}")).Json["rule_set"]!["status"]!.GetValue<string>();
}
