using Microsoft.Playwright;
using Xunit;

namespace Probity.Browser.Tests;

/// <summary>The pages of due diligence: by axe, at 320 px, and from what is due to a completed review.</summary>
[Collection("One browser at a time")]
public sealed class CustomerPageTests(Bank bank)
{
    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 320)]
    public async Task The_pages_of_customers_have_no_violation_and_fit(ColorScheme scheme, int width)
    {
        Chromium.Require();
        await using var tab = await bank.OpenAsAnalystAsync(scheme, width);
        foreach (var path in await PathsAsync(bank))
        {
            await tab.GoAsync(path);
            await tab.IsAccessibleAsync();
            await tab.FitsAsync();
        }

        tab.IsClean();
    }

    [Fact]
    public async Task A_profile_says_why_a_customer_is_rated_and_who_stands_behind_it()
    {
        Chromium.Require();
        await using var tab = await bank.OpenAsAnalystAsync();
        await tab.GoAsync(await CustomerAsync(bank, "c-8001"));

        var fall = tab.Page.GetByRole(AriaRole.Region, new() { Name = "What each factor gave" });
        await fall.GetByText("A segment with inherent risk").WaitForAsync();
        Assert.Equal(8, await fall.Locator("tbody tr").CountAsync());
        var persons = tab.Page.GetByRole(AriaRole.Region, new() { Name = "Persons behind the customer" });
        await persons.GetByText("Adele Hochstein").WaitForAsync();
        Assert.Contains("39.5", await persons.InnerTextAsync(), StringComparison.Ordinal); // 9.5 + 60 % of 50.
        await tab.Page.GetByText("54.5 % of the ownership is unknown.").WaitForAsync();
        await tab.Page.GetByText("Shares run in a circle through").WaitForAsync();
    }

    [Fact]
    public async Task From_what_is_due_to_a_completed_review()
    {
        Chromium.Require();
        await using var tab = await bank.OpenAsAnalystAsync();
        await tab.GoAsync("/customers/due?overdue=true");
        await tab.Page.GetByRole(AriaRole.Link, new() { Name = "Overdue Trading GmbH" }).ClickAsync();
        await tab.Page.GetByText("overdue", new() { Exact = true }).First.WaitForAsync();
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Complete a review" }).ClickAsync();
        await tab.IsAccessibleAsync();
        await tab.Page.GetByLabel("What was found").FillAsync("The activity fits what was told.");
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Complete it" }).ClickAsync();

        await tab.Page.GetByRole(AriaRole.Region, new() { Name = "Reviews that were completed" }).WaitForAsync();
        await tab.GoAsync("/customers/due?overdue=true");
        Assert.Equal(0, await tab.Page.GetByText("Overdue Trading GmbH").CountAsync());
        tab.IsClean();
    }

    /// <summary>Every page of due diligence, with something on it.</summary>
    internal static async Task<IReadOnlyList<string>> PathsAsync(Bank bank) =>
    [
        "/customers/due", "/customers/due?task=document", "/customers/scorecards",
        await CustomerAsync(bank, "c-8001"), await CustomerAsync(bank, "c-8003"),
    ];

    private static async Task<string> CustomerAsync(Bank bank, string number) =>
        "/customers/" + (await bank.GetAsync($"api/v1/customers?external_id={number}"))["customers"]![0]!["id"];
}
