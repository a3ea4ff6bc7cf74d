using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Probity.Contracts.Service;
using Probity.Server.AuditTrail.Append;
using Probity.Server.AuditTrail.Health;
using Probity.Server.AuditTrail.Stores;
using Probity.Server.AuditTrail.Verification;
using Probity.Server.Hosting;
using Probity.Server.Hosting.Health;
using Probity.Server.Storage.Followers;
using Probity.Server.Storage.Sqlite;
using Xunit;

namespace Probity.Server.Tests.AuditTrail.Health;

public sealed class ReadinessTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);
    private readonly FakeTimeProvider _time = new(s_now);

    [Fact]
    public async Task Each_check_is_told_to_who_may_know_and_one_word_to_everyone()
    {
        await using var server = new Api.RunningServer();
        await server.InitializeAsync();

        var all = (await server.GetAsync("/readyz?verbose")).Json["checks"]!.AsArray();
        var word = await server.GetAsync("/readyz?verbose", server.Anonymous);

        Assert.Equal(
            ["store", "signing", "search_index", "verifier", "disk"], all.Select(check => check!["name"]!.GetValue<string>()));
        Assert.Equal("degraded\n", word.Text); // No verification pass has ended yet.
    }

    [Fact]
    public async Task A_server_that_stopped_signing_says_so_wherever_it_is_asked()
    {
        await using var server = new Api.RunningServer();
        await server.InitializeAsync();
        var before = await Composition.Modules.Glance(server.Services, CancellationToken.None);

        server.Services.GetRequiredService<LedgerWriter>().StopSigning("entry 3 was changed");
        await Task.Delay(1_100, TestContext.Current.CancellationToken); // An answer is kept for a second.

        var ready = await server.GetAsync("/readyz", server.Anonymous);
        var ledger = await server.GetAsync("/api/v1/ledger", server.Anonymous);
        var after = await Composition.Modules.Glance(server.Services, CancellationToken.None);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "not_ready\n"), (ready.Status, ready.Text));
        Assert.Equal("stopped: entry 3 was changed", ledger.Json["signing"]!.GetValue<string>());
        Assert.Equal(("head OK", null), (before.State, before.Fault));
        Assert.Equal(("SIGNING STOPPED", "nothing is recorded: entry 3 was changed"), (after.State, after.Fault));
        (await server.PostEventAsync("""{"action":"t","actor":{"id":"u"}}""")).IsProblem(
            HttpStatusCode.ServiceUnavailable, "ledger.integrity_failure");
    }

    [Fact]
    public async Task A_store_that_does_not_answer_is_not_ready()
    {
        using var folder = new TemporaryFolder();
        await using var database = new SqliteDatabase(folder.At("probity.db"));
        using var probe = new ReadinessProbe(
            [new StoreReadiness(new SqliteLedgerStore(database))], _time, NullLogger<ReadinessProbe>.Instance);

        var view = await probe.AskAsync(CancellationToken.None);

        Assert.Equal("not_ready", view.Status);
        Assert.Equal(new ReadinessCheckView("store", "failed", "SqliteException"), Assert.Single(view.Checks));
    }

    [Theory]
    [InlineData(60, "Ok")]
    [InlineData(61, "Degraded")]
    public async Task An_index_that_falls_behind_is_told_beyond_a_bound(int seconds, string expected)
    {
        using var loop = new FollowerLoop(new Nobody(), new Nothing(), _time, NullLogger<FollowerLoop>.Instance);

        _time.Advance(TimeSpan.FromSeconds(seconds));

        Assert.Equal(expected, (await new FollowerReadiness(loop).CheckAsync(CancellationToken.None)).Status.ToString());
    }

    [Fact]
    public async Task A_verifier_is_well_when_its_last_success_is_not_too_old()
    {
        using var state = new VerificationState();
        var check = new VerifierReadiness(state, _time);
        async Task<string> AskAsync() => (await check.CheckAsync(CancellationToken.None)).Status.ToString();

        Assert.Equal("Degraded", await AskAsync());
        state.Succeeded(_time.GetUtcNow());
        Assert.Equal("Ok", await AskAsync());
        _time.Advance(VerifierReadiness.MostAge);
        Assert.Equal("Ok", await AskAsync());
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("Degraded", await AskAsync());
        state.Succeeded(_time.GetUtcNow());
        state.Failed("entry 3 was changed");
        Assert.Equal("Failed", await AskAsync());
    }

    [Fact]
    public void A_disk_without_room_is_degraded_because_proofs_are_still_served()
    {
        Assert.Equal(ReadinessStatus.Ok, DiskReadiness.Judge(DiskReadiness.LeastBytes).Status);
        Assert.Equal(ReadinessStatus.Degraded, DiskReadiness.Judge(DiskReadiness.LeastBytes - 1).Status);
        Assert.Equal(ReadinessStatus.Degraded, DiskReadiness.Judge(0).Status);
    }

    private sealed class Nobody : IFollower
    {
        public string Name => "nobody";

        public Task<long> ReadCursorAsync(CancellationToken cancellationToken) => Task.FromResult(0L);

        public Task ApplyAsync(IReadOnlyList<FollowedEntry> entries, long next, CancellationToken cancellationToken) =>
            Task.CompletedTask;
    }

    private sealed class Nothing : IFollowedLog
    {
        public long Size => 0;

        public Task<IReadOnlyList<FollowedEntry>> ReadAsync(long fromSeq, int most, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<FollowedEntry>>([]);

        public Task WaitBeyondAsync(long size, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
