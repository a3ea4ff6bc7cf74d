using Microsoft.Playwright;
using Xunit;

namespace Probity.Browser.Tests;

/// <summary>The analyst's pages of screening: asked, compared, decided by key; by axe and at 320 px.</summary>
[Collection("One browser at a time")]
public sealed class ScreeningPageTests(Bank bank)
{
    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 320)]
    public async Task The_pages_of_screening_have_no_violation_and_fit(ColorScheme scheme, int width)
    {
        Chromium.Require();
        await using var tab = await bank.OpenAsAnalystAsync(scheme, width);
        await SearchAsync(tab);
        await ChecksAsync(tab);

        await tab.GoAsync("/screening/hits?status=open");
        await tab.Page.Locator("[data-hits] nav").WaitForAsync();
        await ChecksAsync(tab);

        await tab.GoAsync("/screening/lists");
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Versions" }).First.ClickAsync();
        await tab.Page.GetByRole(AriaRole.Heading, new() { Name = "would change" }).WaitForAsync();
        await ChecksAsync(tab);
        tab.IsClean();
    }

    [Fact]
    public async Task A_hit_is_compared_field_by_field_and_decided_with_keys()
    {
        Chromium.Require();
        await using var tab = await bank.OpenAsAnalystAsync();
        await tab.GoAsync("/screening/hits");
        await tab.Page.GetByRole(AriaRole.Row, new() { Name = "birth date" })
            .GetByText("agrees: speaks for a match").WaitForAsync();
        await tab.Page.Locator("[data-balance]").GetByText("Speak for a match: names").WaitForAsync();

        await tab.PressAsync("f");
        await tab.Page.GetByLabel("Why it is no match").SelectOptionAsync("documented_other");
        await tab.Page.GetByLabel("Reason, for the ledger").FillAsync("passport seen");
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Decide" }).ClickAsync();

        await tab.Page.GetByText("Nothing here").WaitForAsync();
        await tab.GoAsync("/screening/hits?status=false_positive");
        await tab.Page.GetByText("c-4711 and own_deny 1").WaitForAsync();
        await ChecksAsync(tab);
        tab.IsClean();
    }

    /// <summary>Asks for a listed name and waits for the answer.</summary>
    internal static async Task SearchAsync(Tab tab)
    {
        await tab.GoAsync("/screening");
        await tab.Page.GetByLabel("Name").FillAsync("Radomir Vukasinovich");
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Screen" }).ClickAsync();
        await tab.Page.GetByText("1 listed").WaitForAsync();
    }

    private static async Task ChecksAsync(Tab tab)
    {
        await tab.IsAccessibleAsync();
        await tab.FitsAsync();
    }
}
