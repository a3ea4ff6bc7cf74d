namespace Probity.Server.Storage.Followers;

/// <summary>
/// Builds something that derives from the ledger. It sees every entry in order, at least once: after a crash it sees
/// again what it applied after its last stored cursor, so it stores result and cursor in one transaction where it can,
/// and otherwise applying twice must give the same result.
/// </summary>
/// <remarks>
/// An entry that cannot be applied stops the follower at that entry, loudly, until it can: skipping would lose it in
/// silence. A follower that can live without an entry it does not understand decides that itself and returns normally.
/// </remarks>
internal interface IFollower
{
    /// <summary>A stable name for cursor, log and metric.</summary>
    string Name { get; }

    /// <summary>The number of the first entry it has not applied; 0 for a new one.</summary>
    Task<long> ReadCursorAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Applies entries, in order and without a gap, and stores <paramref name="next"/> as the cursor. Durable when the
    /// task completes; an exception means that the cursor did not move.
    /// </summary>
    Task ApplyAsync(IReadOnlyList<StoredEntry> entries, long next, CancellationToken cancellationToken);
}
