using System.Net;
using Probity.Server.Access.OpenId;
using Probity.Server.Hosting.Settings;
using Probity.Server.Tests.AuditTrail.Api;
using Xunit;

namespace Probity.Server.Tests.Access.OpenId;

/// <summary>A server at which people sign in with the provider beside it.</summary>
public sealed class OpenIdServer : AccessServer, IAsyncLifetime
{
    private OpenIdProviderHost? _provider;

    public OpenIdProviderHost Provider => _provider
        ?? throw new InvalidOperationException("The provider has not started.");

    async ValueTask IAsyncLifetime.InitializeAsync()
    {
        _provider = await OpenIdProviderHost.StartAsync(Clock);
        await InitializeAsync();
    }

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        await DisposeAsync();
        await Provider.DisposeAsync();
    }

    /// <summary>Goes to the provider; where it sends the browser back to, and the cookie of the ceremony.</summary>
    public async Task<(string Callback, string Cookie)> GoAsync(
        Func<string, string>? onTheWay = null, string start = "/api/v1/session/oidc", string? cookie = null)
    {
        using var client = NewClient();
        (string, string)[] headers = cookie is null ? [] : [("Cookie", cookie)];
        var begun = await SendAsync(client, HttpMethod.Get, start, null, headers);
        Assert.True(begun.Status == HttpStatusCode.Redirect, begun.Text);
        var kept = begun.Headers["Set-Cookie"].Split('\n')
            .Single(c => c.StartsWith("probity-oidc=", StringComparison.Ordinal)).Split(';')[0];
        var there = begun.Headers["Location"];
        using var provider = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        using var back = await provider.GetAsync(new Uri(onTheWay is null ? there : onTheWay(there)));
        Assert.True(back.StatusCode == HttpStatusCode.Redirect, await back.Content.ReadAsStringAsync());
        return (back.Headers.Location!.PathAndQuery, kept);
    }

    public async Task<Answer> ComeBackAsync(string callback, string cookie)
    {
        using var client = NewClient();
        return await SendAsync(client, HttpMethod.Get, callback, null, ("Cookie", cookie));
    }

    /// <summary>The whole way; the person with a session.</summary>
    public async Task<Browser> SignInThereAsync()
    {
        var (callback, cookie) = await GoAsync();
        var back = await ComeBackAsync(callback, cookie);
        Assert.True(back.Status == HttpStatusCode.OK, back.Text + string.Join('\n', back.Headers));
        var session = back.Headers["Set-Cookie"].Split('\n')
            .Single(c => c.StartsWith("probity=", StringComparison.Ordinal)).Split(';')[0];
        using var client = NewClient();
        var who = await SendAsync(client, HttpMethod.Get, "/api/v1/session", null, ("Cookie", session));
        Assert.True(who.Status == HttpStatusCode.OK, who.Text);
        return new Browser(this, who with { Headers = back.Headers });
    }

    internal override ProbitySettings Configure(ProbitySettings settings) => settings with
    {
        OpenId = new OpenIdProvider(Provider.Url, OpenIdProviderHost.ClientId, "groups", "the test's provider")
        {
            ClientSecret = OpenIdProviderHost.ClientSecret,
        },
        GroupRoles =
            GroupRoleMap.Read(
            "aml=analyst@DE01+FR01;CN=boss,OU=x=compliance_officer;aml=approver;odd=no_such_role").Value!,
    };
}
