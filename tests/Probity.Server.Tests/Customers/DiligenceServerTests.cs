using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Probity.Server.AuditTrail.Verification;
using Probity.Server.Custody.Erasure;
using Probity.Server.Customers;
using Probity.Server.Customers.Owners;
using Probity.Server.Screening.Continuous;
using Probity.Server.Screening.Lists;
using Probity.Server.Screening.Matching;
using Probity.Server.Storage;
using Probity.Server.Tests.AuditTrail.Api;
using Xunit;
using static Probity.Server.Tests.Customers.DiligenceKit;

namespace Probity.Server.Tests.Customers;

/// <summary>Owners, reviews, documents and checks over the API, on both stores.</summary>
public abstract class DiligenceServerTests(RunningServer server) : IAsyncLifetime
{
    private static readonly DateOnly s_today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);

    private static readonly string[] s_standard = ["identity", "document", "address", "purpose", "screening"];

    public async ValueTask InitializeAsync() => await ActivateAsync(server);

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Owners_are_found_through_holdings_and_what_is_unknown_is_said()
    {
        var (root, holding) = (await EntityAsync("Root GmbH"), await EntityAsync("Holding GmbH"));
        var (ann, ben) = (await OwnerAsync("Ann Owner"), await OwnerAsync("Ben Owner"));
        await LinkAsync(server, root, holding, "owns", "60");
        await LinkAsync(server, root, ann, "owns", "10");
        await LinkAsync(server, holding, ann, "owns", "50");
        await LinkAsync(server, holding, ben, "owns", "40.5");

        var owners = (await server.GetAsync($"{Api}/{root}/owners")).Json;

        Assert.Equal([(ann, "40", true), (ben, "24.3", false)], owners["persons"]!.AsArray().Select(person =>
            (Text(person!, "party_id"), Text(person!, "percent"), person!["is_beneficial_owner"]!.GetValue<bool>())));
        Assert.Equal(("35.7", "EU", "more than 25 %"),
            (Text(owners, "unknown_percent"), Text(owners, "jurisdiction"), Text(owners, "threshold")));
        Assert.Contains("35.7 % of the ownership is unknown.",
            owners["statements"]!.AsArray().Select(item => item!.GetValue<string>()));
        Assert.Equal("Ann Owner", owners["parties"]![ann]!.GetValue<string>());
    }

    [Fact]
    public async Task Shares_do_not_exceed_the_whole_and_bad_links_are_refused()
    {
        var (root, ann) = (await EntityAsync("Full GmbH"), await OwnerAsync("Ann Full"));
        await LinkAsync(server, root, ann, "owns", "70");

        async Task Refused(object link, HttpStatusCode status, string code, string? pointer = null) =>
            (await server.PostAsync($"{Api}/{root}/links", JsonSerializer.Serialize(link)))
                .IsProblem(status, code, pointer);

        var other = await OwnerAsync("Ben Full");
        var size = await server.SizeAsync();
        await Refused(new { party_id = other, kind = "owns", percent = "30.0001" },
            HttpStatusCode.UnprocessableEntity, "customers.ownership_exceeded");
        await Refused(new { party_id = ann, kind = "owns", percent = "1" },
            HttpStatusCode.Conflict, "customers.link_exists");
        await Refused(new { party_id = root, kind = "controls" },
            HttpStatusCode.UnprocessableEntity, "request.bad_field", "/party_id");
        await Refused(new { party_id = other, kind = "owns", percent = "0.00001" },
            HttpStatusCode.UnprocessableEntity, "request.bad_field", "/percent");
        await Refused(new { party_id = other, kind = "director", percent = "5" },
            HttpStatusCode.UnprocessableEntity, "request.bad_field", "/percent");
        await Refused(new { party_id = other, kind = "friend" },
            HttpStatusCode.UnprocessableEntity, "request.bad_field", "/kind");
        await Refused(new { party_id = "cus_none", kind = "controls" },
            HttpStatusCode.NotFound, "customers.not_found");

        // The server itself may have rated customers of other tests meanwhile.
        Assert.DoesNotContain(
            await server.EntriesFromAsync(size), entry => Text(entry["actor"]!, "type") != "system");
        (await server.GetAsync($"{Api}/{ann}/owners")).IsProblem(HttpStatusCode.Conflict, "customers.no_entity");
        await LinkAsync(server, root, other, "owns", "30");
    }

    [Fact]
    public async Task A_pep_behind_two_holdings_lifts_the_rating_and_a_link_taken_back_lowers_it()
    {
        var (root, holding, ann) = (
            await EntityAsync("Deep GmbH"), await EntityAsync("Between GmbH"), await OwnerAsync("Ann Deep"));
        await LinkAsync(server, root, holding, "owns", "100");
        var link = await LinkAsync(server, holding, ann, "owns", "100");
        await SweepAsync(server);
        Assert.NotEqual("high", await RatingAsync(server, root));

        // Nobody touches the two entities: they are rated again because somebody behind them changed.
        await PatchAsync(server, ann, new { due_diligence = new { is_pep = true } });
        await SweepAsync(server);

        Assert.Equal(("high", "high"), (await RatingAsync(server, root), await RatingAsync(server, holding)));
        Assert.Null(await RatingAsync(server, ann)); // A related party is not rated.
        var removed = await server.SendAsync(HttpMethod.Delete, $"{Api}/{holding}/links/{link}");
        Assert.Equal(HttpStatusCode.NoContent, removed.Status);
        await SweepAsync(server);
        Assert.NotEqual("high", await RatingAsync(server, root));
        (await server.SendAsync(HttpMethod.Delete, $"{Api}/{holding}/links/{link}"))
            .IsProblem(HttpStatusCode.NotFound, "customers.link_not_found");
    }

    [Fact]
    public async Task A_circle_is_named_and_does_not_keep_the_sweep_busy()
    {
        var (one, two) = (await EntityAsync("Circle One"), await EntityAsync("Circle Two"));
        await LinkAsync(server, one, two, "owns", "50");
        await LinkAsync(server, two, one, "owns", "50");
        await SweepAsync(server);
        await SweepAsync(server);
        var size = await server.SizeAsync();

        await SweepAsync(server);

        Assert.Equal(size, await server.SizeAsync());
        var owners = (await server.GetAsync($"{Api}/{one}/owners")).Json;
        Assert.Equal([one, two], Assert.Single(owners["circles"]!.AsArray())!.AsArray()
            .Select(id => id!.GetValue<string>()));
        Assert.Contains(owners["statements"]!.AsArray(),
            item => item!.GetValue<string>().Contains("circle", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Reviews_are_due_by_rating_listed_and_completed_with_the_next_day()
    {
        var began = s_today.AddMonths(-30);
        var high = await RegisterAsync(
            server, "High Review", dueDiligence: new { is_pep = true, onboarded_on = Day(began) });
        var low = await RegisterAsync(server, "Low Review", dueDiligence: new
        {
            is_pep = false, onboarded_on = Day(began), segment = "retail", source_of_funds = "salary",
            documents = new[] { new { kind = "passport", number = "X1", expires_on = Day(s_today.AddYears(5)) } },
        });
        Assert.Equal(Day(began.AddMonths(12)), Text(await StandingAsync(server, high), "review_due_on"));
        Assert.Equal(Day(began.AddMonths(36)), Text(await StandingAsync(server, low), "review_due_on"));

        var overdue = (await server.GetAsync($"{Api}:due?overdue=true&page_size=200")).Json;
        Assert.Contains(overdue["tasks"]!.AsArray(), task => Text(task!, "customer_id") == high
            && task!["is_overdue"]!.GetValue<bool>() && Text(task, "name") == "High Review");
        Assert.DoesNotContain(overdue["tasks"]!.AsArray(), task => Text(task!, "customer_id") == low);
        await SweepAsync(server); // That it is overdue counts in the rating.
        Assert.Contains("overdue", (await server.GetAsync($"{Api}/{high}/rating")).Text, StringComparison.Ordinal);

        (await ReviewAsync(high, new { outcome = "fine", reason = "r" }))
            .IsProblem(HttpStatusCode.UnprocessableEntity, "request.bad_field", "/outcome");
        (await ReviewAsync(high, new { outcome = "confirmed", reason = "r", next_due_on = Day(s_today.AddMonths(13)) }))
            .IsProblem(HttpStatusCode.UnprocessableEntity, "request.bad_field", "/next_due_on");
        var done = await ReviewAsync(high, new { outcome = "enhanced_measures", reason = "wealth explained" });
        Assert.True(done.Status == HttpStatusCode.Created, done.Text);
        Assert.Equal(Day(s_today.AddMonths(12)), Text(await StandingAsync(server, high), "review_due_on"));
        Assert.Equal(Day(began.AddMonths(12)),
            Text((await server.GetAsync($"{Api}/{high}/reviews")).Json["reviews"]![0]!, "due_on"));
        Assert.DoesNotContain(
            (await server.GetAsync($"{Api}:due?overdue=true&page_size=200")).Json["tasks"]!.AsArray(),
            task => Text(task!, "customer_id") == high);
        await PatchAsync(server, high, new { gender = "female" }); // And a change does not bring the old day back.
        Assert.Equal(Day(s_today.AddMonths(12)), Text(await StandingAsync(server, high), "review_due_on"));
    }

    [Fact]
    public async Task A_higher_rating_brings_the_review_forward_and_never_into_the_past()
    {
        var id = await RegisterAsync(server, "Forward Review", dueDiligence: new
        {
            is_pep = false, onboarded_on = Day(s_today.AddMonths(-14)), segment = "retail", source_of_funds = "salary",
        });
        Assert.Equal(Day(s_today.AddMonths(-14).AddMonths(36)), Text(await StandingAsync(server, id), "review_due_on"));

        await PatchAsync(server, id, new
        {
            due_diligence = new { is_pep = true, onboarded_on = Day(s_today.AddMonths(-14)) },
        });

        Assert.Equal(Day(s_today), Text(await StandingAsync(server, id), "review_due_on"));
    }

    [Fact]
    public async Task Documents_that_end_are_dated_tasks_page_by_page()
    {
        var ends = new List<string>();
        for (var i = 1; i <= 3; i++)
        {
            ends.Add(await RegisterAsync(server, $"Ending {i}", dueDiligence: new
            {
                documents = new object[]
                {
                    new { kind = "passport", expires_on = Day(s_today.AddDays(-400)) },
                    new { kind = "national_id", expires_on = Day(s_today.AddDays(i)) },
                },
            }));
        }

        var endless = await RegisterAsync(server, "Endless", dueDiligence: new
        {
            documents = new object[]
            {
                new { kind = "passport", expires_on = Day(s_today) }, new { kind = "passport" },
            },
        });

        var found = new List<string>();
        for (var token = ""; token is not null;)
        {
            var page = (await server.GetAsync(
                $"{Api}:due?task=document&until={Day(s_today.AddDays(3))}&page_size=2&page_token={token}")).Json;
            found.AddRange(page["tasks"]!.AsArray().Select(task => Text(task!, "customer_id")));
            token = page["next_page_token"]?.GetValue<string>();
        }

        Assert.Equal(ends, found.Intersect(ends));
        Assert.Equal(found.Distinct(), found);
        Assert.DoesNotContain(endless, found);
        (await server.GetAsync($"{Api}:due?task=birthday"))
            .IsProblem(HttpStatusCode.BadRequest, "request.malformed");
    }

    [Fact]
    public async Task A_customer_is_active_only_when_every_check_of_its_level_is_passed()
    {
        await CustomersAreScreenedAsync();
        var id = await RegisterAsync(server, "Onboarding Example", dueDiligence: new
        {
            is_pep = false, documents = new[] { new { kind = "passport", expires_on = Day(s_today.AddDays(90)) } },
        });
        Assert.Equal("pending", Text(await StandingAsync(server, id), "onboarding"));
        foreach (var kind in s_standard.SkipLast(2))
        {
            await CheckAsync(id, kind, "passed");
            Assert.Equal("pending", Text(await StandingAsync(server, id), "onboarding"));
        }

        await CheckAsync(id, "purpose", "failed");
        Assert.Equal("refused", Text(await StandingAsync(server, id), "onboarding"));
        await CheckAsync(id, "purpose", "passed");
        Assert.Equal("active", Text(await StandingAsync(server, id), "onboarding"));

        // A document that is not there any more does not prove anything; a higher rating asks for more.
        await PatchAsync(server, id, new { due_diligence = new { is_pep = false } });
        var state = (await server.GetAsync($"{Api}/{id}/checks")).Json;
        Assert.Equal(("standard", "pending"), (Text(state, "level"), Text(state, "state")));
        Assert.Equal(
            "lapsed", Text(state["checks"]!.AsArray().Single(item => Text(item!, "kind") == "document")!, "state"));
        await PatchAsync(server, id, new { due_diligence = new { is_pep = true } });
        state = (await server.GetAsync($"{Api}/{id}/checks")).Json;
        Assert.Equal("enhanced", Text(state, "level"));
        Assert.Contains(state["checks"]!.AsArray(),
            item => Text(item!, "kind") == "approval" && Text(item!, "state") == "missing");
        (await server.PostAsync($"{Api}/{id}/checks", """{"kind":"screening","outcome":"passed","reason":"r"}"""))
            .IsProblem(HttpStatusCode.UnprocessableEntity, "request.bad_field", "/kind");
    }

    [Fact]
    public async Task A_hit_that_is_decided_is_the_state_of_the_customer_and_of_those_it_owns()
    {
        await CustomersAreScreenedAsync();
        var (owner, root) = (await OwnerAsync("Dragoslava Miladinovich"), await EntityAsync("Owned GmbH"));
        await LinkAsync(server, root, owner, "owns", "100");
        await SweepAsync(server);
        Assert.NotEqual("high", await RatingAsync(server, root));
        var hit = Text(
            (await server.GetAsync($"/api/v1/screening/hits?customer_id={owner}")).Json["hits"]![0]!, "id");

        var decided = await server.PostAsync(
            $"/api/v1/screening/hits/{hit}:decide", """{"decision":"true_match","reason":"the same person"}""");
        Assert.True(decided.Status == HttpStatusCode.OK, decided.Text);
        await SweepAsync(server);

        Assert.Equal("high", await RatingAsync(server, root));
        var record = (await server.GetAsync($"{Api}/{root}/rating")).Json["record"]!;
        Assert.Equal("confirmed", record["facts"]!["owner_screening"]![0]!.GetValue<string>());
    }

    [Fact]
    public async Task An_erasure_takes_the_relationships_and_keeps_the_rating_rows_without_names()
    {
        var number = NewNumber();
        var root = await EntityAsync("Erased Owner GmbH");
        var ann = await RegisterAsync(server, "Ann Erased", number: number, role: "related");
        await LinkAsync(server, root, ann, "owns", "100");

        foreach (var step in server.Services.GetServices<IErasureStep>())
        {
            await step.EraseAsync(CustomerRow.SubjectType, number, TestContext.Current.CancellationToken);
        }

        await using var db = server.Services.GetRequiredService<IDatabase>().CreateContext();
        Assert.False(await db.Set<LinkRow>().AnyAsync(
            link => link.OwnerId == ann, TestContext.Current.CancellationToken));
        await SweepAsync(server);
        var owners = (await server.GetAsync($"{Api}/{root}/owners")).Json;
        Assert.Equal("100", Text(owners, "unknown_percent"));
        var rating = (await server.GetAsync($"{Api}/{root}/rating")).Json;
        Assert.Equal("100", Text(rating["record"]!["facts"]!, "ownership_unknown"));
        Assert.True((await server.Services.GetRequiredService<RowAudit>().RunAsync(null, default)).IsSound);
    }

    [Fact]
    public async Task A_table_brings_due_diligence()
    {
        var number = NewNumber();
        var table = "external_id,kind,name,role,dd_level,rating,segment,industry,channel,source_of_funds,is_pep,"
            + "adverse,onboarded_on,review_due_on,expected_monthly,documents\n"
            + $"{number},person,Ann Table,,enhanced,high,retail,art,online,salary,yes,adverse_media|conviction,"
            + "2025-03-02,2027-01-31,2500.50 EUR,passport:X77@DK 2020-01-01..2030-01-01|national_id:Y@SE\n";

        var sent = await ImportAsync(table);

        Assert.True(sent.Contains("\"created\"", StringComparison.Ordinal), sent);
        var read = (await server.GetAsync($"{Api}?external_id={number}")).Json["customers"]![0]!;
        var told = read["customer"]!["due_diligence"]!;
        Assert.Equal(("enhanced", "high", "online", true, "2500.50"), (
            Text(told, "level"), Text(told, "rating"), Text(told, "channel"), told["is_pep"]!.GetValue<bool>(),
            Text(told["expected_monthly"]!, "amount")));
        Assert.Equal(("2030-01-01", "DK", "X77"), (
            Text(told["documents"]![0]!, "expires_on"), Text(told["documents"]![0]!, "country"),
            Text(told["documents"]![0]!, "number")));
        Assert.Equal("SE", Text(told["documents"]![1]!, "country"));
        Assert.Equal(2, told["adverse"]!.AsArray().Count);
        var refused = await ImportAsync("external_id,kind,name,is_pep\nx,person,Ann,perhaps\n");
        Assert.Contains("/due_diligence/is_pep", refused, StringComparison.Ordinal);
    }

    private async Task<string> ImportAsync(string table)
    {
        using var content = new StringContent(table, Encoding.UTF8, "text/csv");
        using var response = await server.Http.PostAsync(
            Api + ":import", content, TestContext.Current.CancellationToken);
        return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    private async Task CheckAsync(string id, string kind, string outcome)
    {
        var answer = await server.PostAsync(
            $"{Api}/{id}/checks",
            JsonSerializer.Serialize(new { kind, outcome, reason = "seen", reference = "file 1" }));
        Assert.True(answer.Status == HttpStatusCode.Created, answer.Text);
    }

    private Task<Answer> ReviewAsync(string id, object review) =>
        server.PostAsync($"{Api}/{id}/reviews", JsonSerializer.Serialize(review));

    // A list is live and names nobody of these tests but one.
    private async Task CustomersAreScreenedAsync()
    {
        var loaded = await server.SendAsync(
            HttpMethod.Post, "/api/v1/screening/lists:load?name=own.csv", Encoding.UTF8.GetBytes(
                "id,list,type,name,dob,country\n1,own_dd,person,Dragoslava Miladinovich,,\n"));
        Assert.True(loaded.Status == HttpStatusCode.OK, loaded.Text);
        var version = Text(loaded.Json["lists"]![0]!["version"]!, "id");
        await server.PostAsync(
            $"/api/v1/screening/lists/own_dd/versions/{version}:activate", """{"reason":"a test"}""");
        await server.Services.GetRequiredService<ActiveLists>().RefreshAsync(default);
        await server.Services.GetRequiredService<LiveEngine>().RefreshAsync(default);
        await server.Services.GetRequiredService<ContinuousRun>().CatchUpAsync(TestContext.Current.CancellationToken);
    }

    private Task<string> EntityAsync(string name) => RegisterAsync(server, name, "organisation");

    private Task<string> OwnerAsync(string name) => RegisterAsync(server, name, role: "related");

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}

public sealed class DiligenceOnSqliteTests(RunningServer server)
    : DiligenceServerTests(server), IClassFixture<RunningServer>;

public sealed class DiligenceOnPostgresTests(PostgresRunningServer server)
    : DiligenceServerTests(server.OrSkip()), IClassFixture<PostgresRunningServer>;
