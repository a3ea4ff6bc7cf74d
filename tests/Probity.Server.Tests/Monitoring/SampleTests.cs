using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Probity.Monitoring.Pack;
using Probity.Monitoring.Rating;
using Probity.Server.Cases;
using Probity.Server.Customers;
using Probity.Server.Customers.Ratings;
using Probity.Server.Hosting;
using Probity.Server.Hosting.Cli;
using Probity.Server.Monitoring;
using Probity.Server.Monitoring.Decisions;
using Probity.Server.Sample;
using Probity.Server.Screening.Hits;
using Probity.Server.Storage;
using Probity.Server.Tests.AuditTrail.Api;
using Xunit;

namespace Probity.Server.Tests.Monitoring;

/// <summary>The sample bank: the same for a seed, each typology found where it is and not where it nearly is.</summary>
public sealed class SampleTests(RunningServer server) : IClassFixture<RunningServer>, IDisposable
{
    private static readonly DateOnly s_today = new(2026, 11, 28);

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_seed_is_a_bank_and_another_seed_another_one()
    {
        var request = new SampleRequest(s_today, 90, 7);

        var (one, same) = (SampleWorld.Make(request), SampleWorld.Make(request));
        var other = SampleWorld.Make(request with { Seed = 8 });
        var later = SampleWorld.Make(request with { Today = s_today.AddDays(3) });

        Assert.Equal(one.Steps, same.Steps);
        Assert.Equal(Text(one), Text(same));
        Assert.NotEqual(one.Steps, other.Steps);
        Assert.Equal(
            one.Steps.Max(step => step.Transaction.OccurredAt).Date.AddDays(3),
            later.Steps.Max(step => step.Transaction.OccurredAt).Date);
        Assert.All(one.Steps, step => Assert.True(step.Transaction.OccurredAt.Date < s_today.ToDateTime(default)));
        Assert.InRange(one.Steps.Count, 22_000, 28_000);
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{one.Steps.Count} transactions, {one.Customers.Count} customers, {one.Scenarios.Count} scenarios; "
            + "not placed: " + string.Join("; ", one.Unplaced));
        Assert.Empty(one.Unplaced);
    }

    [Fact]
    public async Task Every_true_typology_is_found_and_no_near_miss_is()
    {
        var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
        var world = SampleWorld.Make(new SampleRequest(today, 90, 1));

        var (code, output, error) = await RunAsync(
            "sample", "--days", "90", "--seed", "1", "--json", "--url", server.Url.ToString(), "--key", server.Key,
            "--data", _folder.At("data"));

        Assert.True(code == ExitCode.Done, error + output);
        var told = JsonNode.Parse(output)!;
        Assert.Equal(world.Steps.Count, told["outcomes"]!["decided"]!.GetValue<int>());
        var records = await RecordsAsync(world);
        var wrong = world.Scenarios.Where(scenario => !IsAsExpected(records[scenario.Last.Id], scenario))
            .Select(scenario => $"{scenario.Rule}, {(scenario.IsTrue ? "true" : "near miss")}").ToList();
        await using var db = server.Services.GetRequiredService<IDatabase>().CreateContext();
        var alerts = await db.Set<AlertRow>().CountAsync(TestContext.Current.CancellationToken);
        var raised = await db.Set<StepRow>().Where(row => row.AlertRule != null).GroupBy(row => row.AlertRule!)
            .Select(group => new { group.Key, Count = group.Count() }).OrderByDescending(item => item.Count)
            .ToListAsync(TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{world.Scenarios.Count(item => item.IsTrue)} typologies "
            + $"({world.Scenarios.Count(item => item is { IsTrue: true, Alerts: true })} alert alone), "
            + $"{world.Scenarios.Count(item => item is { IsTrue: false, Alerts: true })} near misses alert for another "
            + $"rule, {told["alerts"]} decisions with an alert, "
            + $"{alerts} alerts: "
            + string.Join("; ", raised.Select(item => $"{item.Key} {item.Count}")));
        Assert.True(wrong.Count == 0, string.Join("; ", wrong));
        Assert.Equal(RulePack.Documents().Count, world.Scenarios.Count(item => item.IsTrue));
        Assert.InRange(alerts, world.Scenarios.Count(item => item.Alerts) / 2, 600);

        // Namesakes are hits that wait for a person, or were told apart; none is taken for the listed one by itself.
        var hits = await db.Set<HitRow>().Where(hit => hit.List == "own_sample").ToListAsync(
            TestContext.Current.CancellationToken);
        Assert.DoesNotContain(hits, hit => hit.Status == HitRow.TrueMatch);

        await DiligenceIsThereAsync();
        var (again, second, _) = await RunAsync(
            "sample", "--days", "90", "--seed", "1", "--json", "--url", server.Url.ToString(), "--key", server.Key,
            "--data", _folder.At("data"));
        Assert.Equal(ExitCode.Done, again);
        Assert.Equal(
            world.Steps.Count + world.Steps.Count(step => step.IsTakenBack),
            JsonNode.Parse(second)!["outcomes"]!["duplicate"]!.GetValue<int>());
    }

    [Fact]
    public async Task A_data_folder_without_a_server_gets_its_scorecard_and_replays_its_ratings()
    {
        var data = _folder.At("alone");
        var (code, _, error) = await RunAsync("sample", "--days", "30", "--seed", "3", "--data", data);
        Assert.True(code == ExitCode.Done, error);
        Assert.Contains("scorecard in force", error, StringComparison.Ordinal);

        var (same, report, _) = await RunAsync("customers", "replay", "--json", "--data", data);

        Assert.Equal(ExitCode.Done, same);
        var ratings = JsonNode.Parse(report)!;
        Assert.True(ratings["ratings"]!.GetValue<int>() >= 20, report);
        Assert.Equal(ratings["ratings"]!.GetValue<int>(), ratings["identical"]!.GetValue<int>());

        // A rating that is held against another scorecard than it was made by is a difference.
        var (drafted, draft, fault) = await RunAsync(
            "customers", "scorecards", "draft", "shipped", "--note", "another", "--json", "--data", data);
        Assert.True(drafted == ExitCode.Done, fault);
        await using (var store = new SqliteConnection($"Data Source={System.IO.Path.Combine(data, "probity.db")}"))
        {
            await store.OpenAsync(TestContext.Current.CancellationToken);
            await using var bend = store.CreateCommand();
            bend.CommandText =
                "UPDATE customer_rating SET scorecard_id = $id WHERE id = (SELECT min(id) FROM customer_rating)";
            bend.Parameters.AddWithValue("$id", JsonNode.Parse(draft)!["id"]!.GetValue<string>());
            Assert.Equal(1, await bend.ExecuteNonQueryAsync(TestContext.Current.CancellationToken));
        }

        var (other, text, _) = await RunAsync("customers", "replay", "--data", data);
        Assert.Equal(ExitCode.Tampered, other);
        Assert.Contains("1 different", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_scorecard_is_drafted_from_a_file_and_every_fault_of_one_is_told()
    {
        var file = _folder.At("scorecard.json");
        var document = JsonNode.Parse(ScorecardPack.Document().Span)!;
        document["name"] = "From a file";
        await File.WriteAllTextAsync(file, document.ToJsonString());

        var (code, output, error) = await RunAsync(
            "customers", "scorecards", "draft", file, "--json", "--url", server.Url.ToString(), "--key", server.Key);

        Assert.True(code == ExitCode.Done, error);
        var draft = JsonNode.Parse(output)!;
        Assert.Equal(("From a file", "draft"), (draft["name"]!.GetValue<string>(), draft["state"]!.GetValue<string>()));
        document["factors"]![0]!["weight"] = 1;
        document["bands"] = "none";
        await File.WriteAllTextAsync(file, document.ToJsonString());
        foreach (var place in (string[][])[["--url", server.Url.ToString(), "--key", server.Key],
            ["--data", _folder.At("drafts")]])
        {
            var (refused, _, told) = await RunAsync(["customers", "scorecards", "draft", file, .. place]);
            Assert.Equal(ExitCode.CannotTell, refused);
            Assert.Contains("/bands", told, StringComparison.Ordinal);
        }

        var (missing, _, why) = await RunAsync(
            "customers", "scorecards", "draft", _folder.At("none.json"), "--data", _folder.At("drafts"));
        Assert.Equal(ExitCode.CannotTell, missing);
        Assert.Contains("cannot be read", why, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private async Task DiligenceIsThereAsync()
    {
        await server.Services.GetRequiredService<RatingSweep>().CatchUpAsync(TestContext.Current.CancellationToken);
        var scorecards = (await server.GetAsync("/api/v1/customers/scorecards")).Json["scorecards"]!.AsArray();
        Assert.Contains(scorecards, item => item!["is_in_force"]!.GetValue<bool>());
        foreach (var task in (string[])["review", "document"])
        {
            var due = (await server.GetAsync($"/api/v1/customers:due?task={task}")).Json;
            Assert.InRange(due["tasks"]!.AsArray().Count, 10, 50);
            Assert.InRange(due["overdue"]!.GetValue<int>(), 5, 60);
        }

        await MostAreOnboardedAsync();
        var circle = await CustomerAsync(SampleBackground.CompanyOf(new SampleRequest(s_today, 90, 1), 'e', 3));
        var owners = (await server.GetAsync($"/api/v1/customers/{circle}/owners")).Json;
        Assert.NotEmpty(owners["circles"]!.AsArray());
        var failed = await CustomerAsync(SampleBackground.CompanyOf(new SampleRequest(s_today, 90, 1), 'e', 2));
        Assert.Equal(
            "refused", (await server.GetAsync($"/api/v1/customers/{failed}/checks")).Json["state"]!.GetValue<string>());
        var exposed = await CustomerAsync(
            SampleBackground.PersonOf(new SampleRequest(s_today, 90, 1), SampleBackground.Exposed));
        var rating = (await server.GetAsync($"/api/v1/customers/{exposed}/rating")).Json["rating"]!;
        Assert.Equal("high", rating["rating"]!.GetValue<string>());
    }

    private async Task MostAreOnboardedAsync()
    {
        await using var db = server.Services.GetRequiredService<IDatabase>().CreateContext();
        var states = await db.Set<CustomerRow>().Where(row => row.Onboarding != null)
            .GroupBy(row => row.Onboarding!).Select(group => new { group.Key, Count = group.Count() })
            .ToDictionaryAsync(item => item.Key, item => item.Count, TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper!.WriteLine(string.Join(", ", states));
        Assert.True(states["active"] >= 9 * (states["pending"] + states["refused"]), string.Join(", ", states));
        Assert.InRange(states["pending"], 10, 100);
        Assert.InRange(states["refused"], 3, 20);
    }

    private async Task<string> CustomerAsync(string number) =>
        (await server.GetAsync("/api/v1/customers?external_id=" + number)).Json["customers"]![0]!["id"]!
            .GetValue<string>();

    private static bool IsAsExpected(JsonNode record, SampleScenario scenario)
    {
        var isFound = record["contributions"]!.AsArray()
            .Any(item => item!["rule"]!.GetValue<string>() == scenario.Rule);
        var isAlert = record["alert"]!.GetValue<bool>();
        return isFound == scenario.IsTrue && isAlert == scenario.Alerts;
    }

    private static string Text(SampleWorld world) =>
        string.Join('\n', world.Customers.Select(customer => System.Text.Json.JsonSerializer.Serialize(customer)));

    private async Task<Dictionary<string, JsonNode>> RecordsAsync(SampleWorld world)
    {
        var wanted = world.Scenarios.Select(scenario => scenario.Last.Id).ToHashSet();
        var records = new Dictionary<string, JsonNode>();
        await foreach (var step in server.Services.GetRequiredService<StepReader>().ReadAsync(
            0, 0, null, TestContext.Current.CancellationToken))
        {
            if (step is Step.Decided decided && wanted.Contains(decided.Transaction.Key.Id))
            {
                records[decided.Transaction.Key.Id] = JsonNode.Parse(decided.Record)!;
            }
        }

        return records;
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = await CommandLine.RunAsync(arguments, Composition.Bodies, output, error);
        return (code, output.ToString(), error.ToString());
    }
}
