using Probity.Server.Screening.Matching;

namespace Probity.Server.Screening.Lists;

/// <summary>
/// Keeps the live lists of this process up to date with the store, and looks for new versions when it is time. Looking
/// twice at once on two nodes does no harm: the second finds the version loaded already.
/// </summary>
internal sealed class ListSweep(
    ActiveLists active, ListWatch watch, ListStatus status, ListMetrics metrics, ListFeedOptions options,
    ListAges ages, LiveEngine live, TimeProvider time, ILogger<ListSweep> log) : BackgroundService
{
    /// <summary>How soon other nodes see an activation.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, time);
        var next = time.GetUtcNow();
        do
        {
            try
            {
                if (time.GetUtcNow() >= next)
                {
                    next = time.GetUtcNow() + options.Pause;
                    await watch.LookAsync(stoppingToken);
                }

                await active.RefreshAsync(stoppingToken);
                await live.RefreshAsync(stoppingToken); // Another node may have put another configuration in force.
                await ages.RefreshAsync(stoppingToken);
                var lists = (await status.AllAsync(stoppingToken)).Lists;
                metrics.Observe([.. lists.Select(list => (list.List, list.CheckedAt))]);
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                // What is live stays live; the age of the lists shows that nothing comes in.
                log.SweepFailed(fault);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}

internal static partial class ListLog
{
    [LoggerMessage(1, LogLevel.Error, "Looking for lists failed; what is live stays live")]
    public static partial void SweepFailed(this ILogger log, Exception fault);
}
