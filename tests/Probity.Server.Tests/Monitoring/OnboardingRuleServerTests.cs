using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Probity.Server.Hosting;
using Probity.Server.Hosting.Cli;
using Probity.Server.Monitoring.Decisions;
using Probity.Server.Tests.AuditTrail.Api;
using Xunit;
using static Probity.Server.Tests.Customers.DiligenceKit;

namespace Probity.Server.Tests.Monitoring;

/// <summary>How far onboarding is counts in the next decision, and each decision keeps what it rested on.</summary>
public abstract class OnboardingRuleServerTests(RunningServer server)
{
    private const string Pending =
        """{"name":"Before onboarding is done","rule_type":"KYC","jurisdiction":"*","conditions":{"all":["""
        + """{"ne":["$customer.onboarding","active"]},{"ne":["$customer.check.identity","passed"]}]},"""
        + """ "actions":{"alert":true},"severity":"HIGH"}""";

    [Fact]
    public async Task A_decision_asks_how_far_onboarding_is_and_replays_with_what_it_was_then()
    {
        var number = NewNumber();
        var id = await RegisterAsync(server, "Onboarded Example", number: number);
        await LiveAsync();
        Assert.Null((await JudgeAsync("onboarding-0", number))["alert_rule"]); // Nobody asks for checks: not answered.
        await ActivateAsync(server, document =>
            document["checks"]!["standard"] = new JsonArray("identity", "address"));
        await SweepAsync(server);

        Assert.NotNull((await JudgeAsync("onboarding-1", number))["alert_rule"]);
        await CheckAsync(id, "identity", "failed");
        Assert.NotNull((await JudgeAsync("onboarding-2", number))["alert_rule"]);
        await CheckAsync(id, "identity", "passed");
        Assert.Null((await JudgeAsync("onboarding-3", number))["alert_rule"]); // Pending still, but not for this.
        await CheckAsync(id, "address", "passed");
        Assert.Null((await JudgeAsync("onboarding-4", number))["alert_rule"]);

        Assert.Equal(
            [
                null, "pending standard missing:identity,address", "refused standard failed:identity missing:address",
                "pending standard passed:identity missing:address", "active standard passed:identity,address",
            ],
            await KeptAsync());
        var replay = (await server.PostAsync("/api/v1/monitoring:replay", "{}")).Json;
        Assert.Equal((5, 5), (replay["decisions"]!.GetValue<int>(), replay["identical"]!.GetValue<int>()));
    }

    private async Task<IReadOnlyList<string?>> KeptAsync()
    {
        var kept = new List<string?>();
        await foreach (var step in server.Services.GetRequiredService<StepReader>().ReadAsync(
            0, 0, null, TestContext.Current.CancellationToken))
        {
            if (step is Step.Decided decided)
            {
                kept.Add(decided.Facts.Debtor.Customer?.Onboarding?.Text);
            }
        }

        return kept;
    }

    private async Task LiveAsync()
    {
        var draft = await server.PostAsync("/api/v1/monitoring/rules?base=none", Pending);
        Assert.True(draft.Status == HttpStatusCode.Created, draft.Text);
        var agreed = await server.PostAsync(
            $"/api/v1/monitoring/rule-sets/{Text(draft.Json, "id")}:activate", """{"reason":"looked at"}""");
        Assert.True(agreed.Status == HttpStatusCode.OK, agreed.Text);
    }

    private async Task<JsonNode> JudgeAsync(string id, string customer)
    {
        var answer = await server.PostAsync("/api/v1/transactions", JsonSerializer.Serialize(new
        {
            source = "core", id, occurred_at = "2026-03-02T15:00:00Z", amount = "10.00", currency = "USD",
            type = "wire", debtor = new { account = "ON-1", customer }, creditor = new { account = "ON-2" },
        }));
        Assert.True(answer.Status == HttpStatusCode.Created, answer.Text);
        return answer.Json;
    }

    private async Task CheckAsync(string id, string kind, string outcome)
    {
        var answer = await server.PostAsync(
            $"{Api}/{id}/checks", $$"""{"kind":"{{kind}}","outcome":"{{outcome}}","reason":"a test"}""");
        Assert.True(answer.Status == HttpStatusCode.Created, answer.Text);
    }
}

public sealed class OnboardingRulesOnSqliteTests(RunningServer server)
    : OnboardingRuleServerTests(server), IClassFixture<RunningServer>;

public sealed class OnboardingRulesOnPostgresTests(PostgresRunningServer server)
    : OnboardingRuleServerTests(server.OrSkip()), IClassFixture<PostgresRunningServer>;

/// <summary>A back-test of tables tells it in a column.</summary>
public sealed class OnboardingTableTests
{
    [Fact]
    public async Task A_table_of_customers_tells_how_far_onboarding_is()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.At("rules"));
        await File.WriteAllTextAsync(
            folder.At("rules/pending.json"),
            """{"name":"Pending","rule_type":"KYC","jurisdiction":"*","conditions":{"eq":["$customer.onboarding","""
            + """ "pending"]},"actions":{"alert":true},"severity":"HIGH"}""");
        await File.WriteAllTextAsync(
            folder.At("transactions.csv"),
            "transaction_id,occurred_at,debtor_account,creditor_account,amount,currency,type,debtor_customer\n"
            + "t1,2026-03-02T15:00:00Z,A1,B1,10.00,USD,transfer,c-1\n"
            + "t2,2026-03-02T15:00:00Z,A2,B1,10.00,USD,transfer,c-2\n");
        await File.WriteAllTextAsync(
            folder.At("customers.csv"),
            "customer_id,onboarding\nc-1,pending\nc-2,\"active standard passed:identity,address\"\n");

        Assert.Equal(ExitCode.Done, (await RunAsync(folder)).Code);

        var alerts = await File.ReadAllTextAsync(folder.At("alerts.csv"));
        Assert.Contains(",t1,", alerts, StringComparison.Ordinal);
        Assert.DoesNotContain(",t2,", alerts, StringComparison.Ordinal);
        await File.WriteAllTextAsync(folder.At("customers.csv"), "customer_id,onboarding\nc-1,done\n");
        var (code, error) = await RunAsync(folder);
        Assert.Equal(ExitCode.CannotTell, code);
        Assert.Contains("pending, active or refused", error, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Error)> RunAsync(TemporaryFolder folder)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = await CommandLine.RunAsync(
            [
                "monitor", "backtest", "--transactions", folder.At("transactions.csv"), "--rules", folder.At("rules"),
                "--customers", folder.At("customers.csv"), "--out", folder.At("alerts.csv"),
            ],
            Composition.Bodies, output, error);
        return (code, error.ToString());
    }
}
