using Probity.Ledger.Entries;
using Probity.Ledger.Merkle;
using Probity.Ledger.Tiles;
using Probity.Ledger.Verification;
using Probity.Server.AuditTrail.Append;

namespace Probity.Server.AuditTrail.Stores;

/// <summary>A stored row of the ledger table.</summary>
internal readonly record struct StoredEntry(long Seq, Digest Hash, ReadOnlyMemory<byte> Body);

/// <summary>Takes an entry that is valid during the call alone.</summary>
internal delegate void EntryTaker(long seq, ReadOnlySpan<byte> body);

/// <summary>
/// The ledger's tables on one kind of database. Two native implementations, one conformance suite. Reads see only what
/// is committed, and commit order is sequence order: a reader that has seen n has missed nothing below n.
/// </summary>
internal interface ILedgerStore : IAsyncDisposable
{
    /// <summary>"sqlite" or "postgresql", for people and metrics.</summary>
    string Kind { get; }

    /// <summary>The head, or null before <see cref="CreateAsync"/>.</summary>
    Task<LogHead?> ReadHeadAsync(CancellationToken cancellationToken);

    /// <summary>Writes the head of an empty log. Does nothing when a head exists; returns the head that stands.</summary>
    Task<LogHead> CreateAsync(LogHead empty, CancellationToken cancellationToken);

    /// <summary>
    /// Commits requests in their order in one transaction: module changes, then the head is locked, entries numbered
    /// and linked, rows written, the head replaced where its size is what was read. Durable when the task completes.
    /// Called by one caller at a time. Once the commit has begun it is finished whatever becomes of the caller.
    /// </summary>
    /// <exception cref="LedgerIntegrityException">The stored tail contradicts the head.</exception>
    Task<IReadOnlyList<AppendResult>> CommitAsync(
        IReadOnlyList<AppendRequest> requests, Sequencer sequencer, long nowMicros, CancellationToken cancellationToken);

    /// <summary>Entries from <paramref name="fromSeq"/> on, at most <paramref name="most"/>, in sequence order.</summary>
    Task<IReadOnlyList<StoredEntry>> ReadEntriesAsync(long fromSeq, int most, CancellationToken cancellationToken);

    /// <summary>The same without hashes and without an array for each: bodies are lent during the call.</summary>
    async Task ReadBodiesAsync(long fromSeq, int most, EntryTaker take, CancellationToken cancellationToken)
    {
        foreach (var entry in await ReadEntriesAsync(fromSeq, most, cancellationToken))
        {
            take(entry.Seq, entry.Body.Span);
        }
    }

    /// <summary>Leaf hashes of a range, in sequence order.</summary>
    Task<IReadOnlyList<Digest>> ReadHashesAsync(long fromSeq, int count, CancellationToken cancellationToken);

    /// <summary>
    /// Hash tiles in the order asked for, in one round trip. A partial one is put together from the leaf hashes behind
    /// the last full tile, or from the roots of the full tiles one level down; a full one that is not stored is null.
    /// </summary>
    Task<IReadOnlyList<ReadOnlyMemory<byte>?>> ReadTilesAsync(
        IReadOnlyList<TilePath> tiles, CancellationToken cancellationToken);

    /// <summary>Roots of stored full tiles of a level, from <paramref name="fromIndex"/> on.</summary>
    Task<IReadOnlyList<Digest>> ReadTileRootsAsync(
        int level, long fromIndex, int count, CancellationToken cancellationToken);

    /// <summary>Stored checkpoints with size ≥ <paramref name="fromSize"/>, ascending.</summary>
    Task<IReadOnlyList<StoredCheckpoint>> ReadCheckpointsAsync(
        long fromSize, int most, CancellationToken cancellationToken);

    /// <summary>Stored checkpoints with size ≤ <paramref name="toSize"/>, newest first.</summary>
    Task<IReadOnlyList<StoredCheckpoint>> ReadNewestCheckpointsAsync(
        long toSize, int most, CancellationToken cancellationToken);

    /// <summary>The head row as it lies there, malformed or not; null when there is none.</summary>
    Task<AuditedHead?> ReadRawHeadAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Entry rows as they lie there, ordered by row number, from <paramref name="fromRow"/> up to but not including
    /// <paramref name="endRow"/>, at most <paramref name="most"/>.
    /// </summary>
    Task<RawRows> ReadRawEntriesAsync(long fromRow, long endRow, int most, CancellationToken cancellationToken);

    /// <summary>Whether <see cref="ScanRawEntries"/> works: not where rows come over a wire.</summary>
    bool CanScanRawEntries => false;

    /// <summary>
    /// Hands over the same rows from where they lie, on the calling thread; false when there were not exactly
    /// <paramref name="endRow"/> − <paramref name="fromRow"/>.
    /// </summary>
    bool ScanRawEntries(long fromRow, long endRow, AuditedRowTaker take) => false;

    /// <summary>The highest row number there is, or null when there are no rows.</summary>
    Task<long?> ReadLastRowAsync(CancellationToken cancellationToken);

    /// <summary>Tile rows of a level as they lie there, ordered by index from <paramref name="fromIndex"/> on.</summary>
    Task<IReadOnlyList<AuditedTile>> ReadRawTilesAsync(
        int level, long fromIndex, int most, CancellationToken cancellationToken);

    /// <summary>
    /// Removes entries and blobs that a committed purge entry names; what is not named is refused by the store
    /// itself. On
    /// PostgreSQL it runs as <c>probity_retention</c>. Doing it again does nothing.
    /// </summary>
    /// <param name="runs">Runs of numbers, both ends included.</param>
    /// <param name="blobs">SHA-256 in hex.</param>
    /// <param name="cancellationToken">Stops between two runs.</param>
    Task PurgeAsync(
        IReadOnlyList<(long First, long Last)> runs, IReadOnlyList<string> blobs, CancellationToken cancellationToken);

    /// <summary>The runs that purge entries name and that meet a stretch of the log, ascending, both ends
    /// included.</summary>
    Task<IReadOnlyList<PurgedRun>> ReadPurgedAsync(long first, long last, CancellationToken cancellationToken);

    /// <summary>The origins that the log had before, in order; empty as long as no old copy was put back.</summary>
    Task<IReadOnlyList<StoredContinuation>> ReadContinuationsAsync(CancellationToken cancellationToken);

    /// <summary>Whether purge entries name every entry from one to the other, both included. Rare, so it
    /// waits.</summary>
    bool IsPurged(long first, long last);

    /// <summary>A blob's stored bytes, or null when there is none of that address.</summary>
    Task<byte[]?> ReadBlobAsync(Digest sha256, CancellationToken cancellationToken);
}

/// <summary>A run of numbers that a purge entry names.</summary>
/// <param name="First">The first number.</param>
/// <param name="Last">The last one, included.</param>
/// <param name="EntryId">The id of the purge entry.</param>
internal readonly record struct PurgedRun(long First, long Last, string EntryId)
{
    /// <summary>
    /// Statement of the columns, in words both stores understand; the parameters are the first and the last number.
    /// Runs do not overlap, so only the last one that begins at or before the first number can reach it from below.
    /// </summary>
    public const string Select = """
        select first_seq, last_seq, entry_id from ledger_purge
        where first_seq >= coalesce((select max(first_seq) from ledger_purge where first_seq <= $1), $1)
          and first_seq <= $2 and last_seq >= $1 order by first_seq
        """;
}

/// <summary>Where a log goes on under another origin.</summary>
/// <param name="Seq">The number of the entry that states it.</param>
/// <param name="Former">The origin before it.</param>
/// <param name="Origin">The origin from it on.</param>
internal sealed record StoredContinuation(long Seq, string Former, string Origin)
{
    /// <summary>Statement of the columns, in words both stores understand.</summary>
    public const string Select = "select seq, former, origin from ledger_continuation order by seq";
}

/// <summary>A checkpoint as stored.</summary>
internal readonly record struct StoredCheckpoint(long Size, string Note);
