using Microsoft.Playwright;
using Xunit;

namespace Probity.Browser.Tests;

/// <summary>What people do with rights: agreeing, emergencies, passkeys.</summary>
[Collection("One browser at a time")]
public sealed class AccessJourneyTests(Bank bank)
{
    [Fact]
    public async Task An_approval_is_read_and_decided_by_keyboard_alone()
    {
        await using var tab = await bank.OpenAsync();
        await tab.GoAsync("/approvals");
        await tab.Page.GetByText("joins the team in Frankfurt").First.WaitForAsync();
        var waiting = await tab.Page.Locator(".approval").CountAsync();

        await tab.TabToAsync(".approval input[name=reason]");
        await tab.Page.Keyboard.TypeAsync("checked with HR");
        await tab.TabToAsync(".approval button.primary");
        await tab.PressAsync("Enter");

        await tab.Page.WaitForFunctionAsync("n => document.querySelectorAll('.approval').length === n", waiting - 1);
        await tab.GoAsync("/approvals?view=all");
        await tab.Page.GetByText("approved on").First.WaitForAsync();
        tab.IsClean();
    }

    [Fact]
    public async Task A_passkey_is_added_and_signs_in_and_is_removed()
    {
        await using var tab = await bank.OpenAsync();
        var device = await tab.Page.Context.NewCDPSessionAsync(tab.Page);
        await device.SendAsync("WebAuthn.enable");
        await device.SendAsync("WebAuthn.addVirtualAuthenticator", new Dictionary<string, object>
        {
            ["options"] = new Dictionary<string, object>
            {
                ["protocol"] = "ctap2", ["transport"] = "internal", ["hasResidentKey"] = true,
                    ["hasUserVerification"] = true,
                ["isUserVerified"] = true, ["automaticPresenceSimulation"] = true,
            },
        });
        await tab.GoAsync("/account");
        await tab.Page.GetByLabel("Name", new() { Exact = true }).FillAsync("test key");
        await tab.Page.Locator("[data-passkey-add]").ClickAsync();
        await tab.Page.GetByText("test key").WaitForAsync();

        await tab.Page.Context.ClearCookiesAsync();
        await tab.GoAsync("/sign-in?return=%2Faccount");
        await tab.Page.Locator("[data-passkey-sign-in]").ClickAsync();
        await tab.ArrivesAsync("/account$");
        Assert.Contains("passkey", await tab.Page.Locator("section[aria-labelledby=sessions-title]").InnerTextAsync(),
            StringComparison.Ordinal);

        tab.Page.Dialog += (_, dialog) => _ = dialog.AcceptAsync();
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Remove the passkey test key" }).ClickAsync();
        await tab.Page.GetByText("test key").WaitForAsync(new() { State = WaitForSelectorState.Detached });
    }

    [Fact]
    public async Task The_glass_is_broken_and_ended_by_keyboard_alone()
    {
        await using var tab = await bank.OpenAsync();
        tab.Page.Dialog += (_, dialog) => _ = dialog.AcceptAsync();
        await tab.GoAsync("/break-glass");
        await tab.TabToAsync("#reason");
        await tab.Page.Keyboard.TypeAsync("a drill");
        await tab.TabToAsync("form[data-confirm] button[type=submit]");
        await tab.PressAsync("Enter");
        await tab.Page.GetByText("a drill").WaitForAsync();

        await tab.TabToAsync("form[data-api$=':end'] button");
        await tab.PressAsync("Enter");

        await tab.Page.Locator("form[data-api$=':end']").WaitForAsync(new() { State = WaitForSelectorState.Detached });
        await tab.GoAsync("/access-findings");
        await tab.Page.GetByText("a drill").WaitForAsync();
        tab.IsClean();
    }
}
