using System.Runtime.CompilerServices;
using Probity.Ledger.Verification;
using Xunit;

namespace Probity.Tests.Verification;

/// <summary>Several workers: how many are busy at once, and how a pass ends before its end.</summary>
public sealed class BatchWorkersTests
{
    private const int Entries = 4_000;
    private const int RowsOfABatch = 20;
    private static readonly StoredLog s_log = StoredLog.Of(Entries, 50);

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(8)]
    public async Task As_many_batches_are_worked_on_as_there_are_workers_and_never_more(int workers)
    {
        var log = new WatchedLog { Meeting = workers };

        var report = await AuditAsync(log, workers);

        Assert.True(report.IsSound, report.First?.ToString());
        Assert.Equal(Entries, report.Counts.Entries);
        Assert.Equal(workers, log.MostAtOnce);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(77)]
    public async Task A_log_that_cannot_be_read_on_says_so_every_time(int batch)
    {
        for (var i = 0; i < 40; i++)
        {
            var log = new WatchedLog { FailsAt = batch };

            var failure = await Assert.ThrowsAsync<IOException>(() => AuditAsync(log, 4));

            Assert.Equal($"Batch {batch} is not there.", failure.Message);
            Assert.True(log.IsClosed);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(77)]
    public async Task So_does_a_batch(int batch)
    {
        for (var i = 0; i < 40; i++)
        {
            var log = new WatchedLog { FailsWithin = batch };

            var failure = await Assert.ThrowsAsync<IOException>(() => AuditAsync(log, 4));

            Assert.Equal($"Batch {batch} cannot be read.", failure.Message);
            Assert.True(log.IsClosed);
        }
    }

    [Fact]
    public async Task What_is_cancelled_reads_no_further_and_gives_back_what_it_took()
    {
        for (var i = 0; i < 40; i++)
        {
            using var cancel = new CancellationTokenSource();
            var log = new WatchedLog { CancelsAt = (20 + i, cancel) };

            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => AuditAsync(log, 4, cancel.Token));

            Assert.True(log.IsClosed);
            Assert.InRange(log.Asked, 20 + i, 40 + i);
            Assert.Equal(0, log.Held);
        }
    }

    private static Task<AuditReport> AuditAsync(
        IAuditedLog log, int workers, CancellationToken cancellationToken = default) =>
        LogAuditor.AuditAsync(log, new AuditOptions([StoredLog.Key]) { Parallelism = workers }, cancellationToken);

    /// <summary>Hands out the log in many small batches and counts those in work.</summary>
    private sealed class WatchedLog : IAuditedLog
    {
        private readonly Lock _lock = new();
        private readonly TaskCompletionSource _met = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _busy;
        private int _held;

        public int? FailsAt { get; init; }

        public int? FailsWithin { get; init; }

        public (int Batch, CancellationTokenSource Source)? CancelsAt { get; init; }

        /// <summary>How many of the first batches wait for each other.</summary>
        public int Meeting { get; init; }

        public int MostAtOnce { get; private set; }

        public int Asked { get; private set; }

        /// <summary>Batches that were read and not given back.</summary>
        public int Held => _held;

        public bool IsClosed { get; private set; }

        public string Origin => s_log.Origin;

        public bool HasTiles => s_log.HasTiles;

        public bool HasPartialTiles => s_log.HasPartialTiles;

        public ValueTask<AuditedHead?> ReadHeadAsync(CancellationToken cancellationToken) =>
            s_log.ReadHeadAsync(cancellationToken);

        public async IAsyncEnumerable<AuditedBatch> ReadEntriesAsync(
            [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            try
            {
                for (var i = 0; i < Entries / RowsOfABatch; i++)
                {
                    await Task.Yield();
                    Asked++;
                    if (i == CancelsAt?.Batch)
                    {
                        await CancelsAt.Value.Source.CancelAsync();
                    }

                    var batch = i;
                    yield return i == FailsAt
                        ? throw new IOException($"Batch {i} is not there.")
                        : AuditedBatch.ToRead(() => ReadAsync(batch));
                }
            }
            finally
            {
                IsClosed = true;
            }
        }

        public IAsyncEnumerable<AuditedTile> ReadTilesAsync(int level, CancellationToken cancellationToken) =>
            s_log.ReadTilesAsync(level, cancellationToken);

        public IAsyncEnumerable<AuditedCheckpoint> ReadCheckpointsAsync(CancellationToken cancellationToken) =>
            s_log.ReadCheckpointsAsync(cancellationToken);

        private async Task<AuditedBatch> ReadAsync(int batch)
        {
            await Task.Yield();
            Begin();
            if (batch < Meeting)
            {
                await _met.Task.WaitAsync(TimeSpan.FromSeconds(30)); // Fails when fewer are worked on at once.
            }

            if (batch == FailsWithin)
            {
                End();
                throw new IOException($"Batch {batch} cannot be read.");
            }

            var rows = s_log.Rows.Skip(batch * RowsOfABatch).Take(RowsOfABatch)
                .Select(row => new AuditedEntry(row.Row, row.Hash, row.Body)).ToArray();
            return new AuditedBatch(rows, new Release(this));
        }

        private void Begin()
        {
            lock (_lock)
            {
                _held++;
                MostAtOnce = Math.Max(MostAtOnce, ++_busy);
                if (_busy == Meeting)
                {
                    _met.TrySetResult();
                }
            }
        }

        private void End()
        {
            lock (_lock)
            {
                _held--;
                _busy--;
            }
        }

        private sealed class Release(WatchedLog log) : IDisposable
        {
            public void Dispose() => log.End();
        }
    }
}
