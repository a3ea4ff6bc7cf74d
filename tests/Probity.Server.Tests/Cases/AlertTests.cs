using System.Net;
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

    private AlertDesk Desk => server.Services.GetRequiredService<AlertDesk>();

    private static string NewKey() => "k-" + Guid.CreateVersion7().ToString("N");

    private static NewAlert New(string key, string severity) => new()
    {
        Source = "monitoring", Kind = "rule", FoldKey = key, Subject = new EntryTarget("customer", key),
        Severity = severity, Route = "monitoring", Evidence = "evt_0",
    };

    private UnitOfWork NewWork() => new(
        server.Services.GetRequiredService<IDatabase>(), server.Services.GetRequiredService<ILedgerWriter>());

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
