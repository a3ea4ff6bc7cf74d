using Probity.Ledger.Merkle;
using Probity.Ledger.Notes;

namespace Probity.Ledger.Entries;

/// <summary>
/// Gives entries their place: number, link, leaf hash, tree, tiles and one signed checkpoint per batch. It remembers
/// the right edge of the tree between batches, but believes its memory only where it equals the head that was read
/// under the lock. Pure but for that memory; not thread safe.
/// </summary>
public sealed class Sequencer(NoteSigner signer)
{
    private readonly List<SequencedEntry> _entries = [];
    private byte[] _bytes = new byte[64 * 1024];
    private TreeAppender? _tree;
    private LogHead? _head;

    /// <summary>The head after the last batch.</summary>
    /// <exception cref="InvalidOperationException">Nothing was sequenced since the start or <see cref="Forget"/>.</exception>
    public LogHead Head => _head ?? throw new InvalidOperationException("No head has been read.");

    /// <summary>Takes up the log at the head that was read under the lock.</summary>
    /// <param name="head">The stored head.</param>
    /// <param name="readPartialTiles">
    /// Reads the hashes of the partial tile of level 0, 1, 2 … at a size; called only when the memory does not fit.
    /// </param>
    /// <exception cref="LedgerIntegrityException">Head and stored hashes do not agree.</exception>
    public void Continue(LogHead head, Func<long, IReadOnlyList<ReadOnlyMemory<byte>>> readPartialTiles)
    {
        if (_tree is not null && _head is { } known && known.Size == head.Size && known.Root == head.Root
            && known.LastHash == head.LastHash)
        {
            return;
        }

        if (head.Size > 0 && head.Origin != signer.Key.Name)
        {
            throw new LedgerIntegrityException(
                $"The log goes on as {head.Origin}, this process signs for {signer.Key.Name}. Start it again.");
        }

        _head = null;
        _tree = Rebuild(head, readPartialTiles(head.Size));
        _head = head;
    }

    /// <summary>Numbers, links and hashes entries behind the head and signs the head after them.</summary>
    /// <param name="templates">One or more entries in the order they are to have.</param>
    /// <param name="nowMicros">The clock; entries never get a time before the entry ahead of them.</param>
    public SequencedBatch Sequence(IReadOnlyList<EntryTemplate> templates, long nowMicros)
    {
        ArgumentOutOfRangeException.ThrowIfZero(templates.Count);
        var (tree, head) = (_tree!, Head); // Continue has set both, or Head throws.
        var at = Math.Max(nowMicros, head.RecordedAtMicros);
        Span<byte> recordedAt = stackalloc byte[EntryFormat.TimestampLength];
        Timestamp.Write(at, recordedAt);
        var last = head.LastHash;
        var offset = 0;
        _entries.Clear();
        Reserve(templates);
        for (var i = 0; i < templates.Count; i++)
        {
            var length = templates[i].Splice(_bytes.AsSpan(offset), head.Size + i, last, recordedAt);
            if (length > EntryFormat.MaxBytes)
            {
                throw new ArgumentException($"Entry {i} has {length} bytes; the format allows {EntryFormat.MaxBytes}.");
            }

            last = MerkleHash.Leaf(_bytes.AsSpan(offset, length));
            tree.Append(last);
            _entries.Add(new SequencedEntry(offset, length, last));
            offset += length;
        }

        _head = Sign(tree, head.Origin, last, at);
        return new SequencedBatch(head.Size, _bytes.AsMemory(0, offset), _entries, tree.TakeCompleted(), _head);
    }

    /// <summary>Drops the memory: a commit failed, or may have.</summary>
    public void Forget()
    {
        _tree = null;
        _head = null;
    }

    private LogHead Sign(TreeAppender tree, string origin, Digest last, long at)
    {
        var root = tree.Root();
        var note = signer.Sign(new Checkpoint(origin, tree.Size, root, []).ToText());
        return new LogHead(origin, tree.Size, root, tree.CopyFrontier().Encode(), last, note, at);
    }

    private void Reserve(IReadOnlyList<EntryTemplate> templates)
    {
        var most = 0;
        for (var i = 0; i < templates.Count; i++)
        {
            most += templates[i].MaxLength;
        }

        if (_bytes.Length < most)
        {
            _bytes = new byte[most + most / 2];
        }
    }

    private static TreeAppender Rebuild(LogHead head, IReadOnlyList<ReadOnlyMemory<byte>> partialTiles)
    {
        TreeAppender tree;
        try
        {
            tree = TreeAppender.Restore(head.Size, partialTiles);
        }
        catch (FormatException failure)
        {
            throw new LedgerIntegrityException($"The stored hashes do not fit the head: {failure.Message}");
        }

        var root = tree.Root();
        if (root != head.Root)
        {
            throw new LedgerIntegrityException(
                $"The head says root {head.Root} at size {head.Size}, the stored hashes give {root}.");
        }

        if (!tree.CopyFrontier().Encode().AsSpan().SequenceEqual(head.Frontier.Span))
        {
            throw new LedgerIntegrityException(
                $"The head's frontier at size {head.Size} is not what the stored hashes give.");
        }

        return tree;
    }
}
