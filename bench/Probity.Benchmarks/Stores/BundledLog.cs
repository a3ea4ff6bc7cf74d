using System.Buffers;
using System.Runtime.CompilerServices;
using Probity.Ledger.Tiles;
using Probity.Ledger.Verification;
using Probity.Server.AuditTrail.Reading;
using Probity.Server.AuditTrail.Stores;

namespace Probity.Benchmarks.Stores;

/// <summary>An exported log held in memory: entry bundles, full tiles and the newest checkpoint, and no hashes beside.</summary>
internal sealed class BundledLog : IAuditedLog
{
    private readonly List<(byte[] Bundle, int Width)> _bundles = [];
    private readonly List<List<AuditedTile>> _tiles = [];
    private readonly string _note;

    private BundledLog(string origin, string note) => (Origin, _note) = (origin, note);

    public string Origin { get; }

    public bool HasTiles => true;

    public bool HasPartialTiles => false;

    public static async Task<BundledLog> ReadAsync(ILedgerStore store, LedgerReader reader, int most)
    {
        var head = await reader.HeadAsync(CancellationToken.None);
        var checkpoints = await store.ReadNewestCheckpointsAsync(Math.Min(most, head.Size), 1, CancellationToken.None);
        var log = new BundledLog(head.Origin, checkpoints[0].Note);
        var size = checkpoints[0].Size;
        for (var at = 0L; at < size; at += TilePath.FullWidth)
        {
            var width = (int)Math.Min(TilePath.FullWidth, size - at);
            log._bundles.Add((Bundle(await store.ReadEntriesAsync(at, width, CancellationToken.None)), width));
        }

        for (var level = 0; TileLayout.FullTiles(level, size) > 0; level++)
        {
            var tiles = await store.ReadRawTilesAsync(
                level, 0, (int)TileLayout.FullTiles(level, size), CancellationToken.None);
            log._tiles.Add([.. tiles.Select(tile => new AuditedTile(tile.Index, default, tile.Hashes))]);
        }

        return log;
    }

    public ValueTask<AuditedHead?> ReadHeadAsync(CancellationToken cancellationToken) => new(new AuditedHead(_note));

    public async IAsyncEnumerable<AuditedBatch> ReadEntriesAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var row = 0L;
        foreach (var (bundle, width) in _bundles)
        {
            var first = row;
            yield return AuditedBatch.ToRead(() => Task.FromResult(Rows(bundle, width, first)));
            row += width;
        }

        await Task.CompletedTask;
    }

    public async IAsyncEnumerable<AuditedTile> ReadTilesAsync(
        int level, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var tile in level < _tiles.Count ? _tiles[level] : [])
        {
            yield return tile;
        }

        await Task.CompletedTask;
    }

    public async IAsyncEnumerable<AuditedCheckpoint> ReadCheckpointsAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        yield break;
    }

    private static AuditedBatch Rows(byte[] bundle, int width, long first) => new(EntryBundle.Read(bundle, width)
        .Select((body, i) => new AuditedEntry(first + i, default, body)).ToArray());

    private static byte[] Bundle(IReadOnlyList<StoredEntry> entries)
    {
        var bundle = new ArrayBufferWriter<byte>();
        foreach (var entry in entries)
        {
            EntryBundle.Write(bundle, entry.Body.Span);
        }

        return bundle.WrittenSpan.ToArray();
    }
}
