using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Probity.Screening.Model;
using Probity.Server.AuditTrail.Verification;
using Probity.Server.Screening.Lists;
using Probity.Server.Tests.Access;
using Xunit;

namespace Probity.Server.Tests.Screening;

/// <summary>Making a version live needs a second person where there is one, and of two at once one wins.</summary>
public sealed class ListActivationTests
{
    private const string Header = "id,list,type,name\n";

    [Fact]
    public async Task A_version_goes_live_once_a_second_person_has_agreed()
    {
        await using var server = new ApprovalServer();
        await server.InitializeAsync();
        using var ana = await server.SignInAsync();
        var (_, makerLogin) = await server.PersonAsync(ana, ["compliance_officer"]);
        var (_, checkerLogin) = await server.PersonAsync(ana, ["compliance_officer"]);
        using var maker = await server.SignInAsync(makerLogin);
        using var checker = await server.SignInAsync(checkerLogin);
        var version = await LoadAsync(server, Header + "1,own_s,person,Ann Example\n");

        var asked = await maker.PostAsync(
            $"/api/v1/screening/lists/own_s/versions/{version}:activate", new { reason = "looked at" });

        Assert.True(asked.Status == HttpStatusCode.Accepted, asked.Text);
        Assert.False(IsLive(server, "own_s"));
        var approval = (await maker.GetAsync($"/api/v1/approvals/{asked.Json["approval_id"]}")).Json;
        Assert.Equal(HttpStatusCode.Forbidden, (await ApprovalServer.ApproveAsync(maker, approval)).Status);
        var agreed = await ApprovalServer.ApproveAsync(checker, approval);
        Assert.True(agreed.Status == HttpStatusCode.OK, agreed.Text);
        await server.Services.GetRequiredService<ActiveLists>().RefreshAsync(TestContext.Current.CancellationToken);
        Assert.True(IsLive(server, "own_s"));
        Assert.Equal(HttpStatusCode.Conflict, (await maker.PostAsync(
            $"/api/v1/screening/lists/own_s/versions/{version}:activate", new { reason = "again" })).Status);
    }

    [Fact]
    public async Task Of_two_activations_at_once_each_is_done_or_told_and_the_rows_are_sound()
    {
        await using var server = new AccessServer();
        await server.InitializeAsync();
        var one = await LoadAsync(server, Header + "1,own_t,person,Ann Example\n");
        var two = await LoadAsync(server, Header + "1,own_t,person,Ann Example\n2,own_t,person,Bob Example\n");

        for (var round = 0; round < 5; round++)
        {
            var answers = await Task.WhenAll(((string[])[one, two, one, two]).Select(version => AccessServer.SendAsync(
                server.Key, HttpMethod.Post, $"/api/v1/screening/lists/own_t/versions/{version}:activate",
                new { reason = "at once" })));

            Assert.Contains(answers, answer => answer.Status == HttpStatusCode.OK);
            Assert.All(answers, answer => Assert.True(
                answer.Status == HttpStatusCode.OK || answer.Code is "screening.list_raced"
                    or "screening.list_unchanged", answer.Text));
        }

        Assert.True((await server.Services.GetRequiredService<RowAudit>().RunAsync(null, default)).IsSound);
    }

    private static bool IsLive(AccessServer server, string list) =>
        server.Services.GetRequiredService<ActiveLists>().Current.ContainsKey(new ListId(list));

    private static async Task<string> LoadAsync(AccessServer server, string rows)
    {
        using var body = new StringContent(rows, Encoding.UTF8);
        using var answer = await server.Key.PostAsync(
            "/api/v1/screening/lists:load?name=own.csv", body, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!["lists"]![0]!["version"]!["id"]!.GetValue<string>();
    }
}
