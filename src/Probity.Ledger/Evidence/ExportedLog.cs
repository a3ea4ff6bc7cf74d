using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;
using Probity.Ledger.Merkle;
using Probity.Ledger.Notes;
using Probity.Ledger.Tiles;
using Probity.Ledger.Verification;

namespace Probity.Ledger.Evidence;

/// <summary>
/// A log exported to a folder, laid out as C2SP tlog-tiles serves it: <c>checkpoint</c>, <c>tile/…</c>,
/// <c>tile/entries/…</c>; and beside that <c>checkpoints/&lt;size&gt;</c>, <c>keys.txt</c> with one verifier key a line,
/// and <c>blobs/&lt;sha256&gt;</c>. Any web server that serves the folder serves the log. Read-only; thread safe.
/// </summary>
public sealed class ExportedLog : IAuditedLog, IBlobReader
{
    internal const string CheckpointFile = "checkpoint";
    internal const string CheckpointsFolder = "checkpoints";
    internal const string KeysFile = "keys.txt";
    internal const string BlobsFolder = "blobs";

    private const int MaxNoteFiles = 100_000_000;
    private const int MaxBundleBytes = TilePath.FullWidth * (sizeof(ushort) + EntryBundle.MaxEntryBytes);

    private readonly string _folder;
    private readonly long _size;

    private ExportedLog(string folder, string origin, long size, IReadOnlyList<VerifierKey> keys)
    {
        _folder = folder;
        _size = size;
        Origin = origin;
        Keys = keys;
    }

    /// <inheritdoc/>
    public string Origin { get; }

    /// <summary>The keys that came with the folder: whoever made the folder chose them.</summary>
    public IReadOnlyList<VerifierKey> Keys { get; }

    /// <inheritdoc/>
    public bool HasTiles => true;

    /// <inheritdoc/>
    public bool HasPartialTiles => true;

    /// <summary>Whether a folder looks like an exported log.</summary>
    public static bool IsAt(string folder) =>
        Directory.Exists(folder) && (File.Exists(Path.Combine(folder, CheckpointFile)) || Directory.Exists(Path.Combine(folder, "tile")));

    /// <summary>Opens a folder. Nothing but its checkpoint and keys is read yet, and nothing is verified.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="origin">The origin expected; null to take the one that the first key or the checkpoint names.</param>
    /// <exception cref="FormatException">Neither names an origin, or a key is malformed.</exception>
    public static ExportedLog Open(string folder, string? origin = null)
    {
        var note = ReadText(Path.Combine(folder, CheckpointFile));
        var keys = ReadKeys(Path.Combine(folder, KeysFile));
        Checkpoint? checkpoint = null;
        try
        {
            checkpoint = note is null ? null : Checkpoint.Parse(SignedNote.Parse(note).Text);
        }
        catch (NoteFormatException)
        {
            // The auditor says so; what else there is can still be read.
        }

        origin ??= keys.FirstOrDefault(k => k.SignatureType == VerifierKey.Ed25519Note)?.Name ?? checkpoint?.Origin
            ?? throw new FormatException("Neither a key nor the checkpoint of the folder names the log's origin.");
        return new ExportedLog(folder, origin, checkpoint?.Size ?? 0, keys);
    }

    /// <inheritdoc/>
    public ValueTask<AuditedHead?> ReadHeadAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult(ReadText(Path.Combine(_folder, CheckpointFile)) is { } note ? new AuditedHead(note) : null);

    /// <inheritdoc/>
    public async IAsyncEnumerable<AuditedBatch> ReadEntriesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var (index, file) in Files(TilePath.Entries))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return AuditedBatch.ToRead(() => Task.FromResult(ReadBundle(index, file)));
        }

        await Task.CompletedTask.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<AuditedTile> ReadTilesAsync(
        int level, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var (index, file) in Files(level))
        {
            var hashes = await File.ReadAllBytesAsync(file, cancellationToken).ConfigureAwait(false);
            yield return new AuditedTile(index, default, hashes);
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<AuditedCheckpoint> ReadCheckpointsAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var folder = Path.Combine(_folder, CheckpointsFolder);
        if (!Directory.Exists(folder))
        {
            yield break;
        }

        var sizes = Directory.EnumerateFiles(folder).Take(MaxNoteFiles)
            .Select(f => Canonical.TryDecimal(Path.GetFileName(f), out var size) ? size : -1).Where(s => s >= 0).Order();
        foreach (var size in sizes.ToArray())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var name = size.ToString(CultureInfo.InvariantCulture);
            yield return new AuditedCheckpoint(size, ReadText(Path.Combine(folder, name)) ?? string.Empty);
        }

        await Task.CompletedTask.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    [SuppressMessage("Reliability", "CA2000", Justification = "The stream is handed to the caller, who closes it.")]
    public ValueTask<Stream?> OpenAsync(Digest sha256, CancellationToken cancellationToken)
    {
        var file = Path.Combine(_folder, BlobsFolder, sha256.ToString());
        return ValueTask.FromResult<Stream?>(File.Exists(file) ? File.OpenRead(file) : null);
    }

    /// <summary>
    /// The files of a level by index. Those that the checkpoint's size calls for are looked for at their places, and then
    /// on as long as there are more, so that a file too much is found as well as one too few.
    /// </summary>
    private IEnumerable<(long Index, string File)> Files(int level)
    {
        var expected = TileLayout.FullTiles(level, _size) + (TileLayout.PartialWidth(level, _size) > 0 ? 1 : 0);
        for (var index = 0L; ; index++)
        {
            var file = Path.Combine(_folder, new TilePath(level, index, TilePath.FullWidth).ToString());
            if (!File.Exists(file))
            {
                file = Partial(file + ".p", TileLayout.Width(level, index, _size));
            }

            if (file is not null)
            {
                yield return (index, file);
            }
            else if (index >= expected)
            {
                yield break;
            }
        }
    }

    private static string? Partial(string folder, int width)
    {
        if (!Directory.Exists(folder))
        {
            return null;
        }

        var file = Path.Combine(folder, width.ToString(CultureInfo.InvariantCulture));
        return width > 0 && File.Exists(file)
            ? file
            : Directory.EnumerateFiles(folder).Where(f => int.TryParse(Path.GetFileName(f), out _))
                .MaxBy(f => int.Parse(Path.GetFileName(f), CultureInfo.InvariantCulture));
    }

    /// <summary>Reads on the worker that will hash: to read a file asynchronously only means to do so on another.</summary>
    [SuppressMessage("Reliability", "CA2000", Justification = "The batch gives the arrays back; on a fault they are garbage.")]
    private static AuditedBatch ReadBundle(long index, string file)
    {
        using var handle = File.OpenHandle(file, options: FileOptions.SequentialScan);
        var length = (int)Math.Min(RandomAccess.GetLength(handle), MaxBundleBytes);
        var rented = new RentedBundle(length);
        for (var at = 0; at < length;)
        {
            var read = RandomAccess.Read(handle, rented.Bytes.AsSpan(at, length - at), at);
            if (read == 0)
            {
                throw new EndOfStreamException($"{file} became shorter while it was read.");
            }

            at += read;
        }

        return new AuditedBatch(Split(index * TilePath.FullWidth, rented, length), rented);
    }

    /// <summary>
    /// The entries of a bundle, as far as they can be told apart. Bytes that end within an entry are handed out as an
    /// entry of their own, so that the auditor sees and names them.
    /// </summary>
    private static ReadOnlyMemory<AuditedEntry> Split(long row, RentedBundle bundle, int length)
    {
        var count = 0;
        for (var at = 0; at < length && count < TilePath.FullWidth; count++)
        {
            var has = length - at >= sizeof(ushort) ? BinaryPrimitives.ReadUInt16BigEndian(bundle.Bytes.AsSpan(at)) : 0;
            at = Math.Min(at + sizeof(ushort), length);
            var end = Math.Min(at + has, length);
            bundle.Entries[count] = new AuditedEntry(row + count, default, bundle.Bytes.AsMemory(at, end - at));
            at = end;
        }

        return bundle.Entries.AsMemory(0, count);
    }

    private static VerifierKey[] ReadKeys(string file) => ReadText(file) is { } text
        ? [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(VerifierKey.Parse)]
        : [];

    private static string? ReadText(string file) =>
        File.Exists(file) && new FileInfo(file).Length <= SignedNote.MaxBytes ? File.ReadAllText(file) : null;

    private sealed class RentedBundle(int length) : IDisposable
    {
        public byte[] Bytes { get; } = ArrayPool<byte>.Shared.Rent(Math.Max(length, 1));

        public AuditedEntry[] Entries { get; } = ArrayPool<AuditedEntry>.Shared.Rent(TilePath.FullWidth);

        public void Dispose()
        {
            ArrayPool<byte>.Shared.Return(Bytes);
            ArrayPool<AuditedEntry>.Shared.Return(Entries, clearArray: true);
        }
    }
}
