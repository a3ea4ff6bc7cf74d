using Microsoft.Playwright;
using Xunit;

[assembly: AssemblyFixture(typeof(Probity.Browser.Tests.Bank))]

namespace Probity.Browser.Tests;

/// <summary>The browser of the machine. None is downloaded: where there is no Chromium the tests are skipped by name.</summary>
internal static class Chromium
{
    private static readonly string[] s_names = ["chromium", "chromium-browser", "google-chrome"];

    private static readonly string[] s_switches =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync",
    ];

    /// <summary>Gets the executable; null when there is none.</summary>
    public static string? Path { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .SelectMany(folder => s_names.Select(name => System.IO.Path.Combine(folder, name))).FirstOrDefault(File.Exists);

    /// <summary>
    /// Skips the test without a browser; with <c>PROBITY_REQUIRE_STORES=1</c>, as in CI, that is a failure.
    /// </summary>
    public static void Require()
    {
        const string Missing = "Chromium: not found in PATH (apt-get install chromium)";
        Assert.True(Path is not null || Environment.GetEnvironmentVariable("PROBITY_REQUIRE_STORES") != "1", Missing);
        Assert.SkipWhen(Path is null, Missing);
    }

    public static Task<IBrowser> LaunchAsync(IPlaywright playwright) =>
        playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = Path, Args = s_switches });
}
