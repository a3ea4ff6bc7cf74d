using Microsoft.Playwright;
using Xunit;

namespace Probity.Browser.Tests;

/// <summary>Makes the pictures of docs/screens, when <c>PROBITY_SCREENS</c> names the folder; see docs/screens/make.</summary>
[Collection("One browser at a time")]
public sealed class ScreenTests(Bank bank)
{
    // Of the pages of monitoring, in their order; those without a name are much like another one.
    private static readonly string[] s_monitoring =
    [
        "alerts", "", "transactions", "", "decision", "", "customers", "customer", "rules", "", "rule-set", "rule",
    ];

    // The same of due diligence.
    private static readonly string[] s_diligence = ["customers-due", "", "scorecards", "customer-rated", ""];

    [Fact]
    public async Task Screens_are_made()
    {
        Chromium.Require();
        var folder = Environment.GetEnvironmentVariable("PROBITY_SCREENS");
        Assert.SkipWhen(string.IsNullOrEmpty(folder), "PROBITY_SCREENS is not set; docs/screens/make sets it");
        foreach (var (scheme, suffix) in new[] { (ColorScheme.Light, "light"), (ColorScheme.Dark, "dark") })
        {
            foreach (var (path, name, isSignedIn) in Pages.All.Where(p => IsShown(p.Name, scheme)))
            {
                await using var tab = await bank.OpenAsync(isSignedIn, scheme, 1440, 900);
                await tab.GoAsync(path);
                await SaveAsync(tab, folder!, $"{name}-{suffix}");
            }

            await using var analyst = await bank.OpenAsAnalystAsync(scheme, 1440, 900);
            var pages = (await MonitoringPageTests.PathsAsync(bank)).Zip(s_monitoring)
                .Concat((await CustomerPageTests.PathsAsync(bank)).Zip(s_diligence));
            foreach (var (path, name) in pages)
            {
                if (name.Length > 0 && (scheme == ColorScheme.Light || name is "decision" or "customer-rated"))
                {
                    await analyst.GoAsync(path);
                    await SaveAsync(analyst, folder!, $"{name}-{suffix}");
                }
            }

            if (scheme == ColorScheme.Dark)
            {
                continue;
            }

            await ScreeningPageTests.SearchAsync(analyst);
            await SaveAsync(analyst, folder!, $"screening-{suffix}");
            await analyst.GoAsync("/screening/hits");
            await SaveAsync(analyst, folder!, $"screening-hits-{suffix}");
            await using var record = await bank.OpenAsync(true, scheme, 1440, 900);
            await record.GoAsync("/events?filter=action%3Dpayment.approve");
            await record.Page.Locator("[data-events] tbody tr").First.ClickAsync();
            await record.Page.Locator("[data-drawer] [data-verify]").ClickAsync();
            await record.Page.GetByText("Verified in this browser").WaitForAsync();
            await SaveAsync(record, folder!, $"record-{suffix}");

            await using var verifier = await bank.OpenAsync(false, scheme, 1440, 900);
            await verifier.GoAsync("/verify");
            await verifier.Page.SetInputFilesAsync("[data-files]", bank.TamperedPack);
            await verifier.Page.Locator("[data-outcome=tampered]").WaitForAsync();
            await SaveAsync(verifier, folder!, $"verify-tampered-{suffix}");
        }

        await using var phone = await bank.OpenAsync(true, ColorScheme.Light, 390, 844);
        await phone.GoAsync("/events");
        await SaveAsync(phone, folder!, "events-phone");
    }

    // Every page once, and in the dark those that differ most: the pictures stay small enough to keep.
    private static bool IsShown(string name, ColorScheme scheme) => scheme == ColorScheme.Light
        ? name is not ("events-refused" or "events-empty" or "events-filtered" or "approvals-all" or "custody-dry-run"
            or "approval-policies" or "invitation" or "not-found" or "roles")
        : name is "events";

    private static Task<byte[]> SaveAsync(Tab tab, string folder, string name) =>
        tab.Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, name + ".png") });
}
