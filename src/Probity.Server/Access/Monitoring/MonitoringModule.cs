using Probity.Server.Access.Approvals;
using Probity.Server.Storage.Followers;

namespace Probity.Server.Access.Monitoring;

/// <summary>What the monitoring of access is made of.</summary>
internal static class MonitoringModule
{
    public static void AddMonitoring(this IServiceCollection services)
    {
        services.AddSingleton<SubjectDigest>();
        services.AddSingleton<ReadingPolicies>();
        services.AddSingleton<ReadingPolicyDesk>();
        services.AddSingleton<AccessViews>();
        services.AddSingleton<BreakGlassDesk>();
        services.AddSingleton(sp => new Lazy<BreakGlassDesk>(sp.GetRequiredService<BreakGlassDesk>));
        services.AddSingleton<IApprovedAction, ReviewBreakGlassAction>();
        services.AddSingleton<IApprovedAction, SetReadingPolicyAction>();
    }

    /// <summary>What runs by itself: it needs the ledger, so whoever composes the server adds it.</summary>
    public static void AddReadingFollower(this IServiceCollection services)
    {
        services.AddHostedService<ReviewSweep>();
        services.AddSingleton<ReadingFollower>();
        services.AddSingleton<IHostedService, ReadingLoop>();
    }
}

/// <summary>Feeds <see cref="ReadingFollower"/>.</summary>
internal sealed class ReadingLoop(ReadingFollower follower, IFollowedLog log, TimeProvider time, ILogger<FollowerLoop> logger) : IHostedService, IDisposable
{
    private readonly FollowerLoop _loop = new(follower, log, time, logger);

    public Task StartAsync(CancellationToken cancellationToken) => _loop.StartAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => _loop.StopAsync(cancellationToken);

    public void Dispose() => _loop.Dispose();
}
