namespace Probity.Server.Hosting;

/// <summary>Log lines of the host.</summary>
internal static partial class HostingLog
{
    [LoggerMessage(1001, LogLevel.Error, "An unexpected fault in {Endpoint}.")]
    public static partial void Unexpected(this ILogger log, string endpoint, Exception fault);

    [LoggerMessage(1002, LogLevel.Warning, "Readiness check {Check} failed: {Detail}")]
    public static partial void NotReady(this ILogger log, string check, string detail);

    [LoggerMessage(1004, LogLevel.Warning, "{Endpoint} was answered {Status}: the store refuses ({Reason}).")]
    public static partial void StoreRefused(this ILogger log, string endpoint, int status, string reason);

    [LoggerMessage(1003, LogLevel.Information, "Listening on {Url}.")]
    public static partial void Listening(this ILogger log, Uri url);
}
