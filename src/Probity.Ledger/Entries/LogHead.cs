using Probity.Ledger.Merkle;

namespace Probity.Ledger.Entries;

/// <summary>The newest state of a log: all that a writer must know to append, and what a reader checks first.</summary>
/// <param name="Origin">The name of the log, as in its checkpoints.</param>
/// <param name="Size">Entries in the log, 0 or more; also the next sequence number.</param>
/// <param name="Root">The root hash of the tree at <paramref name="Size"/>.</param>
/// <param name="Frontier">The encoded right edge of the tree; see <see cref="Merkle.Frontier.Encode"/>.</param>
/// <param name="LastHash">The leaf hash of the newest entry; 32 zero bytes at size 0.</param>
/// <param name="Checkpoint">The signed note over size and root; empty at size 0.</param>
/// <param name="RecordedAtMicros">The time of the newest entry, microseconds since the epoch; never goes back.</param>
public sealed record LogHead(
    string Origin,
    long Size,
    Digest Root,
    ReadOnlyMemory<byte> Frontier,
    Digest LastHash,
    string Checkpoint,
    long RecordedAtMicros)
{
    /// <summary>The head of a log that has no entry yet.</summary>
    public static LogHead Create(string origin) =>
        new(origin, 0, MerkleHash.Empty, ReadOnlyMemory<byte>.Empty, default, "", 0);
}
