using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Probity.Server.AuditTrail.Query;
using Probity.Conformance;
using Probity.Server.AuditTrail.Stores;
using Probity.Server.Hosting.Settings;
using Probity.Server.Tests.Access;
using Probity.Server.Tests.AuditTrail.Api;
using Xunit;

namespace Probity.Server.Tests.Custody;

/// <summary>A server with two compliance officers, whose roles nobody of the tests gave.</summary>
public sealed class CustodyServer : ApprovalServer
{
    private readonly string? _database;

    /// <summary>The database's address; null on SQLite.</summary>
    public string? Database => _database;

    public CustodyServer(string? database = null) => _database = database;

    /// <summary>A server on a store of its own; skips the test where that is missing.</summary>
    public static async Task<CustodyServer> StartAsync(string store, SharedPostgres postgres)
    {
        string? database = null;
        if (store != "sqlite")
        {
            PostgresCluster.SkipIfMissing();
            var cluster = await postgres.GetAsync();
            database = cluster.ConnectionString(await cluster.CreateDatabaseAsync());
        }

        var server = new CustodyServer(database);
        await server.InitializeAsync();
        return server;
    }

    internal override ProbitySettings Configure(ProbitySettings settings) => _database is null
        ? settings
        : settings with { Store = Hosting.RunningServer.Settings(Folder, _database).Store };

    /// <summary>The user id of the first officer.</summary>
    public string MakerId { get; private set; } = "";

    private string _maker = "";
    private string _checker = "";

    public Task<Browser> MakerAsync() => SignInAsync(_maker);

    public Task<Browser> CheckerAsync() => SignInAsync(_checker);

    public async Task<long> RecordAsync(string json)
    {
        var answer = await SendAsync(Key, HttpMethod.Post, "/api/v1/events", json);
        Assert.True(answer.Status == HttpStatusCode.Created, answer.Text);
        return answer.Json["seq"]?.GetValue<long>() ?? answer.Json["receipt"]!["seq"]!.GetValue<long>();
    }

    /// <summary>Waits until the search index has everything.</summary>
    public async Task IndexedAsync()
    {
        var index = Services.GetRequiredService<ISearchIndex>();
        var head = await Services.GetRequiredService<ILedgerStore>().ReadHeadAsync(CancellationToken.None);
        await UntilAsync(async () => await index.ReadCursorAsync(CancellationToken.None) >= head!.Size,
            "the search index to catch up");
    }

    /// <summary>Keeps everything for a day only, as two people decide, and lets two days pass.</summary>
    public async Task LetTimePassAsync()
    {
        using (var maker = await MakerAsync())
        {
            var asked = await maker.SendAsync(
                HttpMethod.Put, "/api/v1/retention/policies/*", new { period = "1", basis = "test", reason = "test" });
            Assert.True(asked.Status == HttpStatusCode.Accepted, asked.Text);
            await AgreeAsync(asked.Json["approval_id"]!.GetValue<string>());
        }

        // Not years: the clock of tests lets every timer fire as often as it would have.
        Clock.Advance(TimeSpan.FromDays(2));
    }

    /// <summary>Has the second person agree; what is executed then is told.</summary>
    public async Task<JsonNode> AgreeAsync(string approvalId)
    {
        using var checker = await CheckerAsync();
        var approval = await checker.GetAsync($"/api/v1/approvals/{approvalId}");
        Assert.True(approval.Status == HttpStatusCode.OK, approval.Text);
        var done = await ApproveAsync(checker, approval.Json);
        Assert.True(done.Status == HttpStatusCode.OK, done.Text);
        return done.Json;
    }

    public static async Task UntilAsync(Func<Task<bool>> holds, string what, int times = 600)
    {
        for (var i = 0; i < times; i++)
        {
            if (await holds())
            {
                return;
            }

            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        Assert.Fail($"Waited in vain for {what}.");
    }

    protected override async Task PrepareAsync()
    {
        await base.PrepareAsync();
        using var ana = await SignInAsync();
        (MakerId, _maker) = await PersonAsync(ana, ["compliance_officer"]);
        (_, _checker) = await PersonAsync(ana, ["compliance_officer"]);
    }
}
