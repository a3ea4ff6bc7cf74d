using System.Net;
using System.Text.Json.Nodes;
using Probity.Monitoring.Rating;
using Probity.Server.Tests.AuditTrail.Api;
using Xunit;
using static Probity.Server.Tests.Customers.DiligenceKit;

namespace Probity.Server.Tests.Customers;

/// <summary>A scorecard that was drafted before another one was agreed to takes nothing back in silence.</summary>
public sealed class ScorecardBaseTests(RunningServer server) : IClassFixture<RunningServer>
{
    [Fact]
    public async Task A_draft_beside_which_another_scorecard_was_agreed_to_is_refused()
    {
        var (first, second) = (await DraftAsync(), await DraftAsync());
        await IsPutInForceAsync(second);

        var refused = await AskAsync(first);

        refused.IsProblem(HttpStatusCode.Conflict, "customers.scorecard_stale");
        Assert.Contains(second, refused.Text, StringComparison.Ordinal);
        var third = await DraftAsync(); // Drafted after the second: the negative control.
        await IsPutInForceAsync(third);
        await IsPutInForceAsync(second); // An earlier one comes back on purpose.

        // One that comes later takes nothing back that comes before it.
        var (now, later) = (await DraftAsync(), await DraftAsync());
        await IsPutInForceAsync(later, "2090-01-01T00:00:00Z");

        (await AskAsync(now)).IsProblem(HttpStatusCode.Conflict, "customers.scorecard_stale");

        var after = await DraftAsync(); // Drafted after the one that waits, it comes into force after it.
        (await AskAsync(after, "2089-01-01T00:00:00Z"))
            .IsProblem(HttpStatusCode.Conflict, "customers.scorecard_stale");
        await IsPutInForceAsync(after, "2091-01-01T00:00:00Z");
    }

    private async Task<string> DraftAsync()
    {
        var document = JsonNode.Parse(ScorecardPack.Document().Span)!;
        document["name"] = "Base " + NewNumber();
        var draft = await server.PostAsync(Api + "/scorecards", document.ToJsonString());
        Assert.True(draft.Status == HttpStatusCode.Created, draft.Text);
        return Text(draft.Json, "id");
    }

    private Task<Answer> AskAsync(string id, string? from = null) => server.PostAsync(
        $"{Api}/scorecards/{id}:activate",
        from is null ? """{"reason":"a test"}""" : $$"""{"reason":"a test","active_from":"{{from}}"}""");

    private async Task IsPutInForceAsync(string id, string? from = null)
    {
        var answer = await AskAsync(id, from);
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
    }
}
