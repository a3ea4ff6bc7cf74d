namespace Probity.Server.AuditTrail;

/// <summary>Log lines of the log's start.</summary>
internal static partial class AuditTrailLog
{
    [LoggerMessage(1051, LogLevel.Warning,
        "Encryption is OFF (AUDIT_ENABLE_ENCRYPTION): new events are stored in clear, and erasing a person will be refused")]
    public static partial void EncryptionOff(this ILogger logger);
}
