using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Probity.Monitoring;
using Probity.Server.Access;
using Probity.Server.AuditTrail.Append;
using Probity.Server.Cases;
using Probity.Server.Hosting.Problems;
using Probity.Server.Hosting.Settings;
using Probity.Server.Monitoring;
using Probity.Server.Monitoring.Decisions;
using Probity.Server.Monitoring.Replay;
using Probity.Server.Monitoring.Rules;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;
using Probity.Server.Tests.AuditTrail.Api;
using Xunit;

namespace Probity.Server.Tests.Monitoring;

public sealed class DecisionOnSqliteTests(RunningServer server) : DecisionTests(server), IClassFixture<RunningServer>;

public sealed class DecisionOnPostgresTests(PostgresRunningServer server)
    : DecisionTests(server.OrSkip()), IClassFixture<PostgresRunningServer>;

/// <summary>A transaction becomes a decision that is durable, explained, and computed again to the byte.</summary>
public abstract class DecisionTests(RunningServer server)
{
    // Byte for byte as documents in the field write it.
    private const string Large =
        """{"name":"Large Transaction Monitoring","rule_type":"AML","jurisdiction":"US","conditions":"""
        + """{"amount_threshold":10000,"currency":"USD"},"actions":"""
        + """{"alert":true,"require_documentation":true},"severity":"HIGH"}""";

    private static int s_next;

    [Theory]
    [InlineData("9999.99", "approve")]
    [InlineData("10000.00", "review")]
    [InlineData("10000.01", "review")]
    public async Task The_rule_works_as_written_at_the_exact_cent(string amount, string outcome)
    {
        await GoLiveAsync(Large, "none");

        var answer = await server.PostAsync("/api/v1/transactions", Body(NewId(), amount));

        Assert.True(answer.Status == HttpStatusCode.Created, answer.Text);
        Assert.Equal(outcome, answer.Json["outcome"]!.GetValue<string>());
        Assert.Equal(outcome == "review", answer.Json["alert"]!.GetValue<bool>());
        if (outcome == "review")
        {
            Assert.Equal("Large Transaction Monitoring", answer.Json["alert_rule"]!.GetValue<string>());
            Assert.Equal("HIGH", answer.Json["severity"]!.GetValue<string>());
            Assert.True(answer.Json["requires_documentation"]!.GetValue<bool>());
        }
    }

    [Fact]
    public async Task A_transaction_is_kept_once_and_its_decision_reads_back_to_the_byte()
    {
        var body = Body(NewId(), "250.00");
        var first = await server.PostAsync("/api/v1/transactions", body);
        var size = await server.SizeAsync();

        var again = await server.PostAsync("/api/v1/transactions", body);
        var other = await server.PostAsync("/api/v1/transactions", body.Replace("250.00", "251.00"));

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK), (first.Status, again.Status));
        Assert.Equal(("duplicate", Text(first, "id")), (Text(again, "status"), Text(again, "id")));
        other.IsProblem(HttpStatusCode.Conflict, "monitoring.key_reused");
        Assert.Equal(size, await server.SizeAsync());
        var record = await server.GetAsync($"/api/v1/transactions/{Text(first, "id")}/decision");
        Assert.Equal(first.Json["decision"]!.ToJsonString(), record.Json.ToJsonString());
        var whole = await server.GetAsync($"/api/v1/transactions/{Text(first, "id")}");
        Assert.Equal("250.00", whole.Json["transaction"]!["amount"]!.GetValue<string>());
        Assert.Equal("ACC-1", whole.Json["transaction"]!["debtor"]!["account"]!.GetValue<string>());
        var entry = (await server.EntriesFromAsync(first.Json["seq"]!.GetValue<long>()))[0];
        Assert.Equal(Text(first, "entry"), entry["id"]!.GetValue<string>());
        Assert.DoesNotContain("ACC-1", entry.ToJsonString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"250.00\"", "\"1e3\"", "/amount")]
    [InlineData("\"250.00\"", "250.001", "/amount")]
    [InlineData("\"250.00\"", "\"-1\"", "/amount")]
    [InlineData("\"250.00\"", "\"1000000000000\"", "/amount")]
    [InlineData("\"250.00\"", "null", "/amount")]
    [InlineData("\"USD\"", "\"usd\"", "/currency")]
    [InlineData("\"2026-03-02T15:00:00Z\"", "\"yesterday\"", "/occurred_at")]
    [InlineData("\"2026-03-02T15:00:00Z\"", "\"1969-12-31T23:59:59Z\"", "/occurred_at")]
    [InlineData("\"wire\"", "7", "/type")]
    [InlineData("\"wire\"", "\"wire\",\"status\":\"reversed\"", "/status")]
    [InlineData("\"wire\"", "\"wire\",\"colour\":\"red\"", "")]
    [InlineData("\"country\":\"US\"", "\"country\":\"us\"", "/debtor/country")]
    [InlineData("\"country\":\"US\"", "\"birth\":\"1980\"", "/debtor")]
    [InlineData("\"wire\"", "\"wire\",\"cash\":{\"is_exchange\":\"yes\"}", "/cash/is_exchange")]
    [InlineData("\"wire\"", "\"wire\",\"narrative\":\"a\\u0000b\"", "/narrative")]
    public async Task What_cannot_be_judged_is_refused_with_its_place_and_nothing_is_kept(
        string good, string bad, string pointer)
    {
        var size = await server.SizeAsync();

        var answer = await server.PostAsync(
            "/api/v1/transactions", Body(NewId(), "250.00").Replace(good, bad, StringComparison.Ordinal));

        answer.IsProblem(HttpStatusCode.UnprocessableEntity, "monitoring.transaction_refused", pointer);
        Assert.Equal(size, await server.SizeAsync());
    }

    [Fact]
    public async Task A_dry_run_judges_and_keeps_nothing()
    {
        var body = Body(NewId(), "250.00");
        var dry = await server.PostAsync("/api/v1/transactions:evaluate", body);
        var real = await server.PostAsync("/api/v1/transactions", body);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Created), (dry.Status, real.Status));
        Assert.Equal(real.Json["decision"]!.ToJsonString(), dry.Json["decision"]!.ToJsonString());
    }

    [Fact]
    public async Task A_dry_run_sees_what_another_writer_judged_and_hides_it_from_nobody()
    {
        await server.PostAsync("/api/v1/transactions", Body(NewId(), "5.00")); // This node is ready.
        await using var other = NewDesk(server.Services.GetRequiredService<Lazy<ILedgerWriter>>());
        await other.StartAsync(TestContext.Current.CancellationToken);
        await other.AskAsync(Job(Body(NewId(), "6.00")));
        var body = Body(NewId(), "7.00");

        var dry = await server.PostAsync("/api/v1/transactions:evaluate", body);
        var real = await server.PostAsync("/api/v1/transactions", body);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Created), (dry.Status, real.Status));
        Assert.Equal(real.Json["decision"]!.ToJsonString(), dry.Json["decision"]!.ToJsonString());
    }

    [Fact]
    public async Task Lines_are_answered_in_order_and_a_bad_one_holds_nobody_up()
    {
        var ids = Enumerable.Range(0, 40).Select(_ => NewId()).ToList();
        var lines = ids.ConvertAll(id => Body(id, "10.00"));
        lines[3] = lines[3].Replace("\"USD\"", "\"QQQ\"", StringComparison.Ordinal);
        lines[7] = "{not json";
        lines[9] = lines[8];
        lines.Insert(5, "");

        var answer = await server.PostAsync("/api/v1/transactions:ingest", string.Join('\n', lines) + "\n");

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        var told = answer.Lines;
        Assert.Equal(40, told.Count);
        Assert.Equal([1, 2, 3, 4, 5, 7, 8, 9], told.Take(8).Select(line => line["line"]!.GetValue<int>()));
        Assert.Equal(("refused", "monitoring.transaction_refused"), (Text(told[3], "status"), Text(told[3], "code")));
        Assert.Equal("/currency", told[3]["errors"]![0]!["pointer"]!.GetValue<string>());
        Assert.Equal("json.syntax", Text(told[7], "code"));
        Assert.Equal(("decided", "duplicate"), (Text(told[8], "status"), Text(told[9], "status")));
        Assert.Equal(Text(told[8], "id"), Text(told[9], "id"));
        Assert.Equal(37, told.Count(line => Text(line, "status") == "decided"));
    }

    [Fact]
    public async Task A_reversal_takes_a_number_once_and_counts_from_then_on()
    {
        await GoLiveAsync(
            """{"name":"Two of a day","rule_type":"AML","jurisdiction":"*","conditions":{"gte":[{"agg":{"fn":"count" """
            + ""","key":"account","dir":"out","window":{"last":"24h"}}},2]},"""
            + """ "actions":{"alert":true},"severity":"HIGH"}""",
            "none");
        var account = NewId();
        var first = await server.PostAsync("/api/v1/transactions", Body(NewId(), "5.00", account));
        var path = $"/api/v1/transactions/{Text(first, "id")}:reverse";

        var reversed = await server.PostAsync(path, """{"reason":"returned"}""");
        var again = await server.PostAsync(path, """{"reason":"returned"}""");
        var second = await server.PostAsync("/api/v1/transactions", Body(NewId(), "5.00", account));
        var third = await server.PostAsync("/api/v1/transactions", Body(NewId(), "5.00", account));

        Assert.True(reversed.Status == HttpStatusCode.OK, reversed.Text);
        again.IsProblem(HttpStatusCode.Conflict, "monitoring.already_reversed");
        Assert.Equal(("approve", "review"), (Text(second, "outcome"), Text(third, "outcome")));
        var read = await server.GetAsync($"/api/v1/transactions/{Text(first, "id")}");
        Assert.Equal(reversed.Json["number"]!.GetValue<long>(), read.Json["reversed_by"]!.GetValue<long>());
        await ReplaysAsync();
    }

    [Fact]
    public async Task An_exchange_of_rules_changes_decisions_at_one_number_and_all_of_it_replays()
    {
        await GoLiveAsync(Large, "none");
        using var stop = new CancellationTokenSource();
        using var answered = new SemaphoreSlim(0);
        var load = Task.Run(async () =>
        {
            var outcomes = new List<(long Number, string Outcome)>();
            while (!stop.IsCancellationRequested)
            {
                var answer = await server.PostAsync("/api/v1/transactions", Body(NewId(), "10000.00"));
                outcomes.Add((answer.Json["number"]!.GetValue<long>(), Text(answer, "outcome")));
                answered.Release();
            }

            return outcomes;
        });
        await answered.WaitAsync(TestContext.Current.CancellationToken);
        await GoLiveAsync(Large.Replace("10000", "20000", StringComparison.Ordinal), "none");
        while (await answered.WaitAsync(0, TestContext.Current.CancellationToken))
        {
            // Those answered meanwhile; two more begin after the exchange at the latest.
        }

        await answered.WaitAsync(TestContext.Current.CancellationToken);
        await answered.WaitAsync(TestContext.Current.CancellationToken);
        await stop.CancelAsync();

        var all = await load;
        await using var db = server.Services.GetRequiredService<IDatabase>().CreateContext();
        var at = await db.Set<StepRow>().Where(step => step.Kind == StepRow.Rules).MaxAsync(step => step.Number,
            TestContext.Current.CancellationToken);
        Assert.Contains(all, item => item.Number < at);
        Assert.Contains(all, item => item.Number > at);
        Assert.All(all, item => Assert.Equal(item.Number < at ? "review" : "approve", item.Outcome));
        await ReplaysAsync();
    }

    [Fact]
    public async Task Another_writer_reads_what_is_stored_and_numbers_on()
    {
        var body = Body(NewId(), "250.00");
        var kept = await server.PostAsync("/api/v1/transactions", body);
        await using var other = NewDesk(server.Services.GetRequiredService<Lazy<ILedgerWriter>>());
        await other.StartAsync(TestContext.Current.CancellationToken);

        var duplicate = await other.AskAsync(Job(body));
        var next = await other.AskAsync(Job(Body(NewId(), "5.00")));
        var ours = await server.PostAsync("/api/v1/transactions", Body(NewId(), "6.00"));

        Assert.Equal((Text(kept, "id"), null), (duplicate.TransactionId, duplicate.Decision));
        Assert.Equal(HttpStatusCode.Created, ours.Status); // Its number was taken: it read on and judged anew.
        Assert.Equal(next.Number + 1, ours.Json["number"]!.GetValue<long>());
        await ReplaysAsync();
    }

    [Fact]
    public async Task A_commit_that_fails_keeps_nothing_and_one_that_only_seems_to_fail_is_found()
    {
        var ledger = new FaultyLedger(server.Services.GetRequiredService<ILedgerWriter>());
        await using var desk = NewDesk(new Lazy<ILedgerWriter>(ledger));
        await desk.StartAsync(TestContext.Current.CancellationToken);
        var before = await desk.AskAsync(Job(Body(NewId(), "5.00")));
        var (lost, hidden) = (Body(NewId(), "6.00"), Body(NewId(), "7.00"));

        ledger.FailsBefore = true;
        await Assert.ThrowsAsync<LedgerUnavailableException>(() => desk.AskAsync(Job(lost)));
        ledger.FailsBefore = false;
        var retried = await desk.AskAsync(Job(lost));
        ledger.FailsAfter = true;
        await Assert.ThrowsAsync<LedgerUnavailableException>(() => desk.AskAsync(Job(hidden)));
        ledger.FailsAfter = false;
        var found = await desk.AskAsync(Job(hidden));

        Assert.Equal(before.Number + 1, retried.Number);
        Assert.Equal((retried.Number + 1, null), (found.Number, found.Decision));
        await ReplaysAsync();
    }

    [Fact]
    public async Task What_comes_during_a_commit_is_judged_meanwhile_and_answered_after_its_own()
    {
        var (ledger, facts) = Watched();
        await using var desk = NewDesk(new Lazy<ILedgerWriter>(ledger), facts);
        await desk.StartAsync(TestContext.Current.CancellationToken);
        var before = await desk.AskAsync(Job(Body(NewId(), "5.00")));
        var (id, held) = (NewId(), ledger.Hold());
        var first = desk.AskAsync(Job(Body(id, "6.00")));
        await held.Reached.WaitAsync(TestContext.Current.CancellationToken);

        var second = desk.AskAsync(Job(Body(NewId(), "7.00")));
        var same = desk.AskAsync(Job(Body(id, "6.00")));
        var other = desk.AskAsync(Job(Body(id, "6.01")));
        await facts.AskedForAsync(5); // What is judged one after the other would not be asked for yet.
        Assert.All([second, same, other], answer => Assert.False(answer.IsCompleted));
        held.Go();

        Assert.Equal((before.Number + 1, before.Number + 2), ((await first).Number, (await second).Number));
        Assert.Equal(((await first).Number, (await first).EntryId, null),
            ((await same).Number, (await same).EntryId, (await same).Decision));
        Assert.Equal("monitoring.key_reused", (await Assert.ThrowsAsync<ProblemException>(() => other)).Code.Code);
        await ReplaysAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_was_judged_during_a_commit_that_fails_is_judged_anew(bool isWritten)
    {
        var (ledger, facts) = Watched();
        await using var desk = NewDesk(new Lazy<ILedgerWriter>(ledger), facts);
        await desk.StartAsync(TestContext.Current.CancellationToken);
        var before = await desk.AskAsync(Job(Body(NewId(), "5.00")));
        var (id, held) = (NewId(), ledger.Hold());
        var first = desk.AskAsync(Job(Body(id, "6.00")));
        await held.Reached.WaitAsync(TestContext.Current.CancellationToken);

        var other = desk.AskAsync(Job(Body(id, "6.01")));
        var second = desk.AskAsync(Job(Body(NewId(), "7.00")));
        await facts.AskedForAsync(4);
        held.Fail(isWritten);

        await Assert.ThrowsAsync<LedgerUnavailableException>(() => first);
        Assert.Equal(before.Number + 2, (await second).Number);
        if (isWritten)
        {
            // It had only seemed to fail: its key is taken.
            Assert.Equal("monitoring.key_reused", (await Assert.ThrowsAsync<ProblemException>(() => other)).Code.Code);
        }
        else
        {
            Assert.Equal(before.Number + 1, (await other).Number);
        }

        await ReplaysAsync();
    }

    [Fact]
    public async Task A_desk_that_is_stopped_answers_what_is_being_committed()
    {
        var (ledger, facts) = Watched();
        await using var desk = NewDesk(new Lazy<ILedgerWriter>(ledger), facts);
        await desk.StartAsync(TestContext.Current.CancellationToken);
        await desk.AskAsync(Job(Body(NewId(), "5.00")));
        var held = ledger.Hold();
        var last = desk.AskAsync(Job(Body(NewId(), "6.00")));
        await held.Reached.WaitAsync(TestContext.Current.CancellationToken);

        await desk.StopAsync(new CancellationToken(canceled: true)); // Nobody waits any longer.
        Assert.False(last.IsCompleted);
        held.Go();

        Assert.NotNull((await last.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken)).Seq);
    }

    [Fact]
    public async Task A_decision_that_was_altered_does_not_replay()
    {
        await server.PostAsync("/api/v1/transactions", Body(NewId(), "250.00"));
        var library = server.Services.GetRequiredService<RuleLibrary>();
        var replay = new DecisionReplay(library);
        var (isAltered, at) = (false, 0L);
        await foreach (var step in server.Services.GetRequiredService<StepReader>().ReadAsync(
            0, 0, null, TestContext.Current.CancellationToken))
        {
            var taken = step;
            if (step is Step.Decided decided && !isAltered)
            {
                var text = Encoding.UTF8.GetString(decided.Record).Replace(
                    "\"threshold\":\"0.700000\"", "\"threshold\":\"0.700001\"", StringComparison.Ordinal);
                (taken, isAltered, at) = (decided with { Record = Encoding.UTF8.GetBytes(text) }, true, step.Seq);
            }

            await replay.TakeAsync(taken, true, TestContext.Current.CancellationToken);
        }

        Assert.Equal([at], replay.Report.Different);
        Assert.Equal(replay.Report.Decisions - 1, replay.Report.Identical);
    }

    [Fact]
    public async Task Rules_are_checked_tried_and_gone_back_to()
    {
        var check = await server.PostAsync(
            "/api/v1/monitoring/rules:validate", Large.Replace("10000", "-1", StringComparison.Ordinal));
        Assert.False(check.Json["is_sound"]!.GetValue<bool>());
        Assert.Equal("/conditions/amount_threshold", check.Json["faults"]![0]!["pointer"]!.GetValue<string>());
        var refused = await server.PostAsync(
            "/api/v1/monitoring/rules", Large.Replace("amount_threshold", "amount_treshold", StringComparison.Ordinal));
        Assert.Equal(("monitoring.rule_refused", 422), (refused.Code, (int)refused.Status));

        var strict = await GoLiveAsync(Large, "none");
        await server.PostAsync("/api/v1/transactions", Body(NewId(), "15000.00"));
        var draft = await DraftAsync(Large.Replace("10000", "20000", StringComparison.Ordinal), "none");
        var trial = await server.PostAsync($"/api/v1/monitoring/rule-sets/{draft}:backtest", "{}");
        Assert.True(trial.Status == HttpStatusCode.OK, trial.Text);
        Assert.InRange(trial.Json["alerts"]!.GetValue<int>(), 0, trial.Json["alerts_before"]!.GetValue<int>() - 1);
        Assert.NotEmpty(trial.Json["lost"]!.AsArray());

        await ActivateAsync(draft);
        await ActivateAsync(strict); // Back to the one before.
        var sets = (await server.GetAsync("/api/v1/monitoring/rule-sets")).Json["rule_sets"]!.AsArray();
        Assert.Equal(strict, Assert.Single(sets, set => set!["is_live"]!.GetValue<bool>())!["id"]!.GetValue<string>());
        var again = await server.PostAsync("/api/v1/transactions", Body(NewId(), "15000.00"));
        Assert.Equal("review", Text(again, "outcome"));
    }

    [Fact]
    public async Task An_alert_is_raised_in_the_commit_of_its_decision_and_repeats_fold()
    {
        await GoLiveAsync(Large, "none");
        var account = "fold-" + NewId();

        var first = await server.PostAsync("/api/v1/transactions", Body(NewId(), "10000.00", account));
        await server.PostAsync("/api/v1/transactions", Body(NewId(), "20000.00", account));
        await server.PostAsync("/api/v1/transactions", Body(NewId(), "5.00", account));

        await using var db = server.Services.GetRequiredService<IDatabase>().CreateContext();
        var alert = await db.Set<AlertRow>().SingleAsync(
            row => row.SubjectId == account, TestContext.Current.CancellationToken);
        Assert.Equal(("monitoring", "high", 2), (alert.Source, alert.Severity, alert.Count));
        Assert.NotEqual(Text(first, "id"), alert.Reference);
        var entries = await server.EntriesFromAsync(first.Json["seq"]!.GetValue<long>());
        Assert.Equal(CaseEvents.Raised, entries[1]["type"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_set_that_waits_for_its_date_does_not_judge_yet()
    {
        await GoLiveAsync(Large, "none");
        var later = await DraftAsync(Large.Replace("10000", "20000", StringComparison.Ordinal), "none");

        var asked = await server.PostAsync(
            $"/api/v1/monitoring/rule-sets/{later}:activate",
            """{"reason":"law changes then","active_from":"2090-01-01T00:00:00Z"}""");

        Assert.Equal("approved", Text(asked, "status"));
        var now = await server.PostAsync("/api/v1/transactions", Body(NewId(), "10000.00"));
        Assert.Equal("review", Text(now, "outcome"));
    }

    [Fact]
    public async Task An_entry_of_the_shipped_rules_is_small()
    {
        var shipped = (await server.GetAsync("/api/v1/monitoring/rule-sets")).Json["rule_sets"]!.AsArray()
            .FirstOrDefault(set => set!["rules"]!.GetValue<int>() > 40)?["id"]!.GetValue<string>();
        if (shipped is not null)
        {
            await ActivateAsync(shipped);
        }

        var from = await server.SizeAsync();
        var lines = Enumerable.Range(0, 60).Select(i => Body(
            NewId(), (100 + (i * 37)).ToString(CultureInfo.InvariantCulture) + ".00", $"P{i % 7}", $"Q{i % 5}"));
        await server.PostAsync("/api/v1/transactions:ingest", string.Join('\n', lines));

        var sizes = (await server.EntriesFromAsync(from))
            .Where(entry => entry["type"]!.GetValue<string>() == MonitoringEvents.Decided)
            .Select(entry => Encoding.UTF8.GetByteCount(entry.ToJsonString())).Order().ToList();
        Assert.InRange(sizes[sizes.Count / 2], 1, 3_072);
    }

    private static string NewId() => "t" + Interlocked.Increment(ref s_next).ToString(CultureInfo.InvariantCulture);

    private static string Body(string id, string amount, string account = "ACC-1", string other = "ACC-2") =>
        $$$"""{"source":"core","id":"{{{id}}}","occurred_at":"2026-03-02T15:00:00Z","amount":"{{{amount}}}" """
        + $$$""","currency":"USD","type":"wire","debtor":{"account":"{{{account}}}","country":"US"} """
        + $$$""","creditor":{"account":"{{{other}}}"}}""";

    private static string Text(Answer answer, string name) => Text(answer.Json, name);

    private static string Text(JsonNode json, string name) => json[name]!.GetValue<string>();

    private static DecideJob Job(string body)
    {
        using var json = System.Text.Json.JsonDocument.Parse(body);
        return new DecideJob(
            Server.Monitoring.Input.TransactionJson.Read(json.RootElement),
            new AccessEntry(Caller.Server.ToActor(), null, TimeProvider.System));
    }

    private (FaultyLedger Ledger, WatchedFacts Facts) Watched() => (
        new FaultyLedger(server.Services.GetRequiredService<ILedgerWriter>()),
        new WatchedFacts(server.Services.GetRequiredService<IPartyFactSource>()));

    private DecisionDesk NewDesk(Lazy<ILedgerWriter> ledger, IPartyFactSource? facts = null)
    {
        var services = server.Services;
        return new DecisionDesk(
            services.GetRequiredService<IDatabase>(), ledger, services.GetRequiredService<StepReader>(),
            services.GetRequiredService<Server.Monitoring.Packs.StepPacks>(),
            services.GetRequiredService<RuleLibrary>(), services.GetRequiredService<RuleSeed>(),
            facts ?? services.GetRequiredService<IPartyFactSource>(), services.GetRequiredService<AlertDesk>(),
            services.GetRequiredService<DecisionMetrics>(), services.GetRequiredService<ProbitySettings>(),
            TimeProvider.System, NullLogger<DecisionDesk>.Instance);
    }

    private async Task ReplaysAsync()
    {
        var answer = await server.PostAsync("/api/v1/monitoring:replay", "{}");
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
        Assert.True(answer.Json["decisions"]!.GetValue<long>() > 0);
        Assert.Equal(answer.Json["decisions"]!.GetValue<long>(), answer.Json["identical"]!.GetValue<long>());
    }

    private async Task<string> DraftAsync(string rule, string from)
    {
        var draft = await server.PostAsync("/api/v1/monitoring/rules?base=" + from, rule);
        Assert.True(draft.Status == HttpStatusCode.Created, draft.Text);
        return Text(draft, "id");
    }

    private async Task ActivateAsync(string set)
    {
        var answer = await server.PostAsync(
            $"/api/v1/monitoring/rule-sets/{set}:activate", """{"reason":"looked at"}""");
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
        Assert.Equal("active", Text(answer, "status"));
    }

    private async Task<string> GoLiveAsync(string rule, string from)
    {
        var set = await DraftAsync(rule, from);
        await ActivateAsync(set);
        return set;
    }

    /// <summary>A ledger that fails before it writes, or after it has, or holds up one commit.</summary>
    private sealed class FaultyLedger(ILedgerWriter inner) : ILedgerWriter
    {
        private HeldCommit? _held;

        public bool FailsBefore { get; set; }

        public bool FailsAfter { get; set; }

        /// <summary>Has the next commit wait to be told.</summary>
        public HeldCommit Hold() => _held = new HeldCommit();

        public async Task<AppendReceipt> AppendAsync(
            Storage.Commits.AppendRequest request, CancellationToken cancellationToken)
        {
            var (before, after) = Interlocked.Exchange(ref _held, null) is { } held
                ? await held.ToldAsync()
                : (FailsBefore, FailsAfter);
            if (before)
            {
                throw new LedgerUnavailableException("ledger.unavailable", "a test");
            }

            var receipt = await inner.AppendAsync(request, cancellationToken);
            return after ? throw new LedgerUnavailableException("ledger.unavailable", "a test") : receipt;
        }
    }

    /// <summary>Facts of parties that tell how many transactions they were asked for.</summary>
    private sealed class WatchedFacts(IPartyFactSource inner) : IPartyFactSource
    {
        private readonly SemaphoreSlim _asked = new(0);

        public async Task AskedForAsync(int transactions)
        {
            for (var i = 0; i < transactions; i++)
            {
                Assert.True(await _asked.WaitAsync(
                    TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken), "Nobody asked.");
            }
        }

        public Task<KnownParties> OfAsync(
            IReadOnlyList<Transaction> transactions, CancellationToken cancellationToken)
        {
            _asked.Release(transactions.Count);
            return inner.OfAsync(transactions, cancellationToken);
        }
    }

    /// <summary>A commit that waits to be told what becomes of it.</summary>
    private sealed class HeldCommit
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);

        private readonly TaskCompletionSource<(bool Before, bool After)> _told =
            new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Completes when it is under way.</summary>
        public Task Reached => _reached.Task;

        public void Go() => _told.SetResult((false, false));

        public void Fail(bool isWritten) => _told.SetResult((!isWritten, isWritten));

        public Task<(bool Before, bool After)> ToldAsync()
        {
            _reached.SetResult();
            return _told.Task;
        }
    }
}
