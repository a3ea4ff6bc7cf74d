namespace Probity.Server.Storage.Followers;

/// <summary>What the follower loop logs.</summary>
internal static partial class FollowerLoopLog
{
    [LoggerMessage(EventId = 2101, Level = LogLevel.Error,
        Message = "Follower {Follower} cannot apply entry {Seq} or one shortly after it; it tries again until it can")]
    public static partial void FollowerFailed(this ILogger logger, Exception error, string follower, long seq);

    [LoggerMessage(EventId = 2102, Level = LogLevel.Information,
        Message = "Follower {Follower} recovered; its next entry is {Seq}")]
    public static partial void FollowerRecovered(this ILogger logger, string follower, long seq);
}
