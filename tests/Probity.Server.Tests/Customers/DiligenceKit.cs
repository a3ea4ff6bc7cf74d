using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Probity.Monitoring.Rating;
using Probity.Server.Customers.Ratings;
using Probity.Server.Tests.AuditTrail.Api;
using Xunit;

namespace Probity.Server.Tests.Customers;

/// <summary>What tests of due diligence have in common.</summary>
internal static class DiligenceKit
{
    public const string Api = "/api/v1/customers";

    private static int s_made;

    public static string NewNumber() => $"dd-{Environment.ProcessId}-{Interlocked.Increment(ref s_made)}";

    /// <summary>Drafts the shipped scorecard and puts it in force; the bootstrap key is alone.</summary>
    public static async Task<string> ActivateAsync(RunningServer server, Action<JsonNode>? change = null)
    {
        var document = JsonNode.Parse(ScorecardPack.Document().Span)!;
        document["name"] = "Test " + NewNumber();
        change?.Invoke(document);
        var draft = await server.PostAsync(Api + "/scorecards?note=test", document.ToJsonString());
        Assert.True(draft.Status == HttpStatusCode.Created, draft.Text);
        var id = Text(draft.Json, "id");
        var active = await server.PostAsync($"{Api}/scorecards/{id}:activate", """{"reason":"a test"}""");
        Assert.True(active.Status == HttpStatusCode.OK, active.Text);
        return id;
    }

    public static async Task<string> RegisterAsync(
        RunningServer server, string name, string kind = "person", string? number = null, string country = "DE",
        object? dueDiligence = null, string? role = null)
    {
        var answer = await server.PostAsync(Api, JsonSerializer.Serialize(new
        {
            external_id = number ?? NewNumber(), kind, role, names = new[] { new { text = name } },
            countries = new[] { new { kind = kind == "person" ? "residence" : "incorporation", code = country } },
            due_diligence = dueDiligence,
        }));
        Assert.True(answer.Status is HttpStatusCode.Created or HttpStatusCode.OK, answer.Text);
        return Text(answer.Json, "id");
    }

    public static Task<Answer> PatchAsync(RunningServer server, string id, object patch) => server.SendAsync(
        HttpMethod.Patch, $"{Api}/{id}", Encoding.UTF8.GetBytes(JsonSerializer.Serialize(patch)));

    public static async Task<JsonNode> StandingAsync(RunningServer server, string id) =>
        (await server.GetAsync($"{Api}/{id}")).Json["standing"]!;

    public static async Task<string?> RatingAsync(RunningServer server, string id) =>
        (await StandingAsync(server, id))["rating"]?.GetValue<string>();

    public static Task SweepAsync(RunningServer server) => server.Services.GetRequiredService<RatingSweep>()
        .CatchUpAsync(TestContext.Current.CancellationToken);

    public static async Task<string> LinkAsync(
        RunningServer server, string owned, string party, string kind, string? percent = null)
    {
        var answer = await server.PostAsync(
            $"{Api}/{owned}/links", JsonSerializer.Serialize(new { party_id = party, kind, percent }));
        Assert.True(answer.Status == HttpStatusCode.Created, answer.Text);
        return Text(answer.Json, "id");
    }

    public static string Text(JsonNode node, string name) => node[name]!.GetValue<string>();
}
