using System.Net;
using Probity.Server.Hosting.Settings;
using Xunit;

namespace Probity.Server.Tests.Access;

public sealed class SecurityHeaderTests
{
    [Fact]
    public async Task Behind_https_cookies_carry_the_host_prefix_and_transport_security_is_strict()
    {
        await using var server = new PublicServer();
        await server.InitializeAsync();

        var answer = await server.TrySignInAsync(AccessServer.Login, AccessServer.Password);

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal("max-age=31536000; includeSubDomains", answer.Headers["Strict-Transport-Security"]);
        var cookies = answer.Headers["Set-Cookie"].Split('\n');
        Assert.Contains(cookies, c => c.StartsWith("__Host-probity=", StringComparison.Ordinal));
        Assert.All(cookies, c =>
        {
            Assert.StartsWith("__Host-", c, StringComparison.Ordinal);
            Assert.Contains("secure", c, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("path=/", c, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("domain=", c, StringComparison.OrdinalIgnoreCase);
            Assert.True(c.Length < 4096);
        });
    }

    [Fact]
    public async Task On_a_loopback_address_without_tls_no_transport_security_is_promised()
    {
        await using var server = new AccessServer();
        await server.InitializeAsync();

        var answer = await server.TrySignInAsync(AccessServer.Login, AccessServer.Password);

        Assert.False(answer.Headers.ContainsKey("Strict-Transport-Security"));
    }

    /// <summary>A server that people reach over https, through a proxy that ends TLS.</summary>
    private sealed class PublicServer : AccessServer
    {
        internal override ProbitySettings Configure(ProbitySettings settings) =>
            settings with { PublicUrl = new Uri("https://audit.bank.example") };
    }
}
