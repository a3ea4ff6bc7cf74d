using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Probity.Server.Cases;
using Probity.Server.Hosting;
using Probity.Server.Hosting.Cli;
using Probity.Server.Monitoring;
using Probity.Server.Monitoring.Rules;
using Probity.Server.Storage;
using Probity.Server.Tests.AuditTrail.Api;
using Xunit;
using ServerProcess = Probity.Server.Tests.Hosting.ServerProcess;

namespace Probity.Server.Tests.Monitoring;

/// <summary>A draft that another set went live beside takes nothing back in silence: it is drawn anew.</summary>
public sealed class RuleRebaseTests(RunningServer server) : IClassFixture<RunningServer>
{
    private const string Sets = "/api/v1/monitoring/rule-sets/";

    [Fact]
    public async Task A_draft_beside_which_another_set_went_live_is_refused_and_rebased()
    {
        var first = await DraftAsync("Rebase one", 1_111); // Drawn from what ships, which is not live yet.
        await server.PostAsync("/api/v1/transactions", Transaction("rebase-1"));
        var shipped = await LiveAsync();
        var second = await DraftAsync("Rebase two", 2_222);
        var same = await DraftAsync("Rebase two", 3_333);
        await GoLiveAsync(second);

        var refused = await server.PostAsync($"{Sets}{first}:activate", """{"reason":"looked at"}""");

        refused.IsProblem(HttpStatusCode.Conflict, "monitoring.rule_set_stale");
        Assert.Contains(second, refused.Text, StringComparison.Ordinal);
        Assert.Contains($"{first}:rebase", refused.Text, StringComparison.Ordinal);
        Assert.Equal(second, await LiveAsync());
        (await server.PostAsync($"{Sets}{second}:rebase", "")).IsProblem(
            HttpStatusCode.Conflict, "monitoring.rule_set_state");

        var rebased = await server.PostAsync($"{Sets}{first}:rebase", "");

        Assert.True(rebased.Status == HttpStatusCode.Created, rebased.Text);
        var anew = rebased.Json["id"]!.GetValue<string>();
        Assert.Equal(second, rebased.Json["base_id"]!.GetValue<string>());
        var names = await NamesAsync(anew);
        Assert.Contains("Rebase one", names);
        Assert.Contains("Rebase two", names); // What the draft would have taken back.
        Assert.DoesNotContain("Rebase two", await NamesAsync(first)); // The draft itself stays as it was.
        await GoLiveAsync(anew);
        Assert.Equal(anew, await LiveAsync());

        // Both changed the same rule otherwise: a person decides.
        var conflict = await server.PostAsync($"{Sets}{same}:rebase", "");
        conflict.IsProblem(HttpStatusCode.Conflict, "monitoring.rebase_conflict");
        Assert.Contains("Rebase two", conflict.Text, StringComparison.Ordinal);
        (await server.PostAsync($"{Sets}{first}:rebase", "")).IsProblem(
            HttpStatusCode.Conflict, "monitoring.rule_set_state"); // All of it is live.

        // Going back is on purpose, and is no draft.
        await GoLiveAsync(shipped);
        Assert.Equal(shipped, await LiveAsync());
    }

    [Fact]
    public async Task What_was_agreed_to_for_a_later_day_is_held_when_another_set_goes_live_and_somebody_is_told()
    {
        await server.PostAsync("/api/v1/transactions", Transaction("rebase-2"));
        var later = await DraftAsync("Later", 4_444);
        var alone = await DraftAsync("Later alone", 4_445, "none");
        var agreed = await server.PostAsync(
            $"{Sets}{later}:activate", """{"reason":"looked at","active_from":"2090-01-01T00:00:00Z"}""");
        Assert.Equal("approved", agreed.Json["status"]!.GetValue<string>());
        await server.PostAsync(
            $"{Sets}{alone}:activate", """{"reason":"looked at","active_from":"2090-01-02T00:00:00Z"}""");
        var desk = server.Services.GetRequiredService<RuleDesk>();
        await desk.GoLiveAsync(TestContext.Current.CancellationToken);
        Assert.Equal("approved", await StatusAsync(later)); // Nothing else went live: the negative control.
        var size = await server.SizeAsync();

        await GoLiveAsync(await DraftAsync("Sooner", 5_555));
        await desk.GoLiveAsync(TestContext.Current.CancellationToken);

        Assert.Equal("draft", await StatusAsync(later));
        Assert.Equal("approved", await StatusAsync(alone)); // It takes the place of whatever is live.
        var held = Assert.Single(
            await server.EntriesFromAsync(size),
            entry => entry["type"]!.GetValue<string>() == MonitoringEvents.RulesHeld);
        await using var db = server.Services.GetRequiredService<IDatabase>().CreateContext();
        var alert = await db.Set<AlertRow>().SingleAsync(
            row => row.Kind == "rules_held", TestContext.Current.CancellationToken);
        Assert.Equal(FloodGuard.Route, alert.Route);
        Assert.Equal(held["id"]!.GetValue<string>(), alert.Evidence);
        var rebased = await server.PostAsync($"{Sets}{later}:rebase", "");
        Assert.StartsWith(
            "2090-01-01", rebased.Json["active_from"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_verb_draws_a_draft_anew_and_names_what_both_changed()
    {
        await server.PostAsync("/api/v1/transactions", Transaction("rebase-4"));
        var (first, same) = (await DraftAsync("Verb one", 7_001), await DraftAsync("Verb two", 7_003));
        var second = await DraftAsync("Verb two", 7_002);
        await GoLiveAsync(second);

        var (code, output, error) = await RunAsync("rules", "rebase", first, "--json");

        Assert.True(code == ExitCode.Done, error);
        var view = JsonNode.Parse(output)!;
        Assert.Equal(second, view["base_id"]!.GetValue<string>());
        var names = await NamesAsync(view["id"]!.GetValue<string>());
        Assert.Contains("Verb one", names);
        Assert.Contains("Verb two", names);
        var (conflict, _, told) = await RunAsync("rules", "rebase", same);
        Assert.Equal(ExitCode.CannotTell, conflict);
        Assert.Contains("Verb two", told, StringComparison.Ordinal);
        var (missing, _, why) = await RunAsync("rules", "rebase", "rls_none");
        Assert.Equal(ExitCode.CannotTell, missing);
        Assert.Contains("rule", why, StringComparison.OrdinalIgnoreCase);
    }

    // A server makes the drafts and ends; then the folder is free.
    [Fact]
    public async Task The_verb_draws_a_draft_anew_in_a_folder_without_a_server()
    {
        using var folder = new TemporaryFolder();
        var data = folder.At("data");
        string first, second;
        await using (var other = await ServerProcess.StartAsync(data))
        {
            using var http = new HttpClient { BaseAddress = other.Url };
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
                "Bearer", (await File.ReadAllTextAsync(Path.Combine(data, "keys", "bootstrap.key"))).Trim());
            await SendAsync(http, "/api/v1/transactions", Transaction("folder-1"));
            first = await SendAsync(http, "/api/v1/monitoring/rules", Rule("Folder one", 8_001));
            second = await SendAsync(http, "/api/v1/monitoring/rules", Rule("Folder two", 8_002));
            await SendAsync(http, $"{Sets}{second}:activate", """{"reason":"looked at"}""");
            await other.StopAsync();
        }

        var (code, output, error) = await CommandAsync("rules", "rebase", first, "--data", data);

        Assert.True(code == ExitCode.Done, error);
        Assert.Contains($"{first} drawn anew after {second}", output, StringComparison.Ordinal);
        var (again, _, told) = await CommandAsync("rules", "rebase", second, "--data", data);
        Assert.Equal(ExitCode.CannotTell, again);
        Assert.Contains("no draft", told, StringComparison.Ordinal);
    }

    private static async Task<string> SendAsync(HttpClient http, string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await http.PostAsync(
            new Uri(path, UriKind.Relative), content, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!["id"]!.GetValue<string>();
    }

    private Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments) =>
        CommandAsync([.. arguments, "--url", server.Url.ToString(), "--key", server.Key]);

    private static async Task<(int Code, string Output, string Error)> CommandAsync(params string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = await CommandLine.RunAsync(arguments, Composition.Bodies, output, error);
        return (code, output.ToString(), error.ToString());
    }

    private async Task<string> DraftAsync(string name, int threshold, string @base = "active")
    {
        var draft = await server.PostAsync(
            $"/api/v1/monitoring/rules?base={@base}", Rule(name, threshold));
        Assert.True(draft.Status == HttpStatusCode.Created, draft.Text);
        return draft.Json["id"]!.GetValue<string>();
    }

    private async Task GoLiveAsync(string set)
    {
        var agreed = await server.PostAsync($"{Sets}{set}:activate", """{"reason":"looked at"}""");
        Assert.True(agreed.Status == HttpStatusCode.OK, agreed.Text);
    }

    private async Task<string> LiveAsync() =>
        (await server.GetAsync("/api/v1/monitoring/rule-sets")).Json["rule_sets"]!.AsArray()
            .Single(set => set!["is_live"]!.GetValue<bool>())!["id"]!.GetValue<string>();

    private async Task<string> StatusAsync(string set) =>
        (await server.GetAsync(Sets + set)).Json["rule_set"]!["status"]!.GetValue<string>();

    private async Task<IReadOnlyList<string>> NamesAsync(string set) =>
        [.. (await server.GetAsync(Sets + set)).Json["rules"]!.AsArray().Select(
            rule => rule!["name"]!.GetValue<string>())];

    private static string Rule(string name, int threshold) =>
        $$"""{"name":"{{name}}","rule_type":"AML","jurisdiction":"US","conditions":{"amount_threshold":"""
        + $$"""{{threshold}},"currency":"USD"},"actions":{"alert":true},"severity":"LOW"}""";

    private static string Transaction(string id) =>
        $$"""{"source":"core","id":"{{id}}","occurred_at":"2026-03-02T15:00:00Z","amount":"10.00","currency":"USD",""" +
        """ "type":"wire","debtor":{"account":"RB-1"},"creditor":{"account":"RB-2"}}""";
}
