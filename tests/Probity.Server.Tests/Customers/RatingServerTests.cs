using System.Net;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Probity.Contracts.Finance;
using Probity.Monitoring;
using Probity.Monitoring.Rating;
using Probity.Server.AuditTrail.Verification;
using Probity.Server.Customers;
using Probity.Server.Customers.Ratings;
using Probity.Server.Monitoring.Decisions;
using Probity.Server.Storage;
using Probity.Server.Tests.AuditTrail.Api;
using Xunit;
using static Probity.Server.Tests.Customers.DiligenceKit;

namespace Probity.Server.Tests.Customers;

/// <summary>Customers are rated by the scorecard in force, in the commit of their change and whenever something else
/// changes; every rating is an entry that is computed again byte for byte. One test, one server: a scorecard is in
/// force for all customers.</summary>
public abstract class RatingServerTests(RunningServer server)
{
    [Fact]
    public async Task Customers_are_rated_by_the_scorecard_in_force_and_again_when_something_changes()
    {
        var early = await RegisterAsync(server, "Early Example", dueDiligence: new { rating = "high" });
        await NothingIsRatedWithoutAScorecardAsync(early);
        var scorecard = await ActivateAsync(server);
        await SweepAsync(server);
        Assert.Equal("low", await RatingAsync(server, early));

        var id = await RegisterAsync(
            server, "Wolfhart Quintrell", dueDiligence: new { segment = "retail", source_of_funds = "salary" });
        Assert.Equal("low", await RatingAsync(server, id)); // With its commit: no sweep ran.
        await TheEntryIsSealedAsync(id);
        await APepIsHighAsync(id);
        await TheSameAgainMakesNoRatingAsync(id);
        await MonitoringSeesItAsync(early);
        await AnotherScorecardRatesEverybodyAsync(id, scorecard);
        await RatingsReplayAsync(id);
        Assert.True((await server.Services.GetRequiredService<RowAudit>().RunAsync(null, default)).IsSound);
    }

    private async Task NothingIsRatedWithoutAScorecardAsync(string id)
    {
        await SweepAsync(server);
        Assert.Null(await RatingAsync(server, id));
        (await server.GetAsync($"{Api}/{id}/rating")).IsProblem(HttpStatusCode.Conflict, "customers.not_rated");
        Assert.Equal(CustomerRating.High, (await FactsAsync(id)).Rating); // What was told counts.
        (await server.PostAsync(Api + "/scorecards", "{}"))
            .IsProblem(HttpStatusCode.UnprocessableEntity, "customers.scorecard_refused", "");
        (await server.GetAsync(Api + "/scorecards/scd_none"))
            .IsProblem(HttpStatusCode.NotFound, "customers.scorecard_not_found");
    }

    private async Task TheEntryIsSealedAsync(string id)
    {
        var row = await RowAsync(id);
        await using var db = server.Services.GetRequiredService<IDatabase>().CreateContext();
        var entry = await db.Set<RatingRow>().Where(item => item.CustomerId == id)
            .Select(item => EF.Property<string>(item, "EntryId")).SingleAsync(TestContext.Current.CancellationToken);
        var size = await server.SizeAsync();
        var stored = (await server.EntriesFromAsync(Math.Max(0, size - 12))).Single(
            item => Text(item, "id") == entry);
        Assert.Equal(CustomerEvents.Rated, Text(stored, "type"));
        Assert.DoesNotContain("contributions", stored.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain("retail", stored.ToJsonString(), StringComparison.Ordinal);
        Assert.NotNull(row.RatingId);
    }

    private async Task APepIsHighAsync(string id)
    {
        var patched = await PatchAsync(
            server, id, new { due_diligence = new { segment = "retail", source_of_funds = "salary", is_pep = true } });

        Assert.Equal("high", Text(patched.Json["standing"]!, "rating"));
        var rating = (await server.GetAsync($"{Api}/{id}/rating")).Json;
        var record = rating["record"]!;
        Assert.Equal((2, "customer_changed"),
            (rating["rating"]!["number"]!.GetValue<int>(), Text(rating["rating"]!, "cause")));
        Assert.Contains(record["floors"]!.AsArray(),
            floor => Text(floor!, "why").Contains("Politically", StringComparison.Ordinal));
        var given = record["contributions"]!.AsArray().Sum(part => decimal.Parse(Text(part!, "score"), null));
        Assert.Equal(decimal.Parse(Text(record, "score"), null), given);
        Assert.Equal(2, (await server.GetAsync($"{Api}/{id}/ratings")).Json["ratings"]!.AsArray().Count);
    }

    private async Task TheSameAgainMakesNoRatingAsync(string id)
    {
        await PatchAsync(server, id, new { gender = "female" }); // A change that no factor asks for.
        await SweepAsync(server);
        var size = await server.SizeAsync();
        await SweepAsync(server);

        Assert.Equal(size, await server.SizeAsync());
        var before = (await RowAsync(id)).RatedAt;
        var now = TimeProvider.System.GetUtcNow();
        await using (var db = server.Services.GetRequiredService<IDatabase>().CreateContext())
        {
            Assert.False(await db.Set<CustomerRow>().AnyAsync(
                row => row.RerateAt <= now, TestContext.Current.CancellationToken));
        }

        await DueNowAsync(id);
        await SweepAsync(server); // Looked at again, and it comes to the same: remembered without an entry.
        Assert.Equal(size, await server.SizeAsync());
        Assert.True((await RowAsync(id)).RatedAt > before);
        Assert.True((await RowAsync(id)).RerateAt > now);
        Assert.Equal(2, (await server.GetAsync($"{Api}/{id}/ratings")).Json["ratings"]!.AsArray().Count);
    }

    private async Task MonitoringSeesItAsync(string id)
    {
        Assert.Equal(CustomerRating.Low, (await FactsAsync(id)).Rating); // And not the high that was told.
        await PatchAsync(server, id, new { countries = new[] { new { kind = "residence", code = "KP" } } });
        Assert.Equal(CustomerRating.High, (await FactsAsync(id)).Rating);
    }

    private async Task AnotherScorecardRatesEverybodyAsync(string id, string before)
    {
        var plain = await RegisterAsync(server, "Plain Example", dueDiligence: new { segment = "retail" });
        Assert.Equal("low", await RatingAsync(server, plain));
        var document = (JsonNode)(await server.GetAsync($"{Api}/scorecards/{before}")).Json["document"]!;
        document["bands"] = JsonNode.Parse("""{"medium":"1","high":"90"}""");
        var draft = Text(
            (await server.PostAsync(Api + "/scorecards", document.ToJsonString())).Json, "id");

        var changes = (await server.GetAsync($"{Api}/scorecards/{draft}:compare?with={before}")).Json["changes"]!;
        Assert.Equal(["/bands/high", "/bands/medium"], changes.AsArray().Select(change => Text(change!, "place")));
        var trial = (await server.PostAsync($"{Api}/scorecards/{draft}:try", "{}")).Json;
        Assert.Equal("low", await RatingAsync(server, plain)); // A trial changes nothing.
        Assert.Contains(trial["named"]!.AsArray(), moved => Text(moved!, "customer_id") == plain
            && Text(moved!, "from") == "low" && Text(moved!, "to") == "medium");
        Assert.DoesNotContain(trial["named"]!.AsArray(), moved => Text(moved!, "customer_id") == id);

        var active = await server.PostAsync($"{Api}/scorecards/{draft}:activate", """{"reason":"stricter"}""");
        Assert.Equal(HttpStatusCode.OK, active.Status);
        await SweepAsync(server);
        Assert.Equal("medium", await RatingAsync(server, plain));
        Assert.Equal("high", await RatingAsync(server, id));
        var rating = (await server.GetAsync($"{Api}/{plain}/rating")).Json["rating"]!;
        Assert.Equal((draft, "scorecard_changed"), (Text(rating, "scorecard_id"), Text(rating, "cause")));
    }

    private async Task RatingsReplayAsync(string id)
    {
        var replay = (await server.PostAsync(Api + "/ratings:replay", "{}")).Json;
        Assert.True(replay["ratings"]!.GetValue<int>() >= 5, replay.ToJsonString());
        Assert.Equal(replay["ratings"]!.GetValue<int>(), replay["identical"]!.GetValue<int>());
        Assert.Equal(0, replay["differences"]!.GetValue<int>());

        // The same record beside the scorecard of another day is a difference.
        var archive = server.Services.GetRequiredService<RatingArchive>();
        var record = (await archive.RecordAsync((await RowAsync(id)).RatingId!, default))!.Value;
        Assert.False(RatingArchive.IsSame(record, ScorecardPack.Scorecard()));
    }

    private async Task<CustomerFacts> FactsAsync(string id)
    {
        var row = await RowAsync(id);
        var transaction = new Transaction
        {
            Key = new TransactionKey("test", "t-1"), OccurredAt = DateTimeOffset.UnixEpoch, Type = "wire",
            Amount = new Money(1, CurrencyCode.Parse("EUR")),
            Debtor = new TransactionParty("a", row.ExternalId), Creditor = new TransactionParty("b"),
        };
        var known = await server.Services.GetRequiredService<IPartyFactSource>().OfAsync([transaction], default);
        return known.Of(transaction).Debtor.Customer!;
    }

    private Task DueNowAsync(string id) => server.Services.GetRequiredService<IDatabase>().SaveAsync(
        async (db, token) =>
        {
            var row = await db.Set<CustomerRow>().SingleAsync(item => item.Id == id, token);
            row.RerateAt = DateTimeOffset.UnixEpoch;
        },
        TestContext.Current.CancellationToken);

    private async Task<CustomerRow> RowAsync(string id)
    {
        await using var db = server.Services.GetRequiredService<IDatabase>().CreateContext();
        return await db.Set<CustomerRow>().AsNoTracking().SingleAsync(
            row => row.Id == id, TestContext.Current.CancellationToken);
    }
}

public sealed class RatingsOnSqliteTests(RunningServer server)
    : RatingServerTests(server), IClassFixture<RunningServer>;

public sealed class RatingsOnPostgresTests(PostgresRunningServer server)
    : RatingServerTests(server.OrSkip()), IClassFixture<PostgresRunningServer>;
