using System.Runtime.CompilerServices;
using Probity.Ledger.Verification;
using Xunit;

namespace Probity.Tests.Verification;

/// <summary>With one worker the log is asked for more only when all there was has been checked.</summary>
public sealed class OneWorkerTests
{
    [Fact]
    public async Task A_log_that_paces_itself_sees_all_the_work()
    {
        var log = new AskedLog(StoredLog.Of(5_000, 10));

        var alone = await LogAuditor.AuditAsync(log, Options(1), CancellationToken.None);

        Assert.True(alone.IsSound);
        Assert.Equal(5_000, alone.Counts.Entries);
        Assert.True(log.Asked > 2);
        Assert.Equal(0, log.Unfinished);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1_023)]
    [InlineData(4_999)]
    public async Task It_finds_what_many_find(int changed)
    {
        var log = StoredLog.Of(5_000, 10);
        log.Rows[changed].Body[^20] ^= 1;

        var alone = await LogAuditor.AuditAsync(log, Options(1), CancellationToken.None);
        var many = await LogAuditor.AuditAsync(log, Options(4), CancellationToken.None);

        Assert.False(alone.IsSound);
        Assert.Equal(many.Findings.Select(f => f.ToString()), alone.Findings.Select(f => f.ToString()));
        Assert.Equal(many.LastGood, alone.LastGood);
    }

    private static AuditOptions Options(int workers) => new([StoredLog.Key]) { Parallelism = workers };

    /// <summary>Counts the batches that were asked for while the one before had not been given back.</summary>
    private sealed class AskedLog(StoredLog inner) : IAuditedLog
    {
        private int _out;

        public int Asked { get; private set; }

        public int Unfinished { get; private set; }

        public string Origin => inner.Origin;

        public bool HasTiles => inner.HasTiles;

        public bool HasPartialTiles => inner.HasPartialTiles;

        public ValueTask<AuditedHead?> ReadHeadAsync(CancellationToken cancellationToken) =>
            inner.ReadHeadAsync(cancellationToken);

        public async IAsyncEnumerable<AuditedBatch> ReadEntriesAsync(
            [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await foreach (var batch in inner.ReadEntriesAsync(cancellationToken))
            {
                var loaded = await batch.LoadAsync();
                (Asked, _out) = (Asked + 1, _out + 1);
                yield return new AuditedBatch(loaded.Entries.ToArray(), new Return(this));
                Unfinished += _out;
            }
        }

        public IAsyncEnumerable<AuditedTile> ReadTilesAsync(int level, CancellationToken cancellationToken) =>
            inner.ReadTilesAsync(level, cancellationToken);

        public IAsyncEnumerable<AuditedCheckpoint> ReadCheckpointsAsync(CancellationToken cancellationToken) =>
            inner.ReadCheckpointsAsync(cancellationToken);

        private sealed class Return(AskedLog log) : IDisposable
        {
            public void Dispose() => log._out--;
        }
    }
}
