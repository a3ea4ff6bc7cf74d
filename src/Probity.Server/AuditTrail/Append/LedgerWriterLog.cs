namespace Probity.Server.AuditTrail.Append;

internal static partial class LedgerWriterLog
{
    [LoggerMessage(1001, LogLevel.Error, "A ledger commit failed; the callers were told to send again")]
    public static partial void CommitFailed(this ILogger logger, Exception exception);

    [LoggerMessage(1002, LogLevel.Critical, "Signing has stopped: {Reason}")]
    public static partial void SigningStopped(this ILogger logger, string reason);
}
