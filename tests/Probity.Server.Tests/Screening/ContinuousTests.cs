using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Probity.Server.Access;
using Probity.Server.AuditTrail.Verification;
using Probity.Server.Cases;
using Probity.Server.Screening.Continuous;
using Probity.Server.Screening.Hits;
using Probity.Server.Screening.Matching;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;
using Probity.Server.Tests.AuditTrail.Api;
using Xunit;

namespace Probity.Server.Tests.Screening;

/// <summary>
/// Customers are screened in the commit of their change and again when a list changes; hits raise alerts, decisions
/// close them, and what was decided is open again when either side changes. Every class has a server of its own, since
/// lists are live for all customers.
/// </summary>
public abstract class ContinuousTests(RunningServer server)
{
    private const string Header = "id,list,type,name,dob,country\n";

    // The tests of a class run one after the other on one server: each brings a name of its own.
    [Fact]
    public async Task A_customer_is_screened_with_its_commit_and_again_when_the_list_or_the_customer_changes()
    {
        var id = await RegisterAsync("cs-1", "Radomir Vukasinovich", "1961-03-02");
        Assert.Equal("not_screened", await StateAsync(id));

        await LoadAsync("1,own_deny,person,Somebody Else Entirely,,\n");
        await CatchUpAsync();
        Assert.Equal("clear", await StateAsync(id));
        var other = await RegisterAsync("cs-2", "Somebody Else Entirely", null);
        Assert.Equal("hits", await StateAsync(other));

        await LoadAsync(
            "1,own_deny,person,Somebody Else Entirely,,\n2,own_deny,person,Radomir Vukašinović,1961,RS\n");
        Assert.Equal("outdated", await StateAsync(id));
        var size = await server.SizeAsync();
        await CatchUpAsync();

        Assert.Equal("hits", await StateAsync(id));
        var types = (await server.EntriesFromAsync(size)).Select(entry => entry["type"]!.GetValue<string>()).ToList();
        Assert.Contains(ContinuousEvents.Screened, types);
        Assert.Contains(HitEvents.Found, types);
        Assert.Contains(CaseEvents.Raised, types);
        Assert.Contains(ContinuousEvents.Run, types);
        var hit = await HitAsync(id);
        var alert = (await server.GetAsync($"/api/v1/alerts/{Text(hit, "alert_id")}")).Json;
        Assert.Equal(("screening", "open", Text(hit, "id")),
            (Text(alert, "source"), Text(alert, "status"), Text(alert, "reference")));
        var detail = (await server.GetAsync($"/api/v1/screening/hits/{Text(hit, "id")}")).Json;
        var born = detail["fields"]!.AsArray().Single(field => Text(field!, "field") == "birth date")!;
        Assert.Equal("same", Text(born, "says"));
        Assert.Contains("1961", Text(detail, "explanation"), StringComparison.Ordinal);

        await DecidesAsync(Text(hit, "id"), Text(hit, "alert_id"));
        await ReopensAsync(id, Text(hit, "id"));
        await EndsAsync(id, Text(hit, "id"));
        Assert.True((await server.Services.GetRequiredService<RowAudit>().RunAsync(null, default)).IsSound);
    }

    private async Task DecidesAsync(string hit, string alert)
    {
        var path = $"/api/v1/screening/hits/{hit}:decide";
        (await server.PostAsync(path, """{"decision":"false_positive","reason":"no code"}"""))
            .IsProblem(HttpStatusCode.UnprocessableEntity, "request.bad_field", "/reason_code");
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => server.PostAsync(
            path, """{"decision":"false_positive","reason_code":"documented_other","reason":"passport seen"}""")));
        Assert.Single(answers, answer => answer.Status == HttpStatusCode.OK);
        Assert.All(answers, answer => Assert.True(
            answer.Status is HttpStatusCode.OK or HttpStatusCode.Conflict, answer.Text));
        var closed = (await server.GetAsync($"/api/v1/alerts/{alert}")).Json;
        Assert.Equal(("closed", "false_positive"), (Text(closed, "status"), Text(closed, "decision")));
    }

    private async Task ReopensAsync(string customer, string hit)
    {
        await RegisterAsync("cs-1", "Radomir Vukasinovich", "1961-03-02", account: "DE02100100100006820101");
        Assert.Equal("false_positive", Text(await HitAsync(customer), "status"));

        await RegisterAsync("cs-1", "Radomir Vukasinovic", "1961-03-02");
        var open = await HitAsync(customer);
        Assert.Equal((hit, "open"), (Text(open, "id"), Text(open, "status")));

        await ExemptsAsync(hit);
        Assert.Equal("exempted", Text(await HitAsync(customer), "status"));
        await LoadAsync(
            "1,own_deny,person,Somebody Else Entirely,,\n2,own_deny,person,Radomir Vukašinović,1961,ME\n");
        await CatchUpAsync();
        Assert.Equal("open", Text(await HitAsync(customer), "status"));
        await using var db = server.Services.GetRequiredService<IDatabase>().CreateContext();
        Assert.Equal(ExemptionRow.Reopened,
            (await db.Set<ExemptionRow>().SingleAsync(row => row.HitId == hit, default(CancellationToken))).State);
    }

    // The second person is tested with the approvals; here is what the last decision does.
    private async Task ExemptsAsync(string id)
    {
        await using var work = new UnitOfWork(
            server.Services.GetRequiredService<IDatabase>(), server.Services.GetRequiredService<ILedgerWriter>());
        var hit = await work.Db.Set<HitRow>().SingleAsync(row => row.Id == id, default(CancellationToken));
        var agreed = new ExemptionPayload(
            id, hit.EntrySha256, hit.CustomerDigest, "documented_other", "file 77",
            DateOnly.FromDateTime(DateTimeOffset.Parse("2126-01-01", null).UtcDateTime));
        var desk = server.Services.GetRequiredService<HitDesk>();
        var entry = new AccessEntry(Caller.Server.ToActor(), null, TimeProvider.System);
        var far = await Assert.ThrowsAsync<Server.Hosting.Problems.ProblemException>(() =>
            desk.ExemptAsync(work, agreed, "apr_0", entry, default));
        Assert.Equal("request.bad_field", far.Code.Code);
        await desk.ExemptAsync(
            work, agreed with { ExpiresOn = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime) },
            "apr_0", entry, default);
        await work.CommitAsync(default);
    }

    private async Task EndsAsync(string customer, string hit)
    {
        await LoadAsync("1,own_deny,person,Somebody Else Entirely,,\n");
        await CatchUpAsync();

        var ended = await HitAsync(customer);
        Assert.Equal((hit, "ended"), (Text(ended, "id"), Text(ended, "status")));
        var alert = (await server.GetAsync($"/api/v1/alerts/{Text(ended, "alert_id")}")).Json;
        Assert.Equal("closed", Text(alert, "status"));
        Assert.Equal("clear", await StateAsync(customer));
    }

    private async Task<string> RegisterAsync(string number, string name, string? born, string? account = null)
    {
        var body = new JsonObject
        {
            ["external_id"] = number, ["kind"] = "person",
            ["names"] = new JsonArray(new JsonObject { ["text"] = name }),
        };
        if (born is not null)
        {
            body["dates"] = new JsonArray(new JsonObject { ["kind"] = "birth", ["date"] = born });
        }

        if (account is not null)
        {
            body["accounts"] = new JsonArray(new JsonObject { ["number"] = account });
        }

        var answer = await server.PostAsync("/api/v1/customers", body.ToJsonString());
        Assert.True((int)answer.Status is 200 or 201, answer.Text);
        return Text(answer.Json, "id");
    }

    private async Task LoadAsync(string rows)
    {
        var loaded = await server.SendAsync(
            HttpMethod.Post, "/api/v1/screening/lists:load?name=own.csv&accept=shrunk,replaced,fields_lost",
            Encoding.UTF8.GetBytes(Header + rows));
        Assert.True(loaded.Status == HttpStatusCode.OK, loaded.Text);
        var version = loaded.Json["lists"]![0]!["version"]!;
        var activated = await server.PostAsync(
            $"/api/v1/screening/lists/own_deny/versions/{Text(version, "id")}:activate", """{"reason":"a test"}""");
        Assert.True(activated.Status == HttpStatusCode.OK, activated.Text);
        await server.Services.GetRequiredService<LiveEngine>().RefreshAsync(default);
    }

    private async Task CatchUpAsync()
    {
        var index = server.Services.GetRequiredService<CustomerIndex>();
        for (var attempt = 0; !index.IsComplete; attempt++)
        {
            Assert.True(attempt < 200, "The customers were not read into memory within 10 seconds.");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        await server.Services.GetRequiredService<ContinuousRun>().CatchUpAsync(TestContext.Current.CancellationToken);
    }

    private async Task<string> StateAsync(string customer) =>
        Text((await server.GetAsync($"/api/v1/screening/customers/{customer}")).Json, "state");

    private async Task<JsonNode> HitAsync(string customer) =>
        (await server.GetAsync($"/api/v1/screening/hits?customer_id={customer}")).Json["hits"]!.AsArray().Single()!;

    private static string Text(JsonNode node, string name) => node[name]!.GetValue<string>();
}

public sealed class ContinuousOnSqliteTests(NoSweepServer server)
    : ContinuousTests(server), IClassFixture<NoSweepServer>;

public sealed class ContinuousOnPostgresTests(PostgresRunningServer server)
    : ContinuousTests(server.OrSkip()), IClassFixture<PostgresRunningServer>;

/// <summary>A server of its own for continuous screening.</summary>
public sealed class NoSweepServer : RunningServer;
