using Probity.Ledger.Merkle;

namespace Probity.Ledger.Entries;

/// <summary>One entry of a <see cref="SequencedBatch"/>: where its bytes lie and their leaf hash.</summary>
/// <param name="Offset">Start in <see cref="SequencedBatch.Bytes"/>.</param>
/// <param name="Length">Bytes of the entry.</param>
/// <param name="Hash">The leaf hash, which the next entry carries as <c>prev</c>.</param>
public readonly record struct SequencedEntry(int Offset, int Length, Digest Hash);

/// <summary>
/// What one commit writes: finished entries, the tiles they completed and the head after them. The bytes belong to the
/// <see cref="Sequencer"/> and are valid until its next call.
/// </summary>
/// <param name="FirstSeq">The sequence number of the first entry.</param>
/// <param name="Bytes">All entries, one after another.</param>
/// <param name="Entries">Where each entry lies, in sequence order.</param>
/// <param name="Tiles">Full tiles, in the order they were completed.</param>
/// <param name="Head">The head after the batch, checkpoint included.</param>
public sealed record SequencedBatch(
    long FirstSeq,
    ReadOnlyMemory<byte> Bytes,
    IReadOnlyList<SequencedEntry> Entries,
    IReadOnlyList<CompletedTile> Tiles,
    LogHead Head)
{
    /// <summary>The exact bytes of one entry.</summary>
    /// <param name="index">Position in the batch, from 0.</param>
    public ReadOnlyMemory<byte> Body(int index) => Bytes.Slice(Entries[index].Offset, Entries[index].Length);
}
