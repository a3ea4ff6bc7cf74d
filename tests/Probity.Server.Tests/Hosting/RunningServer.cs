using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Time.Testing;
using Probity.Contracts.Problems;
using Probity.Server.Access;
using Probity.Server.Hosting;
using Probity.Server.Hosting.Health;
using Probity.Server.Hosting.Problems;
using Probity.Server.Hosting.Settings;
using Probity.Server.Storage.Commits;
using Probity.Server.Tests.Access;

namespace Probity.Server.Tests.Hosting;

/// <summary>The real host on a real port, with API keys in memory and a few endpoints that misbehave.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private static readonly DateTimeOffset s_start = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    private readonly TemporaryFolder _folder;
    private readonly WebApplication _app;

    private RunningServer(WebApplication app, TemporaryFolder folder, MemoryApiKeyStore store, FakeTimeProvider clock)
    {
        (_app, _folder, Store, Clock) = (app, folder, store, clock);
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
    }

    public HttpClient Client { get; }

    public MemoryApiKeyStore Store { get; }

    public FakeTimeProvider Clock { get; }

    public IServiceProvider Services => _app.Services;

    public static async Task<RunningServer> StartAsync(params IReadinessCheck[] checks)
    {
        var folder = new TemporaryFolder();
        var (store, clock) = (new MemoryApiKeyStore(), new FakeTimeProvider(s_start));
        var app = ProbityHost.Build(Settings(folder.Path), Modules(store, clock, checks));
        await app.StartAsync();
        app.Services.GetRequiredService<StartupState>().Finish();
        return new RunningServer(app, folder, store, clock);
    }

    public static ProbitySettings Settings(string folder, string? database = null)
    {
        var environment = new Dictionary<string, string>
        {
            ["AUDIT_DATA_DIR"] = folder,
            ["AUDIT_URLS"] = "http://127.0.0.1:0",
        };
        if (database is not null)
        {
            environment["AUDIT_DATABASE_URL"] = database;
        }

        var reading = SettingsReader.Read(environment);
        return KeyFiles.Complete(reading.Settings!, mayCreate: true).Settings!;
    }

    public static ServerModules Modules(
        IApiKeyStore store, TimeProvider clock, IReadinessCheck[] checks, Action<IEndpointRouteBuilder>? more = null) => new()
        {
            Add = (services, _) =>
            {
                services.AddSingleton(store);
                services.AddSingleton<ILedgerWriter, ForgetfulLedger>();
                services.Replace(ServiceDescriptor.Singleton(clock));
                foreach (var check in checks)
                {
                    services.AddSingleton(check);
                }
            },
            Map = (root, api) =>
            {
                var odd = root.MapGroup("/test").RecordsNothing("A test");
                odd.MapGet("/throws", string () => throw new InvalidOperationException("secret detail")).Public("A test");
                odd.MapGet("/refuses", string () => throw new ProblemException(ErrorCodes.LedgerQueueFull)
                {
                    RetryAfter = TimeSpan.FromSeconds(7),
                }).Public("A test");
                odd.MapPost("/echo", (Echo body) => body).Public("A test");
                odd.MapPost("/body", async (HttpRequest request) =>
                {
                    await request.Body.CopyToAsync(Stream.Null);
                    return "ok";
                }).Public("A test").LimitsBody(10);
                odd.MapGet("/text", () => "some text").Public("A test");
                api.MapGet("/test/read", (HttpContext context) => context.Caller()!.Id)
                    .RequiresPermission(Permission.ReadEntries).RecordsNothing("A test");
                more?.Invoke(root);
            },
        };

    /// <summary>A key with these permissions, stored.</summary>
    public async Task<ApiKeySecret> IssueAsync(params string[] scopes)
    {
        var issuer = Services.GetRequiredService<ApiKeyIssuer>();
        var (_, secret) = await issuer.IssueAsync(new KeyOrder("test", "tests", scopes), Caller.Server, CancellationToken.None);
        return secret;
    }

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, ApiKeySecret? key = null, HttpContent? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body };
        if (key is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key.Reveal());
        }

        return await Client.SendAsync(request);
    }

    public Task<HttpResponseMessage> GetAsync(string path, ApiKeySecret? key = null) => SendAsync(HttpMethod.Get, path, key);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>Refusals are entries; these tests do not look at them.</summary>
    private sealed class ForgetfulLedger : ILedgerWriter
    {
        public Task<AppendReceipt> AppendAsync(AppendRequest request, CancellationToken cancellationToken) =>
            Task.FromResult(new AppendReceipt("test", 0, [], ""));
    }

    internal sealed record Echo(string Name, int Number);
}
