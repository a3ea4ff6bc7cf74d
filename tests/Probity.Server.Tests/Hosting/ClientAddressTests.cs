using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Probity.Server.Hosting;
using Probity.Server.Hosting.Settings;
using Probity.Server.Hosting.Settings.Values;
using Xunit;

namespace Probity.Server.Tests.Hosting;

public sealed class ClientAddressTests
{
    [Theory]
    [InlineData("", "203.0.113.7", "127.0.0.1")] // Nobody is believed unless named, this machine included.
    [InlineData("127.0.0.1", null, "127.0.0.1")]
    [InlineData("127.0.0.1", "203.0.113.7", "203.0.113.7")]
    [InlineData("127.0.0.0/8", "203.0.113.7", "203.0.113.7")]
    [InlineData("10.0.0.1", "203.0.113.7", "127.0.0.1")]
    [InlineData("127.0.0.1", "198.51.100.1, 203.0.113.7", "203.0.113.7")] // The first was written by the caller.
    [InlineData("127.0.0.1,10.20.0.5", "198.51.100.1, 203.0.113.7, 10.20.0.5", "203.0.113.7")]
    [InlineData("127.0.0.1", "2001:db8::7", "2001:db8::7")]
    [InlineData("127.0.0.1", "not an address", "127.0.0.1")]
    public async Task Only_what_a_named_proxy_says_is_believed(string trusted, string? header, string expected)
    {
        await using var app = await StartAsync(trusted.Length == 0 ? [] : NetworkValues.Read(trusted).Value!);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/who");
        if (header is not null)
        {
            request.Headers.TryAddWithoutValidation("X-Forwarded-For", header);
        }

        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(expected, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("0.0.0.0/0")]
    [InlineData("::/0")]
    [InlineData("10.0.0.0/7")]
    [InlineData("proxy.bank.example")]
    [InlineData("10.0.0.1;10.0.0.2")]
    [InlineData("10.0.0.1/33")]
    [InlineData(",")]
    public void What_names_no_proxy_or_everybody_is_refused(string text) =>
        Assert.NotNull(SettingCatalogue.TrustedProxies.Check(text));

    private static async Task<WebApplication> StartAsync(IReadOnlyList<IPNetwork> trusted)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.UseClientAddresses(trusted);
        app.Run(http => http.Response.WriteAsync(http.Connection.RemoteIpAddress!.ToString(), http.RequestAborted));
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }
}
