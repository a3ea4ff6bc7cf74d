using System.Net;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Probity.Server.Access.Approvals;
using Probity.Server.Access.Roles;
using Xunit;

namespace Probity.Server.Tests.Access;

public sealed class ApprovalTests(ApprovalServer server) : IClassFixture<ApprovalServer>
{
    private const string Administrator = "administrator";

    [Fact]
    public async Task A_grant_waits_for_another_person_and_both_are_in_the_ledger()
    {
        using var ana = await server.SignInAsync();
        var (_, login) = await server.PersonAsync(ana, [Administrator]);
        using var bob = await server.SignInAsync(login);
        var from = await server.SizeAsync();
        var approval = await server.AskAsync(ana);
        var joiner = approval["target_id"]!.GetValue<string>();
        Assert.False(await HoldsAnalystAsync(joiner));
        Assert.Contains((await bob.GetAsync("/api/v1/approvals")).Json["approvals"]!.AsArray(), a => a!["id"]!.GetValue<string>() == approval["id"]!.GetValue<string>());
        Assert.DoesNotContain((await ana.GetAsync("/api/v1/approvals")).Json["approvals"]!.AsArray(), a => a!["id"]!.GetValue<string>() == approval["id"]!.GetValue<string>());

        var done = await ApprovalServer.ApproveAsync(bob, approval, "HR confirms");

        Assert.True(done.Status == HttpStatusCode.OK, done.Text);
        Assert.Equal("executed", done.Json["state"]!.GetValue<string>());
        Assert.True(await HoldsAnalystAsync(joiner));
        var types = await server.TypesFromAsync(from);
        Assert.Contains("probity.access.approval.requested", types);
        Assert.Equal(
            ["probity.access.grant_given", "probity.access.approval.approved", "probity.access.approval.executed"], types.TakeLast(3));
        var told = (await ana.GetAsync($"/api/v1/events/{done.Json["executed_entry_id"]}")).Json;
        Assert.Equal(ana.UserId, told["data"]!["maker"]!["person"]!.GetValue<string>());
        Assert.Equal("joins the team", told["data"]!["maker"]!["reason"]!.GetValue<string>());
        Assert.Equal(bob.UserId, told["data"]!["checkers"]![0]!["person"]!.GetValue<string>());
        Assert.Equal("HR confirms", told["data"]!["checkers"]![0]!["reason"]!.GetValue<string>());
    }

    [Fact]
    public async Task The_maker_does_not_decide_directly_nor_with_a_second_key()
    {
        using var ana = await server.SignInAsync();
        await server.PersonAsync(ana, [Administrator]);
        var approval = await server.AskAsync(ana);

        (await ApprovalServer.ApproveAsync(ana, approval)).IsProblem(HttpStatusCode.Forbidden, "access.maker_is_checker");
        (await ana.PostAsync($"/api/v1/approvals/{approval["id"]}:reject", new { reason = "no" }))
            .IsProblem(HttpStatusCode.Forbidden, "access.maker_is_checker");
        using var key = await KeyAsync(ana);
        var second = await AccessServer.SendAsync(
            key, HttpMethod.Post, $"/api/v1/approvals/{approval["id"]}:approve", new { payload_sha256 = approval["payload_sha256"]!.GetValue<string>(), reason = "x" });

        second.IsProblem(HttpStatusCode.Forbidden, "access.maker_is_checker");
        Assert.Equal("pending", await StateAsync(approval));
        Assert.Equal("probity.access.denied", (await server.TypesFromAsync(0))[^1]);
    }

    [Fact]
    public async Task A_key_of_nobody_does_not_decide_and_what_it_asks_for_needs_two_people()
    {
        using var ana = await server.SignInAsync();
        var (_, bobs) = await server.PersonAsync(ana, [Administrator]);
        var (_, evas) = await server.PersonAsync(ana, [Administrator]);
        var (joiner, _) = await server.PersonAsync(ana, []);
        using var bob = await server.SignInAsync(bobs);
        using var eva = await server.SignInAsync(evas);
        var asked = await AccessServer.SendAsync(
            server.Key, HttpMethod.Post, "/api/v1/grants", new { user_id = joiner, role_id = "rol_analyst", reason = "by a program" });
        Assert.True(asked.Status == HttpStatusCode.Accepted, asked.Text);
        var approval = (await bob.GetAsync($"/api/v1/approvals/{asked.Json["approval_id"]}")).Json;
        Assert.Equal(2, approval["checkers_needed"]!.GetValue<int>());
        var other = await server.AskAsync(ana);

        (await AccessServer.SendAsync(
            server.Key, HttpMethod.Post, $"/api/v1/approvals/{other["id"]}:approve", new { payload_sha256 = other["payload_sha256"]!.GetValue<string>(), reason = "x" }))
            .IsProblem(HttpStatusCode.Forbidden, "access.approver_not_a_person");
        Assert.Equal("pending", (await ApprovalServer.ApproveAsync(bob, approval)).Json["state"]!.GetValue<string>());
        (await ApprovalServer.ApproveAsync(bob, approval)).IsProblem(HttpStatusCode.Conflict, "access.approval_closed");
        Assert.False(await HoldsAnalystAsync(joiner));
        Assert.Equal("executed", (await ApprovalServer.ApproveAsync(eva, approval)).Json["state"]!.GetValue<string>());
        Assert.True(await HoldsAnalystAsync(joiner));
    }

    [Fact]
    public async Task Whoever_approves_by_a_role_the_maker_just_gave_is_the_maker()
    {
        using var ana = await server.SignInAsync();
        await server.PersonAsync(ana, [Administrator]);
        var (_, login) = await server.PersonAsync(ana, ["approver"], grantedBy: ana.UserId);
        using var puppet = await server.SignInAsync(login);
        var approval = await server.AskAsync(ana);

        (await ApprovalServer.ApproveAsync(puppet, approval)).IsProblem(HttpStatusCode.Forbidden, "access.maker_is_checker");

        // The negative control: given by someone else the same role decides at once.
        var (_, free) = await server.PersonAsync(ana, ["approver"]);
        using var checker = await server.SignInAsync(free);
        Assert.Equal(HttpStatusCode.OK, (await ApprovalServer.ApproveAsync(checker, approval)).Status);
    }

    [Fact]
    public async Task A_role_the_maker_gave_long_before_the_request_decides()
    {
        await using var other = new ApprovalServer();
        await other.InitializeAsync();
        using var first = await other.SignInAsync();
        var (_, login) = await other.PersonAsync(first, ["approver"], grantedBy: first.UserId);
        other.Clock.Advance(MakerCheck.Cooling + TimeSpan.FromMinutes(1));
        using var ana = await other.SignInAsync();
        using var checker = await other.SignInAsync(login);
        var approval = await other.AskAsync(ana);

        Assert.Equal(HttpStatusCode.OK, (await ApprovalServer.ApproveAsync(checker, approval)).Status);

        // Given after the request it does not, however long ago the request was.
        var late = await other.AskAsync(ana);
        var (_, puppets) = await other.PersonAsync(ana, ["approver"], grantedBy: ana.UserId);
        other.Clock.Advance(MakerCheck.Cooling + TimeSpan.FromMinutes(1));
        using var puppet = await other.SignInAsync(puppets);
        (await ApprovalServer.ApproveAsync(puppet, late)).IsProblem(HttpStatusCode.Forbidden, "access.maker_is_checker");
    }

    [Fact]
    public async Task What_expired_was_withdrawn_or_changed_is_refused()
    {
        await using var other = new ApprovalServer();
        await other.InitializeAsync();
        using var ana = await other.SignInAsync();
        var (_, login) = await other.PersonAsync(ana, [Administrator]);
        using var bob = await other.SignInAsync(login);
        var withdrawn = await other.AskAsync(ana);
        Assert.Equal(HttpStatusCode.OK, (await ana.PostAsync($"/api/v1/approvals/{withdrawn["id"]}:withdraw", new { reason = "a mistake" })).Status);
        var changed = await other.AskAsync(ana);
        var tampered = await other.AskAsync(ana);
        await other.TamperAsync($"UPDATE approval SET payload = replace(payload, 'rol_analyst', 'rol_administrator') WHERE id = '{tampered["id"]}'");
        var stale = await other.AskAsync(ana);

        (await ApprovalServer.ApproveAsync(bob, withdrawn)).IsProblem(HttpStatusCode.Conflict, "access.approval_closed");
        (await bob.PostAsync($"/api/v1/approvals/{changed["id"]}:approve", new { payload_sha256 = new string('0', 64), reason = "x" }))
            .IsProblem(HttpStatusCode.Conflict, "access.approval_changed");
        (await ApprovalServer.ApproveAsync(bob, tampered)).IsProblem(HttpStatusCode.Conflict, "access.approval_changed");
        other.Clock.Advance(TimeSpan.FromHours(72));
        using var later = await other.SignInAsync(login);
        (await ApprovalServer.ApproveAsync(later, stale)).IsProblem(HttpStatusCode.Conflict, "access.approval_closed");
        var types = await other.TypesFromAsync(0);
        Assert.Contains(ApprovalEvents.Withdrawn, types);
        Assert.Contains(ApprovalEvents.Expired, types);
        await other.Services.GetRequiredService<ApprovalDesk>().ExpireAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, await other.ReadAsync(db => db.Set<ApprovalRow>().CountAsync(a => a.State == "pending")));
    }

    [Fact]
    public async Task What_cannot_be_done_any_more_fails_with_the_reason()
    {
        using var ana = await server.SignInAsync();
        var (_, login) = await server.PersonAsync(ana, [Administrator]);
        using var bob = await server.SignInAsync(login);
        var approval = await server.AskAsync(ana);
        Assert.Equal(HttpStatusCode.NoContent, (await ana.PostAsync($"/api/v1/users/{approval["target_id"]}:disable")).Status);

        var answer = await ApprovalServer.ApproveAsync(bob, approval);

        answer.IsProblem(HttpStatusCode.Conflict, "access.approval_outdated");
        Assert.Contains("disabled", answer.Text, StringComparison.Ordinal);
        Assert.Equal("failed", await StateAsync(approval));
        Assert.False(await HoldsAnalystAsync(approval["target_id"]!.GetValue<string>()));
        (await ApprovalServer.ApproveAsync(bob, approval)).IsProblem(HttpStatusCode.Conflict, "access.approval_closed");
    }

    [Fact]
    public async Task Of_two_who_decide_at_once_one_wins_and_both_are_recorded()
    {
        using var ana = await server.SignInAsync();
        var (_, bobs) = await server.PersonAsync(ana, [Administrator]);
        var (_, evas) = await server.PersonAsync(ana, [Administrator]);
        using var bob = await server.SignInAsync(bobs);
        using var eva = await server.SignInAsync(evas);
        var approval = await server.AskAsync(ana);
        var from = await server.SizeAsync();

        var answers = await Task.WhenAll(
            ApprovalServer.ApproveAsync(bob, approval),
            eva.PostAsync($"/api/v1/approvals/{approval["id"]}:reject", new { reason = "no" }));

        Assert.Single(answers, a => a.Status == HttpStatusCode.OK);
        answers.Single(a => a.Status != HttpStatusCode.OK).IsProblem(HttpStatusCode.Conflict, "access.approval_closed");
        var entries = await server.EntriesFromAsync(from);
        Assert.Equal(2, entries.Select(e => e["actor"]!["id"]!.GetValue<string>()).Distinct().Count());
        Assert.Single(entries, e => e["type"]!.GetValue<string>() == "probity.access.denied");
        Assert.Single(entries, e => e["type"]!.GetValue<string>() is ApprovalEvents.Executed or ApprovalEvents.Rejected);
    }

    [Theory]
    [InlineData("GET", "")]
    [InlineData("POST", ":approve")]
    [InlineData("POST", ":reject")]
    [InlineData("POST", ":withdraw")]
    public async Task A_foreign_id_is_answered_like_none_and_leaves_an_entry(string method, string verb)
    {
        using var ana = await server.SignInAsync();
        await server.PersonAsync(ana, [Administrator]);
        var approval = await server.AskAsync(ana);
        await server.ReadAsync(_ => Task.FromResult(0));
        var (_, login) = await server.PersonAsync(ana, verb is ":approve" or ":reject" ? ["approver"] : []);
        using var stranger = await server.SignInAsync(login);
        object? body = method == "GET" ? null
            : verb == ":approve" ? new { payload_sha256 = new string('0', 64), reason = "x" } : new { reason = "x" };
        var none = await stranger.SendAsync(new HttpMethod(method), $"/api/v1/approvals/apr_01990000-0000-7000-8000-000000000000{verb}", body);
        none.IsProblem(HttpStatusCode.NotFound, "access.approval_not_found");
        if (verb is ":approve" or ":reject")
        {
            return; // Whoever may decide may see.
        }

        var from = await server.SizeAsync();
        var foreign = await stranger.SendAsync(new HttpMethod(method), $"/api/v1/approvals/{approval["id"]}{verb}", body);

        foreign.IsProblem(HttpStatusCode.NotFound, "access.approval_not_found");
        Assert.Equal(none.Json["detail"]?.ToJsonString(), foreign.Json["detail"]?.ToJsonString());
        Assert.Equal(["probity.access.denied"], await server.TypesFromAsync(from));
    }

    [Fact]
    public async Task The_first_administrator_acts_alone_and_the_entry_says_so_until_there_is_a_second()
    {
        await using var other = new ApprovalServer();
        await other.InitializeAsync();
        using var ana = await other.SignInAsync();
        var bob = await other.InviteAsync(ana, "bob");
        var from = await other.SizeAsync();

        var alone = await ana.PostAsync("/api/v1/grants", new { user_id = bob, role_id = "rol_administrator", reason = "second" });
        Assert.True(alone.Status == HttpStatusCode.Created, alone.Text);
        Assert.Equal(["probity.access.grant_given"], await other.TypesFromAsync(from));
        var id = (await other.EntriesFromAsync(from))[0]["id"]!.GetValue<string>();
        Assert.True((await ana.GetAsync($"/api/v1/events/{id}")).Json["data"]!["sole_approver"]!.GetValue<bool>());

        // Sending the second away does not open the gate again.
        Assert.Equal(HttpStatusCode.NoContent, (await ana.DeleteAsync($"/api/v1/grants/{alone.Json["id"]}")).Status);
        var eva = await other.InviteAsync(ana, "eva");
        Assert.Equal(
            HttpStatusCode.Accepted, (await ana.PostAsync("/api/v1/grants", new { user_id = eva, role_id = "rol_analyst", reason = "x" })).Status);
        other.Clock.Advance(ApprovalGate.Remembered + TimeSpan.FromMinutes(1));
        using var later = await other.SignInAsync();
        Assert.Equal(
            HttpStatusCode.Created, (await later.PostAsync("/api/v1/grants", new { user_id = eva, role_id = "rol_analyst", reason = "x" })).Status);
    }

    [Fact]
    public async Task A_policy_changes_through_an_approval_only()
    {
        using var ana = await server.SignInAsync();
        var (_, login) = await server.PersonAsync(ana, [Administrator]);
        using var bob = await server.SignInAsync(login);
        const string Path = "/api/v1/approval-policies/filing.report.file";
        (await ana.SendAsync(HttpMethod.Put, Path, new { checkers = 0, permission = "x", expiry_hours = 72, reason = "r" }))
            .IsProblem(HttpStatusCode.UnprocessableEntity, "request.bad_field", "/checkers");

        var asked = await ana.SendAsync(
            HttpMethod.Put, Path, new { checkers = 2, permission = "access.approval.decide", expiry_hours = 24, reason = "the regulator asks" });

        Assert.True(asked.Status == HttpStatusCode.Accepted, asked.Text);
        Assert.Equal(1, await CheckersAsync(ana));
        var approval = (await bob.GetAsync($"/api/v1/approvals/{asked.Json["approval_id"]}")).Json;
        Assert.Equal("executed", (await ApprovalServer.ApproveAsync(bob, approval)).Json["state"]!.GetValue<string>());
        Assert.Equal(2, await CheckersAsync(ana));
    }

    [Fact]
    public async Task A_role_edit_is_refused_when_the_role_changed_in_between()
    {
        using var ana = await server.SignInAsync();
        var (_, login) = await server.PersonAsync(ana, [Administrator]);
        using var bob = await server.SignInAsync(login);
        var first = await EditAsync(ana, ["ledger.event.append", "hosting.health.read"]);
        var second = await EditAsync(ana, ["ledger.event.append", "ledger.entry.read"]);
        Assert.Equal(HttpStatusCode.OK, (await ApprovalServer.ApproveAsync(bob, first)).Status);

        (await ApprovalServer.ApproveAsync(bob, second)).IsProblem(HttpStatusCode.Conflict, "access.approval_outdated");
    }

    private static async Task<JsonNode> EditAsync(Browser maker, string[] permissions)
    {
        var asked = await maker.SendAsync(HttpMethod.Put, "/api/v1/roles/rol_service", new { permissions, reason = "r" });
        Assert.True(asked.Status == HttpStatusCode.Accepted, asked.Text);
        return (await maker.GetAsync($"/api/v1/approvals/{asked.Json["approval_id"]}")).Json;
    }

    private static async Task<int> CheckersAsync(Browser browser) =>
        (await browser.GetAsync("/api/v1/approval-policies")).Json["policies"]!.AsArray()
        .Single(p => p!["action"]!.GetValue<string>() == "filing.report.file")!["checkers"]!.GetValue<int>();

    private async Task<HttpClient> KeyAsync(Browser owner)
    {
        var made = await owner.PostAsync("/api/v1/api-keys", new { name = "second", scopes = (string[])["access.approval.decide"] });
        Assert.True(made.Status == HttpStatusCode.Created, made.Text);
        var client = server.NewClient();
        client.DefaultRequestHeaders.Authorization = new("Bearer", made.Json["secret"]!.GetValue<string>());
        return client;
    }

    private Task<string> StateAsync(JsonNode approval)
    {
        var id = approval["id"]!.GetValue<string>();
        return server.ReadAsync(db => db.Set<ApprovalRow>().AsNoTracking().Where(a => a.Id == id).Select(a => a.State).SingleAsync());
    }

    private Task<bool> HoldsAnalystAsync(string user) =>
        server.ReadAsync(db => db.Set<RoleGrantRow>().AnyAsync(g => g.UserId == user && g.RoleId == "rol_analyst"));
}
