using System.Runtime.CompilerServices;
using Probity.Ledger.Merkle;
using Probity.Ledger.Verification;
using Probity.Server.AuditTrail.Stores;

namespace Probity.Server.AuditTrail.Verification;

/// <summary>The stored log as the auditor reads it: rows as they are, nothing corrected, nothing skipped.</summary>
internal sealed class StoredLog(ILedgerStore store, string origin) : IAuditedLog, IBlobReader
{
    private const int Batch = 2_048;
    private const int TileBatch = 128;

    public string Origin => origin;

    public bool HasTiles => true;

    public bool HasPartialTiles => false;

    public async ValueTask<AuditedHead?> ReadHeadAsync(CancellationToken cancellationToken) =>
        await store.ReadRawHeadAsync(cancellationToken);

    public async IAsyncEnumerable<AuditedBatch> ReadEntriesAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var next = long.MinValue;
        while (true)
        {
            var rows = await store.ReadRawEntriesAsync(next, Batch, cancellationToken);
            if (rows.Length == 0)
            {
                yield break;
            }

            yield return new AuditedBatch(rows);
            next = rows[^1].Row + 1;
        }
    }

    public async IAsyncEnumerable<AuditedTile> ReadTilesAsync(
        int level, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var next = long.MinValue;
        while (true)
        {
            var tiles = await store.ReadRawTilesAsync(level, next, TileBatch, cancellationToken);
            foreach (var tile in tiles)
            {
                yield return tile;
                next = tile.Index + 1;
            }

            if (tiles.Count < TileBatch)
            {
                yield break;
            }
        }
    }

    public async IAsyncEnumerable<AuditedCheckpoint> ReadCheckpointsAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var next = long.MinValue;
        while (true)
        {
            var page = await store.ReadCheckpointsAsync(next, Batch, cancellationToken);
            foreach (var checkpoint in page)
            {
                yield return new AuditedCheckpoint(checkpoint.Size, checkpoint.Note);
                next = checkpoint.Size + 1;
            }

            if (page.Count < Batch)
            {
                yield break;
            }
        }
    }

    public async ValueTask<Stream?> OpenAsync(Digest sha256, CancellationToken cancellationToken) =>
        await store.ReadBlobAsync(sha256, cancellationToken) is { } content ? new MemoryStream(content, false) : null;
}
