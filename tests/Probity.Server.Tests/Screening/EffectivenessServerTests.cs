using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Probity.Server.Screening.Configuration;
using Probity.Server.Screening.Effectiveness;
using Probity.Server.Screening.Matching;
using Probity.Server.Tests.Access;
using Probity.Server.Tests.AuditTrail.Api;
using Xunit;

namespace Probity.Server.Tests.Screening;

/// <summary>Effectiveness tests run once for what serves, go on after an interruption, and are signed by a
/// person; a configuration is tried by name before a second person releases it.</summary>
public sealed class EffectivenessServerTests(ApprovalServer server) : IClassFixture<ApprovalServer>
{
    private const string Header = "id,list,type,name,dob,country\n";

    [Fact]
    public async Task A_test_is_run_once_for_what_serves_goes_on_where_it_was_and_is_signed_by_a_person()
    {
        await LoadAsync(
            "1,own_e,person,Konstantin Obradovic-Vesely,1961,RS\n2,own_e,organization,Zarim Neftegaz,,RU\n");
        var sweep = server.Services.GetRequiredService<EffectivenessSweep>();
        using var stop = new CancellationTokenSource();
        var interrupted = sweep.TestAsync(stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => interrupted);
        Assert.True(await sweep.TestAsync(TestContext.Current.CancellationToken));
        Assert.False(await sweep.TestAsync(TestContext.Current.CancellationToken));

        var page = (await GetAsync("/api/v1/screening/tests")).Json;
        var test = page["tests"]!.AsArray().Single(row => row!["is_current"]!.GetValue<bool>())!;
        var exact = test["sums"]!.AsArray().Single(sum => Text(sum!, "set") == "exact")!;
        Assert.InRange(exact["cases"]!.GetValue<int>(), 2, 3); // Another test may have brought a list before.
        Assert.Equal(exact["cases"]!.GetValue<int>(), exact["alerts"]!.GetValue<int>());
        var detail = (await GetAsync($"/api/v1/screening/tests/{Text(test, "id")}")).Json;
        Assert.Equal(
            detail["thresholds"]!.AsArray().Count, detail["parts"]![0]!["counts"]!.AsArray().Count);
        Assert.Contains(detail["parts"]!.AsArray(), part => Text(part!, "kind") == "spaces removed");
        Assert.Equal(0, await server.ReadAsync(db => db.Set<TestPartRow>().CountAsync()));

        await SignsAsync(Text(test, "id"));
        await LoadAsync("1,own_e,person,Konstantin Obradovic-Vesely,1961,RS\n");
        Assert.True(await sweep.TestAsync(TestContext.Current.CancellationToken));
        var tests = (await GetAsync("/api/v1/screening/tests")).Json["tests"]!.AsArray();
        Assert.Equal(2, tests.Count);
        Assert.Equal("accepted", Text(tests.Single(row => Text(row!, "id") == Text(test, "id"))!, "verdict"));
        Assert.Null(tests.Single(row => Text(row!, "id") != Text(test, "id"))!["verdict"]);
    }

    private async Task SignsAsync(string id)
    {
        var path = $"/api/v1/screening/tests/{id}:sign";
        (await AccessServer.SendAsync(server.Key, HttpMethod.Post, path, new { verdict = "accepted", reason = "x" }))
            .IsProblem(HttpStatusCode.Forbidden, "access.approver_not_a_person");
        using var ana = await server.SignInAsync();
        var (_, login) = await server.PersonAsync(ana, ["compliance_officer"]);
        using var officer = await server.SignInAsync(login);
        (await officer.PostAsync(path, new { verdict = "perhaps", reason = "x" }))
            .IsProblem(HttpStatusCode.UnprocessableEntity, "request.bad_field");
        var from = await server.SizeAsync();
        var signed = await officer.PostAsync(path, new { verdict = "accepted", reason = "every listed name alerts" });
        Assert.True(signed.Status == HttpStatusCode.OK, signed.Text);
        Assert.Equal(officer.UserId, Text(signed.Json, "signed_by"));
        Assert.Equal([EffectivenessEvents.Signed], await server.TypesFromAsync(from));
        (await officer.PostAsync(path, new { verdict = "not_accepted", reason = "on second thoughts" }))
            .IsProblem(HttpStatusCode.Conflict, "screening.test_signed");
    }

    [Fact]
    public async Task A_configuration_is_tried_by_name_released_by_a_second_person_and_then_in_force()
    {
        await LoadAsync("7,own_f,person,Radomir Vukasinovich,,\n", "own_f");
        await SearchAsync("Radomir Vukashinovitch");
        using var ana = await server.SignInAsync();
        var (_, first) = await server.PersonAsync(ana, ["compliance_officer"]);
        var (_, second) = await server.PersonAsync(ana, ["compliance_officer"]);
        using var maker = await server.SignInAsync(first);
        using var checker = await server.SignInAsync(second);
        (await maker.PostAsync("/api/v1/screening/configurations", new { threshold = 0.2, reason = "x" }))
            .IsProblem(HttpStatusCode.UnprocessableEntity, "request.bad_field", "/threshold");
        var drafted = await maker.PostAsync(
            "/api/v1/screening/configurations",
            new { threshold = 0.99, weak_names = new { own_f = "confirm_only" }, reason = "too many alerts" });
        Assert.True(drafted.Status == HttpStatusCode.Created, drafted.Text);
        var path = $"/api/v1/screening/configurations/{Text(drafted.Json, "id")}";
        (await maker.PostAsync(path + ":activate", new { reason = "at once" }))
            .IsProblem(HttpStatusCode.Conflict, "screening.configuration_not_tried");

        var tried = await maker.PostAsync(path + ":try");
        Assert.True(tried.Status == HttpStatusCode.OK, tried.Text);
        Assert.Contains(tried.Json["lost"]!.AsArray(), alert =>
            Text(alert!, "name") == "Radomir Vukashinovitch" && Text(alert!, "entity_uid") == "7");
        Assert.Empty(tried.Json["won"]!.AsArray());
        var row = await server.ReadAsync(db => db.Set<ConfigurationRow>().SingleAsync());
        Assert.DoesNotContain("Radomir", row.Trial, StringComparison.Ordinal);

        var rival = await DraftAndTryAsync(maker); // Drafted beside the same one, before the first is released.
        var asked = await maker.PostAsync(path + ":activate", new { reason = "the trial lost no true match" });
        Assert.True(asked.Status == HttpStatusCode.Accepted, asked.Text);
        Assert.Equal("match", await StatusAsync("Radomir Vukashinovitch"));
        var approval = (await checker.GetAsync($"/api/v1/approvals/{Text(asked.Json, "approval_id")}")).Json;
        (await ApprovalServer.ApproveAsync(maker, approval))
            .IsProblem(HttpStatusCode.Forbidden, "access.maker_is_checker");
        var done = await ApprovalServer.ApproveAsync(checker, approval);
        Assert.True(done.Status == HttpStatusCode.OK, done.Text);
        await server.Services.GetRequiredService<LiveEngine>().RefreshAsync(TestContext.Current.CancellationToken);

        Assert.Equal("clear", await StatusAsync("Radomir Vukashinovitch"));
        Assert.Equal("match", await StatusAsync("Radomir Vukasinovich"));
        var page = (await GetAsync("/api/v1/screening/configurations")).Json;
        Assert.Equal(0.99m, page["threshold"]!.GetValue<decimal>());
        Assert.Equal(
            "live", Text(page["configurations"]!.AsArray().Single(item => path.EndsWith(
                Text(item!, "id"), StringComparison.Ordinal))!, "state"));
        var behind = page["configurations"]!.AsArray().Single(item => rival.EndsWith(
            Text(item!, "id"), StringComparison.Ordinal))!;
        Assert.True(behind["is_behind"]!.GetValue<bool>());
        (await maker.PostAsync(rival + ":activate", new { reason = "mine too" }))
            .IsProblem(HttpStatusCode.Conflict, "screening.configuration_stale");
        var anew = await DraftAndTryAsync(maker); // Drafted beside the one in force: the negative control.
        var waits = await maker.PostAsync(anew + ":activate", new { reason = "mine too" });
        Assert.True(waits.Status == HttpStatusCode.Accepted, waits.Text);
        var beside = await maker.PostAsync(
            await DraftAndTryAsync(maker) + ":activate", new { reason = "beside the other" });
        await OneOfBothIsReleasedAsync(checker, waits, beside);
    }

    private static async Task OneOfBothIsReleasedAsync(Browser checker, params Answer[] asked)
    {
        var approvals = await Task.WhenAll(asked.Select(answer =>
            checker.GetAsync($"/api/v1/approvals/{Text(answer.Json, "approval_id")}")));

        var done = await Task.WhenAll(approvals.Select(found => ApprovalServer.ApproveAsync(checker, found.Json)));

        Assert.Single(done, answer => answer.Status == HttpStatusCode.OK);
        var refused = Assert.Single(done, answer => answer.Status != HttpStatusCode.OK);
        refused.IsProblem(HttpStatusCode.Conflict, "access.approval_outdated");
        Assert.Contains("screening.configuration_stale", refused.Text, StringComparison.Ordinal);
    }

    private static async Task<string> DraftAndTryAsync(Browser maker)
    {
        var drafted = await maker.PostAsync(
            "/api/v1/screening/configurations", new { threshold = 0.9, reason = "something else" });
        Assert.True(drafted.Status == HttpStatusCode.Created, drafted.Text);
        var path = $"/api/v1/screening/configurations/{Text(drafted.Json, "id")}";
        Assert.Equal(HttpStatusCode.OK, (await maker.PostAsync(path + ":try")).Status);
        return path;
    }

    private async Task<string> StatusAsync(string name) =>
        Text((await SearchAsync(name)).Json["response"]!["answer"]!, "status");

    private Task<Answer> SearchAsync(string name) =>
        AccessServer.SendAsync(server.Key, HttpMethod.Post, "/api/v1/screening/search", new { name, type = "person" });

    private Task<Answer> GetAsync(string path) => AccessServer.SendAsync(server.Key, HttpMethod.Get, path);

    private async Task LoadAsync(string rows, string list = "own_e")
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(Header + rows));
        using var response = await server.Key.PostAsync(
            "/api/v1/screening/lists:load?name=own.csv&accept=shrunk,replaced,kind_lost,fields_lost", content,
            TestContext.Current.CancellationToken);
        var loaded = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.True(response.StatusCode == HttpStatusCode.OK, loaded.ToJsonString());
        var version = Text(loaded["lists"]![0]!["version"]!, "id");
        await server.ActivateAsync(list, version);
        await server.Services.GetRequiredService<LiveEngine>().RefreshAsync(TestContext.Current.CancellationToken);
    }

    private static string Text(JsonNode node, string name) => node[name]!.GetValue<string>();
}
