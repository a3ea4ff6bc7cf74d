using System.Net;
using Probity.Server.Access.Sessions;
using Xunit;

namespace Probity.Server.Tests.Access;

public sealed class SessionTests(AccessServer server) : IClassFixture<AccessServer>
{
    [Fact]
    public async Task Signing_in_and_out_leave_entries_by_the_person_and_nothing_works_afterwards()
    {
        var from = await server.SizeAsync();
        using var ana = await server.SignInAsync("ANA");

        var read = await ana.GetAsync("/api/v1/events");
        var out1 = await ana.DeleteAsync("/api/v1/session");
        var after = await ana.GetAsync("/api/v1/session");

        Assert.Equal(HttpStatusCode.OK, read.Status);
        Assert.Equal(HttpStatusCode.NoContent, out1.Status);
        after.IsProblem(HttpStatusCode.Unauthorized, "access.session_ended");
        var entries = await server.EntriesFromAsync(from);
        Assert.Equal(
            ["probity.access.signed_in", "probity.events.searched", "probity.access.signed_out"],
            entries.Select(e => e["type"]!.GetValue<string>()));
        Assert.All(entries, e => Assert.Equal(ana.UserId, e["actor"]!["id"]!.GetValue<string>()));
        Assert.Equal(ana.SessionId, entries[1]["actor"]!["session"]!.GetValue<string>());
        Assert.Equal("administrator", entries[1]["actor"]!["role"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("ana", "a wrong password it is")]
    [InlineData("nobody", "plain words for a test")]
    [InlineData("ana", "")]
    public async Task A_wrong_part_is_answered_alike_and_recorded(string login, string password)
    {
        var from = await server.SizeAsync();

        var answer = await server.TrySignInAsync(login, password);

        answer.IsProblem(HttpStatusCode.Unauthorized, "access.sign_in_failed");
        Assert.False(answer.Headers.ContainsKey("Set-Cookie"));
        Assert.Equal(["probity.access.sign_in_failed"], await server.TypesFromAsync(from));
        Assert.DoesNotContain("nobody", (await server.EntriesFromAsync(from))[0].ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_ends_when_idle_and_after_twelve_hours()
    {
        using var idle = await server.SignInAsync();
        server.Clock.Advance(SessionLimits.Idle - TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.OK, (await idle.GetAsync("/api/v1/session")).Status);
        server.Clock.Advance(SessionLimits.Idle);
        (await idle.GetAsync("/api/v1/session")).IsProblem(HttpStatusCode.Unauthorized, "access.session_ended");

        using var busy = await server.SignInAsync();
        for (var at = TimeSpan.Zero; at < SessionLimits.Absolute - TimeSpan.FromMinutes(10); at += TimeSpan.FromMinutes(10))
        {
            server.Clock.Advance(TimeSpan.FromMinutes(10));
            var answer = await busy.GetAsync("/api/v1/session");
            Assert.True(answer.Status == HttpStatusCode.OK, $"{at}: {answer.Text}");
        }

        server.Clock.Advance(TimeSpan.FromMinutes(10));
        (await busy.GetAsync("/api/v1/session")).IsProblem(HttpStatusCode.Unauthorized, "access.session_ended");
    }

    [Fact]
    public async Task The_cookie_is_http_only_strict_and_holds_nothing_that_is_stored()
    {
        var answer = await server.TrySignInAsync("ana", AccessServer.Password);

        var cookie = answer.Headers["Set-Cookie"].Split('\n').Single(c => c.StartsWith("probity=", StringComparison.Ordinal));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(answer.Json["id"]!.GetValue<string>(), cookie, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, null, false)]
    [InlineData("same", null, false)]
    [InlineData("http://evil.example", "right", false)]
    [InlineData("null", "right", false)]
    [InlineData("same", "wrong", false)]
    [InlineData("same", "right", true)]
    public async Task A_change_under_a_cookie_needs_our_origin_and_the_proof(string? origin, string? proof, bool passes)
    {
        using var ana = await server.SignInAsync();
        var from = await server.SizeAsync();
        List<(string, string)> headers = [];
        if (origin is not null)
        {
            headers.Add(("Origin", origin == "same" ? ana.Origin : origin));
        }

        if (proof is not null)
        {
            headers.Add(("X-Probity-Csrf", proof == "right" ? ana.Csrf : new string('A', 43)));
        }

        var answer = await ana.SendBareAsync(HttpMethod.Delete, "/api/v1/session", null, [.. headers]);

        if (passes)
        {
            Assert.Equal(HttpStatusCode.NoContent, answer.Status);
            return;
        }

        answer.IsProblem(HttpStatusCode.Forbidden, "access.cross_site");
        Assert.Equal(["probity.access.denied"], await server.TypesFromAsync(from));
        Assert.Equal(HttpStatusCode.OK, (await ana.GetAsync("/api/v1/session")).Status);
    }

    [Theory]
    [InlineData("cross-site")]
    [InlineData("same-site")]
    [InlineData("none")]
    public async Task Fetch_metadata_of_another_site_is_refused_even_with_our_origin(string site)
    {
        using var ana = await server.SignInAsync();

        var answer = await ana.SendAsync(HttpMethod.Delete, "/api/v1/session", null, ("Sec-Fetch-Site", site));

        answer.IsProblem(HttpStatusCode.Forbidden, "access.cross_site");
    }

    [Fact]
    public async Task Signing_in_for_a_browser_of_another_site_is_refused()
    {
        using var client = server.NewClient();

        var answer = await AccessServer.SendAsync(
            client, HttpMethod.Post, "/api/v1/session", new { login = "ana", password = AccessServer.Password },
            ("Origin", "http://evil.example"), ("Sec-Fetch-Site", "cross-site"));

        answer.IsProblem(HttpStatusCode.Forbidden, "access.cross_site");
    }

    [Fact]
    public async Task What_the_store_holds_opens_nothing()
    {
        using var ana = await server.SignInAsync();
        var token = ana.Cookie["probity=".Length..];
        Assert.True(SessionToken.TryParse(token, out var parsed));

        using var client = server.NewClient();
        foreach (var stored in (string[])[parsed.Hash.ToString(), Convert.ToBase64String(parsed.Hash.ToArray()), ana.SessionId])
        {
            var answer = await AccessServer.SendAsync(client, HttpMethod.Get, "/api/v1/session", null, ("Cookie", "probity=" + stored));
            Assert.Equal(HttpStatusCode.Unauthorized, answer.Status);
        }
    }
}
