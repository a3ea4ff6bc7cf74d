using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;
using Probity.Contracts.Problems;
using Probity.Server.Hosting.Problems;
using Probity.Server.Hosting.Settings;

namespace Probity.Server.Access.OpenId;

/// <summary>
/// Speaks with the OpenID provider: authorization code with PKCE, the token endpoint, the ID token's checks. Source:
/// OpenID
/// Connect Core 1.0 sections 3.1.2, 3.1.3 and 3.1.3.7; RFC 7636; RFC 9207; RFC 9700 section 2.1. Thread safe.
/// </summary>
internal sealed class OpenIdClient : IDisposable
{
    public const string CallbackPath = "/api/v1/session/oidc/callback";
    private const long MaxAnswerBytes = 1024 * 1024;
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_skew = TimeSpan.FromSeconds(60);

    // Asymmetric ones alone: with HS256 the client secret would be the key, and a leaked one would make people.
    private static readonly string[] s_algorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    private readonly OpenIdProvider? _provider;
    private readonly TimeProvider _clock;
    private readonly HttpClient _http;
    private readonly ConfigurationManager<OpenIdConnectConfiguration>? _metadata;
    private readonly string _redirect;
    private readonly string _home;
    private readonly JsonWebTokenHandler _tokens =
        new() { MaximumTokenSizeInBytes = 64 * 1024, MapInboundClaims = false };

    public OpenIdClient(ProbitySettings settings, TimeProvider clock)
    {
        (_provider, _clock) = (settings.OpenId, clock);
        var own = settings.PublicUrl.AbsoluteUri.TrimEnd('/');
        (_redirect, _home) = (own + CallbackPath, own + "/sign-in");
        _http =
            new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false,
            ConnectTimeout = s_timeout })
        {
            Timeout = s_timeout,
            MaxResponseContentBufferSize = MaxAnswerBytes,
        };
        if (_provider is not null)
        {
            // Plain http passes the settings for this machine alone.
            _metadata = new ConfigurationManager<OpenIdConnectConfiguration>(
                _provider.Issuer + "/.well-known/openid-configuration",
                new OpenIdConnectConfigurationRetriever(),
                new HttpDocumentRetriever(_http) { RequireHttps = !_provider.Authority.IsLoopback });
        }
    }

    /// <summary>The configured provider.</summary>
    /// <exception cref="ProblemException">access.oidc_off.</exception>
    public OpenIdProvider Provider => _provider ?? throw new ProblemException(ErrorCodes.AccessOidcOff);

    public bool IsOn => _provider is not null;

    /// <summary>Where to send the browser.</summary>
    /// <param name="ceremony">What the answer will be held against.</param>
    /// <param name="asksAgain">Whether the provider must have the person prove itself anew.</param>
    /// <param name="cancellationToken">Ends the wait for the provider.</param>
    /// <exception cref="ProblemException">access.oidc_off, access.oidc_unavailable.</exception>
    public async Task<string> AuthorizeUrlAsync(OpenIdCeremony ceremony, bool asksAgain,
        CancellationToken cancellationToken)
    {
        var metadata = await MetadataAsync(cancellationToken);
        var query = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["response_type"] = "code",
            ["client_id"] = Provider.ClientId,
            ["redirect_uri"] = _redirect,
            ["scope"] = "openid profile email",
            ["state"] = ceremony.State,
            ["nonce"] = ceremony.Nonce,
            ["code_challenge"] = Base64UrlEncoder.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(ceremony.Verifier))),
            ["code_challenge_method"] = "S256",
        };
        if (asksAgain)
        {
            (query["prompt"], query["max_age"]) = ("login", "0");
        }

        return QueryHelpers.AddQueryString(metadata.AuthorizationEndpoint, query);
    }

    /// <summary>
    /// Where to end the session at the provider; null when it has no such place. Source: OpenID Connect RP-Initiated
    /// Logout 1.0.
    /// </summary>
    public async Task<string?> SignOutUrlAsync(CancellationToken cancellationToken)
    {
        var metadata = await MetadataAsync(cancellationToken);
        return string.IsNullOrEmpty(metadata.EndSessionEndpoint) ? null : QueryHelpers.AddQueryString(
            metadata.EndSessionEndpoint,
            new Dictionary<string,
                string?>(StringComparer.Ordinal) { ["client_id"] = Provider.ClientId,
                ["post_logout_redirect_uri"] = _home });
    }

    /// <summary>Exchanges a code and checks the ID token it gave.</summary>
    /// <exception cref="OpenIdRefusal">The code or the token does not hold.</exception>
    /// <exception cref="ProblemException">access.oidc_unavailable.</exception>
    public async Task<OpenIdPerson> RedeemAsync(
        string code, string? issuerOfAnswer, OpenIdCeremony ceremony, CancellationToken cancellationToken)
    {
        var metadata = await MetadataAsync(cancellationToken);
        if (issuerOfAnswer is not null && issuerOfAnswer != metadata.Issuer)
        {
            throw new OpenIdRefusal("oidc_issuer"); // RFC 9207 section 2.4: a mix-up.
        }

        var idToken = await ExchangeAsync(metadata, code, ceremony, cancellationToken);
        var result = await _tokens.ValidateTokenAsync(idToken, Parameters(metadata));
        if (result.Exception is SecurityTokenSignatureKeyNotFoundException && _metadata is not null)
        {
            _metadata.RequestRefresh(); // The provider may have rotated its keys; the next try knows them.
            result = await _tokens.ValidateTokenAsync(idToken, Parameters(await MetadataAsync(cancellationToken)));
        }

        return result is { IsValid: true, SecurityToken: JsonWebToken token }
            ? Read(token, ceremony)
            : throw new OpenIdRefusal(result.Exception switch
            {
                SecurityTokenInvalidIssuerException => "oidc_issuer",
                SecurityTokenInvalidAudienceException => "oidc_audience",
                SecurityTokenExpiredException or SecurityTokenNotYetValidException => "oidc_lifetime",
                _ => "oidc_token",
            });
    }

    public void Dispose() => _http.Dispose();

    private async Task<OpenIdConnectConfiguration> MetadataAsync(CancellationToken cancellationToken)
    {
        var provider = Provider;
        try
        {
            var metadata = await (_metadata ?? throw new ProblemException(ErrorCodes.AccessOidcOff))
                .GetConfigurationAsync(cancellationToken);

            // Discovery 1.0 section 4.3: the issuer is the one that was asked, and every place it names is as safe.
            return metadata.Issuer?.TrimEnd('/') == provider.Issuer && IsSafe(metadata.AuthorizationEndpoint)
                && IsSafe(metadata.TokenEndpoint)
                ? metadata
                : throw new ProblemException(ErrorCodes.AccessOidcUnavailable,
                    "The provider describes another issuer, or places without TLS.");
        }
        catch (Exception fault) when (fault is InvalidOperationException or IOException or HttpRequestException)
        {
            throw new ProblemException(ErrorCodes.AccessOidcUnavailable) { RetryAfter = TimeSpan.FromSeconds(10) };
        }
    }

    private static bool IsSafe(string? url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var place)
            && (place.Scheme == Uri.UriSchemeHttps || place is { IsLoopback: true, Scheme: "http" });

    private async Task<string> ExchangeAsync(
        OpenIdConnectConfiguration metadata, string code, OpenIdCeremony ceremony, CancellationToken cancellationToken)
    {
        var form = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["grant_type"] = "authorization_code",
            ["code"] = code,
            ["redirect_uri"] = _redirect,
            ["client_id"] = Provider.ClientId,
            ["code_verifier"] = ceremony.Verifier,
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, metadata.TokenEndpoint);
        if (Provider.ClientSecret is { } secret)
        {
            // RFC 6749 section 2.3.1: both halves are form-encoded first.
            var pair = $"{Uri.EscapeDataString(Provider.ClientId)}:{Uri.EscapeDataString(secret)}";
            request.Headers.Authorization =
                new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.ASCII.GetBytes(pair)));
        }

        request.Content = new FormUrlEncodedContent(form);
        try
        {
            using var answer = await _http.SendAsync(request, cancellationToken);
            if (!answer.IsSuccessStatusCode)
            {
                throw (int)answer.StatusCode >= 500
                    ? new ProblemException(ErrorCodes.AccessOidcUnavailable) : new OpenIdRefusal("oidc_code");
            }

            var json = await JsonDocument.ParseAsync(
                await answer.Content.ReadAsStreamAsync(cancellationToken), cancellationToken: cancellationToken);
            using (json)
            {
                return json.RootElement.TryGetProperty("id_token", out var token)
                    && token.GetString() is { Length: > 0 } text
                    ? text
                    : throw new OpenIdRefusal("oidc_token");
            }
        }
        catch (Exception fault) when (
            fault is HttpRequestException or IOException or TaskCanceledException { InnerException: TimeoutException })
        {
            throw new ProblemException(ErrorCodes.AccessOidcUnavailable);
        }
        catch (JsonException)
        {
            throw new OpenIdRefusal("oidc_token");
        }
    }

    private TokenValidationParameters Parameters(OpenIdConnectConfiguration metadata) => new()
    {
        ValidAlgorithms = s_algorithms,
        ValidIssuer = metadata.Issuer,
        ValidAudience = Provider.ClientId,
        IssuerSigningKeys = metadata.SigningKeys,
        RequireSignedTokens = true,
        RequireExpirationTime = true,
        RequireAudience = true,
        ValidateIssuerSigningKey = true,
        LifetimeValidator = (notBefore, expires, _, _) =>
        {
            var now = _clock.GetUtcNow().UtcDateTime;
            return expires is null || expires <= now - s_skew
                ? throw new SecurityTokenExpiredException("The ID token has expired.")
                : notBefore is null || notBefore <= now + s_skew;
        },
    };

    private OpenIdPerson Read(JsonWebToken token, OpenIdCeremony ceremony)
    {
        // Core 3.1.3.7: 11 nonce, 4 and 5 azp; 2 is exact because the issuer is compared as text.
        if (!token.TryGetPayloadValue<string>("nonce", out var nonce) || !CryptographicOperations.FixedTimeEquals(
                Encoding.UTF8.GetBytes(nonce), Encoding.UTF8.GetBytes(ceremony.Nonce)))
        {
            throw new OpenIdRefusal("oidc_nonce");
        }

        var isOurs = token.TryGetPayloadValue<string>("azp", out var party) ? party == Provider.ClientId
            : token.Audiences.Count() == 1;
        if (!isOurs)
        {
            throw new OpenIdRefusal("oidc_audience");
        }

        if (token.Subject is not { Length: > 0 and <= 255 } subject)
        {
            throw new OpenIdRefusal("oidc_token");
        }

        return new OpenIdPerson(token.Issuer, subject)
        {
            ObjectId = Text(token, "oid"),
            Login = Text(token, "preferred_username") ?? Text(token, "email") ?? subject,
            Name = Text(token, "name"),
            Email = Text(token, "email"),
            Groups = [.. token.Claims.Where(c => c.Type == Provider.GroupsClaim).Select(c => c.Value).Take(1_000)],
            ProvedAt = token.TryGetPayloadValue<long>("auth_time", out var at) ? DateTimeOffset.FromUnixTimeSeconds(at)
                : null,
        };
    }

    private static string? Text(JsonWebToken token, string claim) =>
        token.TryGetPayloadValue<string>(claim, out var text) && text.Length is > 0 and <= 200
            && !text.Any(char.IsControl) ? text : null;
}
