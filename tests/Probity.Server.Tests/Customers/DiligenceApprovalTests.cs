using System.Net;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Probity.Monitoring.Rating;
using Probity.Server.Customers.Onboarding;
using Probity.Server.Customers.Ratings;
using Probity.Server.Tests.Access;
using Probity.Server.Tests.AuditTrail.Api;
using Xunit;

namespace Probity.Server.Tests.Customers;

/// <summary>Scorecards, overrides and waivers need a second person; an override ends by itself.</summary>
public sealed class DiligenceApprovalTests(ApprovalServer server) : IClassFixture<ApprovalServer>
{
    private const string Path = "/api/v1/customers";

    [Fact]
    public async Task Two_persons_put_a_scorecard_in_force_set_a_rating_until_a_day_and_waive_a_check()
    {
        using var ana = await server.SignInAsync();
        var (_, first) = await server.PersonAsync(ana, ["compliance_officer"]);
        var (_, second) = await server.PersonAsync(ana, ["compliance_officer"]);
        var (_, third) = await server.PersonAsync(ana, ["analyst"]);
        using var maker = await server.SignInAsync(first);
        using var checker = await server.SignInAsync(second);
        using var analyst = await server.SignInAsync(third);

        await PutInForceAsync(maker, checker, analyst);
        var id = await RegisterAsync("ov-1");
        Assert.Equal("low", await RatingAsync(id));
        using (var later = await server.SignInAsync(third)) // Sessions end while days pass.
        using (var agreeing = await server.SignInAsync(second))
        {
            await OverrideAsync(id, later, agreeing);
        }

        await EndsByItselfAsync(id);
        using var last = await server.SignInAsync(first);
        using var other = await server.SignInAsync(second);
        await WaiveAsync(id, last, other);
    }

    private async Task PutInForceAsync(Browser maker, Browser checker, Browser analyst)
    {
        var document = JsonNode.Parse(ScorecardPack.Document().Span)!;
        (await analyst.PostAsync(Path + "/scorecards", document))
            .IsProblem(HttpStatusCode.Forbidden, "access.forbidden");
        var draft = await maker.PostAsync(Path + "/scorecards", document);
        Assert.True(draft.Status == HttpStatusCode.Created, draft.Text);
        var scorecard = Text(draft.Json, "id");
        var from = server.Clock.GetUtcNow().AddHours(1); // Every tick of every sweep is walked through: no days.
        var asked = await maker.PostAsync(
            $"{Path}/scorecards/{scorecard}:activate", new { reason = "risk assessment", active_from = from });
        Assert.True(asked.Status == HttpStatusCode.Accepted, asked.Text);
        var approval = await ApprovalAsync(checker, asked);
        (await ApprovalServer.ApproveAsync(maker, approval))
            .IsProblem(HttpStatusCode.Forbidden, "access.maker_is_checker");
        Assert.Equal(HttpStatusCode.OK, (await ApprovalServer.ApproveAsync(checker, approval)).Status);

        // Agreed to, and its day has not come.
        var early = await RegisterAsync("ov-0");
        Assert.Null(await RatingAsync(early));
        server.Clock.Advance(TimeSpan.FromHours(1));
        await SweepAsync();
        Assert.Equal("low", await RatingAsync(early));
    }

    private async Task OverrideAsync(string id, Browser maker, Browser checker)
    {
        var path = $"{Path}/{id}/rating:override";
        var until = server.Clock.GetUtcNow().ToString("yyyy-MM-dd", null);
        (await maker.PostAsync(path, new { rating = "severe", reason = "r", expires_on = until }))
            .IsProblem(HttpStatusCode.UnprocessableEntity, "request.bad_field", "/rating");
        (await maker.PostAsync(path, new { rating = "high", reason = "r", expires_on = "2199-01-01" }))
            .IsProblem(HttpStatusCode.UnprocessableEntity, "request.bad_field", "/expires_on");
        (await maker.PostAsync(path, new { rating = "high", reason = " ", expires_on = until }))
            .IsProblem(HttpStatusCode.UnprocessableEntity, "request.bad_field", "/reason");
        var asked = await maker.PostAsync(
            path, new { rating = "high", reason = "inquiry of an authority", expires_on = until });
        Assert.True(asked.Status == HttpStatusCode.Accepted, asked.Text);
        Assert.Equal("low", await RatingAsync(id)); // Asked for is not agreed to.

        var approval = await ApprovalAsync(checker, asked);
        Assert.Equal(HttpStatusCode.OK, (await ApprovalServer.ApproveAsync(checker, approval)).Status);

        Assert.Equal("high", await RatingAsync(id));
        var rating = (await checker.GetAsync($"{Path}/{id}/rating")).Json;
        Assert.Equal(("low", "high", "override_given"), (Text(rating["rating"]!, "computed"),
            Text(rating["rating"]!, "rating"), Text(rating["rating"]!, "cause")));
        Assert.Equal("high", Text(rating["record"]!["override"]!, "rating"));
    }

    private async Task EndsByItselfAsync(string id)
    {
        server.Clock.Advance(TimeSpan.FromHours(10)); // From 13:00 to 23:00.
        await SweepAsync();
        Assert.Equal("high", await RatingAsync(id)); // Its last day holds.
        server.Clock.Advance(TimeSpan.FromHours(1));
        await SweepAsync();

        Assert.Equal("low", await RatingAsync(id));
        var set = await server.ReadAsync(db => db.Set<OverrideRow>().AsNoTracking().SingleAsync());
        Assert.Equal(OverrideRow.Ended, set.State);
        var history = await server.ReadAsync(db => db.Set<RatingRow>().AsNoTracking()
            .Where(row => row.CustomerId == id).OrderBy(row => row.Number).ToListAsync());
        Assert.Equal(["low", "high", "low"], history.Select(row => row.Rating));
        Assert.Equal([null, set.Id, null], history.Select(row => row.OverrideId));
        var replay = await server.Services.GetRequiredService<RatingArchive>().ReplayAsync(id, default);
        Assert.Equal((3, 3), (replay.Ratings, replay.Identical));
    }

    private async Task WaiveAsync(string id, Browser maker, Browser checker)
    {
        var asked = await maker.PostAsync(
            $"{Path}/{id}/checks", new { kind = "address", outcome = "waived", reason = "no fixed abode" });
        Assert.True(asked.Status == HttpStatusCode.Accepted, asked.Text);
        Assert.Equal(0, await server.ReadAsync(db => db.Set<CheckRow>().CountAsync()));

        var approval = await ApprovalAsync(checker, asked);
        (await ApprovalServer.ApproveAsync(maker, approval))
            .IsProblem(HttpStatusCode.Forbidden, "access.maker_is_checker");
        Assert.Equal(HttpStatusCode.OK, (await ApprovalServer.ApproveAsync(checker, approval)).Status);

        var state = (await checker.GetAsync($"{Path}/{id}/checks")).Json;
        var address = state["checks"]!.AsArray().Single(item => Text(item!, "kind") == "address")!;
        Assert.Equal("waived", Text(address, "state"));
        Assert.Equal(Text(approval, "id"), Text(address["last"]!, "approval_id"));
    }

    private Task<int> SweepAsync() => server.Services.GetRequiredService<RatingSweep>().CatchUpAsync(default);

    private async Task<string?> RatingAsync(string id) => (await AccessServer.SendAsync(
        server.Key, HttpMethod.Get, $"{Path}/{id}")).Json["standing"]!["rating"]?.GetValue<string>();

    private async Task<string> RegisterAsync(string number)
    {
        var answer = await AccessServer.SendAsync(server.Key, HttpMethod.Post, Path, JsonNode.Parse($$$"""
            {"external_id":"{{{number}}}","kind":"person","names":[{"text":"Ann {{{number}}}"}],
             "countries":[{"kind":"residence","code":"DE"}],
             "due_diligence":{"segment":"retail","source_of_funds":"salary"}}
            """));
        Assert.True(answer.Status == HttpStatusCode.Created, answer.Text);
        return Text(answer.Json, "id");
    }

    private static async Task<JsonNode> ApprovalAsync(Browser checker, Answer asked) =>
        (await checker.GetAsync($"/api/v1/approvals/{Text(asked.Json, "approval_id")}")).Json;

    private static string Text(JsonNode node, string name) => node[name]!.GetValue<string>();
}
