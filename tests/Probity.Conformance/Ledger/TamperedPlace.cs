using System.Buffers;
using System.Globalization;
using Probity.Conformance.Storage;
using Probity.Ledger.Evidence;
using Probity.Ledger.Notes;
using Probity.Ledger.Tiles;
using Probity.Ledger.Verification;
using Probity.Server.AuditTrail.Verification;

namespace Probity.Conformance.Ledger;

/// <summary>Where a log is kept that is tampered with.</summary>
public enum LogPlace
{
    /// <summary>The tables of a SQLite file.</summary>
    Sqlite,

    /// <summary>The tables of a PostgreSQL database.</summary>
    Postgres,

    /// <summary>The files of an exported log.</summary>
    Export,
}

/// <summary>A log of 600 entries, an older copy of it and a fork from that copy, all made by the product.</summary>
internal sealed class TamperedPlace : IAsyncDisposable
{
    public const int Size = 600;
    public const int OldSize = 300;
    public const int BlobSeq = 250;
    public const int SmallSeq = 1;

    private static readonly int[] s_oldBatches = [1, 2, 5, 13, 40, 3, 100, 7, 64, 29, 36];
    private static readonly int[] s_newBatches = [20, 50, 30, 90, 10, 60, 5, 25, 10];

    private readonly TestLedger _ledger;
    private readonly Attacker _attacker;
    private readonly DirectoryInfo? _folder;
    private LogImage _now;

    private TamperedPlace(TestLedger ledger, Attacker attacker, DirectoryInfo? folder, LogImage sound, LogImage old, LogImage fork)
    {
        (_ledger, _attacker, _folder, _now, Sound, Old, Fork) = (ledger, attacker, folder, sound, sound, old, fork);
        Signer = NoteSigner.FromSeed(ledger.Log.Origin, ledger.Keys.Installation.LogSigning);
        Foreign = NoteSigner.FromSeed(ledger.Log.Origin, [.. Enumerable.Repeat((byte)9, 32)]);
    }

    public LogImage Sound { get; }

    public LogImage Old { get; }

    public LogImage Fork { get; }

    /// <summary>The log's own key.</summary>
    public NoteSigner Signer { get; }

    /// <summary>Another key that bears the log's name.</summary>
    public NoteSigner Foreign { get; }

    public string Folder => _folder?.FullName ?? throw new InvalidOperationException("Not an exported log.");

    /// <summary>Checkpoint notes that were kept elsewhere.</summary>
    public string[] Outside => [Sound.NoteOf(OldSize), Sound.NoteOf(Size)];

    public static async Task<TamperedPlace> OpenAsync(LogPlace place, LedgerStores stores)
    {
        var ledger = await stores.OpenAsync(place == LogPlace.Postgres ? StoreKind.Postgres : StoreKind.Sqlite);
        await FillAsync(ledger, 0, s_oldBatches);
        var attacker = await Attacker.OpenAsync(ledger.Store);
        var old = await attacker.ReadAsync();
        await FillAsync(ledger, OldSize, s_newBatches);
        var sound = await attacker.ReadAsync();
        var fork = await MakeForkAsync(ledger, attacker, sound, old);
        if (place != LogPlace.Export)
        {
            return new TamperedPlace(ledger, attacker, null, sound, old, fork);
        }

        var folder = Directory.CreateTempSubdirectory("probity-export-");
        var stored = await StoredLog.OpenAsync(ledger.Ledger, ledger.Log.Origin, CancellationToken.None);
        await ExportedLogWriter.WriteAsync(stored, folder.FullName, [ledger.Log.Key], stored);
        return new TamperedPlace(ledger, attacker, folder, sound.AsExport(), old.AsExport(), fork.AsExport());
    }

    /// <summary>Makes the store or the folder hold an image.</summary>
    public async Task PutAsync(LogImage image)
    {
        if (_folder is null)
        {
            await _attacker.ReplaceAsync(_now, image);
        }
        else
        {
            LayOut(image, Folder);
        }

        _now = image;
    }

    public async Task<AuditReport> AuditAsync(params string[] outside)
    {
        if (_folder is null)
        {
            return await _ledger.AuditAsync(outside);
        }

        // The key is the verifier's own, not the one in the folder.
        var export = ExportedLog.Open(Folder, _ledger.Log.Origin);
        return await LogAuditor.AuditAsync(
            export, new AuditOptions([_ledger.Log.Key], outside) { Blobs = export }, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        Signer.Dispose();
        Foreign.Dispose();
        await _attacker.DisposeAsync();
        await _ledger.DisposeAsync();
        _folder?.Delete(recursive: true);
    }

    private static async Task FillAsync(TestLedger ledger, int from, int[] batches)
    {
        foreach (var batch in batches)
        {
            await ledger.CommitAsync([.. Enumerable.Range(from, batch).Select(Event)]);
            from += batch;
        }
    }

    private static string Event(int number) => number switch
    {
        SmallSeq => """{"action":"a","actor":{"id":"x"}}""",
        BlobSeq => $$$"""{"action":"a","actor":{"id":"x"},"after":{"text":"{{{new string('x', 70_000)}}}"}}""",
        _ => TestLedger.Event(number),
    };

    /// <summary>The old copy is put back and continued by the product, with the log's own key.</summary>
    private static async Task<LogImage> MakeForkAsync(
        TestLedger ledger, Attacker attacker, LogImage sound, LogImage old)
    {
        await attacker.ReplaceAsync(sound, old);
        await using (var other = await LedgerStores.ReopenAsync(ledger))
        {
            await FillAsync(other, 10_000, s_newBatches);
        }

        var fork = await attacker.ReadAsync();
        await attacker.ReplaceAsync(fork, sound);
        return fork;
    }

    private static void LayOut(LogImage image, string folder)
    {
        foreach (var part in (string[])["tile", "checkpoints", "blobs"])
        {
            if (Directory.Exists(Path.Combine(folder, part)))
            {
                Directory.Delete(Path.Combine(folder, part), recursive: true);
            }
        }

        var bundles = image.Entries.OrderBy(e => e.Seq).Chunk(TilePath.FullWidth).ToArray();
        for (var i = 0; i < bundles.Length; i++)
        {
            var bytes = new ArrayBufferWriter<byte>();
            foreach (var entry in bundles[i])
            {
                EntryBundle.Write(bytes, entry.Body);
            }

            Write(folder, new TilePath(TilePath.Entries, i, bundles[i].Length).ToString(), bytes.WrittenSpan);
        }

        foreach (var tile in image.Tiles)
        {
            Write(folder, new TilePath(tile.Level, tile.Index, tile.Hashes.Length / 32).ToString(), tile.Hashes);
        }

        foreach (var checkpoint in image.Checkpoints)
        {
            Write(folder, "checkpoints/" + checkpoint.Size.ToString(CultureInfo.InvariantCulture), checkpoint.Note);
        }

        foreach (var blob in image.Blobs)
        {
            Write(folder, "blobs/" + Convert.ToHexStringLower(blob.Sha256), blob.Content);
        }

        Write(folder, "checkpoint", image.Head.Note);
    }

    private static void Write(string folder, string path, ReadOnlySpan<byte> bytes)
    {
        var file = Path.Combine(folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!); // the folder at least
        File.WriteAllBytes(file, bytes);
    }
}
