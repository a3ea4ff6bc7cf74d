namespace Probity.Server.Access.Sessions;

/// <summary>Looks every few seconds whether what streams and circuits run under still stands.</summary>
internal sealed class SessionWatch(
    SessionRevocations revocations, SessionReader sessions, ApiKeyAuthenticator keys, TimeProvider time,
    ILogger<SessionWatch> log) : BackgroundService
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_pause, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                // What cannot be confirmed does not end: the next look is two seconds away.
                log.WatchFailed(fault);
            }
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        foreach (var watched in revocations.Open)
        {
            if (!await StandsAsync(watched.Caller, cancellationToken))
            {
                watched.End();
            }
        }
    }

    private async Task<bool> StandsAsync(Caller caller, CancellationToken cancellationToken)
    {
        if (caller.ExpiresAt <= time.GetUtcNow())
        {
            return false;
        }

        return caller switch
        {
            { SessionId: { } session } => await sessions.StandsAsync(session, cancellationToken),
            { Kind: CallerKind.ApiKey } => await keys.StandsAsync(caller.Id, cancellationToken),
            _ => true,
        };
    }
}
