using Microsoft.Playwright;
using Xunit;

namespace Probity.Browser.Tests;

/// <summary>The page Custody as a compliance officer meets it: what is asked for goes to a second person.</summary>
[Collection("One browser at a time")]
public sealed class CustodyPageTests
{
    [Fact]
    public async Task A_member_is_asked_to_be_kept_in_another_way_and_the_form_has_no_violation()
    {
        Chromium.Require();
        var bank = new Bank { HasOfficer = true };
        await using (bank)
        {
            await bank.InitializeAsync();
            await using (var narrow = await bank.OpenAsOfficerAsync(ColorScheme.Dark, 320, 640))
            {
                await OpenFormAsync(narrow);
                await narrow.IsAccessibleAsync();
                await narrow.FitsAsync();
                await SaveAsync(narrow, "custody-form-320");
            }

            await using var tab = await bank.OpenAsOfficerAsync();
            await OpenFormAsync(tab);
            await tab.IsAccessibleAsync();
            await SaveAsync(tab, "custody-form");
            await tab.Page.FillAsync("#class-pointer", "/data/account/iban");
            await tab.Page.SelectOptionAsync("#class-class", "masked");
            await tab.Page.FillAsync("#class-reason", "Four digits are enough");
            await tab.Page.Locator("#new-class button[type=submit]").ClickAsync();

            await tab.Page.GetByText("Asked for: a second person decides").WaitForAsync();
            await tab.GoAsync("/approvals?view=mine");
            var asked = new PageLocatorOptions { HasText = "custody.field_class.change" };
            await tab.Page.Locator("article.approval h2", asked).WaitForAsync();
            await SaveAsync(tab, "custody-asked");
            tab.IsClean();
        }
    }

    private static async Task OpenFormAsync(Tab tab)
    {
        await tab.GoAsync("/custody");
        await tab.Page.Locator("[data-dialog='#new-class']").ClickAsync();
        await tab.Page.Locator("#new-class-title").WaitForAsync();
    }

    /// <summary>For one's own eye, where a folder is named.</summary>
    private static async Task SaveAsync(Tab tab, string name)
    {
        if (Environment.GetEnvironmentVariable("PROBITY_LOOK") is { Length: > 0 } folder)
        {
            await tab.Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, name + ".png") });
        }
    }
}
