using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Probity.Conformance;
using Probity.Ledger.Merkle;
using Probity.Server.Hosting.Settings;
using Probity.Server.Screening.Matching;
using Xunit;

namespace Probity.Server.Tests.AuditTrail.Api;

/// <summary>The whole server when the disk under its store fills up.</summary>
public sealed class DiskFullTests(ITestOutputHelper output)
{
    private const string Event = """{"action":"t.full","actor":{"id":"u","name":"Ana"},"data":{"n":1}}""";
    private static readonly CancellationToken s_never = CancellationToken.None;

    [Fact]
    public async Task On_a_full_disk_the_server_proves_refuses_changes_and_resumes_on_SQLite()
    {
        using var disk = SmallDisk.Mount(megabytes: 40);
        await using var server = new ServerOnDisk(disk, null);
        await server.InitializeAsync();

        await ProvesRefusesAndResumesAsync(server, disk);
    }

    [Fact]
    public async Task On_a_full_disk_the_server_proves_refuses_changes_and_resumes_on_PostgreSQL()
    {
        PostgresCluster.SkipIfMissing();
        using var disk = SmallDisk.Mount(megabytes: 40);
        await using var cluster = new PostgresCluster();
        await cluster.InitializeAsync();
        await using var server = new ServerOnDisk(disk, await DatabaseOnAsync(disk, cluster));
        await server.InitializeAsync();

        await ProvesRefusesAndResumesAsync(server, disk);
    }

    /// <summary>The tables are on the small disk, the write-ahead log is not: a database whose log is full is away, which
    /// is another fault.</summary>
    private static async Task<string> DatabaseOnAsync(SmallDisk disk, PostgresCluster cluster)
    {
        await using var owner = new NpgsqlConnection(cluster.ConnectionString("postgres"));
        await owner.OpenAsync(s_never);

        // Vacuum would find room in the pages of refused commits whenever it comes by.
        foreach (var sql in (string[])
            ["ALTER SYSTEM SET autovacuum = off", "SELECT pg_reload_conf()",
             $"CREATE TABLESPACE small LOCATION '{disk.FolderOfPostgres()}'", "CREATE DATABASE small TABLESPACE small"])
        {
#pragma warning disable CA2100 // Constants and a folder made here; DDL takes no parameters.
            await using var command = new NpgsqlCommand(sql, owner);
#pragma warning restore CA2100
            await command.ExecuteNonQueryAsync(s_never);
        }

        return cluster.ConnectionString("small");
    }

    private async Task ProvesRefusesAndResumesAsync(RunningServer server, SmallDisk disk)
    {
        var receipt = await server.RecordAsync(Event);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(HttpStatusCode.Created, (await PostBatchAsync(server, 100)).Status);
        }

        await LoadListAsync(server);
        var judged = await JudgeAsync(server, 1);
        Assert.True(judged.Status == HttpStatusCode.Created, judged.Text);
        await server.WaitForIndexAsync();
        await FillAsync(server, disk);
        var size = await server.SizeAsync();
        var id = receipt["id"]!.GetValue<string>();

        await ProvesAsync(server, id, size);
        await RefusesAsync(server, id);
        Assert.Equal(size, await server.SizeAsync());
        await IsSoundAsync(server, size);

        disk.Free();
        await server.RecordAsync(Event);
        await JudgesOnAsync(server, judged.Json["number"]!.GetValue<long>());
        var none = await server.GetAsync("/api/v1/customers");
        Assert.True(none.Json["customers"]!.AsArray().Count == 0, none.Text);
        await server.WaitForIndexAsync();
        var resumed = await server.SizeAsync();
        output.WriteLine($"full at {size} entries, {resumed} after it resumed");
        Assert.True(resumed > size);
        await IsSoundAsync(server, resumed);
    }

    // What was refused has left nothing: the same transaction gets the number that follows, once.
    private static async Task JudgesOnAsync(RunningServer server, long last)
    {
        var again = await JudgeAsync(server, 2);
        Assert.True(again.Status == HttpStatusCode.Created, again.Text);
        Assert.Equal(last + 1, again.Json["number"]!.GetValue<long>());
        Assert.Equal(HttpStatusCode.OK, (await JudgeAsync(server, 2)).Status);
    }

    private static Task<Answer> JudgeAsync(RunningServer server, int id) => server.PostAsync(
        "/api/v1/transactions",
        $$$"""
        {"source":"full","id":"{{{id}}}","occurred_at":"2026-03-02T15:00:00Z","amount":"100.00","currency":"USD",
        "type":"wire","debtor":{"account":"FULL-1"},"creditor":{"account":"FULL-2"}}
        """);

    private static async Task LoadListAsync(RunningServer server)
    {
        var loaded = await server.SendAsync(
            HttpMethod.Post, "/api/v1/screening/lists:load?name=own.csv",
            "id,list,type,name\n1,own_deny,person,Ann Example\n"u8.ToArray());
        var id = loaded.Json["lists"]![0]!["version"]!["id"];
        var activated = await server.PostAsync(
            $"/api/v1/screening/lists/own_deny/versions/{id}:activate", """{"reason":"a test"}""");
        Assert.True(activated.Status == HttpStatusCode.OK, activated.Text);
        await server.Services.GetRequiredService<LiveEngine>().RefreshAsync(s_never);
    }

    /// <summary>Records until not even one event fits and no byte is free.</summary>
    private static async Task FillAsync(RunningServer server, SmallDisk disk)
    {
        // Most of the room is taken by another file: what counts is how the store behaves at the end of it.
        disk.Fill();
        while ((await PostBatchAsync(server, 100)).Status == HttpStatusCode.Created)
        {
        }

        disk.Fill();
        for (var refused = 0; refused < 20;)
        {
            refused = (await server.PostEventAsync(Event)).Status == HttpStatusCode.Created ? 0 : refused + 1;
        }
    }

    private static Task<Answer> PostBatchAsync(RunningServer server, int events) => server.PostAsync(
        "/api/v1/events:batchCreate", $$"""{"events":[{{string.Join(',', Enumerable.Repeat(Event, events))}}]}""");

    private static async Task ProvesAsync(RunningServer server, string id, long size)
    {
        foreach (var path in (string[])
            ["/livez", "/readyz", "/startupz", "/metrics", "/checkpoint", "/tile/0/000", "/api/v1/ledger",
             "/api/v1/ledger/keys", "/api/v1/ledger/checkpoints", $"/api/v1/ledger/consistency?from=100&to={size}"])
        {
            var answer = await server.GetAsync(path, server.Anonymous);
            Assert.True(answer.Status == HttpStatusCode.OK, $"{path}: {answer.Status} {answer.Text}");
        }

        var proof = await server.GetAsync($"/api/v1/events/{id}/proof");
        Assert.True(proof.Status == HttpStatusCode.OK, proof.Text);
        Assert.Equal(256 * Digest.Length, (await server.GetAsync("/tile/0/000", server.Anonymous)).Bytes.Length);
    }

    private static async Task RefusesAsync(RunningServer server, string id)
    {
        var answers = new Dictionary<string, Answer>
        {
            ["post"] = await server.PostEventAsync(Event),
            ["batch"] = await PostBatchAsync(server, 2),
            ["new key"] = await server.PostAsync("/api/v1/api-keys", """{"name":"test","scopes":["ledger.entry.read"]}"""),
            ["schema"] = await server.SendAsync(
                HttpMethod.Put, "/api/v1/event-schemas/pay", """{"type":"object"}"""u8.ToArray()),
            ["screening"] = await server.PostAsync("/api/v1/screening/search", """{"name":"Ann Example"}"""),
            ["customer"] = await server.PostAsync(
                "/api/v1/customers", """{"external_id":"c","kind":"person","names":[{"text":"Ann Example"}]}"""),
            ["transaction"] = await JudgeAsync(server, 2),
            ["dry run"] = await server.PostAsync(
                "/api/v1/transactions:evaluate",
                """
                {"source":"full","id":"3","occurred_at":"2026-03-02T15:00:00Z","amount":"100.00","currency":"USD",
                "type":"wire","debtor":{"account":"FULL-1"},"creditor":{"account":"FULL-2"}}
                """),
            ["search"] = await server.GetAsync("/api/v1/events"),
            ["read"] = await server.GetAsync($"/api/v1/events/{id}"),
            ["entry"] = await server.GetAsync($"/api/v1/events/{id}/entry"),
            ["bundle"] = await server.GetAsync("/tile/entries/000"),
            ["export"] = await server.GetAsync("/api/v1/ledger:export?format=ndjson"),
        };
        foreach (var (name, answer) in answers)
        {
            Assert.True(answer.Status == HttpStatusCode.ServiceUnavailable, $"{name}: {answer.Status} {answer.Text}");
            Assert.True(answer.Code == "store.disk_full", $"{name}: {answer.Text}");
            Assert.True(answer.Headers.ContainsKey("Retry-After"), name);
        }

        var line = (await server.PostAsync("/api/v1/events:ingest", Event)).Lines[0];
        Assert.Equal("store.disk_full", line["problem"]!["code"]!.GetValue<string>());
    }

    private static async Task IsSoundAsync(RunningServer server, long size)
    {
        var report = (await server.PostAsync("/api/v1/ledger:verify", "")).Json;
        Assert.True(report["sound"]!.GetValue<bool>(), report.ToJsonString());
        Assert.Equal(size, report["entries"]!.GetValue<long>());
    }

    /// <summary>The data folder is on the small disk, or the database is.</summary>
    private sealed class ServerOnDisk(SmallDisk disk, string? database) : RunningServer
    {
        protected override Task ConfigureAsync(Dictionary<string, string> environment)
        {
            if (database is null)
            {
                environment[SettingCatalogue.DataDir.Name] = Path.Combine(disk.Path, "data");
            }
            else
            {
                environment[SettingCatalogue.Database.Name] = database;
            }

            return Task.CompletedTask;
        }
    }
}
