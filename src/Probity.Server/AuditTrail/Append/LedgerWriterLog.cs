namespace Probity.Server.AuditTrail.Append;

internal static partial class LedgerWriterLog
{
    [LoggerMessage(1001, LogLevel.Error, "Ledger commits fail; the callers are told to send again until one succeeds")]
    public static partial void CommitFailed(this ILogger logger, Exception exception);

    [LoggerMessage(1003, LogLevel.Information, "The ledger commits again, after {Failures} commits that failed")]
    public static partial void CommitRecovered(this ILogger logger, long failures);

    [LoggerMessage(1002, LogLevel.Critical, "Signing has stopped: {Reason}")]
    public static partial void SigningStopped(this ILogger logger, string reason);
}
