using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Probity.Server.Access;
using Probity.Server.Hosting;
using Probity.Server.Tests.Hosting;
using Xunit;

namespace Probity.Server.Tests.Access;

public class EndpointDeclarationTests
{
    [Fact]
    public async Task Every_endpoint_declares_who_may_call_it_and_what_it_records()
    {
        await using var server = await RunningServer.StartAsync();

        var endpoints = server.Services.GetRequiredService<EndpointDataSource>().Endpoints;

        Assert.True(endpoints.Count > 12);
        Assert.Empty(EndpointDeclarations.Faults(endpoints));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void A_host_with_an_undeclared_endpoint_does_not_start(bool declaresAccess, bool declaresRecord)
    {
        using var folder = new TemporaryFolder();

        var fault = Assert.Throws<UndeclaredEndpointException>(() => ProbityHost.Build(
            RunningServer.Settings(folder.Path),
            RunningServer.Modules(new MemoryApiKeyStore(), TimeProvider.System, [], root => Bare(root, declaresAccess, declaresRecord))));

        Assert.All(fault.Faults, f => Assert.StartsWith("/bare", f, StringComparison.Ordinal));
        Assert.Equal((declaresAccess ? 0 : 1) + (declaresRecord ? 0 : 1), fault.Faults.Count);
    }

    [Fact]
    public void Both_declarations_of_one_kind_are_as_bad_as_none()
    {
        using var folder = new TemporaryFolder();

        Assert.Throws<UndeclaredEndpointException>(() => ProbityHost.Build(
            RunningServer.Settings(folder.Path),
            RunningServer.Modules(new MemoryApiKeyStore(), TimeProvider.System, [], root => Bare(root, true, true)
                .RequiresPermission(Permission.ReadEntries))));
    }

    [Fact]
    public void A_permission_that_is_none_of_ours_is_refused_where_it_is_declared() =>
        Assert.Throws<ArgumentException>(() => new RouteGroup().RequiresPermission("ledger.everything"));

    [Fact]
    public async Task The_right_permission_opens_another_does_not()
    {
        await using var server = await RunningServer.StartAsync();
        var reader = await server.IssueAsync(Permission.ReadEntries);
        var writer = await server.IssueAsync(Permission.AppendEvents);

        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync("/api/v1/test/read", reader)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await server.GetAsync("/api/v1/test/read", writer)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.GetAsync("/api/v1/test/read")).StatusCode);
    }

    private static RouteHandlerBuilder Bare(IEndpointRouteBuilder root, bool declaresAccess, bool declaresRecord)
    {
        var bare = root.MapGet("/bare", () => "");
        bare = declaresAccess ? bare.Public("A test") : bare;
        return declaresRecord ? bare.RecordsNothing("A test") : bare;
    }

    private sealed class RouteGroup : IEndpointConventionBuilder
    {
        public void Add(Action<EndpointBuilder> convention) => throw new InvalidOperationException("Not reached.");
    }
}
