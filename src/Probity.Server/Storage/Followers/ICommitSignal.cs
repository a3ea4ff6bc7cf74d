namespace Probity.Server.Storage.Followers;

/// <summary>Tells followers that there is more to read.</summary>
internal interface ICommitSignal
{
    /// <summary>
    /// Completes once the entry <paramref name="seq"/> is known to be committed. Commits of other nodes may become
    /// known late or never, so whoever waits also looks now and then.
    /// </summary>
    Task WaitBeyondAsync(long seq, CancellationToken cancellationToken);
}
