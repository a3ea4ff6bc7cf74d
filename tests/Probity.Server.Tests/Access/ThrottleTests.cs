using System.Globalization;
using System.Net;
using Microsoft.Extensions.Time.Testing;
using Probity.Server.Access.SignIn;
using Xunit;

namespace Probity.Server.Tests.Access;

public sealed class ThrottleTests
{
    [Fact]
    public void Guessing_from_one_place_slows_down_more_with_each_failure()
    {
        var clock = new FakeTimeProvider();
        var throttle = new SignInThrottle(clock);
        var source = new SignInSource("192.0.2.1", "a", IsKnownDevice: false);
        var waits = new List<double>();

        for (var i = 0; i < 12; i++)
        {
            throttle.Fail(source);
            var wait = throttle.Wait(source);
            waits.Add(wait.TotalSeconds);
            clock.Advance(wait);
        }

        Assert.Equal([0, 0, 0, 0, 0, 2, 4, 8, 16, 32, 64, 128], waits);
    }

    [Fact]
    public void A_flood_of_strangers_does_not_touch_the_person_on_a_known_device()
    {
        var clock = new FakeTimeProvider();
        var throttle = new SignInThrottle(clock);

        for (var i = 0; i < 5_000; i++)
        {
            throttle.Fail(new SignInSource(string.Create(CultureInfo.InvariantCulture, $"10.0.{i / 250}.{i % 250}"), "victim", IsKnownDevice: false));
        }

        Assert.Equal(TimeSpan.Zero, throttle.Wait(new SignInSource("192.0.2.7", "victim", IsKnownDevice: true)));
        Assert.Equal(TimeSpan.Zero, throttle.Wait(new SignInSource("192.0.2.7", "someone else", IsKnownDevice: false)));
        // On a new device the person waits a minute at most, never for good.
        var wait = throttle.Wait(new SignInSource("192.0.2.7", "victim", IsKnownDevice: false));
        Assert.InRange(wait, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
    }

    [Fact]
    public void Memory_stays_bounded_and_the_account_lane_survives_a_flood_of_made_up_ones()
    {
        var throttle = new SignInThrottle(new FakeTimeProvider());
        for (var i = 0; i < 100; i++)
        {
            throttle.Fail(new SignInSource(string.Create(CultureInfo.InvariantCulture, $"a{i}"), "victim", IsKnownDevice: false));
        }

        for (var i = 0; i < 20_000; i++)
        {
            throttle.Fail(new SignInSource(string.Create(CultureInfo.InvariantCulture, $"b{i}"), "x", IsKnownDevice: false));
        }

        Assert.NotEqual(TimeSpan.Zero, throttle.Wait(new SignInSource("fresh", "victim", IsKnownDevice: false)));
    }
}

public sealed class LockoutTests(AccessServer server) : IClassFixture<AccessServer>
{
    [Fact]
    public async Task A_throttled_try_is_429_for_known_and_unknown_logins_and_the_known_browser_gets_in()
    {
        var good = await server.TrySignInAsync(AccessServer.Login, AccessServer.Password);
        var device = good.Headers["Set-Cookie"].Split('\n').Single(c => c.StartsWith("probity-device=", StringComparison.Ordinal)).Split(';')[0];
        var from = await server.SizeAsync();

        foreach (var login in (string[])[AccessServer.Login, "nobody"])
        {
            for (var i = 0; i < 6; i++)
            {
                (await server.TrySignInAsync(login, "a wrong password it is")).IsProblem(HttpStatusCode.Unauthorized, "access.sign_in_failed");
            }

            var late = await server.TrySignInAsync(login, AccessServer.Password);
            late.IsProblem(HttpStatusCode.TooManyRequests, "request.rate_limited");
            Assert.Equal("2", late.Headers["Retry-After"]);
        }

        using var client = server.NewClient();
        var person = await AccessServer.SendAsync(
            client, HttpMethod.Post, "/api/v1/session", new { login = AccessServer.Login, password = AccessServer.Password }, ("Cookie", device));
        Assert.True(person.Status == HttpStatusCode.OK, person.Text);
        var types = await server.TypesFromAsync(from);
        Assert.Equal(12, types.Count(t => t == "probity.access.sign_in_failed"));
        Assert.Equal(2, types.Count(t => t == "probity.access.sign_in_throttled"));
        server.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(HttpStatusCode.OK, (await server.TrySignInAsync(AccessServer.Login, AccessServer.Password)).Status);
    }
}
