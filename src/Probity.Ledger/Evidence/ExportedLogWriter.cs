using System.Buffers;
using System.Globalization;
using Probity.Ledger.Merkle;
using Probity.Ledger.Notes;
using Probity.Ledger.Tiles;
using Probity.Ledger.Verification;

namespace Probity.Ledger.Evidence;

/// <summary>Writes a log to a folder in the layout that <see cref="ExportedLog"/> reads, in constant memory.</summary>
public static class ExportedLogWriter
{
    /// <summary>
    /// Writes the entries up to the head's signed checkpoint. Hash tiles are computed from the entries, not copied, so
    /// that a fault of the source shows up as a contradiction with its checkpoints instead of being carried along.
    /// </summary>
    /// <param name="log">The log.</param>
    /// <param name="folder">The folder, made if missing; it must be empty.</param>
    /// <param name="keys">The keys to hand out with it.</param>
    /// <param name="blobs">Gives the blobs that entries name; null to leave blobs out.</param>
    /// <param name="progress">Is told the entries written after each batch; null for nobody.</param>
    /// <param name="cancellationToken">Ends the export; what was written so far stays.</param>
    /// <returns>The size of the exported log.</returns>
    /// <exception cref="InvalidOperationException">No checkpoint has been signed, or the folder is not empty.</exception>
    /// <exception cref="InvalidDataException">A blob is missing or the log is shorter than its checkpoint.</exception>
    public static async Task<long> WriteAsync(IAuditedLog log, string folder, IReadOnlyList<VerifierKey> keys,
        IBlobReader? blobs = null, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(log);
        ArgumentNullException.ThrowIfNull(keys);
        Directory.CreateDirectory(folder);
        if (Directory.EnumerateFileSystemEntries(folder).Any())
        {
            throw new InvalidOperationException($"{folder} is not empty.");
        }

        var head = await log.ReadHeadAsync(cancellationToken).ConfigureAwait(false);
        var note = head?.Note ?? throw new InvalidOperationException("No checkpoint has been signed yet.");
        var size = Checkpoint.Parse(SignedNote.Parse(note).Text).Size;
        var pass = new Pass(folder, log.Origin, blobs, size);
        await pass.WriteEntriesAsync(log, progress, cancellationToken).ConfigureAwait(false);
        await WriteCheckpointsAsync(log, folder, size, cancellationToken).ConfigureAwait(false);
        await File.WriteAllTextAsync(Path.Combine(folder, ExportedLog.KeysFile),
            string.Concat(keys.Select(k => k + "\n")), cancellationToken).ConfigureAwait(false);
        // Last, so that a folder with a checkpoint is a whole one.
        await File.WriteAllTextAsync(Path.Combine(folder, ExportedLog.CheckpointFile), note, cancellationToken).ConfigureAwait(false);
        return size;
    }

    private static async Task WriteCheckpointsAsync(
        IAuditedLog log, string folder, long size, CancellationToken cancellationToken)
    {
        var checkpoints = Directory.CreateDirectory(Path.Combine(folder, ExportedLog.CheckpointsFolder)).FullName;
        await foreach (var checkpoint in log.ReadCheckpointsAsync(cancellationToken).ConfigureAwait(false))
        {
            if (checkpoint.Size <= size)
            {
                var file = Path.Combine(checkpoints, checkpoint.Size.ToString(CultureInfo.InvariantCulture));
                await File.WriteAllTextAsync(file, checkpoint.Note, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private sealed class Pass(string folder, string origin, IBlobReader? blobs, long size)
    {
        private readonly TreeAppender _tree = new();
        private readonly EntryScanner _scanner = new(origin);
        private readonly ArrayBufferWriter<byte> _bundle = new(1 << 18);

        public async Task WriteEntriesAsync(
            IAuditedLog log, IProgress<long>? progress, CancellationToken cancellationToken)
        {
            await foreach (var batch in log.ReadEntriesAsync(cancellationToken).ConfigureAwait(false))
            {
                using (var loaded = await batch.LoadAsync().ConfigureAwait(false))
                {
                    for (var i = 0; i < loaded.Entries.Length && _tree.Size < size; i++)
                    {
                        await AddAsync(loaded.Entries.Span[i], cancellationToken).ConfigureAwait(false);
                    }
                }

                progress?.Report(_tree.Size);
                if (_tree.Size == size)
                {
                    break;
                }
            }

            if (_tree.Size < size)
            {
                throw new InvalidDataException($"The log has {_tree.Size} entries, its checkpoint counts {size}.");
            }

            await WritePartialsAsync(cancellationToken).ConfigureAwait(false);
        }

        private async Task AddAsync(AuditedEntry entry, CancellationToken cancellationToken)
        {
            // A purged entry is a place of no bytes in the bundle; the tile keeps its leaf hash.
            var body = entry.Body;
            _tree.Append(body.IsEmpty ? Digest.From(entry.StoredHash.Span) : MerkleHash.Leaf(body.Span));
            EntryBundle.Write(_bundle, body.Span);
            if (blobs is not null && !body.IsEmpty)
            {
                await CopyBlobsAsync(body, cancellationToken).ConfigureAwait(false);
            }

            if (_tree.Size % TilePath.FullWidth != 0)
            {
                return;
            }

            var index = (_tree.Size / TilePath.FullWidth) - 1;
            await WriteAsync(new TilePath(TilePath.Entries, index, TilePath.FullWidth), _bundle.WrittenMemory, cancellationToken)
                .ConfigureAwait(false);
            _bundle.ResetWrittenCount();
            foreach (var tile in _tree.TakeCompleted())
            {
                await WriteAsync(new TilePath(tile.Level, tile.Index, TilePath.FullWidth), tile.Hashes, cancellationToken)
                    .ConfigureAwait(false);
            }
        }

        private async Task WritePartialsAsync(CancellationToken cancellationToken)
        {
            for (var level = 0; level < TileLayout.Levels; level++)
            {
                if (TileLayout.PartialWidth(level, size) is > 0 and var width)
                {
                    await WriteAsync(new TilePath(level, TileLayout.FullTiles(level, size), width), _tree.PartialTile(level),
                        cancellationToken).ConfigureAwait(false);
                }
            }

            if (_bundle.WrittenCount > 0)
            {
                var path = new TilePath(TilePath.Entries, size / TilePath.FullWidth, (int)(size % TilePath.FullWidth));
                await WriteAsync(path, _bundle.WrittenMemory, cancellationToken).ConfigureAwait(false);
            }
        }

        private async Task WriteAsync(TilePath path, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
        {
            var file = Path.Combine(folder, path.ToString());
            Directory.CreateDirectory(Path.GetDirectoryName(file)!); // a tile path always has folders
            await File.WriteAllBytesAsync(file, bytes, cancellationToken).ConfigureAwait(false);
        }

        private async Task CopyBlobsAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
        {
            var scanned = _scanner.Scan(body.Span);
            List<BlobReference> references = [];
            if (scanned.BlobsLength > 0)
            {
                BlobReferences.Read(scanned.Seq, body.Span.Slice(scanned.BlobsStart, scanned.BlobsLength), references);
            }

            foreach (var reference in references)
            {
                await CopyAsync(reference, cancellationToken).ConfigureAwait(false);
            }
        }

        private async Task CopyAsync(BlobReference reference, CancellationToken cancellationToken)
        {
            // The caller made sure that there is a reader.
            var from = await blobs!.OpenAsync(reference.Sha256, cancellationToken).ConfigureAwait(false)
                ?? throw new InvalidDataException($"The blob {reference.Sha256} of entry {reference.Seq} is missing.");
            await using (from.ConfigureAwait(false))
            {
                var target = Directory.CreateDirectory(Path.Combine(folder, ExportedLog.BlobsFolder)).FullName;
                var to = File.Create(Path.Combine(target, reference.Sha256.ToString()));
                await using (to.ConfigureAwait(false))
                {
                    await from.CopyToAsync(to, cancellationToken).ConfigureAwait(false);
                }
            }
        }
    }
}
