using System.Security.Claims;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using OpenIddict.Core;
using OpenIddict.Server;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Probity.Server.Tests.Access.OpenId;

/// <summary>
/// A real OpenID provider, OpenIddict, on a port of its own. Whoever comes is signed in as <see cref="Subject"/> at
/// once;
/// what it signs can be bent.
/// </summary>
public sealed class OpenIdProviderHost : IAsyncDisposable
{
    public const string ClientId = "probity";
    public const string ClientSecret = "a secret of the test's own";
    public const string RedirectUri = "http://127.0.0.1:0/api/v1/session/oidc/callback";

    private readonly TemporaryFolder _folder = new(null);
    private readonly WebApplication _app;

    private OpenIdProviderHost(TimeProvider clock) => _app = Build(clock, _folder.Path);

    public Uri Url { get; private set; } = new("http://127.0.0.1");

    /// <summary>Gets or sets who is signed in at the provider.</summary>
    public string Subject { get; set; } = "s-1";

    public string Login { get; set; } = "pat";

    public IReadOnlyList<string> Groups { get; set; } = [];

    /// <summary>Gets or sets when the person proved itself; now when null.</summary>
    public DateTimeOffset? ProvedAt { get; set; }

    /// <summary>Gets or sets what is done to the ID token before it is signed.</summary>
    public Action<SecurityTokenDescriptor>? Bend { get; set; }

    public static async Task<OpenIdProviderHost> StartAsync(TimeProvider clock)
    {
        var host = new OpenIdProviderHost(clock);
        await host.StartAsync();
        return host;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _folder.Dispose();
    }

    private WebApplication Build(TimeProvider clock, string folder)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddRouting();
        builder.Services.AddAuthentication();
        builder.Services.AddDbContext<DbContext>(options =>
        {
            options.UseSqlite($"Data Source={Path.Combine(folder, "provider.db")};Pooling=False");
            options.UseOpenIddict();
        });
        builder.Services.Configure<OpenIddictCoreOptions>(options => options.TimeProvider = clock);
        builder.Services.AddOpenIddict()
            .AddCore(options => options.UseEntityFrameworkCore().UseDbContext<DbContext>())
            .AddServer(options => Configure(options, clock));
        var app = builder.Build();
        app.UseAuthentication();
        app.MapGet("/connect/authorize", (HttpContext http) => SignIn(http, clock));
        app.MapGet("/connect/logout", () =>
            Results.SignOut(authenticationSchemes: [OpenIddictServerAspNetCoreDefaults.AuthenticationScheme]));
        return app;
    }

    private void Configure(OpenIddictServerBuilder options, TimeProvider clock)
    {
        options.SetAuthorizationEndpointUris("connect/authorize").SetTokenEndpointUris("connect/token")
            .SetEndSessionEndpointUris("connect/logout");
        options.AllowAuthorizationCodeFlow().RequireProofKeyForCodeExchange();
        options.RegisterScopes(Scopes.Profile, Scopes.Email);
        options.AddEphemeralEncryptionKey().AddEphemeralSigningKey();
        options.Configure(o => o.TimeProvider = clock);
        options.UseAspNetCore().EnableAuthorizationEndpointPassthrough().EnableEndSessionEndpointPassthrough()
            .DisableTransportSecurityRequirement();
        options.AddEventHandler<OpenIddictServerEvents.GenerateTokenContext>(handler =>
            handler.UseInlineHandler(context =>
        {
            if (context.TokenType == TokenTypeIdentifiers.IdentityToken)
            {
                Bend?.Invoke(context.SecurityTokenDescriptor);
            }

            return default;
        }).SetOrder(OpenIddictServerHandlers.Protection.GenerateIdentityModelToken.Descriptor.Order - 1));
    }

    private IResult SignIn(HttpContext http, TimeProvider clock)
    {
        var request = http.GetOpenIddictServerRequest() ?? throw new InvalidOperationException("No OpenID request.");
        var identity = new ClaimsIdentity("test", Claims.Name, Claims.Role);
        identity.SetClaim(Claims.Subject, Subject).SetClaim(Claims.PreferredUsername, Login)
            .SetClaim(Claims.Name, "Pat of the provider")
            .SetClaim(Claims.AuthenticationTime, (ProvedAt ?? clock.GetUtcNow()).ToUnixTimeSeconds());
        identity.SetClaims("groups", [.. Groups]);
        identity.SetScopes(request.GetScopes());
        identity.SetDestinations(static _ => [Destinations.IdentityToken]);
        return Results.SignIn(new ClaimsPrincipal(identity),
            authenticationScheme: OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
    }

    private async Task StartAsync()
    {
        await using (var scope = _app.Services.CreateAsyncScope())
        {
            await scope.ServiceProvider.GetRequiredService<DbContext>().Database.EnsureCreatedAsync();
            await scope.ServiceProvider.GetRequiredService<IOpenIddictApplicationManager>()
                .CreateAsync(new OpenIddictApplicationDescriptor
            {
                ClientId = ClientId,
                ClientSecret = ClientSecret,
                RedirectUris = { new Uri(RedirectUri) },
                PostLogoutRedirectUris = { new Uri("http://127.0.0.1:0/sign-in") },
                Permissions =
                {
                    Permissions.Endpoints.Authorization, Permissions.Endpoints.Token, Permissions.Endpoints.EndSession,
                    Permissions.GrantTypes.AuthorizationCode, Permissions.ResponseTypes.Code,
                        Permissions.Scopes.Profile, Permissions.Scopes.Email,
                },
            });
        }

        await _app.StartAsync();
        Url = new Uri(
            _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

        // The first answers wait for the compiler, on a busy machine longer than the client of the server waits.
        using var patient = new HttpClient();
        await patient.GetStringAsync(new Uri(Url, "/.well-known/openid-configuration"));
        await patient.GetStringAsync(new Uri(Url, "/.well-known/jwks"));
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "authorization_code", ["code"] = "none", ["code_verifier"] = new string('v', 43),
            ["redirect_uri"] = RedirectUri, ["client_id"] = ClientId, ["client_secret"] = ClientSecret,
        });
        using var refused = await patient.PostAsync(new Uri(Url, "/connect/token"), form);
    }
}
