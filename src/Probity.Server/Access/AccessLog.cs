namespace Probity.Server.Access;

/// <summary>Log lines of Access. Never a key, only its id.</summary>
internal static partial class AccessLog
{
    [LoggerMessage(2001, LogLevel.Warning, "The last use of {CredentialId} could not be noted.")]
    public static partial void LastUseNotNoted(this ILogger log, string credentialId, Exception fault);

    [LoggerMessage(2005, LogLevel.Warning, "Open streams could not be checked against the store.")]
    public static partial void WatchFailed(this ILogger log, Exception fault);

    [LoggerMessage(2011, LogLevel.Warning, "AUDIT_GROUP_ROLES names {Role}, which is no role: nobody got it.")]
    public static partial void GroupRoleUnknown(this ILogger log, string role);

    [LoggerMessage(2012, LogLevel.Warning, "Failed sign-ins could not be told to the other nodes.")]
    public static partial void LanesNotShared(this ILogger log, Exception fault);

    [LoggerMessage(2010, LogLevel.Warning, "Approvals that nobody decided in time could not be closed.")]
    public static partial void SweepFailed(this ILogger log, Exception fault);

    [LoggerMessage(2002, LogLevel.Error, "Endpoint {Endpoint} declares no access and is refused.")]
    public static partial void UndeclaredEndpoint(this ILogger log, string endpoint);

    [LoggerMessage(2003, LogLevel.Information, "API key {KeyId} was created.")]
    public static partial void KeyCreated(this ILogger log, string keyId);

    [LoggerMessage(2004, LogLevel.Information, "API key {KeyId} was revoked.")]
    public static partial void KeyRevoked(this ILogger log, string keyId);
}
