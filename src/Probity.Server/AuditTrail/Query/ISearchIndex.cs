using Probity.Server.AuditTrail.Query.Filters;

namespace Probity.Server.AuditTrail.Query;

/// <summary>
/// The search index of one store: derived from the ledger by a follower, dropped and rebuilt at will. Both stores
/// give the same results. Any number of searches run beside one writer and see whole batches only.
/// </summary>
internal interface ISearchIndex
{
    /// <summary>The sequence number to index next: everything below is searchable. 0 when the index is new.</summary>
    Task<long> ReadCursorAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Adds a batch and moves the cursor in one transaction. Events below the stored cursor are skipped, so a batch
    /// may be repeated and two nodes may follow together.
    /// </summary>
    /// <param name="events">Ascending in sequence number, all below <paramref name="nextSeq"/>; gaps are allowed.</param>
    /// <param name="nextSeq">The cursor after this batch.</param>
    /// <param name="cancellationToken">Stops before the transaction is committed, or not at all.</param>
    Task ApplyAsync(IReadOnlyList<IndexedEvent> events, long nextSeq, CancellationToken cancellationToken);

    /// <summary>One page of matching sequence numbers, newest first.</summary>
    Task<SearchPage> SearchAsync(SearchQuery query, CancellationToken cancellationToken);

    /// <summary>How many events match over time.</summary>
    Task<EventTimeline> CountAsync(TimelineQuery query, CancellationToken cancellationToken);

    /// <summary>
    /// Values of a field that start with a text, the most frequent first, from the newest part of the index: a help to
    /// write a filter, no complete list.
    /// </summary>
    Task<IReadOnlyList<ValueCount>> FindValuesAsync(
        FilterField field, string prefix, int limit, CancellationToken cancellationToken);

    /// <summary>The sequence number of the event with this id (<c>evt_…</c>); null when it is not in the index.</summary>
    Task<long?> FindSeqAsync(string id, CancellationToken cancellationToken);

    /// <summary>Empties the index; the cursor is 0 again.</summary>
    Task DropAsync(CancellationToken cancellationToken);
}

/// <summary>What to search for.</summary>
/// <param name="Filter">Which events.</param>
/// <param name="Before">Only sequence numbers below this one; null starts at the newest.</param>
/// <param name="PageSize">1 to <see cref="PageSizes.Max"/>.</param>
internal sealed record SearchQuery(EventFilter Filter, long? Before = null, int PageSize = PageSizes.Default);

/// <summary>One page of a search.</summary>
/// <param name="Sequences">Matches, newest first, no duplicates.</param>
/// <param name="AsOfSequence">The cursor the page was read at: events from here on were not looked at.</param>
/// <param name="NextBefore">Where the next page starts; null when there are no more matches.</param>
internal sealed record SearchPage(IReadOnlyList<long> Sequences, long AsOfSequence, long? NextBefore);

/// <summary>Page sizes. Source: AIP-158, "Page size".</summary>
internal static class PageSizes
{
    public const int Default = 50;
    public const int Max = 1000;

    /// <summary>Absent or 0 is the default, too large becomes the maximum, negative is refused.</summary>
    /// <exception cref="QueryRefusedException">The size is negative.</exception>
    public static int Coerce(int? requested) => requested switch
    {
        null or 0 => Default,
        < 0 => throw new QueryRefusedException(
            QueryRefusedException.PageSize, $"page_size is {requested}; give 1 to {Max}, or leave it out for {Default}."),
        _ => Math.Min(requested.Value, Max),
    };
}
