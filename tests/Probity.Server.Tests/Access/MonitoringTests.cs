using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Probity.Server.Access;
using Probity.Server.Access.Monitoring;
using Probity.Server.AuditTrail.Stores;
using Probity.Server.Storage.Commits;
using Probity.Server.Storage.Followers;
using Xunit;

namespace Probity.Server.Tests.Access;

public sealed class MonitoringTests(ApprovalServer server) : IClassFixture<ApprovalServer>
{
    [Fact]
    public async Task Who_looked_at_a_customer_is_one_query_and_names_no_customer_in_the_entries()
    {
        using var ana = await server.SignInAsync();
        var customer = server.NewName("cus_canary_");
        var id = await RecordAsync(customer);
        await RecordAsync(server.NewName("cus_other_"));
        Assert.Equal(HttpStatusCode.OK, (await ana.SendAsync(HttpMethod.Get, $"/api/v1/events/{id}", null, ("X-Probity-Reason", "case 12"))).Status);
        await FollowAsync();

        var views = await ana.GetAsync($"/api/v1/access/views?subject={customer}");

        Assert.True(views.Status == HttpStatusCode.OK, views.Text);
        var view = Assert.Single(views.Json["views"]!.AsArray());
        Assert.Equal(ana.UserId, view!["person_id"]!.GetValue<string>());
        Assert.Empty((await ana.GetAsync("/api/v1/access/views?subject=cus_nobody")).Json["views"]!.AsArray());
        var read = (await ana.GetAsync($"/api/v1/events/{view["event_id"]}")).Json;
        Assert.Equal("case 12", read["reason"]!["text"]!.GetValue<string>());
        Assert.DoesNotContain(customer, read["data"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal("probity.access.views_read", (await server.TypesFromAsync(0)).Last(t => t.Contains("views", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Reading_much_is_found_once_and_reading_little_is_not()
    {
        using var ana = await server.SignInAsync();
        var (much, muchLogin) = await server.PersonAsync(ana, ["analyst"]);
        var (little, littleLogin) = await server.PersonAsync(ana, ["analyst"]);
        for (var i = 0; i < 40; i++)
        {
            await RecordAsync("cus_1");
        }

        await IndexedAsync(ana, 40);
        using var reader = await server.SignInAsync(muchLogin);
        using var modest = await server.SignInAsync(littleLogin);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(HttpStatusCode.OK, (await reader.GetAsync("/api/v1/events?page_size=40")).Status);
        }

        await modest.GetAsync("/api/v1/events?page_size=10");
        await FollowAsync();
        await FollowAsync();

        Assert.Equal([FindingKinds.Volume], await KindsAsync(ana, much));
        Assert.Empty(await KindsAsync(ana, little));
    }

    /// <summary>Waits until a page that long is found: what is read counts, and the index is a little behind.</summary>
    private static async Task IndexedAsync(Browser reader, int events)
    {
        for (var i = 0; i < 200; i++)
        {
            var page = (await reader.GetAsync($"/api/v1/events?page_size={events}")).Json["events"]!.AsArray();
            if (page.Count == events)
            {
                return;
            }

            await Task.Delay(50);
        }

        Assert.Fail($"The index has not reached {events} events.");
    }

    [Fact]
    public async Task Reading_ones_own_relative_and_at_night_is_found()
    {
        await using var other = new ApprovalServer();
        await other.InitializeAsync();
        using var ana = await other.SignInAsync();
        var (kin, login) = await other.PersonAsync(ana, ["analyst"]);
        var (stranger, strangers) = await other.PersonAsync(ana, ["analyst"]);
        var id = await RecordAsync("cus_cousin", other);
        var added = await ana.PostAsync("/api/v1/access/relations", new { user_id = kin, subject = "cus_cousin", kind = "relative" });
        Assert.True(added.Status == HttpStatusCode.Created, added.Text);
        using var reader = await other.SignInAsync(login);
        using var free = await other.SignInAsync(strangers);
        await reader.GetAsync($"/api/v1/events/{id}");
        await free.GetAsync($"/api/v1/events/{id}");
        await FollowAsync(other);

        Assert.Equal([FindingKinds.Own], await KindsAsync(ana, kin));
        Assert.Empty(await KindsAsync(ana, stranger));
        other.Clock.Advance(TimeSpan.FromHours(10));
        using var late = await other.SignInAsync(strangers);
        await late.GetAsync($"/api/v1/events/{id}");
        await FollowAsync(other);
        using var again = await other.SignInAsync();
        Assert.Equal([FindingKinds.Hours], await KindsAsync(again, stranger));
    }

    [Fact]
    public async Task Many_refusals_and_a_first_look_into_a_compartment_are_found()
    {
        using var ana = await server.SignInAsync();
        var (id, login) = await server.PersonAsync(ana, ["analyst"]);
        using var curious = await server.SignInAsync(login);
        for (var i = 0; i < ReadingJudge.MostDenied; i++)
        {
            await curious.GetAsync("/api/v1/users");
        }

        await FollowAsync();
        Assert.Empty(await KindsAsync(ana, id));
        await curious.GetAsync("/api/v1/users");
        await ReadCompartmentAsync(id);
        await FollowAsync();
        Assert.Equal([FindingKinds.Compartment, FindingKinds.Denied], (await KindsAsync(ana, id)).Order());
        await ReadCompartmentAsync(id);
        await FollowAsync();
        Assert.Equal(2, (await KindsAsync(ana, id)).Count);
    }

    /// <summary>More than are counted in one turn, the last turn not full.</summary>
    [Fact]
    public async Task Many_readings_at_once_are_each_counted_once()
    {
        using var ana = await server.SignInAsync();
        var (id, _) = await server.PersonAsync(ana, ["analyst"]);
        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => ReadCompartmentAsync(id)));

        await FollowAsync();
        await FollowAsync();

        var counts = await server.ReadAsync(db => db.Set<ReadingCountRow>().AsNoTracking()
            .Where(c => c.Person == id).Select(c => c.Requests).ToListAsync());
        Assert.Equal([50, 50], counts); // Of the day and of the hour.
        Assert.Equal([FindingKinds.Compartment], await KindsAsync(ana, id));
    }

    [Fact]
    public async Task The_same_log_gives_the_same_counts_and_findings()
    {
        await FollowAsync();
        var before = await CountsAsync();
        await server.TamperAsync("DELETE FROM reading_count; DELETE FROM access_view; DELETE FROM follower_cursor WHERE name = 'access'");
        var found = (await server.TypesFromAsync(0)).Count(t => t == FindingDesk.Found);

        await FollowAsync();

        Assert.Equal(before, await CountsAsync());
        Assert.Equal(found, (await server.TypesFromAsync(0)).Count(t => t == FindingDesk.Found));
    }

    [Fact]
    public async Task An_export_needs_a_reason_where_the_institution_asks_for_one()
    {
        await using var other = new ApprovalServer();
        await other.InitializeAsync();
        using var ana = await other.SignInAsync();
        Assert.Equal(HttpStatusCode.OK, (await ana.GetAsync("/api/v1/ledger:export")).Status);
        var set = await ana.SendAsync(HttpMethod.Put, "/api/v1/access/reading-policy", new
        {
            work_from = 420,
            work_to = 1200,
            work_days = (int[])[1, 2, 3, 4, 5],
            reason_for = (string[])["exports"],
            reason = "policy 7",
        });
        Assert.True(set.Status == HttpStatusCode.OK, set.Text);

        (await ana.GetAsync("/api/v1/ledger:export")).IsProblem(HttpStatusCode.UnprocessableEntity, "access.reason_needed");
        Assert.Equal(
            HttpStatusCode.OK, (await ana.SendAsync(HttpMethod.Get, "/api/v1/ledger:export", null, ("X-Probity-Reason", "audit 2026"))).Status);
        Assert.Equal(HttpStatusCode.OK, (await ana.GetAsync("/api/v1/events")).Status);
    }

    [Fact]
    public async Task Breaking_the_glass_opens_one_set_marks_every_entry_and_is_reviewed_by_someone_else()
    {
        await using var other = new ApprovalServer();
        await other.InitializeAsync();
        using var ana = await other.SignInAsync();
        var (id, login) = await other.PersonAsync(ana, ["compliance_officer"]);
        using var bob = await other.SignInAsync();
        using var eva = await other.SignInAsync(login);
        (await ana.PostAsync("/api/v1/break-glass", new { permissions = "sars", minutes = 241, reason = "x" }))
            .IsProblem(HttpStatusCode.UnprocessableEntity, "request.bad_field", "/minutes");
        (await ana.PostAsync("/api/v1/break-glass", new { permissions = "everything", minutes = 1, reason = "x" }))
            .IsProblem(HttpStatusCode.UnprocessableEntity, "request.bad_field", "/permissions");
        (await AccessServer.SendAsync(other.Key, HttpMethod.Post, "/api/v1/break-glass", new { permissions = "sars", minutes = 1, reason = "x" }))
            .IsProblem(HttpStatusCode.Forbidden, "access.break_glass_people_only");
        Assert.DoesNotContain("filing.sar.read", (await ana.GetAsync("/api/v1/session")).Text, StringComparison.Ordinal);

        var opened = await ana.PostAsync("/api/v1/break-glass", new { permissions = "sars", minutes = 60, reason = "the authority asks" });

        Assert.True(opened.Status == HttpStatusCode.Created, opened.Text);
        Assert.Contains("filing.sar.read", (await ana.GetAsync("/api/v1/session")).Text, StringComparison.Ordinal);
        var from = await other.SizeAsync();
        await ana.GetAsync("/api/v1/events");
        Assert.Contains(
            $"break_glass:{opened.Json["id"]}", (await other.EntriesFromAsync(from))[0]["actor"]!["role"]!.GetValue<string>(), StringComparison.Ordinal);
        (await ana.PostAsync("/api/v1/break-glass", new { permissions = "events", minutes = 1, reason = "x" }))
            .IsProblem(HttpStatusCode.Conflict, "access.break_glass_open");
        (await eva.PostAsync($"/api/v1/break-glass/{opened.Json["id"]}:end")).IsProblem(HttpStatusCode.NotFound, "access.break_glass_not_found");

        var review = (await eva.GetAsync($"/api/v1/approvals/{opened.Json["review_id"]}")).Json;
        (await ApprovalServer.ApproveAsync(bob, review)).IsProblem(HttpStatusCode.Forbidden, "access.maker_is_checker");
        (await ana.PostAsync($"/api/v1/approvals/{review["id"]}:withdraw", new { reason = "x" })).IsProblem(HttpStatusCode.Forbidden, "access.forbidden");
        var done = await ApprovalServer.ApproveAsync(eva, review, "justified");
        Assert.True(done.Status == HttpStatusCode.OK, done.Text);
        Assert.NotNull((await ana.GetAsync("/api/v1/break-glass")).Json["break_glass"]![0]!["reviewed_at"]);

        other.Clock.Advance(TimeSpan.FromMinutes(61));
        using var later = await other.SignInAsync();
        Assert.DoesNotContain("filing.sar.read", (await later.GetAsync("/api/v1/session")).Text, StringComparison.Ordinal);
        Assert.NotEmpty(id);
    }

    [Fact]
    public async Task A_review_that_nobody_makes_in_seven_days_is_found_once_and_stays_open()
    {
        await using var other = new ApprovalServer();
        await other.InitializeAsync();
        using var ana = await other.SignInAsync();
        var opened = await ana.PostAsync("/api/v1/break-glass", new { permissions = "operations", minutes = 5, reason = "outage" });
        Assert.True(opened.Status == HttpStatusCode.Created, opened.Text);
        var desk = other.Services.GetRequiredService<BreakGlassDesk>();

        other.Clock.Advance(TimeSpan.FromDays(7) - TimeSpan.FromMinutes(1));
        Assert.Equal(0, await desk.FindOverdueAsync(TestContext.Current.CancellationToken));
        other.Clock.Advance(TimeSpan.FromMinutes(2));
        await desk.FindOverdueAsync(TestContext.Current.CancellationToken); // The sweep may have been first.
        Assert.Equal(0, await desk.FindOverdueAsync(TestContext.Current.CancellationToken));

        using var later = await other.SignInAsync();
        Assert.Equal([FindingKinds.ReviewOverdue], await KindsAsync(later, ana.UserId));
        Assert.Equal("pending", (await later.GetAsync($"/api/v1/approvals/{opened.Json["review_id"]}")).Json["state"]!.GetValue<string>());
    }

    [Fact]
    public void No_set_decides_or_changes_rights() => Assert.Empty(BreakGlassSets.All.Values.SelectMany(p => p).Intersect(
        [Permission.DecideApprovals, Permission.ManageGrants, Permission.ManageRoles, Permission.ManageUsers, Permission.ManageKeys, Permission.ManagePolicies]));

    private async Task<string> RecordAsync(string subject, ApprovalServer? at = null)
    {
        var made = await AccessServer.SendAsync((at ?? server).Key, HttpMethod.Post, "/api/v1/events", new
        {
            action = "customer.update",
            actor = new { id = "u-1" },
            targets = new[] { new { type = "customer", id = subject } },
        });
        Assert.True(made.Status == HttpStatusCode.Created, made.Text);
        return made.Json["id"]!.GetValue<string>();
    }

    private async Task ReadCompartmentAsync(string person)
    {
        var draft = new AccessEntry(new EntryActor("user", person), null, server.Clock).Draft(
            "probity.filing.sar.read", "filing.sar.read", "sensitive_read", null, ("compartment", "sars"));
        await server.Services.GetRequiredService<ILedgerWriter>().AppendAsync(new AppendRequest([draft]), CancellationToken.None);
    }

    /// <summary>Does what the follower's loop does, now.</summary>
    private async Task FollowAsync(ApprovalServer? at = null)
    {
        var services = (at ?? server).Services;
        var follower = services.GetRequiredService<ReadingFollower>();
        var next = await follower.ReadCursorAsync(CancellationToken.None);
        var entries = await services.GetRequiredService<ILedgerStore>().ReadEntriesAsync(next, 10_000, CancellationToken.None);
        await follower.ApplyAsync([.. entries.Select(e => new FollowedEntry(e.Seq, e.Body))], next + entries.Count, CancellationToken.None);
    }

    private static async Task<IReadOnlyList<string>> KindsAsync(Browser browser, string person) =>
        [.. (await browser.GetAsync($"/api/v1/access/findings?person_id={person}")).Json["findings"]!.AsArray().Select(f => f!["kind"]!.GetValue<string>())];

    private Task<List<string>> CountsAsync() => server.ReadAsync(db => db.Set<ReadingCountRow>().AsNoTracking()
        .OrderBy(c => c.Person).ThenBy(c => c.Span).ThenBy(c => c.Start)
        .Select(c => $"{c.Person} {c.Span} {c.Start} {c.Records} {c.Requests} {c.Denied}").ToListAsync());
}
