using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Probity.Server.AuditTrail.Reading;
using Probity.Server.AuditTrail.Stores;
using Probity.Server.Screening.Lists;
using Probity.Server.Screening.Matching;
using Probity.Server.Screening.Replay;
using Probity.Server.Storage;
using Probity.Server.Tests.Access;
using Probity.Server.Tests.AuditTrail.Api;
using Xunit;

namespace Probity.Server.Tests.Screening;

/// <summary>Screening over the API: every answer is an entry that names its lists and replays byte for byte.</summary>
public sealed class MatchServerTests(AccessServer server) : IClassFixture<AccessServer>
{
    private const string Header = "id,list,type,name,dob,country\n";
    private const string List = Header + "1,own_m,person,Konstantin Obradovic-Vesely,1961,RS\n"
        + "2,own_m,vessel,Wandering Albatros,,PA\n";

    [Fact]
    public async Task Answers_are_entries_with_the_lists_they_come_from()
    {
        await LoadAsync(List);
        var from = await server.SizeAsync();

        var answer = await AccessServer.SendAsync(server.Key, HttpMethod.Post, "/api/v1/screening/match", new
        {
            queries = new Dictionary<string, object>
            {
                ["hit"] = new
                {
                    schema = "Person",
                    properties = new { name = new[] { "Constantin Obradovich Vesely" }, birthDate = new[] { "1961" } },
                },
                ["none"] = new { properties = new { name = new[] { "Maria Gonzalez Prieto" } } },
            },
        });

        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
        var hit = answer.Json["responses"]!["hit"]!;
        Assert.Equal("match", hit["answer"]!["status"]!.GetValue<string>());
        var result = hit["answer"]!["results"]![0]!;
        Assert.Equal(("1", "own_m", "Person"), (Text(result, "id"), Text(result, "list"), Text(result, "schema")));
        Assert.Contains("Agrees: date 1961", Text(result, "explanation"), StringComparison.Ordinal);
        var list = hit["answer"]!["lists"]!.AsArray().Single(item => Text(item!, "list") == "own_m")!;
        Assert.Equal((64, 2), (Text(list, "sha256").Length, list["entries"]!.GetValue<int>()));
        Assert.Equal("clear", Text(answer.Json["responses"]!["none"]!["answer"]!, "status"));
        Assert.Equal([MatchEvents.Answered, MatchEvents.Answered], await server.TypesFromAsync(from));
        var kept = await OpenAsync(from);
        Assert.Equal(hit["answer"]!.ToJsonString(), kept.Json["data"]!["answer"]!.ToJsonString());
    }

    [Fact]
    public async Task Answers_replay_byte_for_byte_after_the_lists_have_changed_and_an_altered_one_does_not()
    {
        await LoadAsync(List);
        var from = await server.SizeAsync();
        await SearchAsync("Konstantin Obradovic");
        var answered = await OpenAsync(from);
        await LoadAsync(List + "3,own_m,person,Konstantin Obradovic,,\n");
        var replay = new AnswerReplay(new EngineArchive(
            server.Services.GetRequiredService<IDatabase>(), server.Services.GetRequiredService<ListLibrary>()));

        await replay.TakeAsync(from, answered, TestContext.Current.CancellationToken);
        Assert.Equal((1, 1), (replay.Answers, replay.Identical));

        answered.Json["data"]!["answer"]!["results"]![0]!["caption"] = "Someone Else";
        await replay.TakeAsync(from, answered, TestContext.Current.CancellationToken);
        Assert.Equal([from], replay.Different);

        answered.Json["data"]!["answer"]!["engine"]!["configuration"] = "other";
        await replay.TakeAsync(from, answered, TestContext.Current.CancellationToken);
        Assert.Equal(1, replay.OtherEngine);
    }

    [Fact]
    public async Task A_listed_name_typed_exactly_and_an_identifier_are_always_found()
    {
        await LoadAsync(List + "4,own_m,person,Li,,\n");

        foreach (var name in (string[])["Konstantin Obradovic-Vesely", "WANDERING ALBATROS", "Li"])
        {
            var answer = await SearchAsync(name);
            Assert.True(Text(answer.Json["response"]!["answer"]!, "status") == "match", name);
        }
    }

    [Theory]
    [InlineData("""{"queries":{}}""", "/queries")]
    [InlineData("""{"queries":{"q":{"schema":"Planet","properties":{"name":["A B"]}}}}""", "/queries/q/schema")]
    [InlineData("""{"queries":{"q":{"properties":{"country":["DE"]}}}}""", "/queries/q/properties")]
    [InlineData("""{"queries":{"q":{}}}""", "/queries/q/properties")]
    [InlineData(
        """{"queries":{"q":{"properties":{"name":["A"],"birthDate":["soon"]}}}}""",
        "/queries/q/properties/birthDate")]
    public async Task What_cannot_be_screened_is_refused_with_its_place_and_leaves_nothing(string body, string pointer)
    {
        await LoadAsync(List);
        var from = await server.SizeAsync();

        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await server.Key.PostAsync(
            "/api/v1/screening/match", content, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        var problem = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.Equal(pointer, Text(problem["errors"]![0]!, "pointer"));
        Assert.Equal(from, await server.SizeAsync());
    }

    [Fact]
    public async Task Without_a_live_list_nothing_is_answered()
    {
        await using var fresh = new AccessServer();
        await fresh.InitializeAsync();

        var answer = await AccessServer.SendAsync(
            fresh.Key, HttpMethod.Post, "/api/v1/screening/search", new { name = "Anyone" });

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.Status);
        Assert.Equal("screening.not_ready", Text(answer.Json, "code"));
    }

    private static string Text(JsonNode node, string name) => node[name]!.GetValue<string>();

    private Task<Answer> SearchAsync(string name) =>
        AccessServer.SendAsync(server.Key, HttpMethod.Post, "/api/v1/screening/search", new { name });

    private async Task<OpenedEntry> OpenAsync(long seq)
    {
        var entries = await server.Services.GetRequiredService<ILedgerStore>()
            .ReadEntriesAsync(seq, 1, TestContext.Current.CancellationToken);
        return await server.Services.GetRequiredService<EntryOpener>()
            .OpenAsync(entries[0].Body, withBlobs: true, TestContext.Current.CancellationToken);
    }

    private async Task LoadAsync(string text)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(text));
        using var response = await server.Key.PostAsync(
            "/api/v1/screening/lists:load?name=own.csv&accept=shrunk,replaced", content,
            TestContext.Current.CancellationToken);
        var loaded = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.True(response.StatusCode == HttpStatusCode.OK, loaded.ToJsonString());
        var version = Text(loaded["lists"]![0]!["version"]!, "id");
        await AccessServer.SendAsync(
            server.Key, HttpMethod.Post, $"/api/v1/screening/lists/own_m/versions/{version}:activate", new { });
        await server.Services.GetRequiredService<LiveEngine>().RefreshAsync(TestContext.Current.CancellationToken);
    }
}
