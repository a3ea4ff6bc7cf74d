using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Probity.Server.Access.SignIn;
using Probity.Server.Hosting.Settings;
using Probity.Server.Storage;
using Xunit;

namespace Probity.Server.Tests.Access;

/// <summary>Two nodes over one database: what one counted slows the other down.</summary>
public sealed class SharedLanesTests(AccessServer server) : IClassFixture<AccessServer>
{
    private static readonly CancellationToken s_none = CancellationToken.None;

    [Fact]
    public async Task Guesses_spread_over_two_nodes_are_slowed_as_if_they_were_one()
    {
        var (first, second) = (Node(), Node());
        var source = new SignInSource("192.0.2.1", "spread", IsKnownDevice: false);

        for (var i = 0; i < 3; i++)
        {
            await first.FailAsync(source);
            await second.FailAsync(source);
        }

        // Six failures in a lane of five.
        Assert.Equal(TimeSpan.FromSeconds(2), await first.WaitAsync(source, s_none));
        Assert.Equal(TimeSpan.FromSeconds(2), await second.WaitAsync(source, s_none));
    }

    [Fact]
    public async Task A_node_that_shares_nothing_would_not_notice()
    {
        var (first, second) = (Node(isShared: false), Node(isShared: false));
        var source = new SignInSource("192.0.2.2", "apart", IsKnownDevice: false);

        for (var i = 0; i < 3; i++)
        {
            await first.FailAsync(source);
            await second.FailAsync(source);
        }

        Assert.Equal(TimeSpan.Zero, await first.WaitAsync(source, s_none));
    }

    [Fact]
    public async Task A_success_empties_the_own_lane_on_every_node()
    {
        var (first, second) = (Node(), Node());
        var source = new SignInSource("192.0.2.3", "success", IsKnownDevice: false);
        for (var i = 0; i < 6; i++)
        {
            await first.FailAsync(source);
        }

        Assert.NotEqual(TimeSpan.Zero, await second.WaitAsync(source, s_none));
        await second.SucceedAsync(source);

        var third = Node();
        Assert.Equal(TimeSpan.Zero, await third.WaitAsync(source, s_none));
    }

    [Fact]
    public async Task What_is_shared_names_neither_login_nor_address()
    {
        await Node().FailAsync(new SignInSource("192.0.2.4", "plainly", IsKnownDevice: false));

        await using var db = server.Services.GetRequiredService<IDatabase>().CreateContext();
        var lanes = db.Set<SignInLaneRow>().Select(r => r.Lane).ToList();
        Assert.NotEmpty(lanes);
        Assert.All(lanes, lane => Assert.Matches("^[0-9a-f]{32}$", lane));
    }

    private SignInLanes Node(bool isShared = true)
    {
        var services = server.Services;
        var shared = new SharedLanes(
            services.GetRequiredService<Lazy<IDatabase>>(), services.GetRequiredService<ProbitySettings>(),
            services.GetRequiredService<LoginDigest>(), server.Clock, NullLogger<SharedLanes>.Instance)
        {
            IsShared = isShared,
        };
        return new SignInLanes(new SignInThrottle(server.Clock), shared);
    }
}
