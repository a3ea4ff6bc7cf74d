using System.Net;
using Probity.Server.Access.Setup;
using Xunit;

namespace Probity.Server.Tests.Access;

public sealed class SetupTests(SetupTests.EmptyServer server) : IClassFixture<SetupTests.EmptyServer>
{
    [Fact]
    public async Task The_link_makes_one_administrator_who_signs_in_and_is_closed_then()
    {
        var wrong = await server.SetUpAsync(token: new string('A', 43));
        var shortPassword = await server.SetUpAsync(password: "elevenchars");
        var from = await server.SizeAsync();

        var made = await server.SetUpAsync();

        wrong.IsProblem(HttpStatusCode.Forbidden, "access.setup_closed");
        shortPassword.IsProblem(HttpStatusCode.UnprocessableEntity, "access.password_refused", "/password");
        Assert.True(made.Status == HttpStatusCode.Created, made.Text);
        Assert.Equal("administrator", made.Json["grants"]![0]!["role"]!.GetValue<string>());
        Assert.Equal(["probity.access.set_up", "probity.access.grant_given"], await server.TypesFromAsync(from));
        (await server.SetUpAsync(login: "eve")).IsProblem(HttpStatusCode.Forbidden, "access.setup_closed");
        using var ana = await server.SignInAsync();
        var who = await ana.GetAsync("/api/v1/session");
        Assert.Equal("person", who.Json["kind"]!.GetValue<string>());
        Assert.Equal("administrator", who.Json["roles"]![0]!.GetValue<string>());
        Assert.DoesNotContain("filing.sar.read", who.Json["permissions"]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_link_ends_after_half_an_hour()
    {
        await using var other = new EmptyServer();
        await other.InitializeAsync();
        other.Clock.Advance(SetupLink.Lifetime);

        (await other.SetUpAsync()).IsProblem(HttpStatusCode.Forbidden, "access.setup_closed");
    }

    public sealed class EmptyServer : AccessServer
    {
        protected override Task PrepareAsync() => Task.CompletedTask;
    }
}
