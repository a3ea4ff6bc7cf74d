using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Xunit;

namespace Probity.Browser.Tests;

/// <summary>What people come to do, by mouse with the clicks counted, and by keyboard alone.</summary>
[Collection("One browser at a time")]
public sealed class JourneyTests(Bank bank)
{
    [Fact]
    public async Task From_a_record_to_a_verified_and_saved_proof_takes_three_clicks()
    {
        await using var tab = await bank.OpenAsync();
        await tab.GoAsync("/events?filter=action%3Dpayment.approve");
        await tab.Page.EvaluateAsync("window.clicks = 0; addEventListener('click', e => { if (e.isTrusted) window.clicks++; }, true)");

        await tab.Page.Locator("[data-events] tbody tr").First.ClickAsync();
        await tab.Page.Locator("[data-drawer] [data-verify]").ClickAsync();
        await tab.Page.GetByText("Verified in this browser").WaitForAsync();
        var saved = await tab.Page.RunAndWaitForDownloadAsync(() => tab.Page.Locator("[data-drawer] [data-download-proof]").ClickAsync());

        Assert.Equal(3, await tab.Page.EvaluateAsync<int>("window.clicks"));
        Assert.EndsWith(".json", saved.SuggestedFilename, StringComparison.Ordinal);
        tab.IsClean();
    }

    [Fact]
    public async Task Signing_in_and_out_works_by_keyboard_alone_and_leads_back_to_where_one_was()
    {
        await using var tab = await bank.OpenAsync(signedIn: false);
        await tab.GoAsync("/events?filter=action%3Dpayment.approve");
        Assert.Contains("/sign-in?return=", tab.Page.Url, StringComparison.Ordinal);

        await tab.TabToAsync("#login");
        await tab.Page.Keyboard.TypeAsync(Bank.Login);
        await tab.TabToAsync("#password");
        await tab.Page.Keyboard.TypeAsync(Bank.Password);
        await tab.PressAsync("Enter");
        await tab.ArrivesAsync("/events[?]filter=");

        await tab.TabToAsync("details.user summary");
        await tab.PressAsync("Enter");
        await tab.TabToAsync("[data-sign-out]");
        await tab.PressAsync("Enter");
        await tab.ArrivesAsync("/sign-in");
        await tab.GoAsync("/events");
        Assert.Contains("/sign-in", tab.Page.Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_password_is_told_without_saying_which_part_was_wrong()
    {
        await using var tab = await bank.OpenAsync(signedIn: false);
        await tab.GoAsync("/sign-in");
        await tab.Page.FillAsync("#login", "nobody");
        await tab.Page.FillAsync("#password", "not the password");
        await tab.PressAsync("Enter");

        Assert.Contains("do not fit", await tab.Page.GetByRole(AriaRole.Alert).InnerTextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_explorer_works_by_keyboard_alone()
    {
        await using var tab = await bank.OpenAsync();
        await tab.GoAsync("/events");

        await tab.PressAsync("/");
        await tab.Page.Keyboard.TypeAsync("act");
        await tab.Page.Locator("[data-completions] li").First.WaitForAsync();
        await tab.PressAsync("ArrowDown", "Enter"); // action=
        await tab.Page.Keyboard.TypeAsync("payment");
        await tab.Page.Locator("[data-completions] li", new() { HasText = "payment.approve" }).WaitForAsync();
        await tab.PressAsync("ArrowDown", "Enter", "Escape", "Enter");
        await tab.ArrivesAsync("filter=action");
        var actions = tab.Page.Locator("[data-events] .c-action a"); // The address is there before the list.
        await Assertions.Expect(actions.Filter(new() { HasNotText = "payment.approve" })).ToHaveCountAsync(0, new() { Timeout = 20_000 });
        Assert.NotEmpty(await actions.AllInnerTextsAsync());

        await tab.TabToAsync("[data-events] tbody a");
        await tab.PressAsync("j", "Enter");
        await tab.Page.Locator("[data-drawer] [data-verify]").WaitForAsync();
        await tab.Page.WaitForFunctionAsync("document.activeElement?.matches('[data-verify]')");
        await tab.PressAsync("Enter");
        await tab.Page.GetByText("Verified in this browser").WaitForAsync();
        Assert.Contains("id=evt_", tab.Page.Url, StringComparison.Ordinal);

        await tab.PressAsync("Escape");
        Assert.True(await tab.Page.EvaluateAsync<bool>("document.activeElement?.matches('[data-events] a')"));
        Assert.DoesNotContain("id=evt_", tab.Page.Url, StringComparison.Ordinal);
        tab.IsClean();
    }

    [Fact]
    public async Task The_address_is_the_state()
    {
        await using var tab = await bank.OpenAsync();
        await tab.GoAsync("/events?filter=action%3Dpayment.approve");
        await tab.Page.Locator("[data-events] tbody tr").First.ClickAsync();
        await tab.Page.Locator("[data-drawer] [data-verify]").WaitForAsync();
        var title = await tab.Page.Locator("[data-drawer-body] .chain .here").InnerTextAsync();

        await using var other = await bank.OpenAsync();
        await other.Page.GotoAsync(tab.Page.Url);

        await other.Page.Locator("[data-drawer] [data-verify]").WaitForAsync();
        Assert.Equal(title, await other.Page.Locator("[data-drawer-body] .chain .here").InnerTextAsync());
    }

    [Fact]
    public async Task A_pasted_id_leads_to_its_record()
    {
        var id = (await bank.GetAsync("api/v1/events?page_size=1"))["events"]![0]!["id"]!.GetValue<string>();
        await using var tab = await bank.OpenAsync();
        await tab.GoAsync("/ledger");

        await tab.PressAsync("Control+k");
        await tab.Page.Keyboard.InsertTextAsync(id);
        await tab.PressAsync("Enter");

        await tab.ArrivesAsync("/events/" + id + "$");
        await tab.Page.Locator("[data-record]").WaitForAsync();
        tab.IsClean();
    }

    [Fact]
    public async Task Dragging_over_the_histogram_narrows_the_time()
    {
        await using var tab = await bank.OpenAsync();
        await tab.GoAsync("/events");
        var plot = await tab.Page.Locator("[data-histogram] svg").BoundingBoxAsync();

        await tab.Page.Mouse.MoveAsync(plot!.X + 5, plot.Y + 20);
        await tab.Page.Mouse.DownAsync();
        await tab.Page.Mouse.MoveAsync(plot.X + (plot.Width / 2), plot.Y + 20);
        await tab.Page.Mouse.UpAsync();

        await tab.ArrivesAsync("[?&]from=.*&to=");
        await tab.Page.GetByLabel("Remove the span of time").WaitForAsync();
        tab.IsClean();
    }

    [Fact]
    public async Task The_live_tail_shows_what_matches_and_nothing_else()
    {
        await using var tab = await bank.OpenAsync();
        await tab.GoAsync("/events?filter=action%3Dtail.shown");
        await tab.Page.RunAndWaitForResponseAsync(
            () => tab.Page.Locator("[data-live]").ClickAsync(),
            answer => answer.Url.Contains("events:stream", StringComparison.Ordinal)); // It listens then.

        foreach (var action in new[] { "tail.hidden", "tail.shown" })
        {
            using var body = new StringContent(new JsonObject { ["action"] = action, ["actor"] = "u-1" }.ToJsonString(), null, "application/json");
            (await bank.Http.PostAsync(new Uri("api/v1/events", UriKind.Relative), body)).EnsureSuccessStatusCode();
        }

        await tab.Page.Locator("[data-events] tr.fresh").WaitForAsync();
        Assert.Equal(["tail.shown"], await tab.Page.Locator("[data-events] tr.fresh a").AllInnerTextsAsync());
        tab.IsClean();
    }

    [Fact]
    public async Task Opening_a_record_leaves_the_entry_that_the_endpoint_leaves()
    {
        var id = (await bank.GetAsync("api/v1/events?page_size=1&filter=type%3Devent"))["events"]![0]!["id"]!.GetValue<string>();
        await using var tab = await bank.OpenAsync();
        await tab.GoAsync("/events/" + id);

        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < TimeSpan.FromSeconds(20))
        {
            var page = await bank.GetAsync("api/v1/events?page_size=20&filter=type%3Dprobity.events.read%20actor.type%3Duser");
            if (page["events"]!.AsArray().Any(e => e!["data"]?["id"]?.GetValue<string>() == id))
            {
                return;
            }

            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        Assert.Fail("No entry tells that the record was read.");
    }

    [Fact]
    public async Task Verify_now_reads_everything_and_says_so()
    {
        await using var tab = await bank.OpenAsync();
        await tab.GoAsync("/ledger");
        await tab.TabToAsync("[data-verify-ledger]");
        await tab.PressAsync("Enter");

        await tab.Page.Locator(".verdict.sound").WaitForAsync();
        tab.IsClean();
    }
}
