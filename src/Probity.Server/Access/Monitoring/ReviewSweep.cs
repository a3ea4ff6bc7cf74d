namespace Probity.Server.Access.Monitoring;

/// <summary>Looks every ten minutes for reviews that are overdue.</summary>
internal sealed class ReviewSweep(Lazy<BreakGlassDesk> desk, TimeProvider time, ILogger<ReviewSweep> log) : BackgroundService
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMinutes(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_pause, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await desk.Value.FindOverdueAsync(stoppingToken);
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                // Overdue stays overdue: the next look finds it.
                log.SweepFailed(fault);
            }
        }
    }
}
