using Probity.Ledger.Evidence;
using Probity.Ledger.Verification;
using Probity.Tests.Verification;
using Xunit;

namespace Probity.Tests.Evidence;

public sealed class ExportedLogTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(256)]
    [InlineData(600)]
    public async Task An_exported_log_is_sound_and_has_the_checkpoint_of_its_source(int entries)
    {
        using var folder = new TemporaryFolder();
        var log = await ExportAsync(folder, entries);

        var report = await AuditAsync(log);

        Assert.True(report.IsSound, AdversaryTableTests.Describe(report));
        Assert.Equal((entries, entries), ((int)report.Counts.Entries, (int)report.LastGood!.Size));
    }

    [Fact]
    public async Task An_export_tells_how_far_it_is()
    {
        using var folder = new TemporaryFolder();
        var log = StoredLog.Of(600, 100);
        var told = new Told();

        await ExportedLogWriter.WriteAsync(
            log, folder.Path, [StoredLog.Key], log, told, TestContext.Current.CancellationToken);

        Assert.Equal(600, told.Entries[^1]);
        Assert.Equal(told.Entries.Order(), told.Entries);
    }

    [Fact]
    public async Task One_bit_in_any_byte_of_an_exported_file_is_found()
    {
        using var folder = new TemporaryFolder();
        await ExportAsync(folder, 270);
        foreach (var file in Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories).ToArray())
        {
            if (file.EndsWith("keys.txt", StringComparison.Ordinal))
            {
                continue;
            }

            var sound = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
            var stride = sound.Length > 2000 ? 211 : 7;
            for (var at = 0; at < sound.Length; at += stride)
            {
                var bent = (byte[])sound.Clone();
                bent[at] ^= (byte)(1 << (at % 8));
                await File.WriteAllBytesAsync(file, bent, TestContext.Current.CancellationToken);
                var report = await AuditAsync(ExportedLog.Open(folder.Path));
                Assert.False(report.IsSound, $"{file} byte {at}");
                if (file.Contains("entries", StringComparison.Ordinal))
                {
                    Assert.Equal((FindingKind.Changed, SeqAt(sound, at) + (file.Contains(".p", StringComparison.Ordinal) ? 256 : 0)),
                        (report.First!.Kind, report.First.FirstSeq));
                }
            }

            await File.WriteAllBytesAsync(file, sound, TestContext.Current.CancellationToken);
        }
    }

    [Theory]
    [InlineData("tile/entries/000", FindingKind.Deleted, 0, 255)]
    [InlineData("tile/entries/001", FindingKind.Deleted, 256, 511)]
    [InlineData("tile/entries/002.p/88", FindingKind.Truncated, 512, 599)]
    [InlineData("tile/0/001", FindingKind.TileAltered, 256, 511)]
    [InlineData("tile/1/000.p/2", FindingKind.TileAltered, 0, 65535)]
    public async Task A_missing_file_is_found(string file, FindingKind kind, long first, long last)
    {
        using var folder = new TemporaryFolder();
        var log = await ExportAsync(folder, 600);
        File.Delete(folder.At(file));

        var report = await AuditAsync(log);

        Assert.True((kind, first, last) == (report.First?.Kind, report.First?.FirstSeq, report.First?.LastSeq),
            AdversaryTableTests.Describe(report));
    }

    [Fact]
    public async Task A_bundle_cut_off_within_an_entry_is_found()
    {
        using var folder = new TemporaryFolder();
        var log = await ExportAsync(folder, 300);
        var file = folder.At("tile/entries/001.p/44");
        var bytes = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(file, bytes[..^500], TestContext.Current.CancellationToken);

        var report = await AuditAsync(log);

        Assert.False(report.IsSound);
        Assert.InRange(report.First!.FirstSeq!.Value, 297, 299);
    }

    internal static async Task<ExportedLog> ExportAsync(TemporaryFolder folder, int entries)
    {
        var log = StoredLog.Of(entries, 100);
        await ExportedLogWriter.WriteAsync(log, folder.Path, [StoredLog.Key], log);
        return ExportedLog.Open(folder.Path);
    }

    private static Task<AuditReport> AuditAsync(ExportedLog log) =>
        LogAuditor.AuditAsync(log, new AuditOptions([StoredLog.Key]) { Blobs = log }, TestContext.Current.CancellationToken);

    private static long SeqAt(byte[] bundle, int at)
    {
        var seq = 0;
        for (var next = 0; ; seq++)
        {
            next += 2 + (bundle[next] << 8) + bundle[next + 1];
            if (at < next)
            {
                return seq;
            }
        }
    }

    private sealed class Told : IProgress<long>
    {
        public List<long> Entries { get; } = [];

        public void Report(long value) => Entries.Add(value);
    }
}
