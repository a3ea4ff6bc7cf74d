using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;
using Probity.Server.Access.OpenId;
using Probity.Server.Hosting.Settings;
using Probity.Server.Tests.AuditTrail.Api;
using Xunit;

namespace Probity.Server.Tests.Access.OpenId;

/// <summary>Signing in at a real provider, and what happens when something on the way is not as it should be.</summary>
public sealed class OpenIdTests(OpenIdServer server) : IClassFixture<OpenIdServer>
{
    private static int _made;

    [Fact]
    public async Task Someone_in_a_mapped_group_is_made_and_signed_in_with_the_roles_of_the_groups()
    {
        Arrive("aml", "unknown group");
        var from = await server.SizeAsync();

        using var pat = await server.SignInThereAsync();

        var who = (await pat.GetAsync("/api/v1/session")).Json;
        Assert.Equal("analyst approver", string.Join(' ', who["roles"]!.AsArray().Select(r => r!.GetValue<string>())));
        Assert.Equal(
            ["probity.access.user_created", "probity.access.grant_given", "probity.access.grant_given",
                "probity.access.signed_in"],
            await server.TypesFromAsync(from));
        var entry = (await server.EntriesFromAsync(from))[^1];
        Assert.Equal(pat.UserId, entry["actor"]!["id"]!.GetValue<string>());
        Assert.Equal("oidc", (await DataAsync(entry))["method"]!.GetValue<string>());
    }

    [Fact]
    public async Task The_same_subject_is_the_same_person_whatever_its_name_is_now()
    {
        Arrive("aml");
        using var first = await server.SignInThereAsync();
        server.Provider.Login = $"renamed{Interlocked.Increment(ref _made)}";

        using var second = await server.SignInThereAsync();

        Assert.Equal(first.UserId, second.UserId);
    }

    [Fact]
    public async Task A_name_that_someone_has_here_joins_nothing_and_lets_nobody_in()
    {
        Arrive("aml");
        server.Provider.Login = AccessServer.Login; // The administrator's.

        await RefusedAsync("oidc_login_taken");
    }

    [Fact]
    public async Task Changed_groups_change_the_roles_at_the_next_sign_in_and_leave_those_a_person_gave()
    {
        Arrive("aml");
        using var first = await server.SignInThereAsync();
        using var ana = await server.SignInAsync();
        Assert.Equal(
            HttpStatusCode.Created,
            (await ana.PostAsync("/api/v1/grants", new { user_id = first.UserId, role_id = "rol_operator" })).Status);
        server.Provider.Groups = ["CN=boss,OU=x", "odd"];

        using var second = await server.SignInThereAsync();

        Assert.Equal(["compliance_officer", "operator"], await RolesAsync(second));
        Assert.Equal(["compliance_officer", "operator"], await RolesAsync(first)); // The open session feels it too.
        server.Provider.Groups = [];
        using var third = await server.SignInThereAsync();
        Assert.Equal(["operator"], await RolesAsync(third));
    }

    [Fact]
    public async Task Someone_without_a_mapped_group_is_not_made()
    {
        Arrive("unknown group");

        await RefusedAsync("oidc_no_role");
    }

    [Fact]
    public async Task A_disabled_user_is_refused_though_the_provider_vouches()
    {
        Arrive("aml");
        using var pat = await server.SignInThereAsync();
        using var ana = await server.SignInAsync();
        Assert.Equal(HttpStatusCode.NoContent, (await ana.PostAsync($"/api/v1/users/{pat.UserId}:disable")).Status);

        await RefusedAsync("disabled");
        (await pat.GetAsync("/api/v1/session")).IsProblem(HttpStatusCode.Unauthorized, "access.session_ended");
    }

    [Fact]
    public async Task A_wrong_state_is_refused()
    {
        Arrive("aml");
        var (callback, cookie) = await server.GoAsync();

        await RefusedAsync("oidc_state", Replace(callback, "state", "another"), cookie);
    }

    [Fact]
    public async Task An_answer_in_another_browser_is_refused_and_leaves_nothing()
    {
        Arrive("aml");
        var (callback, _) = await server.GoAsync();
        var from = await server.SizeAsync();

        var answer = await server.ComeBackAsync(callback, "other=1");

        IsRefused(answer);
        Assert.Empty(await server.TypesFromAsync(from));
    }

    [Fact]
    public async Task A_code_of_another_ceremony_is_refused_by_its_verifier()
    {
        Arrive("aml");
        var (stolen, _) = await server.GoAsync();
        var (own, cookie) = await server.GoAsync();

        await RefusedAsync("oidc_code", Replace(own, "code", Query(stolen, "code")), cookie);
    }

    [Fact]
    public async Task A_wrong_nonce_is_refused()
    {
        Arrive("aml");
        var (callback, cookie) = await server.GoAsync(url => Replace(url, "nonce", "another"));

        await RefusedAsync("oidc_nonce", callback, cookie);
    }

    [Fact]
    public async Task Another_issuer_another_audience_and_a_late_token_are_refused()
    {
        Arrive("aml");

        await BentAsync("oidc_issuer", token => token.Issuer = "http://evil.example/");
        await BentAsync("oidc_audience", token => token.Audience = "another-client");
        await BentAsync("oidc_lifetime", token => (token.IssuedAt, token.NotBefore, token.Expires) =
            (server.Clock.GetUtcNow().UtcDateTime.AddHours(-2), null,
                server.Clock.GetUtcNow().UtcDateTime.AddHours(-1)));
    }

    [Fact]
    public async Task A_mix_up_with_another_provider_is_refused_before_the_code_is_sent()
    {
        Arrive("aml");
        var (callback, cookie) = await server.GoAsync();

        await RefusedAsync("oidc_issuer", Replace(callback, "iss", "https://evil.example/"), cookie);
    }

    [Fact]
    public async Task A_token_signed_with_the_client_secret_or_another_key_is_refused()
    {
        Arrive("aml");
        var secret =
            new SymmetricSecurityKey(Encoding.UTF8.GetBytes(OpenIdProviderHost.ClientSecret.PadRight(32, '0')));
        using var foreign = System.Security.Cryptography.RSA.Create(2048);

        await BentAsync("oidc_token", token =>
            token.SigningCredentials = new SigningCredentials(secret, SecurityAlgorithms.HmacSha256));
        await BentAsync("oidc_token", token =>
            token.SigningCredentials =
            new SigningCredentials(new RsaSecurityKey(foreign), SecurityAlgorithms.RsaSha256));
    }

    [Fact]
    public async Task A_callback_works_once()
    {
        Arrive("aml");
        var (callback, cookie) = await server.GoAsync();
        Assert.Equal(HttpStatusCode.OK, (await server.ComeBackAsync(callback, cookie)).Status);

        await RefusedAsync("oidc_code", callback, cookie);
    }

    [Fact]
    public async Task A_ceremony_lasts_five_minutes()
    {
        Arrive("aml");
        var (callback, cookie) = await server.GoAsync();
        server.Clock.Advance(TimeSpan.FromMinutes(5) + TimeSpan.FromSeconds(1));

        IsRefused(await server.ComeBackAsync(callback, cookie));
    }

    [Theory]
    [InlineData("/events?q=a", "/events?q=a")]
    [InlineData("//evil.example/", "/")]
    [InlineData("https://evil.example/", "/")]
    [InlineData("/\\evil.example", "/")]
    public async Task After_signing_in_the_browser_goes_on_within_this_server(string wanted, string gone)
    {
        Arrive("aml");
        var (callback, cookie) =
            await server.GoAsync(start: "/api/v1/session/oidc?return=" + Uri.EscapeDataString(wanted));

        var back = await server.ComeBackAsync(callback, cookie);

        Assert.Contains($"content=\"0;url={WebUtility.HtmlEncode(gone)}\"", back.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_fresh_proof_at_the_provider_serves_what_needs_one()
    {
        Arrive("aml");
        using var pat = await server.SignInThereAsync();
        server.Clock.Advance(TimeSpan.FromMinutes(11));
        (await pat.PostAsync("/api/v1/account/passkeys:offer"))
            .IsProblem(HttpStatusCode.Forbidden, "access.step_up_needed");
        var from = await server.SizeAsync();

        var (callback, cookie) = await server.GoAsync(start: "/api/v1/session/oidc?step_up=true", cookie: pat.Cookie);
        var back = await server.ComeBackAsync(callback, cookie);

        Assert.Equal(HttpStatusCode.OK, back.Status);
        Assert.DoesNotContain("probity=", back.Headers["Set-Cookie"]
            .Replace("probity-oidc=", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal(["probity.access.stepped_up"], await server.TypesFromAsync(from));
        Assert.Equal(HttpStatusCode.OK, (await pat.PostAsync("/api/v1/account/passkeys:offer")).Status);
    }

    [Fact]
    public async Task An_old_proof_or_another_person_does_not_step_up()
    {
        Arrive("aml");
        using var pat = await server.SignInThereAsync();
        server.Provider.ProvedAt = server.Clock.GetUtcNow() - TimeSpan.FromHours(1);
        var (old, oldCookie) = await server.GoAsync(start: "/api/v1/session/oidc?step_up=true", cookie: pat.Cookie);
        await RefusedAsync("oidc_not_fresh", old, oldCookie);

        (server.Provider.Subject, server.Provider.ProvedAt) = ("someone else", null);
        var (other, otherCookie) = await server.GoAsync(start: "/api/v1/session/oidc?step_up=true", cookie: pat.Cookie);
        await RefusedAsync("oidc_other_person", other, otherCookie);
    }

    [Fact]
    public async Task Signing_out_ends_the_session_here_and_leads_to_the_provider()
    {
        Arrive("aml");
        using var pat = await server.SignInThereAsync();
        var from = await server.SizeAsync();

        Assert.Equal(HttpStatusCode.NoContent, (await pat.DeleteAsync("/api/v1/session")).Status);

        Assert.Equal(["probity.access.signed_out"], await server.TypesFromAsync(from));
        (await pat.GetAsync("/api/v1/session")).IsProblem(HttpStatusCode.Unauthorized, "access.session_ended");
        var onward = await pat.GetAsync("/api/v1/session/oidc/sign-out");
        Assert.Equal(HttpStatusCode.Redirect, onward.Status);
        Assert.StartsWith(new Uri(server.Provider.Url, "/connect/logout").AbsoluteUri, onward.Headers["Location"],
            StringComparison.Ordinal);
        using var provider = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        using var back = await provider.GetAsync(new Uri(onward.Headers["Location"]));
        Assert.Equal("http://127.0.0.1:0/sign-in", back.Headers.Location?.ToString());
    }

    [Fact]
    public async Task Metadata_of_another_issuer_is_refused()
    {
        // A place that repeats what the provider says of itself: another issuer than the one configured.
        using var http = new HttpClient();
        var metadata = await http.GetStringAsync(new Uri(server.Provider.Url, "/.well-known/openid-configuration"));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var imitation = builder.Build();
        imitation.MapGet("/.well-known/openid-configuration", () => Results.Text(metadata, "application/json"));
        await imitation.StartAsync();
        await using var other = new AsideServer(server.Provider.Url, imitation.Urls.Single());
        await other.InitializeAsync();
        using var client = other.NewClient();

        (await AccessServer.SendAsync(client, HttpMethod.Get, "/api/v1/session/oidc"))
            .IsProblem(HttpStatusCode.ServiceUnavailable, "access.oidc_unavailable");
    }

    [Fact]
    public async Task A_provider_that_is_away_lets_nobody_in_and_says_so()
    {
        await using var other = new AsideServer(server.Provider.Url, "http://127.0.0.1:9");
        await other.InitializeAsync();
        using var client = other.NewClient();

        (await AccessServer.SendAsync(client, HttpMethod.Get, "/api/v1/session/oidc"))
            .IsProblem(HttpStatusCode.ServiceUnavailable, "access.oidc_unavailable");
        using var ana = await other.SignInAsync(); // A password still works.
    }

    [Fact]
    public async Task Without_a_provider_there_is_nothing_to_go_to()
    {
        await using var other = new AccessServer();
        await other.InitializeAsync();
        using var client = other.NewClient();

        (await AccessServer.SendAsync(client, HttpMethod.Get, "/api/v1/session/oidc"))
            .IsProblem(HttpStatusCode.NotFound, "access.oidc_off");
    }

    private void Arrive(params string[] groups)
    {
        var number = Interlocked.Increment(ref _made);
        // No lane of the throttle is full longer, whatever other tests did.
        server.Clock.Advance(TimeSpan.FromMinutes(16));
        (server.Provider.Subject, server.Provider.Login) = ($"s-{number}", $"pat{number}");
        (server.Provider.Groups, server.Provider.ProvedAt, server.Provider.Bend) = (groups, null, null);
    }

    private async Task BentAsync(string reason, Action<SecurityTokenDescriptor> bend)
    {
        server.Provider.Bend = bend;
        await RefusedAsync(reason);
        server.Provider.Bend = null;
    }

    private async Task RefusedAsync(string reason, string? callback = null, string? cookie = null)
    {
        if (callback is null || cookie is null)
        {
            (callback, cookie) = await server.GoAsync();
        }

        var from = await server.SizeAsync();
        var answer = await server.ComeBackAsync(callback, cookie);

        IsRefused(answer);
        // The refusal that fills the throttle's measure is told of in an entry of its own.
        var entry = Assert.Single(await server.EntriesFromAsync(from), e =>
            e["type"]!.GetValue<string>() != "probity.access.sign_in_throttled");
        Assert.Equal("probity.access.sign_in_failed", entry["type"]!.GetValue<string>());
        Assert.Equal(reason, (await DataAsync(entry))["reason"]!.GetValue<string>());
    }

    /// <summary>What an entry says, decrypted.</summary>
    private async Task<JsonNode> DataAsync(JsonNode entry) =>
        (await AccessServer.SendAsync(server.Key, HttpMethod.Get, $"/api/v1/events/{entry["id"]}")).Json["data"]!;

    private static void IsRefused(Answer answer)
    {
        Assert.Equal(HttpStatusCode.Redirect, answer.Status);
        Assert.Equal("/sign-in?refused=access.oidc_refused", answer.Headers["Location"]);
        Assert.DoesNotContain("probity=", answer.Headers.GetValueOrDefault("Set-Cookie", "")
            .Replace("probity-oidc=", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    private static async Task<IReadOnlyList<string>> RolesAsync(Browser browser) =>
        [.. (await browser.GetAsync("/api/v1/session")).Json["roles"]!.AsArray().Select(r => r!.GetValue<string>())];

    /// <summary>A server whose settings name another issuer than the provider has.</summary>
    private sealed class AsideServer(Uri provider, string authority) : AccessServer
    {
        internal override ProbitySettings Configure(ProbitySettings settings) => settings with
        {
            OpenId =
                new OpenIdProvider(new Uri(authority),
                provider.Port.ToString(System.Globalization.CultureInfo.InvariantCulture), "groups", "x"),
        };
    }

    private static string Query(string url, string name) =>
        HttpUtility.ParseQueryString(url[(url.IndexOf('?', StringComparison.Ordinal) + 1)..])[name]!;

    private static string Replace(string url, string name, string value)
    {
        var split = url.IndexOf('?', StringComparison.Ordinal);
        var query = HttpUtility.ParseQueryString(url[(split + 1)..]);
        Assert.NotNull(query[name]);
        query[name] = value;
        return url[..split] + "?" + query;
    }
}
