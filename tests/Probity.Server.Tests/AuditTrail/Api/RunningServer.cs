using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Probity.Server.Access;
using Probity.Server.AuditTrail.Stores;
using Probity.Server.Hosting;
using Probity.Server.Hosting.Health;
using Probity.Server.Hosting.Settings;
using Xunit;

namespace Probity.Server.Tests.AuditTrail.Api;

/// <summary>
/// The whole server on a free port of the loopback, with SQLite in a temporary data folder; derived fixtures change the
/// store or the settings.
/// </summary>
public class RunningServer : IAsyncLifetime
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("probity-server-");
    private WebApplication? app;

    /// <summary>Gets a client that sends the bootstrap key.</summary>
    public HttpClient Http { get; private set; } = new();

    /// <summary>Gets a client that sends no key.</summary>
    public HttpClient Anonymous { get; private set; } = new();

    public string Key { get; private set; } = "";

    public Uri Url => Http.BaseAddress ?? throw new InvalidOperationException("The server has not started.");

    public IServiceProvider Services => app?.Services ?? throw new InvalidOperationException("The server has not started.");

    public string DataDir => folder.FullName;

    protected virtual string EventSchemas => "off";

    public virtual async ValueTask InitializeAsync()
    {
        var environment = new Dictionary<string, string>
        {
            [SettingCatalogue.DataDir.Name] = folder.FullName,
            [SettingCatalogue.Urls.Name] = "http://127.0.0.1:0",
            [SettingCatalogue.EventSchemas.Name] = EventSchemas,
        };
        await ConfigureAsync(environment);
        var reading = SettingsReader.Read(environment);
        Assert.Empty(reading.Faults);
        var settings = KeyFiles.Complete(reading.Settings!, mayCreate: true).Settings!;

        app = ProbityHost.Build(settings, Composition.Modules);
        await Composition.Modules.Prepare(app.Services, CancellationToken.None);
        await app.Services.GetRequiredService<BootstrapKey>().EnsureAsync(settings.BootstrapKeyFile, CancellationToken.None);
        await app.StartAsync();
        app.Services.GetRequiredService<StartupState>().Finish();

        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        Key = (await File.ReadAllTextAsync(settings.BootstrapKeyFile)).Trim();
        Anonymous = new HttpClient { BaseAddress = new Uri(addresses.Single()), Timeout = TimeSpan.FromMinutes(2) };
        Http = ClientWith(Key);
        await StartedAsync();
    }

    public virtual async ValueTask DisposeAsync()
    {
        Http.Dispose();
        Anonymous.Dispose();
        if (app is not null)
        {
            await app.StopAsync(new CancellationTokenSource(TimeSpan.FromSeconds(10)).Token);
            await app.DisposeAsync();
        }

        folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Changes the settings before the start.</summary>
    protected virtual Task ConfigureAsync(Dictionary<string, string> environment) => Task.CompletedTask;

    /// <summary>Runs once the server answers.</summary>
    protected virtual Task StartedAsync() => Task.CompletedTask;

    public HttpClient ClientWith(string key)
    {
        var client = new HttpClient { BaseAddress = Anonymous.BaseAddress, Timeout = TimeSpan.FromMinutes(2) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return client;
    }

    public async Task<Answer> SendAsync(
        HttpMethod method, string path, byte[]? body = null, HttpClient? client = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        foreach (var (name, value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                request.Content!.Headers.TryAddWithoutValidation(name, value);
            }
        }

        using var response = await (client ?? Http).SendAsync(request, TestContext.Current.CancellationToken);
        var bytes = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        var all = response.Headers.Concat(response.Content.Headers)
            .ToDictionary(h => h.Key, h => string.Join(",", h.Value), StringComparer.OrdinalIgnoreCase);
        return new Answer(response.StatusCode, all, bytes);
    }

    public Task<Answer> GetAsync(string path, HttpClient? client = null) => SendAsync(HttpMethod.Get, path, null, client);

    public Task<Answer> PostAsync(string path, string body, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Post, path, Encoding.UTF8.GetBytes(body), null, headers);

    public Task<Answer> PostEventAsync(string body, params (string Name, string Value)[] headers) =>
        PostAsync("/api/v1/events", body, headers);

    /// <summary>Sends an event that must be taken in.</summary>
    /// <returns>Its receipt.</returns>
    public async Task<JsonNode> RecordAsync(string body)
    {
        var answer = await PostEventAsync(body);
        Assert.True(answer.Status == HttpStatusCode.Created, answer.Text);
        return answer.Json;
    }

    /// <summary>The size of the log, read where no entry is written for reading.</summary>
    public async Task<long> SizeAsync() =>
        (await GetAsync("/api/v1/ledger", Anonymous)).Json["size"]!.GetValue<long>();

    /// <summary>The entries from a sequence number on, as stored, read without leaving a trace.</summary>
    public async Task<IReadOnlyList<JsonNode>> EntriesFromAsync(long seq)
    {
        var stored = await Services.GetRequiredService<ILedgerStore>().ReadEntriesAsync(seq, 10_000, CancellationToken.None);
        return [.. stored.Select(entry => JsonNode.Parse(entry.Body.Span)!)];
    }

    /// <summary>Waits until everything recorded so far can be found.</summary>
    public async Task WaitForIndexAsync()
    {
        for (var attempt = 0; attempt < 600; attempt++)
        {
            var answer = await GetAsync("/api/v1/events?page_size=1");
            if (answer.Json["index_lag_events"]!.GetValue<long>() == 0)
            {
                return;
            }

            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        Assert.Fail("The index did not catch up within 30 seconds.");
    }

    /// <summary>A key with these permissions.</summary>
    public async Task<(string Id, string Secret)> NewKeyAsync(params string[] scopes)
    {
        var body = new JsonObject
        {
            ["name"] = "test",
            ["scopes"] = new JsonArray([.. scopes.Select(scope => (JsonNode)scope)]),
        };
        var answer = await PostAsync("/api/v1/api-keys", body.ToJsonString());
        Assert.True(answer.Status == HttpStatusCode.Created, answer.Text);
        return (answer.Json["key"]!["id"]!.GetValue<string>(), answer.Json["secret"]!.GetValue<string>());
    }
}

/// <summary>An answer, read to its end.</summary>
public sealed record Answer(HttpStatusCode Status, IReadOnlyDictionary<string, string> Headers, byte[] Bytes)
{
    public string Text => Encoding.UTF8.GetString(Bytes);

    public JsonNode Json => JsonNode.Parse(Bytes) ?? throw new InvalidOperationException("The answer is null.");

    /// <summary>Gets the code of a problem.</summary>
    public string Code => Json["code"]!.GetValue<string>();

    /// <summary>Gets the place of a problem's first fault.</summary>
    public string? Pointer => Json["errors"]?[0]?["pointer"]?.GetValue<string>();

    /// <summary>Gets the lines of an NDJSON answer.</summary>
    public IReadOnlyList<JsonNode> Lines =>
        [.. Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)];

    /// <summary>Checks that the answer is a problem of RFC 9457.</summary>
    public void IsProblem(HttpStatusCode status, string code, string? pointer = null)
    {
        Assert.True(status == Status, Text);
        Assert.Equal("application/problem+json", Headers["Content-Type"].Split(';')[0]);
        Assert.Equal((int)status, Json["status"]!.GetValue<int>());
        Assert.Equal(code, Code);
        if (pointer is not null)
        {
            Assert.Equal(pointer, Pointer);
        }
    }
}
