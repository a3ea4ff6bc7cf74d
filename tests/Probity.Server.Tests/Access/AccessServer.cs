using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Time.Testing;
using Probity.Server.Access;
using Probity.Server.Access.Approval;
using Probity.Server.Access.Monitoring;
using Probity.Server.Access.Setup;
using Probity.Server.Access.SignIn;
using Probity.Server.AuditTrail.Stores;
using Probity.Server.Hosting;
using Probity.Server.Hosting.Health;
using Probity.Server.Hosting.Settings;
using Probity.Server.Tests.AuditTrail.Api;
using Xunit;

namespace Probity.Server.Tests.Access;

/// <summary>The whole server with a clock of its own, cheap password hashes, and people who sign in.</summary>
public class AccessServer : IAsyncLifetime
{
    public const string Login = "ana";
    public const string Password = "plain words for a test";

    private readonly TemporaryFolder _folder;
    private WebApplication? _app;

    public AccessServer()
        : this(null)
    {
    }

    /// <summary>A server whose data folder is made in another one.</summary>
    protected AccessServer(string? parent) => _folder = new TemporaryFolder(parent);

    public Uri Url { get; private set; } = new("http://127.0.0.1");

    public string SetupToken { get; private set; } = "";

    /// <summary>Gets a client that sends the bootstrap key.</summary>
    public HttpClient Key { get; private set; } = new();

    /// <summary>Whether reading is watched while the server runs: its findings are entries that come when they come.</summary>
    protected virtual bool Follows => false;

    internal FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));

    internal IServiceProvider Services => _app?.Services ?? throw new InvalidOperationException("The server has not started.");

    internal string Folder => _folder.Path;

    public async ValueTask InitializeAsync()
    {
        var settings = Configure(Hosting.RunningServer.Settings(_folder.Path));
        var modules = Composition.Modules with
        {
            Add = (services, s) =>
            {
                Composition.Modules.Add(services, s);
                services.Replace(ServiceDescriptor.Singleton<TimeProvider>(Clock));
                services.Replace(ServiceDescriptor.Singleton(new PasswordCost(1024, 1)));
                if (!Follows)
                {
                    services.Remove(services.Single(d => d.ImplementationType == typeof(ReadingLoop)));
                }

                Adapt(services);
            },
            Map = (root, api) =>
            {
                Composition.Modules.Map(root, api);
                MapMore(api);
            },
        };
        _app = ProbityHost.Build(settings, modules);
        await modules.Prepare(_app.Services, CancellationToken.None);
        await Services.GetRequiredService<BootstrapKey>().EnsureAsync(settings.BootstrapKeyFile, CancellationToken.None);
        SetupToken = await Services.GetRequiredService<SetupLink>().OpenAsync(CancellationToken.None) ?? "";
        await _app.StartAsync();
        Services.GetRequiredService<StartupState>().Finish();
        Url = new Uri(Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        Key = NewClient();
        var key = (await File.ReadAllTextAsync(settings.BootstrapKeyFile)).Trim();
        Key.DefaultRequestHeaders.Authorization = new("Bearer", key);
        await PrepareAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Key.Dispose();
        if (_app is not null)
        {
            await _app.StopAsync(new CancellationTokenSource(TimeSpan.FromSeconds(10)).Token);
            await _app.DisposeAsync();
        }

        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    public HttpClient NewClient() => new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false })
    {
        BaseAddress = Url,
        Timeout = TimeSpan.FromMinutes(1),
    };

    public async Task<Answer> SetUpAsync(string? token = null, string login = Login, string password = Password)
    {
        using var client = NewClient();
        return await SendAsync(client, HttpMethod.Post, "/api/v1/setup", new { token = token ?? SetupToken, login, password });
    }

    public async Task<Answer> TrySignInAsync(string login, string password, string? code = null)
    {
        using var client = NewClient();
        return await SendAsync(client, HttpMethod.Post, "/api/v1/session", new { login, password, code });
    }

    /// <summary>Signs in, which must succeed.</summary>
    public async Task<Browser> SignInAsync(string login = Login, string password = Password, string? code = null)
    {
        var answer = await TrySignInAsync(login, password, code);
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
        return new Browser(this, answer);
    }

    /// <summary>A user with the usual password and without a role; the id.</summary>
    public async Task<string> InviteAsync(Browser administrator, string login)
    {
        var made = await administrator.PostAsync("/api/v1/users", new { login });
        Assert.True(made.Status == HttpStatusCode.Created, made.Text);
        using var client = NewClient();
        var set = await SendAsync(
            client, HttpMethod.Post, "/api/v1/password", new { invitation = made.Json["invitation"]!.GetValue<string>(), password = Password });
        Assert.True(set.Status == HttpStatusCode.NoContent, set.Text);
        return made.Json["user"]!["id"]!.GetValue<string>();
    }

    public static async Task<Answer> SendAsync(
        HttpClient client, HttpMethod method, string path, object? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            var text = body as string ?? System.Text.Json.JsonSerializer.Serialize(body);
            request.Content = new StringContent(text, Encoding.UTF8, "application/json");
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        var all = response.Headers.Concat(response.Content.Headers)
            .ToDictionary(h => h.Key, h => string.Join("\n", h.Value), StringComparer.OrdinalIgnoreCase);
        return new Answer(response.StatusCode, all, await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>How many entries there are, read without leaving one.</summary>
    public async Task<long> SizeAsync()
    {
        using var client = NewClient();
        return (await SendAsync(client, HttpMethod.Get, "/api/v1/ledger")).Json["size"]!.GetValue<long>();
    }

    /// <summary>The entries from a place on, as stored.</summary>
    public async Task<IReadOnlyList<JsonNode>> EntriesFromAsync(long seq)
    {
        var stored = await Services.GetRequiredService<ILedgerStore>().ReadEntriesAsync(seq, 10_000, CancellationToken.None);
        return [.. stored.Select(entry => JsonNode.Parse(entry.Body.Span)!)];
    }

    public async Task<IReadOnlyList<string>> TypesFromAsync(long seq) =>
        [.. (await EntriesFromAsync(seq)).Select(e => e["type"]!.GetValue<string>())];

    /// <summary>What the operator set beyond a data folder and a port.</summary>
    internal virtual ProbitySettings Configure(ProbitySettings settings) => settings;

    internal virtual void MapMore(IEndpointRouteBuilder api)
    {
    }

    /// <summary>What differs from the real server; the base asks no second person, approvals have tests of their own.</summary>
    internal virtual void Adapt(IServiceCollection services) => services.Replace(ServiceDescriptor.Singleton<IApprovalGate>(new OpenGate()));

    /// <summary>What a class of tests needs before the first; the base makes the administrator.</summary>
    protected virtual async Task PrepareAsync()
    {
        var answer = await SetUpAsync();
        Assert.True(answer.Status == HttpStatusCode.Created, answer.Text);
    }
}

/// <summary>Someone signed in: the cookie and the proof against forged requests, sent as our pages would.</summary>
public sealed class Browser(AccessServer server, Answer signedIn) : IDisposable
{
    private readonly HttpClient _client = server.NewClient();

    public string Cookie { get; } = signedIn.Headers["Set-Cookie"].Split('\n').Single(c => c.StartsWith("probity=", StringComparison.Ordinal)).Split(';')[0];

    public string Csrf { get; } = signedIn.Json["csrf_token"]!.GetValue<string>();

    public string SessionId { get; } = signedIn.Json["id"]!.GetValue<string>();

    public string UserId { get; } = signedIn.Json["caller_id"]!.GetValue<string>();

    public string Origin { get; } = server.Url.GetLeftPart(UriPartial.Authority);

    public Task<Answer> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public Task<Answer> PostAsync(string path, object? body = null) => SendAsync(HttpMethod.Post, path, body);

    public Task<Answer> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path);

    public Task<Answer> SendAsync(HttpMethod method, string path, object? body = null, params (string Name, string Value)[] headers) =>
        AccessServer.SendAsync(
            _client, method, path, body, [("Cookie", Cookie), ("Origin", Origin), ("X-Probity-Csrf", Csrf), .. headers]);

    /// <summary>Sends the cookie and nothing of what proves where the request comes from.</summary>
    public Task<Answer> SendBareAsync(HttpMethod method, string path, object? body = null, params (string Name, string Value)[] headers) =>
        AccessServer.SendAsync(_client, method, path, body, [("Cookie", Cookie), .. headers]);

    public void Dispose() => _client.Dispose();
}

/// <summary>Lets everyone act alone.</summary>
internal sealed class OpenGate : IApprovalGate
{
    public Task<GateAnswer> AskAsync(GatedAction action, Caller caller, CancellationToken cancellationToken) =>
        Task.FromResult<GateAnswer>(new GateAnswer.Open());
}
