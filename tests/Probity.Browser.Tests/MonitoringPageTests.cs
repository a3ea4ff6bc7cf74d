using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Xunit;

namespace Probity.Browser.Tests;

/// <summary>The pages of monitoring: by axe, at 320 px, from a list to a verified proof, by keyboard alone.</summary>
[Collection("One browser at a time")]
public sealed class MonitoringPageTests(Bank bank)
{
    /// <summary>A rule of the draft that the furniture made; it differs from the live one.</summary>
    internal const string Changed = "Large Transaction Monitoring (US)";

    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 320)]
    public async Task The_pages_of_monitoring_have_no_violation_and_fit(ColorScheme scheme, int width)
    {
        Chromium.Require();
        await using var tab = await bank.OpenAsAnalystAsync(scheme, width);
        var faults = new List<string>();
        foreach (var path in await PathsAsync(bank))
        {
            await tab.GoAsync(path);
            await TellAsync(faults, path, tab.IsAccessibleAsync);
            await TellAsync(faults, path, tab.FitsAsync);
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
        tab.IsClean();
    }

    [Fact]
    public async Task From_an_alert_to_a_verified_proof_it_takes_three_clicks_at_most()
    {
        Chromium.Require();
        await using var tab = await bank.OpenAsAnalystAsync();
        await tab.GoAsync("/alerts?source=monitoring");

        var clicks = 0;
        async Task ClickAsync(ILocator what)
        {
            await what.ClickAsync();
            clicks++;
        }

        await ClickAsync(tab.Page.Locator("[data-rows] tbody a").First);
        await tab.Page.GetByRole(AriaRole.Heading, new() { Name = "Why review" }).WaitForAsync();
        await ClickAsync(tab.Page.Locator("[data-verify]"));
        await tab.Page.GetByText("Verified in this browser").WaitForAsync();

        Assert.InRange(clicks, 1, 3);
        await tab.IsAccessibleAsync();
        tab.IsClean();
    }

    [Fact]
    public async Task A_decision_says_what_decided_it_and_what_would_have_changed_it()
    {
        Chromium.Require();
        await using var tab = await bank.OpenAsAnalystAsync();

        await tab.GoAsync("/transactions?alerts=true");
        await tab.Page.Locator("[data-rows] tbody a").First.ClickAsync();

        var why = tab.Page.GetByRole(AriaRole.Region, new() { Name = "Contributions to the score" });
        await why.GetByText("Smurfing by several conductors (US)").First.WaitForAsync();
        await why.GetByText("Would not have fired if").First.WaitForAsync();
        var measured = tab.Page.GetByRole(AriaRole.Region, new() { Name = "What the rules above measured" });
        await measured.GetByText("distinct of").First.WaitForAsync();
        Assert.Matches("10,?800", await measured.InnerTextAsync());
        await tab.Page.GetByText("In the chain as entry").WaitForAsync();
    }

    [Fact]
    public async Task Keys_alone_lead_from_the_list_to_the_proof()
    {
        Chromium.Require();
        await using var tab = await bank.OpenAsAnalystAsync();
        await tab.GoAsync("/transactions");

        await tab.TabToAsync("[data-rows] tbody a", 80);
        await tab.PressAsync("Enter");
        await tab.Page.GetByRole(AriaRole.Heading, new() { Name = "What was measured" }).WaitForAsync();
        await tab.TabToAsync("[data-verify]", 80);
        await tab.PressAsync("Enter");

        await tab.Page.GetByText("Verified in this browser").WaitForAsync();
        tab.IsClean();
    }

    [Fact]
    public async Task A_draft_is_compared_and_back_tested_with_its_chart_and_table()
    {
        Chromium.Require();
        var draft = (await SetsAsync(bank)).First(set => set!["status"]!.GetValue<string>() == "draft")!;
        await using var tab = await bank.OpenWithKeyAsync();
        await tab.GoAsync($"/rules/{draft["id"]}");
        await tab.Page.GetByRole(AriaRole.Row, new() { Name = Changed }).GetByText("changed").WaitForAsync();

        await tab.Page.GetByRole(AriaRole.Link, new() { Name = "Back-test 30 days" }).ClickAsync();

        await tab.Page.GetByRole(AriaRole.Heading, new() { Name = "Back-test: 30 days" }).WaitForAsync();
        await tab.Page.GetByText("Decisions that each rule would add to").First.WaitForAsync();
        await tab.IsAccessibleAsync();
        await tab.Page.GetByRole(AriaRole.Link, new() { Name = Changed }).First.ClickAsync();
        await tab.Page.GetByRole(AriaRole.Heading, new() { Name = "Against the version that judges now" })
            .WaitForAsync();
        await tab.IsAccessibleAsync();
    }

    [Fact]
    public async Task A_customer_is_found_by_name_without_the_name_in_an_address()
    {
        Chromium.Require();
        await using var tab = await bank.OpenAsAnalystAsync();
        await tab.GoAsync("/customers");
        await tab.Page.GetByLabel("Words of a name, identifier or account").FillAsync("Ines Costa");
        await tab.PressAsync("Enter");
        await tab.Page.Locator("[data-customer-found]").GetByRole(AriaRole.Link, new() { Name = "Ines Costa" })
            .ClickAsync();

        await tab.Page.GetByRole(AriaRole.Heading, new() { Name = "Counterparties" }).WaitForAsync();
        await tab.Page.GetByText("rated low").WaitForAsync();
        Assert.DoesNotContain(tab.Requests, url => url.Contains("Costa", StringComparison.OrdinalIgnoreCase));
        tab.IsClean();
    }

    /// <summary>Every page of monitoring, with something on it.</summary>
    internal static async Task<IReadOnlyList<string>> PathsAsync(Bank bank)
    {
        var alerted = (await bank.GetAsync("api/v1/transactions?alerts=true&limit=1"))["transactions"]![0]!;
        var quiet = (await bank.GetAsync("api/v1/transactions?outcome=approve&limit=1"))["transactions"]![0]!;
        var customer = (await bank.GetAsync("api/v1/customers?external_id=c-7001"))["customers"]![0]!;
        var sets = await SetsAsync(bank);
        var draft = sets.First(set => set!["status"]!.GetValue<string>() == "draft")!["id"]!;
        var live = sets.First(set => set!["is_live"]!.GetValue<bool>())!["id"]!;
        return
        [
            "/alerts", "/alerts?status=closed", "/transactions", "/transactions?type=nothing",
            $"/transactions/{alerted["id"]}", $"/transactions/{quiet["id"]}", "/customers",
            $"/customers/{customer["id"]}",
            "/rules", $"/rules/{live}", $"/rules/{draft}", $"/rules/{draft}/{Changed}",
        ];
    }

    private static async Task<JsonArray> SetsAsync(Bank bank) =>
        (await bank.GetAsync("api/v1/monitoring/rule-sets"))["rule_sets"]!.AsArray();

    private static async Task TellAsync(List<string> faults, string path, Func<Task> check)
    {
        try
        {
            await check();
        }
        catch (Xunit.Sdk.XunitException fault)
        {
            faults.Add($"{path}: {fault.Message}");
        }
    }
}
