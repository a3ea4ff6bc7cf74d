namespace Probity.Server.AuditTrail.Verification;

internal static partial class BackgroundVerifierLog
{
    [LoggerMessage(1101, LogLevel.Warning, "A verification pass could not be finished; it is tried again")]
    public static partial void PassFailed(this ILogger logger, Exception exception);
}
