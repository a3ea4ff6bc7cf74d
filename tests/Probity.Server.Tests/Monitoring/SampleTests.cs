using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Probity.Monitoring.Pack;
using Probity.Server.Cases;
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
            + $"({world.Scenarios.Count(item => item.Alerts)} alert alone), {told["alerts"]} decisions with an alert, "
            + $"{alerts} alerts: "
            + string.Join("; ", raised.Select(item => $"{item.Key} {item.Count}")));
        Assert.True(wrong.Count == 0, string.Join("; ", wrong));
        Assert.Equal(RulePack.Documents().Count, world.Scenarios.Count(item => item.IsTrue));
        Assert.InRange(alerts, world.Scenarios.Count(item => item.Alerts) / 2, 600);

        // Namesakes are hits that wait for a person, or were told apart; none is taken for the listed one by itself.
        var hits = await db.Set<HitRow>().Where(hit => hit.List == "own_sample").ToListAsync(
            TestContext.Current.CancellationToken);
        Assert.DoesNotContain(hits, hit => hit.Status == HitRow.TrueMatch);

        var (again, second, _) = await RunAsync(
            "sample", "--days", "90", "--seed", "1", "--json", "--url", server.Url.ToString(), "--key", server.Key,
            "--data", _folder.At("data"));
        Assert.Equal(ExitCode.Done, again);
        Assert.Equal(
            world.Steps.Count + world.Steps.Count(step => step.IsTakenBack),
            JsonNode.Parse(second)!["outcomes"]!["duplicate"]!.GetValue<int>());
    }

    public void Dispose() => _folder.Dispose();

    private static bool IsAsExpected(JsonNode record, SampleScenario scenario)
    {
        var isFound = record["contributions"]!.AsArray()
            .Any(item => item!["rule"]!.GetValue<string>() == scenario.Rule);
        var isAlert = record["alert"]!.GetValue<bool>();
        return scenario.IsTrue ? isFound && (isAlert || !scenario.Alerts) : !isFound && !isAlert;
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
