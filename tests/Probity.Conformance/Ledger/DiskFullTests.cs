using System.Diagnostics;
using Probity.Conformance.Storage;
using Probity.Ledger.Merkle;
using Probity.Ledger.Notes;
using Probity.Ledger.Tiles;
using Probity.Server.AuditTrail.Append;
using Xunit;

namespace Probity.Conformance.Ledger;

/// <summary>The SQLite store on a disk of a few megabytes that fills up.</summary>
public sealed class DiskFullTests(ITestOutputHelper output) : IDisposable
{
    private readonly DirectoryInfo _mount = Directory.CreateTempSubdirectory("probity-full-");
    private bool _isMounted;

    private string Ballast => Path.Combine(_mount.FullName, "ballast");

    private string Filler => Path.Combine(_mount.FullName, "filler");

    [Fact]
    public async Task A_full_disk_refuses_changes_tears_nothing_keeps_answering_and_resumes()
    {
        await using var ledger = await OpenOnSmallDiskAsync();
        var before = await AppendUntilRefusedAsync(ledger);
        FillToTheLastByte();

        for (var i = 0; i < 5; i++)
        {
            await AssertRefusedAsync(ledger);
        }

        await AssertAnswersAsync(ledger, before);
        File.Delete(Filler);
        File.Delete(Ballast);
        await ledger.FillAsync(300, 100);

        output.WriteLine($"disk full after {before} events; resumed to {before + 300} on the same writer");
        await AssertSizeAndSoundAsync(ledger, before + 300);
    }

    [Fact]
    public async Task What_is_freed_goes_to_commits_and_not_to_a_checkpoint_that_cannot_end()
    {
        await using var ledger = await OpenOnSmallDiskAsync();
        long before;
        await using (var older = ledger.Store.Sqlite.OpenReader())
        await using (older.BeginTransaction(deferred: true))
        {
            // While somebody reads an older state, everything new stays in the WAL.
            await using var look = older.CreateCommand();
            look.CommandText = "SELECT count(*) FROM sqlite_master";
            await look.ExecuteScalarAsync(CancellationToken.None);
            before = await AppendUntilRefusedAsync(ledger);
        }

        File.Delete(Ballast);
        await Task.Delay(TimeSpan.FromSeconds(2), CancellationToken.None);
        await ledger.FillAsync(300, 100);
        await AssertSizeAndSoundAsync(ledger, before + 300);
    }

    [Fact]
    public async Task What_waits_in_the_queue_when_the_disk_fills_is_refused_and_not_lost_silently()
    {
        await using var ledger = await OpenOnSmallDiskAsync();

        var sent = Enumerable.Range(0, 20_000).Select(i => TryAppendAsync(ledger, TestLedger.Event(i))).ToArray();
        var acknowledged = (await Task.WhenAll(sent)).Count(done => done);

        Assert.InRange(acknowledged, 1, sent.Length - 1);
        await AssertSizeAndSoundAsync(ledger, acknowledged);
        File.Delete(Ballast);
        Assert.True(await TryAppendAsync(ledger, TestLedger.Event(1)));
        await AssertSizeAndSoundAsync(ledger, acknowledged + 1);
    }

    [Fact]
    public async Task A_writer_that_starts_on_a_full_disk_reads_refuses_and_then_resumes()
    {
        long before;
        var folder = new DirectoryInfo(Path.Combine(_mount.FullName, "store"));
        await using (var first = await OpenOnSmallDiskAsync())
        {
            before = await AppendUntilRefusedAsync(first);
            FillToTheLastByte();
            await using var second = await TestLedger.OpenAsync(first.Store.Shared());
            await Assert.ThrowsAnyAsync<Exception>(() => second.CommitAsync(TestLedger.Event(1)));
            await AssertAnswersAsync(second, before);
            File.Delete(Filler);
            File.Delete(Ballast);
            await second.FillAsync(10);
            await AssertSizeAndSoundAsync(second, before + 10);
        }

        Assert.False(folder.Exists && folder.EnumerateFiles().Any());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isMounted)
        {
            Run("umount", _mount.FullName);
        }

        _mount.Delete(recursive: true);
    }

    private async Task<TestLedger> OpenOnSmallDiskAsync()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Disk full: only root can mount a small tmpfs.");
        _isMounted = Run("mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", _mount.FullName);
        Assert.SkipUnless(_isMounted, "Disk full: mounting a tmpfs is not allowed here.");
        await File.WriteAllBytesAsync(Ballast, new byte[1 << 20]);
        return await TestLedger.OpenAsync(await TestStore.InFolderAsync(_mount.CreateSubdirectory("store")));
    }

    private static async Task<long> AppendUntilRefusedAsync(TestLedger ledger)
    {
        // Large batches until one does not fit, then single events until not even one does.
        var size = 0L;
        foreach (var batch in (int[])[100, 1])
        {
            while (await TryAppendAsync(ledger, [.. Enumerable.Range(0, batch).Select(TestLedger.Event)]))
            {
                size += batch;
            }
        }

        return size;
    }

    private static async Task<bool> TryAppendAsync(TestLedger ledger, params string[] events)
    {
        try
        {
            await ledger.CommitAsync(events);
            return true;
        }
        catch (LedgerUnavailableException refusal)
        {
            Assert.Equal("store.disk_full", refusal.Code);
            return false;
        }
    }

    private static async Task AssertRefusedAsync(TestLedger ledger)
    {
        var refusal = await Assert.ThrowsAsync<LedgerUnavailableException>(() => ledger.CommitAsync(TestLedger.Event(1)));
        Assert.True(refusal.Code == "store.disk_full", refusal.ToString());
    }

    private static async Task AssertAnswersAsync(TestLedger ledger, long size)
    {
        var head = await ledger.Reader.HeadAsync(CancellationToken.None);
        var entry = await ledger.Reader.EntryAsync(3, CancellationToken.None);
        var proof = await ledger.Reader.ProofAsync(3, null, CancellationToken.None);
        var tile = await ledger.Reader.TileAsync(new TilePath(0, 0, 256), CancellationToken.None);
        var bundle = await ledger.Reader.TileAsync(new TilePath(TilePath.Entries, 0, 256), CancellationToken.None);
        var newest = await ledger.Ledger.ReadNewestCheckpointsAsync(long.MaxValue, 1, CancellationToken.None);
        var consistency = await ledger.Reader.ConsistencyAsync(100, size, CancellationToken.None);

        Assert.Equal(size, head.Size);
        Assert.IsType<TlogProofVerdict.Verified>(proof!.Verify(MerkleHash.Leaf(entry!.Value.Body.Span), [ledger.Log.Key]));
        Assert.Equal(8_192, tile!.Value.Length);
        Assert.False(bundle!.Value.IsEmpty);
        Assert.Equal(head.Checkpoint, newest[0].Note);
        Assert.True(ConsistencyProof.Verify(
            100, size, await ledger.Reader.RootAsync(100, CancellationToken.None), head.Root, consistency));
        await AssertSizeAndSoundAsync(ledger, size);
    }

    private static async Task AssertSizeAndSoundAsync(TestLedger ledger, long size)
    {
        var report = await ledger.AuditAsync();
        Assert.True(report.IsSound, report.First?.Detail);
        Assert.Equal(size, report.Counts.Entries);
    }

    private void FillToTheLastByte()
    {
        using var filler = File.Create(Filler);
        try
        {
            while (true)
            {
                filler.Write(new byte[4_096]);
                filler.Flush();
            }
        }
        catch (IOException)
        {
            // The disk is full now.
        }
    }

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
