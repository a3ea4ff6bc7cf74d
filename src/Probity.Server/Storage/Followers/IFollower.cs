namespace Probity.Server.Storage.Followers;

/// <summary>An entry as a follower sees it.</summary>
/// <param name="Seq">Its leaf index.</param>
/// <param name="Body">Its exact bytes, valid while it is being applied.</param>
internal readonly record struct FollowedEntry(long Seq, ReadOnlyMemory<byte> Body);

/// <summary>
/// Builds something from the log and remembers how far it is. Entries come in order and without gaps, each at least
/// once: a crash between work and cursor repeats a batch, unless both are one transaction.
/// </summary>
/// <remarks>
/// An entry that cannot be applied stops the follower at that entry, loudly, until it can: skipping would lose it in
/// silence. A follower that can live without an entry it does not understand decides that itself and returns normally.
/// </remarks>
internal interface IFollower
{
    /// <summary>A stable name, for logs and metrics.</summary>
    string Name { get; }

    /// <summary>
    /// How long to let entries gather after a batch that was not full; zero, the default, for none. It bounds the
    /// follower's lag on a calm log and its transactions on a busy one.
    /// </summary>
    TimeSpan Gathering => TimeSpan.Zero;

    /// <summary>As <see cref="Gathering"/>, after a batch of <see cref="FollowerLoop.Many"/> entries or more.</summary>
    TimeSpan GatheringOfMany => Gathering;

    /// <summary>The sequence number to apply next.</summary>
    Task<long> ReadCursorAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Applies entries and moves the cursor to <paramref name="next"/>. Durable when the task completes; after an
    /// exception the cursor is read again.
    /// </summary>
    Task ApplyAsync(IReadOnlyList<FollowedEntry> entries, long next, CancellationToken cancellationToken);
}
