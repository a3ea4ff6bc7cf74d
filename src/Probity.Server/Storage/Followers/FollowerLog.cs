namespace Probity.Server.Storage.Followers;

internal static partial class FollowerLog
{
    [LoggerMessage(1201, LogLevel.Error, "Follower {Follower} stands still at entry {Seq}; it tries again")]
    public static partial void FollowerFailed(this ILogger logger, Exception exception, string follower, long seq);

    [LoggerMessage(1202, LogLevel.Information, "Follower {Follower} goes on")]
    public static partial void FollowerRecovered(this ILogger logger, string follower);
}
