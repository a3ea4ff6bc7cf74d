using Probity.Server.Storage;

namespace Probity.Server.Monitoring.Decisions;

/// <summary>
/// Opens customers on a thread that makes way to requests: all of them when monitoring begins, and later those that
/// were registered or changed. The first transaction of each would wait for its keys and its document else, and all
/// transactions behind it in the same turn.
/// </summary>
internal sealed class PartyWarming(
    DecisionDesk desk, RegisteredParties parties, TimeProvider time, ILogger<PartyWarming> log) : BackgroundService
{
    /// <summary>For so long nobody may be registered before those that were are looked at: what is read while the
    /// store changes is not kept.</summary>
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    /// <summary>Where registering has no end they are looked at after so many pauses all the same.</summary>
    private const int MostPauses = 10;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!await desk.Rebuilt.WaitAsync(stoppingToken))
        {
            await parties.Asked.WaitAsync(stoppingToken);
        }

        using var quiet = new OwnThread("parties", makesWay: true);
        await TryAsync(quiet, parties.WarmAsync, stoppingToken);
        while (await parties.WaitForChangeAsync(stoppingToken))
        {
            await PauseAsync(stoppingToken);
            await TryAsync(quiet, parties.WarmChangedAsync, stoppingToken);
        }
    }

    private async Task PauseAsync(CancellationToken stoppingToken)
    {
        for (var (pause, before) = (0, -1); pause < MostPauses && before != parties.Changed; pause++)
        {
            before = parties.Changed;
            await Task.Delay(s_pause, time, stoppingToken);
        }
    }

    private async Task TryAsync(
        OwnThread quiet, Func<CancellationToken, Task<int>> warm, CancellationToken stoppingToken)
    {
        try
        {
            await quiet.RunAsync(() => warm(stoppingToken));
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
