using Microsoft.Playwright;
using Xunit;

namespace Probity.Browser.Tests;

/// <summary>Every page by axe, in both colour schemes, and at 320 px.</summary>
[Collection("One browser at a time")]
public sealed class AccessibilityTests(Bank bank)
{
    /// <summary>Each scheme and each width once: colours do not hang on the width, nor the layout on colours.</summary>
    public static TheoryData<ColorScheme, int> Views => new()
    {
        { ColorScheme.Light, 1280 },
        { ColorScheme.Dark, 320 },
    };

    [Theory]
    [MemberData(nameof(Views))]
    public async Task No_page_has_a_violation(ColorScheme scheme, int width)
    {
        Chromium.Require();
        await using var signedIn = await bank.OpenAsync(true, scheme, width);
        await using var visitor = await bank.OpenAsync(false, scheme, width);
        foreach (var (path, _, isSignedIn) in Pages.All)
        {
            var tab = isSignedIn ? signedIn : visitor;
            await tab.GoAsync(path);
            await Told(path, tab.IsAccessibleAsync);
            await Told(path, tab.FitsAsync);
        }
    }

    [Theory]
    [MemberData(nameof(Views))]
    public async Task The_record_beside_the_list_has_no_violation_before_and_after_verifying(ColorScheme scheme, int width)
    {
        await using var tab = await bank.OpenAsync(true, scheme, width);
        await tab.GoAsync("/events?filter=action%3Dpayment.approve");
        await tab.Page.Locator("[data-events] tbody tr").First.ClickAsync();
        await tab.Page.Locator("[data-drawer] [data-verify]").WaitForAsync();
        await tab.IsAccessibleAsync();

        await tab.Page.Locator("[data-drawer] [data-verify]").ClickAsync();
        await tab.Page.GetByText("Verified in this browser").WaitForAsync();
        await tab.IsAccessibleAsync();
        await tab.FitsAsync();
    }

    [Theory]
    [MemberData(nameof(Views))]
    public async Task The_verdicts_of_the_verifier_have_no_violation(ColorScheme scheme, int width)
    {
        await using var tab = await bank.OpenAsync(false, scheme, width);
        foreach (var (file, verdict) in new[] { (bank.Pack, "sound"), (bank.TamperedPack, "tampered") })
        {
            await tab.GoAsync("/verify");
            await tab.Page.SetInputFilesAsync("[data-files]", file);
            await tab.Page.Locator($"[data-outcome={verdict}]").WaitForAsync();
            await tab.IsAccessibleAsync();
            await tab.FitsAsync();
        }
    }

    [Fact]
    public async Task The_check_can_fail()
    {
        await using var tab = await bank.OpenAsync(false);
        await tab.GoAsync("/sign-in");
        await tab.Page.EvaluateAsync("document.querySelector('label[for=login]').remove()");

        await Assert.ThrowsAnyAsync<Exception>(tab.IsAccessibleAsync);
    }

    private static async Task Told(string path, Func<Task> check)
    {
        try
        {
            await check();
        }
        catch (Xunit.Sdk.XunitException fault)
        {
            Assert.Fail($"{path}: {fault.Message}");
        }
    }
}
