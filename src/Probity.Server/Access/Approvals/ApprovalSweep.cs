namespace Probity.Server.Access.Approvals;

/// <summary>Ends requests that nobody decided in time.</summary>
internal sealed class ApprovalSweep(Lazy<ApprovalDesk> desk, TimeProvider time, ILogger<ApprovalSweep> log) : BackgroundService
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_pause, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await desk.Value.ExpireAsync(stoppingToken);
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                // What has ended is refused and shown as ended without the sweep; the next one is a minute away.
                log.SweepFailed(fault);
            }
        }
    }
}
