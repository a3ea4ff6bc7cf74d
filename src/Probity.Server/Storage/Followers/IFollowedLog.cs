namespace Probity.Server.Storage.Followers;

/// <summary>What a follower reads: entries in sequence order, and a signal that there may be more.</summary>
internal interface IFollowedLog
{
    /// <summary>
    /// Committed entries from a number on, without a gap but for those purged; empty when there is none yet.
    /// </summary>
    Task<IReadOnlyList<FollowedEntry>> ReadAsync(long fromSeq, int most, CancellationToken cancellationToken);

    /// <summary>The same; bodies may lie in <paramref name="buffer"/>, until it is used again.</summary>
    Task<IReadOnlyList<FollowedEntry>> ReadAsync(
        long fromSeq, int most, EntryBuffer buffer, CancellationToken cancellationToken) =>
        ReadAsync(fromSeq, most, cancellationToken);

    /// <summary>Whether every entry from one to the other was purged, so that a gap is no fault.</summary>
    bool IsPurged(long first, long last) => false;

    /// <summary>Completes when the log may hold more than <paramref name="size"/> entries, in a second at the latest.</summary>
    Task WaitBeyondAsync(long size, CancellationToken cancellationToken);

    /// <summary>Entries in the log as far as this process knows.</summary>
    long Size { get; }
}
