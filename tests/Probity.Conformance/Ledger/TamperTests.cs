using System.Globalization;
using System.Security.Cryptography;
using Probity.Conformance.Storage;
using Probity.Ledger.Evidence;
using Probity.Ledger.Verification;
using Probity.Server.AuditTrail.Verification;
using Probity.Server.Keys;
using Probity.Server.Storage;
using Xunit;

namespace Probity.Conformance.Ledger;

/// <summary>Every tampering with a real store or an exported log is detected, named and located.</summary>
public sealed class TamperTests(TamperedPlaces places, ITestOutputHelper output) : IClassFixture<TamperedPlaces>
{
    public static TheoryData<LogPlace> Places { get; } = [LogPlace.Sqlite, LogPlace.Postgres, LogPlace.Export];

    public static TheoryData<StoreKind> Stores { get; } = [StoreKind.Sqlite, StoreKind.Postgres];

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Every_tampering_is_detected_named_and_located(LogPlace place)
    {
        var log = await places.OpenAsync(place);
        var wrong = new List<string>();
        output.WriteLine($"{"place",-9} {"tampering",-52} {"found",-18} {"first bad entry",-18} {"last good",-9} findings");
        foreach (var tampering in Tampering.All.Where(t => place != LogPlace.Export || !t.InTablesOnly))
        {
            await log.PutAsync(tampering.Make(log, log.Sound.Copy()));
            var report = await log.AuditAsync(tampering.HasOutside ? log.Outside : []);
            output.WriteLine(Line(place, tampering, report));
            if (!IsRight(tampering, report, log.Sound))
            {
                wrong.Add($"{tampering.Name}: expected {tampering.Kind} {tampering.First}, found\n{Describe(report)}");
            }
        }

        await AssertSoundAsync(log);
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task One_bit_in_any_column_is_detected_named_and_located(StoreKind kind)
    {
        var log = await places.OpenAsync(kind == StoreKind.Sqlite ? LogPlace.Sqlite : LogPlace.Postgres);
        var wrong = new List<string>();
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var flip in BitFlip.InTables(log.Sound))
        {
            await log.PutAsync(flip.Tampered);
            var report = await log.AuditAsync();
            counts[flip.What] = counts.GetValueOrDefault(flip.What) + 1;
            if (report.First is not { } first || first.Kind != flip.Kind || first.FirstSeq != flip.First
                || !first.Where.StartsWith(flip.Where, StringComparison.Ordinal))
            {
                wrong.Add($"{flip.What}: expected {flip.Kind} {flip.First} at {flip.Where}, found\n{Describe(report)}");
            }
        }

        await AssertSoundAsync(log);
        output.WriteLine(string.Join('\n', counts.Select(c => $"{kind,-9} {c.Key,-24} {c.Value,5} bits")));
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {counts.Values.Sum()}:\n" + string.Join('\n', wrong.Take(12)));
    }

    [Fact]
    public async Task One_bit_in_any_file_of_an_export_is_detected()
    {
        var log = await places.OpenAsync(LogPlace.Export);
        await log.PutAsync(log.Sound);
        var wrong = new List<string>();
        foreach (var file in Directory.EnumerateFiles(log.Folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var name = Path.GetRelativePath(log.Folder, file);
            if (name != "keys.txt")
            {
                output.WriteLine($"export    {name,-60} {await FlipFileAsync(log, file, name, wrong),5} bits");
            }
        }

        await AssertSoundAsync(log);
        Assert.True(wrong.Count == 0, $"{wrong.Count}:\n" + string.Join('\n', wrong.Take(12)));
    }

    [Fact]
    public async Task The_folder_the_tests_lay_out_is_the_one_the_product_writes()
    {
        var log = await places.OpenAsync(LogPlace.Export);
        var fresh = await TamperedPlace.OpenAsync(LogPlace.Export, places.Stores);
        await using (fresh)
        {
            var written = Contents(fresh.Folder);
            await fresh.PutAsync(fresh.Sound);
            Assert.Equal(written, Contents(fresh.Folder));
        }

        await AssertSoundAsync(log);
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task A_sound_log_gives_no_finding(LogPlace place) => await AssertSoundAsync(await places.OpenAsync(place));

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task An_audit_of_a_growing_log_gives_no_finding(StoreKind kind)
    {
        await using var ledger = await places.Stores.OpenAsync(kind);
        await ledger.FillAsync(250, 50);
        var outside = (await ledger.Reader.HeadAsync(CancellationToken.None)).Checkpoint;
        var appending = Task.Run(async () =>
        {
            for (var i = 0; i < 2_000; i += 8)
            {
                await ledger.CommitAsync([.. Enumerable.Range(i, 8).Select(TestLedger.Event)]);
            }
        });

        var audits = 0;
        var folder = Directory.CreateTempSubdirectory("probity-export-");
        for (; !appending.IsCompleted; audits++)
        {
            var report = await ledger.AuditAsync(outside);
            Assert.True(report.IsSound, Describe(report));
            await AssertExportIsSoundAsync(ledger, Path.Combine(folder.FullName, $"{audits}"), outside);
        }

        await appending;
        folder.Delete(recursive: true);
        var last = await ledger.AuditAsync(outside);
        output.WriteLine($"{kind,-9} {audits} audits and exports while 2,000 events were appended: no finding");
        Assert.True(last.IsSound, Describe(last));
        Assert.True(audits > 0);
        Assert.Equal(2_250, last.Counts.Entries);
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_store_does_not_open_with_another_root_key(StoreKind kind)
    {
        await using var ledger = await places.Stores.OpenAsync(kind);

        var refusal = await Assert.ThrowsAsync<StorageException>(() => KeyRing.OpenAsync(
            ledger.Store.Database, RandomNumberGenerator.GetBytes(32), TimeProvider.System, CancellationToken.None));

        Assert.Contains("root", refusal.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    private static async Task AssertSoundAsync(TamperedPlace log)
    {
        await log.PutAsync(log.Sound);
        var report = await log.AuditAsync(log.Outside);
        Assert.True(report.IsSound, Describe(report));
        Assert.Equal((TamperedPlace.Size, 1, 0),
            ((int)report.Counts.Entries, (int)report.Counts.Blobs, (int)report.Counts.UnsignedEntries));
        Assert.Equal(TamperedPlace.Size, report.LastGood?.Size);
    }

    private static async Task AssertExportIsSoundAsync(TestLedger ledger, string folder, string outside)
    {
        var stored = await StoredLog.OpenAsync(ledger.Ledger, ledger.Log.Origin, CancellationToken.None);
        await ExportedLogWriter.WriteAsync(stored, folder, [ledger.Log.Key], stored);
        var export = ExportedLog.Open(folder, ledger.Log.Origin);
        var report = await LogAuditor.AuditAsync(
            export, new AuditOptions([ledger.Log.Key], [outside]) { Blobs = export }, CancellationToken.None);
        Assert.True(report.IsSound, Describe(report));
    }

    private static async Task<int> FlipFileAsync(TamperedPlace log, string file, string name, List<string> wrong)
    {
        var bytes = await File.ReadAllBytesAsync(file);
        var stride = Math.Max(1, bytes.Length / 24);
        var flips = 0;
        for (var at = 0; at < bytes.Length; at += stride, flips++)
        {
            await File.WriteAllBytesAsync(file, Tampering.Flipped(bytes, at, at % 8));
            var report = await log.AuditAsync();
            if (report.First is not { } first || !IsRight(name, bytes, at, first))
            {
                wrong.Add($"{name} byte {at}: {Describe(report)}");
            }
        }

        await File.WriteAllBytesAsync(file, bytes);
        return flips;
    }

    private static bool IsRight(string name, byte[] file, int at, Finding first)
    {
        var parts = name.Split('/', '\\');
        switch (parts)
        {
            case ["tile", "entries", ..]:
                var (seq, isLength) = EntryAt(file, at);
                var entry = (256 * long.Parse(parts[2].Split('.')[0], CultureInfo.InvariantCulture)) + seq;
                return first.FirstSeq == entry && (isLength || first.Kind == FindingKind.Changed);
            case ["tile", var level, var index, ..]:
                var width = level == "0" ? 1 : 256;
                var leaf = ((256 * long.Parse(index.Split('.')[0], CultureInfo.InvariantCulture)) + (at / 32)) * width;
                return first.Kind == FindingKind.TileAltered && first.FirstSeq == leaf;
            case ["blobs", ..]:
                return first.Kind == FindingKind.BlobAltered && first.FirstSeq == TamperedPlace.BlobSeq;
            default:
                return first.Kind == FindingKind.CheckpointAltered && first.Where.Contains("checkpoint", StringComparison.Ordinal);
        }
    }

    /// <summary>The entry of a bundle that a byte belongs to, and whether the byte is part of its length.</summary>
    private static (int Entry, bool IsLength) EntryAt(byte[] bundle, int at)
    {
        var start = 0;
        for (var entry = 0; ; entry++)
        {
            var length = (bundle[start] << 8) | bundle[start + 1];
            if (at < start + 2 + length)
            {
                return (entry, at < start + 2);
            }

            start += 2 + length;
        }
    }

    private static bool IsRight(Tampering tampering, AuditReport report, LogImage sound)
    {
        if (report.First is not { } first || first.Kind != tampering.Kind || first.FirstSeq != tampering.First
            || report.Findings.Count > 3)
        {
            return false;
        }

        var before = sound.Checkpoints.Where(c => c.Size <= tampering.First).Select(c => (long?)c.Size).Max();
        return first.FirstSeq is null || !tampering.LastGoodIsBefore || first.LastGood?.Size == before;
    }

    private static string Line(LogPlace place, Tampering tampering, AuditReport report)
    {
        var first = report.First;
        var where = first?.FirstSeq?.ToString(CultureInfo.InvariantCulture) ?? first?.Where ?? "-";
        var good = first?.LastGood?.Size.ToString(CultureInfo.InvariantCulture) ?? "none";
        return $"{place,-9} {tampering.Name,-52} {first?.Kind.ToWireName() ?? "NOTHING",-18} {where,-18} {good,-9} {report.Findings.Count}";
    }

    private static SortedDictionary<string, string> Contents(string folder)
    {
        var contents = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            contents.Add(Path.GetRelativePath(folder, file), Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file))));
        }

        return contents;
    }

    private static string Describe(AuditReport report) => string.Join('\n', report.Findings.Take(6).Select(f =>
        $"  {f.Kind} {f.FirstSeq}-{f.LastSeq} at {f.Where}: {f.Detail} good={f.LastGood?.Size}"));
}
