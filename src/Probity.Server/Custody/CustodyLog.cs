namespace Probity.Server.Custody;

internal static partial class CustodyLog
{
    [LoggerMessage(5001, LogLevel.Error, "A step of an erasure failed; it is tried again in a minute")]
    public static partial void SweepFailed(this ILogger logger, Exception exception);

    [LoggerMessage(5002, LogLevel.Warning, "{Count} erasures of the register were carried out again before serving")]
    public static partial void ErasuresReplayed(this ILogger logger, int count);

    [LoggerMessage(5003, LogLevel.Error, "A purge stopped; it goes on at the next start")]
    public static partial void PurgeFailed(this ILogger logger, Exception exception);

    [LoggerMessage(
        5005, LogLevel.Warning, "Erasures of other nodes could not be looked for; the next try is in a second")]
    public static partial void LookFailed(this ILogger logger, Exception exception);

    [LoggerMessage(5004, LogLevel.Information, "The rest of an interrupted key rotation was done")]
    public static partial void RotationFinished(this ILogger logger);
}
