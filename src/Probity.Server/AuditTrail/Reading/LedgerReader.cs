using System.Buffers;
using Probity.Ledger.Entries;
using Probity.Ledger.Merkle;
using Probity.Ledger.Notes;
using Probity.Ledger.Tiles;
using Probity.Server.AuditTrail.Stores;

namespace Probity.Server.AuditTrail.Reading;

/// <summary>Proofs, tiles and checkpoints of the stored log. Reads only what is committed. Thread safe.</summary>
internal sealed class LedgerReader(ILedgerStore store)
{
    private readonly LedgerTiles _tiles = new(store);
    private IReadOnlyList<StoredContinuation>? _continuations;

    /// <summary>The head that stands.</summary>
    /// <exception cref="InvalidOperationException">The log has not been created.</exception>
    public async Task<LogHead> HeadAsync(CancellationToken cancellationToken) =>
        await store.ReadHeadAsync(cancellationToken)
        ?? throw new InvalidOperationException("The log has no head; it is created when the server starts.");

    /// <summary>An entry, or null when the log does not reach it.</summary>
    public async Task<StoredEntry?> EntryAsync(long seq, CancellationToken cancellationToken)
    {
        var entries = await store.ReadEntriesAsync(seq, 1, cancellationToken);
        return entries.Count == 1 && entries[0].Seq == seq ? entries[0] : null;
    }

    /// <summary>The proof that an entry is in the tree of a signed checkpoint.</summary>
    /// <param name="seq">The entry.</param>
    /// <param name="treeSize">
    /// A size that a checkpoint was signed for; null means the newest under the origin that the entry names.
    /// </param>
    /// <param name="cancellationToken">Ends the wait for the store.</param>
    /// <returns>The proof, or null when no checkpoint of that size, or none that covers the entry, exists.</returns>
    public async Task<TlogProof?> ProofAsync(long seq, long? treeSize, CancellationToken cancellationToken)
    {
        var head = await HeadAsync(cancellationToken);
        var note = head.Checkpoint;
        var size = head.Size;
        if ((treeSize ?? await EndOfOriginAsync(seq, cancellationToken)) is { } asked && asked != head.Size)
        {
            if (await NoteAsync(asked, cancellationToken) is not { } stored)
            {
                return null;
            }

            (size, note) = (asked, stored);
        }

        if (seq < 0 || seq >= size)
        {
            return null;
        }

        var path = await new TreeReader(_tiles, size).InclusionAsync(seq, size, cancellationToken);
        return new TlogProof(seq, path, note);
    }

    /// <summary>Where the origin of an entry ends; null when it is the present one.</summary>
    public async Task<long?> EndOfOriginAsync(long seq, CancellationToken cancellationToken)
    {
        // Origins change only while no server runs.
        _continuations ??= await store.ReadContinuationsAsync(cancellationToken);
        return _continuations.FirstOrDefault(continuation => continuation.Seq > seq)?.Seq;
    }

    /// <summary>The newest checkpoint of that size; null when none was signed.</summary>
    public async Task<string?> NoteAsync(long size, CancellationToken cancellationToken)
    {
        var stored = await store.ReadCheckpointsAsync(size, 1, cancellationToken);
        return stored.Count == 1 && stored[0].Size == size ? stored[0].Note : null;
    }

    /// <summary>The proof that the log of the larger size contains that of the smaller one unchanged.</summary>
    public async Task<IReadOnlyList<Digest>> ConsistencyAsync(
        long from, long to, CancellationToken cancellationToken) =>
        await new TreeReader(_tiles, to).ConsistencyAsync(from, to, cancellationToken);

    /// <summary>The root at a size that the log has reached.</summary>
    public Task<Digest> RootAsync(long size, CancellationToken cancellationToken) =>
        new TreeReader(_tiles, size).RootAsync(size, cancellationToken);

    /// <summary>A tile or entry bundle, or null when the log does not have it at its present size.</summary>
    public async Task<ReadOnlyMemory<byte>?> TileAsync(TilePath path, CancellationToken cancellationToken)
    {
        var head = await HeadAsync(cancellationToken);
        var level = Math.Max(path.Level, 0);
        if (level >= TileLayout.Levels)
        {
            return null;
        }

        var available = TileLayout.HashesAt(level, head.Size) - path.Index * TilePath.FullWidth;
        if (path.Index >= long.MaxValue / TilePath.FullWidth || available < path.Width)
        {
            return null;
        }

        return path.Level == TilePath.Entries
            ? await BundleAsync(path, cancellationToken)
            : await _tiles.ReadTileAsync(path.Level, path.Index, path.Width, cancellationToken);
    }

    /// <summary>A bundle; a purged entry is a place of no bytes in it, as in an exported log.</summary>
    private async Task<ReadOnlyMemory<byte>> BundleAsync(TilePath path, CancellationToken cancellationToken)
    {
        var first = path.Index * TilePath.FullWidth;
        var entries = await store.ReadEntriesAsync(first, path.Width, cancellationToken);
        var bundle = new ArrayBufferWriter<byte>();
        var next = first;
        foreach (var entry in entries.TakeWhile(entry => entry.Seq < first + path.Width))
        {
            for (; next < entry.Seq; next++)
            {
                EntryBundle.Write(bundle, default);
            }

            EntryBundle.Write(bundle, entry.Body.Span);
            next++;
        }

        for (; next < first + path.Width; next++)
        {
            EntryBundle.Write(bundle, default);
        }

        return bundle.WrittenMemory;
    }
}
