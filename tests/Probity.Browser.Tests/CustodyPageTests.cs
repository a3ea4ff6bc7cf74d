using System.Security.Cryptography;
using System.Text;
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

    [Fact]
    public async Task An_officer_names_a_key_of_recovery_and_one_of_another_name_is_refused_at_the_form()
    {
        Chromium.Require();
        var bank = new Bank { HasOfficer = true };
        await using (bank)
        {
            await bank.InitializeAsync();
            await using (var narrow = await bank.OpenAsOfficerAsync(ColorScheme.Dark, 320, 640))
            {
                await OpenFormAsync(narrow, "#new-recovery-key");
                await narrow.IsAccessibleAsync();
                await narrow.FitsAsync();
                await SaveAsync(narrow, "recovery-key-320");
            }

            await using var tab = await bank.OpenAsOfficerAsync();
            await OpenFormAsync(tab, "#new-recovery-key");
            await tab.IsAccessibleAsync();
            await SaveAsync(tab, "recovery-key");
            var command = await tab.Page.Locator("#new-recovery-key code").InnerTextAsync();
            await tab.Page.FillAsync("#recovery-key-reason", "Named by the board");
            await tab.Page.FillAsync("#recovery-key", VerifierKeyOf("usr_somebody"));
            await tab.Page.Locator("#new-recovery-key button[type=submit]").ClickAsync();
            await tab.Page.GetByText("its name is usr_").WaitForAsync();

            var own = command[command.IndexOf("usr_", StringComparison.Ordinal)..].Trim();
            await tab.Page.FillAsync("#recovery-key", VerifierKeyOf(own));
            await tab.Page.Locator("#new-recovery-key button[type=submit]").ClickAsync();

            await tab.Page.GetByText("Asked for: a second person decides").WaitForAsync();
            await tab.GoAsync("/approvals?view=mine");
            var asked = new PageLocatorOptions { HasText = "custody.recovery_key.set" };
            await tab.Page.Locator("article.approval h2", asked).WaitForAsync();
        }
    }

    /// <summary>A verifier key of C2SP signed-note; whether its 32 bytes are a point is not asked here.</summary>
    private static string VerifierKeyOf(string name)
    {
        byte[] key = [1, .. RandomNumberGenerator.GetBytes(32)];
        var id = SHA256.HashData([.. Encoding.UTF8.GetBytes(name + "\n"), .. key]).AsSpan(0, 4);
        return $"{name}+{Convert.ToHexStringLower(id)}+{Convert.ToBase64String(key)}";
    }

    private static async Task OpenFormAsync(Tab tab, string dialog = "#new-class")
    {
        await tab.GoAsync("/custody");
        await tab.Page.Locator($"[data-dialog='{dialog}']").ClickAsync();
        await tab.Page.Locator($"{dialog}-title").WaitForAsync();
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
