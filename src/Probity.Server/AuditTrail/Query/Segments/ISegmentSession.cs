namespace Probity.Server.AuditTrail.Query.Segments;

/// <summary>
/// One transaction on the tables of the index: a read session sees one snapshot, a write session is the only one of
/// its kind until it ends. Disposed without <see cref="CommitAsync"/>, it leaves nothing behind.
/// </summary>
internal interface ISegmentSession : IAsyncDisposable
{
    ValueTask<SegmentCursor> ReadCursorAsync(CancellationToken cancellationToken);

    /// <summary>The newest segments, at most <paramref name="limit"/>, in ascending order.</summary>
    ValueTask<List<Segment>> ReadSegmentsAsync(int limit, CancellationToken cancellationToken);

    /// <summary>
    /// For each segment and each term the body of the one page that can hold the term, or null: index
    /// <c>segment x terms.Count + term</c>.
    /// </summary>
    ValueTask<byte[]?[]> FindPagesAsync(
        IReadOnlyList<Segment> segments, IReadOnlyList<byte[]> terms, CancellationToken cancellationToken);

    /// <summary>The bodies of all pages that can hold terms from one to the other, in order.</summary>
    ValueTask<List<byte[]>> ReadPagesAsync(
        Segment segment, byte[] fromTerm, byte[] toTerm, CancellationToken cancellationToken);

    ValueTask<byte[]> ReadTimesAsync(Segment segment, CancellationToken cancellationToken);

    ValueTask<SegmentImage> ReadImageAsync(Segment segment, CancellationToken cancellationToken);

    ValueTask InsertAsync(SegmentImage image, CancellationToken cancellationToken);

    ValueTask DeleteAsync(IReadOnlyList<Segment> segments, CancellationToken cancellationToken);

    /// <summary>Empties all tables.</summary>
    ValueTask DropAsync(CancellationToken cancellationToken);

    /// <summary>Stores the cursor and commits; a commit that has begun is not cancelled.</summary>
    ValueTask CommitAsync(SegmentCursor cursor);
}

/// <param name="NextSeq">The sequence number to index next.</param>
/// <param name="NextSegment">The id of the next segment.</param>
internal readonly record struct SegmentCursor(long NextSeq, long NextSegment);
