using System.Net;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Probity.Monitoring.Rating;
using Probity.Server.Access;
using Probity.Server.Customers.Ratings;
using Probity.Server.Hosting.Problems;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;
using Probity.Server.Tests.Access;
using Probity.Server.Tests.AuditTrail.Api;
using Xunit;
using static Probity.Server.Tests.Customers.DiligenceKit;

namespace Probity.Server.Tests.Customers;

/// <summary>Of scorecards that are agreed to in the same instant one comes into force, the others are
/// refused.</summary>
public abstract class ScorecardRaceTests(RunningServer server)
{
    private const int Rounds = 4;
    private const int AtOnce = 4;

    [Fact]
    public async Task Of_scorecards_agreed_to_in_the_same_instant_one_is_in_force_and_the_others_are_stale()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var drafts = new List<string>();
            for (var i = 0; i < AtOnce; i++)
            {
                drafts.Add(await DraftAsync());
            }

            var answers = await Task.WhenAll(drafts.Select(id => server.PostAsync(
                $"{Api}/scorecards/{id}:activate", """{"reason":"at once"}""")));

            var winner = Assert.Single(drafts.Zip(answers), item => item.Second.Status == HttpStatusCode.OK).First;
            Assert.All(answers.Where(answer => answer.Status != HttpStatusCode.OK), answer =>
                answer.IsProblem(HttpStatusCode.Conflict, "customers.scorecard_stale"));
            Assert.Equal([winner], await InForceAsync());
        }

        var numbers = await NumbersAsync(); // Of the other test too.
        Assert.Equal(Enumerable.Range(1, Math.Max(Rounds, numbers.Count)), numbers.Order());
    }

    // Both looked before either committed: what the check alone cannot see.
    [Fact]
    public async Task Two_that_saw_the_same_base_do_not_both_commit()
    {
        var desk = server.Services.GetRequiredService<ScorecardDesk>();
        var entry = new AccessEntry(Caller.Server.ToActor(), null, TimeProvider.System);
        var (one, other) = (await DraftAsync(), await DraftAsync());
        await using var first = Work();
        await using var second = Work();
        await desk.ApproveAsync(first, one, null, entry, TestContext.Current.CancellationToken);
        await desk.ApproveAsync(second, other, null, entry, TestContext.Current.CancellationToken);

        var won = await Task.WhenAll(IsCommittedAsync(first), IsCommittedAsync(second));

        Assert.Single(won, item => item);
        Assert.Equal([won[0] ? one : other], await InForceAsync());
        await using var again = Work();
        var refused = await Assert.ThrowsAsync<ProblemException>(() => desk.ApproveAsync(
            again, won[0] ? other : one, null, entry, TestContext.Current.CancellationToken));
        Assert.Equal("customers.scorecard_stale", refused.Code.Code);
    }

    private UnitOfWork Work() => new(
        server.Services.GetRequiredService<IDatabase>(), server.Services.GetRequiredService<ILedgerWriter>());

    private static async Task<bool> IsCommittedAsync(UnitOfWork work)
    {
        try
        {
            await work.CommitAsync(TestContext.Current.CancellationToken);
            return true;
        }
        catch (Exception raced) when (CommitRaces.IsRace(raced))
        {
            return false;
        }
    }

    private async Task<string> DraftAsync()
    {
        var document = JsonNode.Parse(ScorecardPack.Document().Span)!;
        document["name"] = "Race " + NewNumber();
        var draft = await server.PostAsync(Api + "/scorecards", document.ToJsonString());
        Assert.True(draft.Status == HttpStatusCode.Created, draft.Text);
        return Text(draft.Json, "id");
    }

    private async Task<IEnumerable<string>> InForceAsync() =>
        (await server.GetAsync(Api + "/scorecards")).Json["scorecards"]!.AsArray()
            .Where(item => item!["is_in_force"]!.GetValue<bool>()).Select(item => Text(item!, "id"));

    private async Task<List<int>> NumbersAsync()
    {
        await using var db = server.Services.GetRequiredService<IDatabase>().CreateContext();
        return await db.Set<ScorecardRow>().Where(row => row.AgreedNumber != null)
            .Select(row => row.AgreedNumber!.Value).ToListAsync(TestContext.Current.CancellationToken);
    }
}

public sealed class ScorecardRacesOnSqliteTests(RunningServer server)
    : ScorecardRaceTests(server), IClassFixture<RunningServer>;

public sealed class ScorecardRacesOnPostgresTests(PostgresRunningServer server)
    : ScorecardRaceTests(server.OrSkip()), IClassFixture<PostgresRunningServer>;

/// <summary>The same where second persons agree.</summary>
public sealed class ScorecardApprovalRaceTests(ApprovalServer server) : IClassFixture<ApprovalServer>
{
    private const int Rounds = 3;

    [Fact]
    public async Task Of_two_second_persons_who_agree_at_once_one_is_told_that_it_is_outdated()
    {
        using var ana = await server.SignInAsync();
        using var maker = await OfficerAsync(ana);
        using var one = await OfficerAsync(ana);
        using var other = await OfficerAsync(ana);
        for (var round = 0; round < Rounds; round++)
        {
            var (first, second) = (await AskAsync(maker, one), await AskAsync(maker, other));

            var answers = await Task.WhenAll(
                ApprovalServer.ApproveAsync(one, first), ApprovalServer.ApproveAsync(other, second));

            Assert.Single(answers, answer => answer.Status == HttpStatusCode.OK);
            var refused = Assert.Single(answers, answer => answer.Status != HttpStatusCode.OK);
            refused.IsProblem(HttpStatusCode.Conflict, "access.approval_outdated");
            Assert.Contains("customers.scorecard_stale", refused.Text, StringComparison.Ordinal);
        }
    }

    private async Task<Browser> OfficerAsync(Browser ana) =>
        await server.SignInAsync((await server.PersonAsync(ana, ["compliance_officer"])).Login);

    private static async Task<JsonNode> AskAsync(Browser maker, Browser checker)
    {
        var document = JsonNode.Parse(ScorecardPack.Document().Span)!;
        document["name"] = "Race " + NewNumber();
        var draft = await maker.PostAsync(Api + "/scorecards", document);
        var asked = await maker.PostAsync(
            $"{Api}/scorecards/{Text(draft.Json, "id")}:activate", new { reason = "at once" });
        Assert.True(asked.Status == HttpStatusCode.Accepted, asked.Text);
        return (await checker.GetAsync($"/api/v1/approvals/{Text(asked.Json, "approval_id")}")).Json;
    }
}
