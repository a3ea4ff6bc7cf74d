using System.IO.Compression;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Xunit;

namespace Probity.Browser.Tests;

/// <summary>One server with a little history, one browser, and an administrator who made his account through the set-up page.</summary>
public sealed class Bank : IAsyncLifetime
{
    public const string Login = "ana";
    public const string Password = "correct horse battery staple";

    private static readonly (string Id, string Name, string Role)[] s_people =
    [
        ("u-17", "Ana Díaz", "approver"), ("u-21", "Bo Lindqvist", "analyst"), ("u-33", "Eva Novák", "examiner"),
        ("u-08", "Tomasz Żurawski", "teller"),
    ];

    /// <summary>Gets how many events more than the few that tests look at are recorded.</summary>
    internal int MoreEvents { get; init; }

    /// <summary>Gets whether a compliance officer is there instead of what fills other pages.</summary>
    internal bool HasOfficer { get; init; }

    private ServerProcess? _server;
    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private readonly HttpClient _http = new();
    private string? _session;
    private string? _analystSession;
    private string? _officerSession;

    internal Uri Url => Server.Url;

    /// <summary>Gets a pack of the first entries.</summary>
    internal string Pack { get; } = NewFile();

    /// <summary>Gets the same with one byte of entry 5 changed.</summary>
    internal string TamperedPack { get; } = NewFile();

    /// <summary>Gets the caller with the first key. Like everything here it skips the test without a browser.</summary>
    internal HttpClient Http
    {
        get
        {
            Chromium.Require();
            return _http;
        }
    }

    private ServerProcess Server
    {
        get
        {
            Chromium.Require();
            return _server ?? throw new InvalidOperationException("The bank has not opened.");
        }
    }

    public async ValueTask InitializeAsync()
    {
        if (Chromium.Path is null)
        {
            return;
        }

        _server = await ServerProcess.StartAsync();
        _http.BaseAddress = _server.Url;
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _server.BootstrapKey);
        await RecordAsync();
        await SavePacksAsync();
        _playwright = await Playwright.CreateAsync();
        _browser = await Chromium.LaunchAsync(_playwright);
        await SetUpAsync();
        await Furniture.PutScreeningAsync(Http);
        await Furniture.PutMonitoringAsync(Http);
        await Furniture.PutDiligenceAsync(Http);
        _analystSession = await SignInAsync(Furniture.Analyst);
        if (HasOfficer)
        {
            // Whoever decides approvals besides ana would have to agree to the second administrator.
            await Furniture.PutOfficerAsync(Http);
            _officerSession = await SignInAsync(Furniture.Officer);
            return;
        }

        await Furniture.PutAsync(Url);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (_browser is not null)
        {
            await _browser.CloseAsync();
        }

        _playwright?.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        File.Delete(Pack);
        File.Delete(TamperedPack);
    }

    /// <summary>The same as <see cref="OpenAsync"/>, signed in as the analyst.</summary>
    internal Task<Tab> OpenAsAnalystAsync(ColorScheme scheme = ColorScheme.Light, int width = 1280, int height = 800) =>
        OpenWithAsync(_analystSession, scheme, width, height);

    /// <summary>The same as <see cref="OpenAsync"/>, signed in as the compliance officer.</summary>
    internal Task<Tab> OpenAsOfficerAsync(ColorScheme scheme = ColorScheme.Light, int width = 1280, int height = 800) =>
        OpenWithAsync(_officerSession, scheme, width, height);

    /// <summary>A page in a context of its own, signed in or not, that notes what goes wrong on it.</summary>
    internal Task<Tab> OpenAsync(bool signedIn = true, ColorScheme scheme = ColorScheme.Light, int width = 1280, int height = 800) =>
        OpenWithAsync(signedIn ? _session : null, scheme, width, height);

    /// <summary>The same with the first key instead of a session: it may do everything.</summary>
    internal Task<Tab> OpenWithKeyAsync() =>
        OpenWithAsync(null, ColorScheme.Light, 1280, 800, $"Bearer {Server.BootstrapKey}");

    /// <summary>A name of its own: a test may open a second bank.</summary>
    private static string NewFile() => Path.Combine(Path.GetTempPath(), $"probity-{Guid.CreateVersion7():N}.zip");

    private async Task<Tab> OpenWithAsync(
        string? session, ColorScheme scheme, int width, int height, string? authorization = null)
    {
        Chromium.Require();
        var context = await _browser!.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = Url.ToString(),
            ColorScheme = scheme,
            ViewportSize = new ViewportSize { Width = width, Height = height },
            StorageState = session,
            ExtraHTTPHeaders = authorization is null
                ? null : new Dictionary<string, string> { ["Authorization"] = authorization },
            ReducedMotion = ReducedMotion.Reduce,
        });
        context.SetDefaultTimeout(20_000); // A wait is no target: WeightTests measure those.
        context.SetDefaultNavigationTimeout(20_000);
        return new Tab(context, await context.NewPageAsync(), Url);
    }

    internal async Task<JsonNode> GetAsync(string path) => JsonNode.Parse(await Http.GetStringAsync(new Uri(path, UriKind.Relative)))!;

    /// <summary>The set-up page is how the first account comes to be, so it is how it is made here.</summary>
    private async Task SetUpAsync()
    {
        await using var tab = await OpenAsync(signedIn: false);
        await tab.Page.GotoAsync(Server.SetupLink.ToString());
        await tab.Page.GetByLabel("Login").FillAsync(Login);
        await tab.Page.GetByLabel("Name").FillAsync("Ana Díaz");
        await tab.Page.GetByLabel("Password").FillAsync(Password);
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Make the administrator" }).ClickAsync();
        await tab.Page.GetByRole(AriaRole.Heading, new() { Level = 1 }).WaitForAsync();
        await tab.Page.GetByText("Signed in as Ana Díaz").WaitForAsync();
        _session = await tab.Page.Context.StorageStateAsync();
    }

    private async Task<string> SignInAsync(string login)
    {
        await using var tab = await OpenAsync(signedIn: false);
        await tab.GoAsync("/sign-in");
        await tab.Page.Locator("#login").FillAsync(login);
        await tab.Page.Locator("#password").FillAsync(Password);
        await tab.Page.Locator("#password").PressAsync("Enter");
        await tab.Page.GetByText("Signed in as").WaitForAsync();
        return await tab.Page.Context.StorageStateAsync();
    }

    private async Task RecordAsync()
    {
        for (var batch = 0; batch < 12; batch++)
        {
            var events = Enumerable.Range(batch * 5, 5).Select(i => Event(i, s_people[i % s_people.Length]));
            var answer = await Http.PostAsJsonAsync("api/v1/events:batchCreate", new JsonObject { ["events"] = new JsonArray([.. events]) });
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
            await Task.Delay(20); // So that the histogram has more than one bar.
        }

        for (var from = 0; from < MoreEvents; from += 10_000)
        {
            var lines = string.Join('\n', Enumerable.Range(from, Math.Min(10_000, MoreEvents - from))
                .Select(i => Event(i, s_people[i % s_people.Length]).ToJsonString()));
            using var content = new StringContent(lines, System.Text.Encoding.UTF8, "application/x-ndjson");
            using var answer = await Http.PostAsync(new Uri("api/v1/events:ingest", UriKind.Relative), content);
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        }

        for (var tries = 0; tries < 200 + (MoreEvents / 100); tries++)
        {
            if ((await GetAsync("api/v1/events?page_size=1"))["index_lag_events"]!.GetValue<long>() == 0)
            {
                return;
            }

            await Task.Delay(50);
        }

        Assert.Fail("The search index did not catch up.");
    }

    private static JsonObject Event(int i, (string Id, string Name, string Role) who) => new()
    {
        ["action"] = i % 3 == 0 ? "payment.approve" : i % 3 == 1 ? "customer.update" : "account.limit_change",
        ["actor"] = new JsonObject { ["id"] = who.Id, ["type"] = "user", ["name"] = who.Name, ["role"] = who.Role },
        ["targets"] = new JsonArray(new JsonObject { ["type"] = "payment", ["id"] = $"p-{4700 + i}" }),
        ["outcome"] = i % 11 == 7 ? "denied" : "success",
        ["reason"] = new JsonObject { ["text"] = "Checked against the mandate", ["ticket"] = $"OPS-{i}" },
        ["context"] = new JsonObject { ["service"] = "core-banking", ["address"] = "10.4.1.17" },
        ["before"] = new JsonObject { ["status"] = "pending", ["limits"] = new JsonObject { ["daily"] = "5000.00" } },
        ["after"] = new JsonObject { ["status"] = "approved", ["limits"] = new JsonObject { ["daily"] = "9000.00" }, ["approved_by"] = who.Id },
        ["data"] = new JsonObject { ["branch"] = "WAW-02", ["channel"] = "branch" },
    };

    private async Task SavePacksAsync()
    {
        await File.WriteAllBytesAsync(Pack, await Http.GetByteArrayAsync(new Uri("api/v1/ledger:export?format=pack&from=0&to=30", UriKind.Relative)));
        await using var from = await ZipFile.OpenReadAsync(Pack);
        await using var to = await ZipFile.OpenAsync(TamperedPack, ZipArchiveMode.Create);
        foreach (var file in from.Entries)
        {
            using var bytes = new MemoryStream();
            await using (var source = await file.OpenAsync())
            {
                await source.CopyToAsync(bytes);
            }

            var content = bytes.ToArray();
            if (file.FullName == "entries/5.json")
            {
                content[content.Length / 2] ^= 1;
            }

            await using var target = await to.CreateEntry(file.FullName).OpenAsync();
            await target.WriteAsync(content);
        }
    }
}
