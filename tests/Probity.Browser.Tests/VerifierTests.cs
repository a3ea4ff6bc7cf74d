using System.IO.Compression;
using Microsoft.Playwright;
using Xunit;

namespace Probity.Browser.Tests;

/// <summary>The public verifier: what it finds, that it needs nobody, and that it tells nobody.</summary>
[Collection("One browser at a time")]
public sealed class VerifierTests(Bank bank)
{
    [Fact]
    public async Task A_pack_is_verified_by_keyboard_alone_and_nothing_is_sent()
    {
        await using var tab = await bank.OpenAsync(signedIn: false);
        var chosen = new TaskCompletionSource<IFileChooser>(TaskCreationOptions.RunContinuationsAsynchronously);
        // Listened for from here on: a browser that is told only with the key may open a window of its own first.
        tab.Page.FileChooser += (_, chooser) => chosen.TrySetResult(chooser);
        await tab.GoAsync("/verify");
        var before = tab.Requests.Count;
        await tab.TabToAsync("[data-files]");

        await tab.PressAsync("Space");
        await (await chosen.Task.WaitAsync(TimeSpan.FromSeconds(20))).SetFilesAsync(bank.Pack);

        await tab.Page.Locator("[data-outcome=sound]").WaitForAsync();
        Assert.Contains("30 of 30 entries are proven", await tab.Page.Locator("[data-steps]").InnerTextAsync(), StringComparison.Ordinal);
        Assert.Equal(before, tab.Requests.Count);
        tab.IsClean();
    }

    [Fact]
    public async Task A_tampered_pack_fails_and_its_first_bad_entry_is_named()
    {
        await using var tab = await bank.OpenAsync(signedIn: false);
        await tab.GoAsync("/verify");
        await tab.Page.SetInputFilesAsync("[data-files]", bank.TamperedPack);

        var told = await tab.Page.Locator("[data-outcome=tampered]").InnerTextAsync();
        Assert.Contains("changed, first bad entry 5", told, StringComparison.Ordinal);
        Assert.Contains("29 of 30", await tab.Page.Locator("[data-steps]").InnerTextAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, "sound")]
    [InlineData(true, "tampered")]
    public async Task Purged_entries_are_proven_with_who_agreed_and_not_without_the_purge_entry(
        bool isBent, string outcome)
    {
        await using var tab = await bank.OpenAsync(signedIn: false);
        var pack = await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, "tombstones.zip"));
        await tab.GoAsync("/verify");
        await tab.Page.SetInputFilesAsync("[data-files]", new FilePayload
        {
            Name = "tombstones.zip", MimeType = "application/zip", Buffer = isBent ? WithoutPurgeEntry(pack) : pack,
        });

        await tab.Page.Locator($"[data-outcome={outcome}]").WaitForAsync();
        var steps = await tab.Page.Locator("[data-steps]").InnerTextAsync();
        Assert.Contains(isBent ? "0 of 3 purged entries" : "3 of 3 purged entries", steps, StringComparison.Ordinal);
        Assert.Equal(!isBent, steps.Contains("approved by usr_ana, usr_ben", StringComparison.Ordinal));
    }

    private static byte[] WithoutPurgeEntry(byte[] pack)
    {
        using var bytes = new MemoryStream();
        bytes.Write(pack);
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Update, leaveOpen: true))
        {
            zip.GetEntry("entries/300.json")!.Delete();
        }

        return bytes.ToArray();
    }

    [Fact]
    public async Task The_key_one_trusts_decides_and_a_foreign_one_refuses()
    {
        var key = (await bank.GetAsync("api/v1/ledger/keys"))["keys"]![0]!["vkey"]!.GetValue<string>();
        await using var tab = await bank.OpenAsync(signedIn: false);
        await tab.GoAsync("/verify");
        await tab.Page.Locator("[data-key-box] summary").ClickAsync();

        await tab.Page.FillAsync("[data-keys]", key);
        await tab.Page.SetInputFilesAsync("[data-files]", bank.Pack);
        await tab.Page.Locator("[data-outcome=sound]").WaitForAsync();
        Assert.DoesNotContain("own keys", await tab.Page.Locator("[data-verdict]").InnerTextAsync(), StringComparison.Ordinal);

        // The key of C2SP's signed-note example: well formed, and nobody's here.
        await tab.Page.FillAsync("[data-keys]", "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
        await tab.Page.SetInputFilesAsync("[data-files]", bank.Pack);
        Assert.Contains("wrong_key", await tab.Page.Locator("[data-outcome=tampered]").InnerTextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_proof_with_its_entry_is_verified()
    {
        var id = (await bank.GetAsync("api/v1/events?page_size=1"))["events"]![0]!["id"]!.GetValue<string>();
        var entry = await bank.Http.GetByteArrayAsync(new Uri($"api/v1/events/{id}/entry", UriKind.Relative));
        using var ask = new HttpRequestMessage(HttpMethod.Get, $"api/v1/events/{id}/proof");
        ask.Headers.Accept.ParseAdd("text/plain");
        var proof = await (await bank.Http.SendAsync(ask)).Content.ReadAsByteArrayAsync();
        var key = (await bank.GetAsync("api/v1/ledger/keys"))["keys"]![0]!["vkey"]!.GetValue<string>();
        await using var tab = await bank.OpenAsync(signedIn: false);
        await tab.GoAsync("/verify");
        await tab.Page.Locator("[data-key-box] summary").ClickAsync();
        await tab.Page.FillAsync("[data-keys]", key);

        await ChooseAsync(tab, proof, entry);
        await tab.Page.Locator("[data-outcome=sound]").WaitForAsync();

        entry[^9] ^= 1;
        await ChooseAsync(tab, proof, entry);
        await tab.Page.Locator("[data-outcome=tampered]").WaitForAsync();
    }

    [Fact]
    public async Task What_is_no_pack_is_no_verdict()
    {
        await using var tab = await bank.OpenAsync(signedIn: false);
        await tab.GoAsync("/verify");
        await tab.Page.SetInputFilesAsync("[data-files]", new FilePayload { Name = "a.zip", MimeType = "application/zip", Buffer = [1, 2, 3] });

        await tab.Page.Locator("[data-outcome=cannot]").WaitForAsync();
    }

    [Fact]
    public async Task A_saved_copy_verifies_from_the_disk_without_a_server()
    {
        await using var tab = await bank.OpenAsync(signedIn: false);
        await tab.GoAsync("/verify");
        var saved = await tab.Page.RunAndWaitForDownloadAsync(() => tab.Page.Locator("[data-save-copy]").ClickAsync());
        var file = Path.Combine(Path.GetTempPath(), $"probity-{Environment.ProcessId}-copy.html");
        await saved.SaveAsAsync(file);
        try
        {
            var page = await tab.Page.Context.NewPageAsync();
            var asked = new List<string>();
            page.Request += (_, request) => asked.Add(request.Url);
            await page.GotoAsync("file://" + file);

            await page.SetInputFilesAsync("[data-files]", bank.TamperedPack);
            await page.Locator("[data-outcome=tampered]").WaitForAsync();
            await page.SetInputFilesAsync("[data-files]", bank.Pack);
            await page.Locator("[data-outcome=sound]").WaitForAsync();

            Assert.All(asked, url => Assert.StartsWith("file://", url, StringComparison.Ordinal));
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static Task ChooseAsync(Tab tab, byte[] proof, byte[] entry) => tab.Page.SetInputFilesAsync("[data-files]",
    [
        new FilePayload { Name = "7.tlog-proof", MimeType = "text/plain", Buffer = proof },
        new FilePayload { Name = "7.json", MimeType = "application/json", Buffer = entry },
    ]);
}
