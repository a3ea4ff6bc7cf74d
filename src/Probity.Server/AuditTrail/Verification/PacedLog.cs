using System.Runtime.CompilerServices;
using Probity.Ledger.Verification;

namespace Probity.Server.AuditTrail.Verification;

/// <summary>Reads a log with pauses, so that reading and checking together take only a share of the time.</summary>
internal sealed class PacedLog(IAuditedLog inner, double share, TimeProvider time) : IAuditedLog
{
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(2);

    public string Origin => inner.Origin;

    public bool HasTiles => inner.HasTiles;

    public bool HasPartialTiles => inner.HasPartialTiles;

    public ValueTask<AuditedHead?> ReadHeadAsync(CancellationToken cancellationToken) =>
        inner.ReadHeadAsync(cancellationToken);

    public async IAsyncEnumerable<AuditedBatch> ReadEntriesAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        await foreach (var batch in inner.ReadEntriesAsync(cancellationToken))
        {
            yield return await batch.LoadAsync(); // Reading is part of what takes time.
            var worked = time.GetElapsedTime(started);
            var pause = worked * ((1 - share) / share);
            await Task.Delay(pause < s_longestPause ? pause : s_longestPause, time, cancellationToken);
            started = time.GetTimestamp();
        }
    }

    public IAsyncEnumerable<AuditedTile> ReadTilesAsync(int level, CancellationToken cancellationToken) =>
        inner.ReadTilesAsync(level, cancellationToken);

    public IAsyncEnumerable<AuditedCheckpoint> ReadCheckpointsAsync(CancellationToken cancellationToken) =>
        inner.ReadCheckpointsAsync(cancellationToken);
}
