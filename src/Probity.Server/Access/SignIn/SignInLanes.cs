namespace Probity.Server.Access.SignIn;

/// <summary>The throttle of this node together with what the other nodes counted.</summary>
internal sealed class SignInLanes(SignInThrottle throttle, SharedLanes shared)
{
    /// <summary>How long the try must wait; zero when it may go on.</summary>
    public async ValueTask<TimeSpan> WaitAsync(SignInSource source, CancellationToken cancellationToken) =>
        throttle.Wait(
        source, shared.IsShared ? await shared.OthersAsync(SignInThrottle.LanesOf(source), cancellationToken) : null);

    /// <summary>Counts a failure. True when it filled a lane: worth an entry of its own.</summary>
    public async ValueTask<bool> FailAsync(SignInSource source)
    {
        var isFull = throttle.Fail(source);
        if (shared.IsShared)
        {
            await shared.TellAsync(throttle.CountsOf(source));
        }

        return isFull;
    }

    /// <summary>A success empties what only this person fills, on every node.</summary>
    public async ValueTask SucceedAsync(SignInSource source)
    {
        var emptied = throttle.Succeed(source);
        if (shared.IsShared)
        {
            await shared.ClearAsync(emptied);
        }
    }
}
