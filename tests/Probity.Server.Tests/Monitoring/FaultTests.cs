using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Probity.Conformance;
using Probity.Server.Hosting.Settings;
using Probity.Server.Monitoring;
using Probity.Server.Storage;
using Probity.Server.Storage.Sqlite;
using Probity.Server.Tests.AuditTrail.Api;
using Xunit;

namespace Probity.Server.Tests.Monitoring;

/// <summary>A server on a cluster of its own, which a test may kill.</summary>
public sealed class KillableServer : RunningServer
{
    private readonly PostgresCluster _cluster = new();

    /// <summary>Gets the cluster.</summary>
    public PostgresCluster Cluster => _cluster;

    public override async ValueTask InitializeAsync()
    {
        if (PostgresCluster.IsAvailable)
        {
            await _cluster.InitializeAsync();
            await base.InitializeAsync();
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _cluster.DisposeAsync();
    }

    protected override async Task ConfigureAsync(Dictionary<string, string> environment) =>
        environment[SettingCatalogue.Database.Name] =
            _cluster.ConnectionString(await _cluster.CreateDatabaseAsync());
}

/// <summary>PostgreSQL dies while decisions are being committed.</summary>
public sealed class StoreKilledTests(KillableServer server) : IClassFixture<KillableServer>
{
    [Fact]
    public async Task A_database_that_is_killed_under_load_loses_nothing_acknowledged_and_leaves_nothing_half()
    {
        PostgresCluster.SkipIfMissing();
        var load = new FaultLoad(server);
        await load.SendAsync(60);
        var writing = load.WriteAsync(writers: 6);
        await load.UntilAsync(200);

        await server.Cluster.KillAsync();
        await Task.Delay(TimeSpan.FromMilliseconds(300), TestContext.Current.CancellationToken);
        await server.Cluster.StartAsync();

        await load.UntilAsync(load.Acknowledged + 100);
        await load.StopAsync(writing);
        await load.RequireSoundAsync();
    }
}

/// <summary>SQLite refuses in the middle of a batch, when some of its rows are written already.</summary>
public sealed class StoreRefusesTests(RunningServer server) : IClassFixture<RunningServer>
{
    [Theory]
    [InlineData("ledger_entry", "new.seq % 37 = 11")]
    [InlineData("monitoring_step", "new.number % 41 = 13")]
    public async Task A_store_that_fails_in_the_middle_of_a_batch_leaves_nothing_half(string table, string when)
    {
        var load = new FaultLoad(server);
        await load.SendAsync(60);
        await RunAsync($"""
            create trigger fault before insert on {table} when {when}
            begin select raise(rollback, 'disk I/O error'); end
            """);
        var writing = load.WriteAsync(writers: 6);
        await load.UntilRefusedAsync();
        await RunAsync("drop trigger fault");

        await load.UntilAsync(load.Acknowledged + 100);
        await load.StopAsync(writing);
        await load.RequireSoundAsync();
    }

    // Words of this test alone.
#pragma warning disable CA2100
    private async Task RunAsync(string sql)
    {
        using var lease = await server.Services.GetRequiredService<SqliteDatabase>()
            .AcquireWriterAsync(TestContext.Current.CancellationToken);
        await using var command = new SqliteCommand(sql, lease.Connection);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
#pragma warning restore CA2100
}

/// <summary>A list goes live while transactions of somebody on it are being judged.</summary>
public sealed class ListUnderLoadTests(RunningServer server) : IClassFixture<RunningServer>
{
    private const string Rule =
        """{"name":"Large","rule_type":"AML","jurisdiction":"*","conditions":{"amount_threshold":1000000,"""
        + """ "currency":"USD"},"actions":{"alert":true},"severity":"HIGH"}""";

    [Fact]
    public async Task A_list_that_goes_live_under_load_changes_decisions_at_one_number()
    {
        var draft = await server.PostAsync("/api/v1/monitoring/rules?base=none", Rule);
        var set = draft.Json["id"]!.GetValue<string>();
        var live = await server.PostAsync(
            $"/api/v1/monitoring/rule-sets/{set}:activate", """{"reason":"looked at"}""");
        Assert.True(live.Status == HttpStatusCode.OK, live.Text);
        var listed = await server.PostAsync(
            "/api/v1/customers",
            """{"external_id":"f-1","kind":"person","names":[{"text":"Ulvar Quistorp"}]}""");
        Assert.True(listed.Status is HttpStatusCode.Created or HttpStatusCode.OK, listed.Text);
        var load = new FaultLoad(server, "f-1");
        var writing = load.WriteAsync(writers: 4);
        await load.UntilAsync(40);

        var loaded = await server.SendAsync(
            HttpMethod.Post, "/api/v1/screening/lists:load?name=own_fault.csv",
            "id,list,type,name,dob,country\n1,own_fault,person,Ulvar Quistorp,1961-02-03,RU\n"u8.ToArray());
        Assert.True(loaded.Status == HttpStatusCode.OK, loaded.Text);
        var version = loaded.Json["lists"]![0]!["version"]!["id"]!.GetValue<string>();
        var active = await server.PostAsync(
            $"/api/v1/screening/lists/own_fault/versions/{version}:activate", """{"reason":"looked at"}""");
        Assert.True(active.Status == HttpStatusCode.OK, active.Text);

        await load.UntilOutcomeAsync("review", 40);
        await load.StopAsync(writing);
        var outcomes = load.Outcomes();
        var first = outcomes.FindIndex(outcome => outcome == "review");
        Assert.True(first > 0);
        Assert.All(outcomes[..first], outcome => Assert.Equal("approve", outcome));
        Assert.All(outcomes[first..], outcome => Assert.Equal("review", outcome));
        await load.RequireSoundAsync();
    }
}

/// <summary>Transactions that are sent again until they are acknowledged, and what must hold of them then.</summary>
internal sealed class FaultLoad(RunningServer server, string? customer = null)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, (long Number, string Outcome)> _acknowledged =
        new(StringComparer.Ordinal);

    private readonly string _source = "fault" + Guid.CreateVersion7().ToString("N")[^8..];
    private readonly CancellationTokenSource _stop = new();
    private int _next;
    private int _refused;

    /// <summary>How many were acknowledged.</summary>
    public int Acknowledged => _acknowledged.Count;

    /// <summary>Sends so many, one request.</summary>
    public async Task SendAsync(int count)
    {
        var ids = Enumerable.Range(0, count).Select(_ => Interlocked.Increment(ref _next)).ToList();
        var answer = await server.PostAsync("/api/v1/transactions:ingest", string.Join('\n', ids.Select(Body)));
        foreach (var (id, line) in ids.Zip(answer.Lines))
        {
            Assert.Equal("decided", line["status"]!.GetValue<string>());
            _acknowledged[Name(id)] = (line["number"]!.GetValue<long>(), line["outcome"]!.GetValue<string>());
        }
    }

    /// <summary>Keeps sending until it is stopped; one that is not acknowledged is sent again.</summary>
    public Task WriteAsync(int writers) => Task.WhenAll(Enumerable.Range(0, writers).Select(_ => Task.Run(async () =>
    {
        while (!_stop.IsCancellationRequested)
        {
            var id = Interlocked.Increment(ref _next);
            while (!await TrySendAsync(id))
            {
                Interlocked.Increment(ref _refused);
                await Task.Delay(20);
            }
        }
    })));

    public Task UntilAsync(int acknowledged) => UntilAsync(() => Acknowledged >= acknowledged, "more acknowledgements");

    public Task UntilRefusedAsync() => UntilAsync(() => Volatile.Read(ref _refused) > 3, "a refusal");

    public Task UntilOutcomeAsync(string outcome, int count) => UntilAsync(
        () => _acknowledged.Values.Count(item => item.Outcome == outcome) >= count, outcome);

    /// <summary>Stops, after what is under way was acknowledged.</summary>
    public async Task StopAsync(Task writing)
    {
        await _stop.CancelAsync();
        await writing.WaitAsync(s_patience, TestContext.Current.CancellationToken);
    }

    /// <summary>The outcomes in the order of their numbers.</summary>
    public List<string> Outcomes() =>
        [.. _acknowledged.Values.OrderBy(item => item.Number).Select(item => item.Outcome)];

    /// <summary>
    /// Each is kept once under its number; entries and rows tell of the same steps; the log is sound; all of it comes
    /// out again to the byte; and the state of the engine is that of the ledger.
    /// </summary>
    public async Task RequireSoundAsync()
    {
        var (number, _) = _acknowledged.Values.MaxBy(item => item.Number);
        foreach (var (name, kept) in _acknowledged)
        {
            var answer = await server.PostAsync("/api/v1/transactions", Text(name));
            Assert.True(answer.Status == HttpStatusCode.OK, $"{name} is lost: {answer.Text}");
            Assert.Equal(kept.Number, answer.Json["number"]!.GetValue<long>());
        }

        await using var db = server.Services.GetRequiredService<IDatabase>().CreateContext();
        var rows = await db.Set<StepRow>().AsNoTracking().OrderBy(row => row.Number)
            .Select(row => new { row.Number, row.Kind, row.EntryId })
            .ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal(Enumerable.Range(1, rows.Count).Select(i => (long)i), rows.Select(row => row.Number));
        Assert.True(rows[^1].Number >= number);
        var entries = new HashSet<string>(StringComparer.Ordinal);
        for (var seq = 0L; await server.EntriesFromAsync(seq) is { Count: > 0 } page; seq += page.Count)
        {
            entries.UnionWith(page
                .Where(entry => entry["type"]!.GetValue<string>() == MonitoringEvents.Decided)
                .Select(entry => entry["id"]!.GetValue<string>()));
        }

        Assert.Equal(
            rows.Where(row => row.Kind == StepRow.Transaction).Select(row => row.EntryId).Order(StringComparer.Ordinal),
            entries.Order(StringComparer.Ordinal));
        var verified = await server.PostAsync("/api/v1/ledger:verify", "{}");
        Assert.True(verified.Json["sound"]!.GetValue<bool>(), verified.Text);
        var replay = await server.PostAsync("/api/v1/monitoring:replay", "{}");
        Assert.Equal(
            replay.Json["decisions"]!.GetValue<long>(), replay.Json["identical"]!.GetValue<long>());

        // A dry run of the live engine and one of an engine made of the ledger say the same.
        await PackTests.PackAsync(server.Services, 50);
        await PackTests.AssertSameAsync(server.Services);
    }

    private async Task<bool> TrySendAsync(int id)
    {
        try
        {
            var answer = await server.PostAsync("/api/v1/transactions", Body(id));
            if (answer.Status is not (HttpStatusCode.Created or HttpStatusCode.OK))
            {
                return false;
            }

            // 200: it was committed, though nobody could be told; what it came to is told by its number alone.
            var outcome = answer.Json["outcome"]?.GetValue<string>();
            if (outcome is not null || customer is null)
            {
                _acknowledged[Name(id)] = (answer.Json["number"]!.GetValue<long>(), outcome ?? "");
            }

            return true;
        }
        catch (Exception gone) when (gone is HttpRequestException or IOException or JsonException)
        {
            return false;
        }
    }

    private static async Task UntilAsync(Func<bool> holds, string what)
    {
        for (var i = 0; i < s_patience.TotalMilliseconds / 20; i++)
        {
            if (holds())
            {
                return;
            }

            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        Assert.Fail($"Waited in vain for {what}.");
    }

    private static string Name(int id) => id.ToString(CultureInfo.InvariantCulture);

    private string Body(int id) => Text(Name(id));

    private string Text(string id) => JsonSerializer.Serialize(new
    {
        source = _source,
        id,
        occurred_at = "2026-03-02T15:00:00Z",
        amount = "12.50",
        currency = "USD",
        type = "wire",
        debtor = new { account = "FA-" + id[^1], customer, country = "US" },
        creditor = new { account = "FB-1" },
    });
}
