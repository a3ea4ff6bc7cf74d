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

    private static async Task<string> StatusAsync(Browser person, string set) =>
        (await person.GetAsync($"/api/v1/monitoring/rule-sets/{set}")).Json["rule_set"]!["status"]!.GetValue<string>();
}
