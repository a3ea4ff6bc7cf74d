using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.EntityFrameworkCore;
using Probity.Server.Screening.Hits;
using Probity.Server.Screening.Matching;
using Probity.Server.Tests.Access;
using Xunit;

namespace Probity.Server.Tests.Screening;

/// <summary>An exemption is asked for over the API and given by a second person; who may not see the customer's legal
/// entity finds no hit to ask for.</summary>
public sealed class ExemptionTests(ApprovalServer server) : IClassFixture<ApprovalServer>
{
    private const string Header = "id,list,type,name,dob,country\n";

    [Fact]
    public async Task A_second_person_exempts_and_neither_the_maker_nor_a_stranger_to_the_legal_entity_does()
    {
        await LoadAsync("1,own_x,person,Dragoslava Miladinovich,1971,RS\n");
        var customer = await RegisterAsync("ex-1", "Dragoslava Miladinovic", "DE");
        var hit = Text((await HitsAsync(customer)).Single()!, "id");
        using var ana = await server.SignInAsync();
        var (_, first) = await server.PersonAsync(ana, ["compliance_officer"]);
        var (_, second) = await server.PersonAsync(ana, ["compliance_officer"]);
        var (stranger, third) = await server.PersonAsync(ana, []);
        await ScopedAsync(stranger, "compliance_officer", "AT");
        using var maker = await server.SignInAsync(first);
        using var checker = await server.SignInAsync(second);
        using var other = await server.SignInAsync(third);
        var path = $"/api/v1/screening/hits/{hit}:exempt";
        var wish = new
        {
            reason_code = "documented_other", proof = "file 77", reason = "another person, passport seen",
            expires_on = server.Clock.GetUtcNow().AddDays(30).ToString("yyyy-MM-dd", null),
        };

        (await other.PostAsync(path, wish)).IsProblem(HttpStatusCode.NotFound, "screening.hit_not_found");
        Assert.Empty((await other.GetAsync($"/api/v1/screening/hits?customer_id={customer}")).Json["hits"]!.AsArray());
        (await maker.PostAsync(path, wish with { expires_on = "2199-01-01" }))
            .IsProblem(HttpStatusCode.UnprocessableEntity, "request.bad_field", "/expires_on");
        var asked = await maker.PostAsync(path, wish);
        Assert.True(asked.Status == HttpStatusCode.Accepted, asked.Text);
        Assert.Equal("open", Text((await HitsAsync(customer)).Single()!, "status"));

        var approval = (await checker.GetAsync($"/api/v1/approvals/{Text(asked.Json, "approval_id")}")).Json;
        (await ApprovalServer.ApproveAsync(maker, approval))
            .IsProblem(HttpStatusCode.Forbidden, "access.maker_is_checker");
        var done = await ApprovalServer.ApproveAsync(checker, approval);
        Assert.True(done.Status == HttpStatusCode.OK, done.Text);
        Assert.Equal("exempted", Text((await HitsAsync(customer)).Single()!, "status"));
        var row = await server.ReadAsync(db => db.Set<ExemptionRow>().SingleAsync());
        Assert.Equal((hit, "file 77", ExemptionRow.Active), (row.HitId, row.Proof, row.State));
    }

    [Fact]
    public async Task What_changed_between_the_two_persons_is_not_exempted()
    {
        await LoadAsync("1,own_y,person,Bogomil Hadzhipetkov,1971,BG\n", "own_y");
        var customer = await RegisterAsync("ex-2", "Bogomil Hadzhipetkov", "DE");
        var hit = Text((await HitsAsync(customer)).Single()!, "id");
        using var ana = await server.SignInAsync();
        var (_, first) = await server.PersonAsync(ana, ["compliance_officer"]);
        var (_, second) = await server.PersonAsync(ana, ["compliance_officer"]);
        using var maker = await server.SignInAsync(first);
        using var checker = await server.SignInAsync(second);
        var asked = await maker.PostAsync($"/api/v1/screening/hits/{hit}:exempt", new
        {
            reason_code = "documented_other", proof = "file 78", reason = "another person",
            expires_on = server.Clock.GetUtcNow().AddDays(30).ToString("yyyy-MM-dd", null),
        });
        var approval = (await checker.GetAsync($"/api/v1/approvals/{Text(asked.Json, "approval_id")}")).Json;

        await RegisterAsync("ex-2", "Bogomil Hadzhipetkov", "DE", "1971-05-01");
        var refused = await ApprovalServer.ApproveAsync(checker, approval);

        Assert.NotEqual(HttpStatusCode.OK, refused.Status);
        Assert.Equal("open", Text((await HitsAsync(customer)).Single()!, "status"));
        Assert.Equal(0, await server.ReadAsync(db => db.Set<ExemptionRow>().CountAsync(row => row.HitId == hit)));
    }

    private async Task<JsonArray> HitsAsync(string customer) => (await AccessServer.SendAsync(
        server.Key, HttpMethod.Get, $"/api/v1/screening/hits?customer_id={customer}")).Json["hits"]!.AsArray();

    private async Task<string> RegisterAsync(string number, string name, string legalEntity, string? born = null)
    {
        var body = new JsonObject
        {
            ["external_id"] = number, ["kind"] = "person", ["legal_entity"] = legalEntity,
            ["names"] = new JsonArray(new JsonObject { ["text"] = name }),
        };
        if (born is not null)
        {
            body["dates"] = new JsonArray(new JsonObject { ["kind"] = "birth", ["date"] = born });
        }

        var answer = await AccessServer.SendAsync(server.Key, HttpMethod.Post, "/api/v1/customers", body);
        Assert.True((int)answer.Status is 200 or 201, answer.Text);
        return Text(answer.Json, "id");
    }

    // The role for one legal entity alone.
    private async Task ScopedAsync(string user, string role, string legalEntity)
    {
        await server.GrantAsync(user, role, "probity");
        await server.TamperAsync($"UPDATE role_grant SET scope = '{legalEntity}' WHERE user_id = '{user}'");
    }

    private async Task LoadAsync(string rows, string list = "own_x")
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(Header + rows));
        using var response = await server.Key.PostAsync(
            "/api/v1/screening/lists:load?name=own.csv", content, TestContext.Current.CancellationToken);
        var loaded = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.True(response.StatusCode == HttpStatusCode.OK, loaded.ToJsonString());
        await server.ActivateAsync(list, Text(loaded["lists"]![0]!["version"]!, "id"));
        await server.Services.GetRequiredService<LiveEngine>().RefreshAsync(TestContext.Current.CancellationToken);
    }

    private static string Text(JsonNode node, string name) => node[name]!.GetValue<string>();
}
