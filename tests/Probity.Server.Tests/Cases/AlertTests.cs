using System.Net;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Probity.Server.Access;
using Probity.Server.Cases;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;
using Probity.Server.Tests.AuditTrail.Api;
using Xunit;

namespace Probity.Server.Tests.Cases;

/// <summary>Alerts commit with what raised them, fold while they are open, and are listed.</summary>
public abstract class AlertTests(RunningServer server)
{
    private static readonly AccessEntry s_entry = new(Caller.Server.ToActor(), null, TimeProvider.System);

    [Fact]
    public async Task Repeats_fold_into_the_open_alert_and_are_counted()
    {
        var key = NewKey();
        var size = await server.SizeAsync();
        var first = await RaiseAsync(key, "low");
        var second = await RaiseAsync(key, "high");

        Assert.Equal(first.Id, second.Id);
        var view = (await server.GetAsync($"/api/v1/alerts/{first.Id}")).Json;
        Assert.Equal((2, "high", "open"),
            (view["count"]!.GetValue<int>(), view["severity"]!.GetValue<string>(), view["status"]!.GetValue<string>()));
        Assert.Equal(
            [CaseEvents.Raised, CaseEvents.Repeated],
            (await server.EntriesFromAsync(size)).Select(entry => entry["type"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Repeats_in_one_unit_of_work_are_one_alert_with_one_entry()
    {
        var key = NewKey();
        var size = await server.SizeAsync();
        await using var work = NewWork();
        for (var i = 0; i < 3; i++)
        {
            await Desk.RaiseAsync(work, New(key, "low"), s_entry, TestContext.Current.CancellationToken);
        }

        await work.CommitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(size + 1, await server.SizeAsync());
        var listed = (await server.GetAsync($"/api/v1/alerts?subject_id={key}")).Json["alerts"]!.AsArray();
        Assert.Equal(3, Assert.Single(listed)!["count"]!.GetValue<int>());
    }

    [Fact]
    public async Task Many_are_raised_as_if_one_by_one()
    {
        string[] keys = [.. Enumerable.Range(0, 6).Select(_ => NewKey())];
        await RaiseAsync(keys[0], "high");
        await RaiseAsync(keys[5], "low");
        var size = await server.SizeAsync();
        await RaiseAllAsync(
            [
                New(keys[0], "low"), New(keys[1], "low"), New(keys[2], "medium"), New(keys[1], "critical"),
                New(keys[3], "low"), New(keys[4], "low"), New(keys[5], "high"), New(keys[1], "low"),
            ]);

        Assert.Equal(
            [
                (CaseEvents.Repeated, keys[0]), (CaseEvents.Raised, keys[1]), (CaseEvents.Raised, keys[2]),
                (CaseEvents.Raised, keys[3]), (CaseEvents.Raised, keys[4]), (CaseEvents.Repeated, keys[5]),
            ],
            (await server.EntriesFromAsync(size)).Select(entry => (
                entry["type"]!.GetValue<string>(), entry["targets"]![0]!["id"]!.GetValue<string>())));
        foreach (var (key, count, severity) in new[]
        {
            (keys[0], 2, "high"), (keys[1], 3, "critical"), (keys[2], 1, "medium"), (keys[5], 2, "high"),
        })
        {
            var alert = Assert.Single(await OfAsync(key))!;
            Assert.Equal((count, severity), (alert["count"]!.GetValue<int>(), alert["severity"]!.GetValue<string>()));
        }
    }

    [Fact]
    public async Task Of_two_who_raise_the_same_at_once_the_second_fails_as_a_whole()
    {
        var (key, other) = (NewKey(), NewKey());
        await using (var slow = NewWork())
        {
            await Desk.RaiseAllAsync(slow, [New(other, "low"), New(key, "low")], s_entry, Stop);
            await RaiseAllAsync([New(key, "low")]);
            await Assert.ThrowsAsync<DbUpdateException>(() => slow.CommitAsync(Stop));
        }

        await using (var slow = NewWork())
        {
            await Desk.RaiseAllAsync(slow, [New(other, "low"), New(key, "low")], s_entry, Stop);
            await RaiseAllAsync([New(key, "low")]);
            var refused = await Assert.ThrowsAsync<StorageException>(() => slow.CommitAsync(Stop));
            Assert.Equal("storage.row_changed", refused.Code);
        }

        Assert.Empty(await OfAsync(other));
        var alert = Assert.Single(await OfAsync(key))!;
        Assert.Equal(2, alert["count"]!.GetValue<int>());
    }

    [Fact]
    public async Task What_was_decided_is_closed_and_the_next_is_a_new_alert()
    {
        var key = NewKey();
        var alert = await RaiseAsync(key, "medium");
        await using (var work = NewWork())
        {
            await Desk.DecideAsync(
                work, alert.Id, new AlertDecision("false_positive", "other_person"), s_entry,
                TestContext.Current.CancellationToken);
            await work.CommitAsync(TestContext.Current.CancellationToken);
        }

        var next = await RaiseAsync(key, "medium");

        Assert.NotEqual(alert.Id, next.Id);
        var closed = (await server.GetAsync($"/api/v1/alerts?subject_id={key}&status=closed")).Json["alerts"]!;
        Assert.Equal("false_positive", closed[0]!["decision"]!.GetValue<string>());
        await using var again = NewWork();
        var refused = await Assert.ThrowsAsync<Server.Hosting.Problems.ProblemException>(() => Desk.DecideAsync(
            again, alert.Id, new AlertDecision("true_match", null), s_entry, TestContext.Current.CancellationToken));
        Assert.Equal("cases.alert_closed", refused.Code.Code);
    }

    [Fact]
    public async Task An_alert_whose_commit_fails_is_not_there()
    {
        var key = NewKey();
        await using (var work = NewWork())
        {
            await Desk.RaiseAsync(work, New(key, "low"), s_entry, TestContext.Current.CancellationToken);
            work.Add(new Server.Customers.CustomerTermRow { CustomerId = "cus_nobody", Term = 1 });
            await Assert.ThrowsAnyAsync<Exception>(() => work.CommitAsync(TestContext.Current.CancellationToken));
        }

        var listed = await server.GetAsync($"/api/v1/alerts?subject_id={key}");
        Assert.Empty(listed.Json["alerts"]!.AsArray());
        (await server.GetAsync("/api/v1/alerts/alt_none")).IsProblem(HttpStatusCode.NotFound, "cases.alert_not_found");
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private AlertDesk Desk => server.Services.GetRequiredService<AlertDesk>();

    private static string NewKey() => "k-" + Guid.CreateVersion7().ToString("N");

    private static NewAlert New(string key, string severity) => new()
    {
        Source = "monitoring", Kind = "rule", FoldKey = key, Subject = new EntryTarget("customer", key),
        Severity = severity, Route = "monitoring", Evidence = "evt_0",
    };

    private UnitOfWork NewWork() => new(
        server.Services.GetRequiredService<IDatabase>(), server.Services.GetRequiredService<ILedgerWriter>());

    private async Task<JsonArray> OfAsync(string subject) =>
        (await server.GetAsync($"/api/v1/alerts?subject_id={subject}")).Json["alerts"]!.AsArray();

    private async Task RaiseAllAsync(IReadOnlyList<NewAlert> alerts)
    {
        await using var work = NewWork();
        await Desk.RaiseAllAsync(work, alerts, s_entry, Stop);
        await work.CommitAsync(Stop);
    }

    private async Task<AlertRow> RaiseAsync(string key, string severity)
    {
        await using var work = NewWork();
        var alert = await Desk.RaiseAsync(work, New(key, severity), s_entry, TestContext.Current.CancellationToken);
        await work.CommitAsync(TestContext.Current.CancellationToken);
        return alert;
    }
}

public sealed class AlertsOnSqliteTests(RunningServer server) : AlertTests(server), IClassFixture<RunningServer>;

public sealed class AlertsOnPostgresTests(PostgresRunningServer server)
    : AlertTests(server.OrSkip()), IClassFixture<PostgresRunningServer>;
