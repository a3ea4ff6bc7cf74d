using System.Globalization;
using Microsoft.Playwright;
using Xunit;

namespace Probity.Browser.Tests;

/// <summary>Nothing comes from elsewhere, nothing complains, and what a page weighs and how fast it paints is printed.</summary>
[Collection("One browser at a time")]
public sealed class WeightTests(Bank bank, ITestOutputHelper output)
{
    [Fact]
    public async Task No_page_asks_another_server_or_writes_an_error()
    {
        Chromium.Require();
        foreach (var (path, _, isSignedIn) in Pages.All.Where(p => p.Name is not ("events-refused" or "not-found")))
        {
            await using var tab = await bank.OpenAsync(isSignedIn);
            await tab.GoAsync(path);
            await tab.Page.WaitForLoadStateAsync(LoadState.NetworkIdle);
            tab.IsClean();
        }
    }

    [Fact]
    public Task The_explorer_paints_within_a_second() =>
        PaintAsync(bank, ["/events", "/ledger", "/verify", "/custody"]);

    [Fact]
    public async Task The_explorer_paints_within_a_second_over_a_hundred_thousand_events()
    {
        Chromium.Require();
        var large = new Bank { MoreEvents = 100_000 };
        await using (large)
        {
            await large.InitializeAsync();
            await PaintAsync(large, ["/events", "/events?filter=action%3Dpayment.approve"]);
        }
    }

    private async Task PaintAsync(Bank bank, string[] paths)
    {
        foreach (var path in paths)
        {
            // The first visit compiles the page on the server; what a person meets from then on is measured.
            await using (var first = await bank.OpenAsync())
            {
                await first.GoAsync(path);
            }

            await using var tab = await bank.OpenAsync();
            await tab.GoAsync(path);
            await tab.Page.WaitForLoadStateAsync(LoadState.NetworkIdle);
            var paint = await tab.Page.EvaluateAsync<double>("performance.getEntriesByName('first-contentful-paint')[0].startTime");
            var bytes = await tab.Page.EvaluateAsync<double>(
                "performance.getEntries().filter(e => 'transferSize' in e).reduce((sum, e) => sum + e.transferSize, 0)");
            var count = tab.Requests.Count;
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{path}: first paint {paint:0} ms, {bytes / 1000:0} kB in {count} requests, empty cache"));

            Assert.True(paint <= 1000, $"{path} painted after {paint:0} ms.");
            Assert.True(bytes <= 600_000, $"{path} weighs {bytes} bytes.");
        }
    }

    [Fact]
    public async Task A_page_runs_no_script_of_its_own_making()
    {
        await using var tab = await bank.OpenAsync();
        var answer = await tab.Page.GotoAsync("/events");
        var policy = (await answer!.AllHeadersAsync())["content-security-policy"];

        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Equal(0, await tab.Page.Locator("script:not([src]), [style], [onclick]").CountAsync());
    }
}
