using Probity.Server.Storage;

namespace Probity.Server.Monitoring.Decisions;

/// <summary>
/// Opens the customers once after a start, on a thread that makes way to requests: the first transaction of each would
/// wait for its keys and its document else, and all transactions behind it in the same turn.
/// </summary>
internal sealed class PartyWarming(DecisionDesk desk, RegisteredParties parties, ILogger<PartyWarming> log)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            if (await desk.Rebuilt.WaitAsync(stoppingToken))
            {
                using var quiet = new OwnThread("parties", makesWay: true);
                await quiet.RunAsync(() => parties.WarmAsync(stoppingToken));
            }
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            log.WarmingFailed(fault); // Then they are opened when they are met.
        }
    }
}

internal static partial class PartyLog
{
    [LoggerMessage(
        1, LogLevel.Warning, "Customers could not be opened ahead; each is opened with its first transaction")]
    public static partial void WarmingFailed(this ILogger log, Exception fault);
}
