using Probity.Ledger.Verification;
using Xunit;

namespace Probity.Tests.Verification;

/// <summary>Rows taken from where a store has them are judged as rows that were read.</summary>
public sealed class HandedOverRowsTests
{
    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(1_023)]
    [InlineData(1_024)]
    [InlineData(2_499)]
    public async Task The_report_is_the_same(int changed)
    {
        var log = StoredLog.Of(2_500, 100);
        if (changed >= 0)
        {
            log.Rows[changed].Body[^20] ^= 1;
        }

        var read = await log.AuditAsync();
        log.HandsOverRows = true;
        var handedOver = await log.AuditAsync();
        log.Overstated = 1; // The store had fewer than it said: they are read after all.
        var readAfterAll = await log.AuditAsync();

        Assert.Equal(changed < 0, read.IsSound);
        foreach (var report in (AuditReport[])[handedOver, readAfterAll])
        {
            Assert.Equal(read.Findings.Select(f => f.ToString()), report.Findings.Select(f => f.ToString()));
            Assert.Equal(read.Counts, report.Counts);
            Assert.Equal(read.LastGood, report.LastGood);
        }
    }

    [Fact]
    public void A_batch_of_no_rows_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(
            () => AuditedBatch.ToScan(0, _ => true, () => Task.FromResult(new AuditedBatch(default))));
}
