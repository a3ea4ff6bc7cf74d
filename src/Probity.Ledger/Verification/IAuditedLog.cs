using Probity.Ledger.Merkle;

namespace Probity.Ledger.Verification;

/// <summary>
/// Everything that is stored of one log, as it is stored: rows of a database, files of an exported folder, or the
/// public paths of a server. An implementation hands over what it finds without correcting, checking or skipping it;
/// judging is <see cref="LogAuditor"/>'s. Each sequence is read once, from its beginning, several at the same time.
/// </summary>
public interface IAuditedLog
{
    /// <summary>The origin the log is expected to have; entries and checkpoints must name it.</summary>
    string Origin { get; }

    /// <summary>Whether hash tiles are kept. Without them entries have fewer witnesses.</summary>
    bool HasTiles { get; }

    /// <summary>Whether the partial tile at the right edge of each level is kept too, as an exported log does.</summary>
    bool HasPartialTiles { get; }

    /// <summary>The head row, or the newest checkpoint; null when there is none, as before the first commit.</summary>
    ValueTask<AuditedHead?> ReadHeadAsync(CancellationToken cancellationToken);

    /// <summary>
    /// The entry rows in the order of their row numbers. Batches of half a megabyte to a megabyte keep both hashing
    /// and reading busy.
    /// </summary>
    IAsyncEnumerable<AuditedBatch> ReadEntriesAsync(CancellationToken cancellationToken);

    /// <summary>The stored tiles of one level by index, full ones and, where kept, the partial one last.</summary>
    IAsyncEnumerable<AuditedTile> ReadTilesAsync(int level, CancellationToken cancellationToken);

    /// <summary>The stored checkpoints by size.</summary>
    IAsyncEnumerable<AuditedCheckpoint> ReadCheckpointsAsync(CancellationToken cancellationToken);
}

/// <summary>Gives the stored bytes of blobs, which entries name by the SHA-256 of the ciphertext.</summary>
public interface IBlobReader
{
    /// <summary>Opens a blob; null when it is not there. The auditor closes the stream.</summary>
    ValueTask<Stream?> OpenAsync(Digest sha256, CancellationToken cancellationToken);
}

/// <summary>One entry row as it is stored.</summary>
/// <param name="Row">The row's number; its position where rows carry no number.</param>
/// <param name="StoredHash">
/// The leaf hash stored beside it; empty where none is kept. Of a purged entry the one that the tile has.
/// </param>
/// <param name="Body">The entry's bytes; empty where the entry was purged and only its place is kept.</param>
public readonly record struct AuditedEntry(long Row, ReadOnlyMemory<byte> StoredHash, ReadOnlyMemory<byte> Body);

/// <summary>Takes one entry row as it is stored; the spans hold for the length of the call only.</summary>
/// <param name="row">The row's number.</param>
/// <param name="storedHash">The leaf hash stored beside it.</param>
/// <param name="body">The entry's bytes.</param>
public delegate void AuditedRowTaker(long row, ReadOnlySpan<byte> storedHash, ReadOnlySpan<byte> body);

/// <summary>
/// Consecutive entry rows, there already or still to be read. Rows that are read where they are hashed stay in that
/// processor's cache, and several batches are read at the same time. The memory that rows point to must stay as it is
/// until the batch is disposed, which happens on another thread and while later batches are being read.
/// </summary>
public sealed class AuditedBatch : IDisposable
{
    private readonly ReadOnlyMemory<AuditedEntry> _entries;
    private readonly IDisposable? _release;
    private readonly Func<Task<AuditedBatch>>? _read;

    /// <summary>Rows that are there.</summary>
    /// <param name="entries">The rows in order.</param>
    /// <param name="release">Gives the memory back; null when there is nothing to give back.</param>
    public AuditedBatch(ReadOnlyMemory<AuditedEntry> entries, IDisposable? release = null) =>
        (_entries, _release) = (entries, release);

    private AuditedBatch(Func<Task<AuditedBatch>> read) => _read = read;

    /// <summary>The rows in order.</summary>
    /// <exception cref="InvalidOperationException">They have still to be read: see <see cref="LoadAsync"/>.</exception>
    public ReadOnlyMemory<AuditedEntry> Entries => _read is null
        ? _entries
        : throw new InvalidOperationException("The rows of this batch have to be loaded first.");

    /// <summary>Rows that are read when they are wanted, where they are wanted, maybe beside others.</summary>
    /// <param name="read">Reads them; called at most once, and not at all when the pass ends before.</param>
    public static AuditedBatch ToRead(Func<Task<AuditedBatch>> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        return new AuditedBatch(read);
    }

    /// <summary>Rows that can be taken one by one from where the store has them, without a copy.</summary>
    /// <param name="count">How many there should be, 1 or more.</param>
    /// <param name="scan">
    /// Hands over the rows in order; false when there were not exactly so many, and then they are read instead.
    /// </param>
    /// <param name="read">As in <see cref="ToRead"/>.</param>
    public static AuditedBatch ToScan(
        int count, Func<AuditedRowTaker, bool> scan, Func<Task<AuditedBatch>> read)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentNullException.ThrowIfNull(scan);
        ArgumentNullException.ThrowIfNull(read);
        return new AuditedBatch(read) { Scan = scan, ScanCount = count };
    }

    /// <summary>Hands over the rows without a copy; null when they cannot be had so.</summary>
    internal Func<AuditedRowTaker, bool>? Scan { get; private init; }

    /// <summary>How many rows <see cref="Scan"/> should hand over.</summary>
    internal int ScanCount { get; private init; }

    /// <summary>The batch with its rows: itself when they are there. Dispose what this returns.</summary>
    public async ValueTask<AuditedBatch> LoadAsync() => _read is null ? this : await _read().ConfigureAwait(false);

    /// <inheritdoc/>
    public void Dispose() => _release?.Dispose();
}

/// <summary>One hash tile as it is stored.</summary>
/// <param name="Index">The tile's index within its level.</param>
/// <param name="StoredRoot">The root stored beside it; empty where none is kept.</param>
/// <param name="Hashes">The hashes, 8,192 bytes for a full tile.</param>
public readonly record struct AuditedTile(long Index, ReadOnlyMemory<byte> StoredRoot, ReadOnlyMemory<byte> Hashes);

/// <summary>One checkpoint as it is stored.</summary>
/// <param name="Size">The size it is filed under.</param>
/// <param name="Note">The signed note.</param>
public readonly record struct AuditedCheckpoint(long Size, string Note);

/// <summary>The head as it is stored. What a kind of storage does not keep is null or empty.</summary>
/// <param name="Note">The newest signed checkpoint; null while none has been signed.</param>
/// <param name="Size">Entries in the log.</param>
/// <param name="Root">The root at that size.</param>
/// <param name="Frontier">The frontier as <see cref="Merkle.Frontier.Encode"/> writes it.</param>
/// <param name="LastHash">The leaf hash of the last entry; 32 zero bytes when there is none.</param>
/// <param name="Origin">The origin the head row names.</param>
/// <param name="RecordedAtMicros">The time of the newest entry, microseconds since the epoch.</param>
public sealed record AuditedHead(
    string? Note,
    long? Size = null,
    ReadOnlyMemory<byte> Root = default,
    ReadOnlyMemory<byte>? Frontier = null,
    ReadOnlyMemory<byte> LastHash = default,
    string? Origin = null,
    long? RecordedAtMicros = null);
