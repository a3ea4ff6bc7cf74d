using System.Net;
using Probity.Server.Access;
using Probity.Server.Access.SignIn;
using Probity.Server.Hosting.Settings;
using Xunit;

namespace Probity.Server.Tests.Access;

/// <summary>An institution that requires a second factor of everyone who uses a password.</summary>
public sealed class SecondFactorTests(SecondFactorTests.RequiringServer server)
    : IClassFixture<SecondFactorTests.RequiringServer>
{
    [Fact]
    public async Task A_password_alone_opens_only_the_own_account_until_a_factor_is_used()
    {
        using var first = await server.SignInAsync();
        var from = await server.SizeAsync();
        (await first.GetAsync("/api/v1/users")).IsProblem(HttpStatusCode.Forbidden, "access.second_factor_required");
        Assert.Equal([AccessEvents.Denied], await server.TypesFromAsync(from));
        (await first.PostAsync("/api/v1/users", new { login = "someone" }))
            .IsProblem(HttpStatusCode.Forbidden, "access.second_factor_required");
        var page = await first.SendAsync(HttpMethod.Get, "/users", null, ("Accept", "text/html"));
        Assert.Equal((HttpStatusCode.SeeOther, "/account"), (page.Status, page.Headers["Location"]));
        var account = await first.SendAsync(HttpMethod.Get, "/account", null, ("Accept", "text/html"));
        Assert.Contains("A second factor is required", account.Text, StringComparison.Ordinal);

        var secret = await EnrolAsync(first);

        // The session is still that of a password alone.
        (await first.GetAsync("/api/v1/users")).IsProblem(HttpStatusCode.Forbidden, "access.second_factor_required");
        server.Clock.Advance(TimeSpan.FromSeconds(30));
        using var second = await server.SignInAsync(
            code: Totp.Code(secret, Totp.StepOf(server.Clock.GetUtcNow())));
        Assert.Equal(HttpStatusCode.OK, (await second.GetAsync("/api/v1/users")).Status);
    }

    [Fact]
    public async Task Keys_of_programs_are_not_concerned()
    {
        var answer = await AccessServer.SendAsync(server.Key, HttpMethod.Get, "/api/v1/events?page_size=1");

        Assert.Equal(HttpStatusCode.OK, answer.Status);
    }

    private async Task<byte[]> EnrolAsync(Browser browser)
    {
        var offer = await browser.PostAsync("/api/v1/account/totp");
        Assert.True(offer.Status == HttpStatusCode.OK, offer.Text);
        var secret = Base32(offer.Json["secret"]!.GetValue<string>());
        var done = await browser.PostAsync(
            "/api/v1/account/totp:confirm", new { code = Totp.Code(secret, Totp.StepOf(server.Clock.GetUtcNow())) });
        Assert.True(done.Status == HttpStatusCode.OK, done.Text);
        return secret;
    }

    private static byte[] Base32(string text)
    {
        var bits = string.Concat(text.Select(c => Convert.ToString(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(c, StringComparison.Ordinal), 2).PadLeft(5, '0')));
        return [.. Enumerable.Range(0, bits.Length / 8).Select(i => Convert.ToByte(bits.Substring(i * 8, 8), 2))];
    }

    public sealed class RequiringServer : AccessServer
    {
        internal override ProbitySettings Configure(ProbitySettings settings) =>
            settings with { RequireSecondFactor = true };
    }
}
