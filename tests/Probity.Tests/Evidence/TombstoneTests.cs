using System.Diagnostics;
using System.IO.Compression;
using Probity.Ledger.Evidence;
using Probity.Ledger.Merkle;
using Probity.Ledger.Notes;
using Probity.Ledger.Verification;
using Probity.Tests.Merkle;
using Probity.Tests.Verification;
using Probity.Verifier;
using Xunit;

namespace Probity.Tests.Evidence;

/// <summary>Packs over purged entries: what is left proves itself, and nothing else passes for a purge.</summary>
public sealed class TombstoneTests
{
    private const string Ana = """{"id":"usr_ana","type":"user"}""";
    private const string Ben = """{"id":"usr_ben","type":"user"}""";
    private const long PurgeEntry = 300;

    private static readonly DateTimeOffset s_madeAt = new(2026, 11, 24, 18, 19, 34, TimeSpan.Zero);
    private static readonly long[] s_present = [0, 6, 9, PurgeEntry, 305];
    private static readonly long[] s_gone = [7, 8, 20];

    [Fact]
    public async Task Tombstones_are_proven_and_the_purge_entry_with_its_approvers_is_told()
    {
        var report = await VerifyAsync(await PackAsync(Genuine));

        Assert.True(report.IsSound, string.Join('\n', report.Findings));
        Assert.Equal((5L, 3L), (report.EntriesProven, report.TombstonesProven));
        Assert.Equal([(7L, 8L), (20L, 20L)], report.Purged.Select(p => (p.First, p.Last)));
        Assert.All(report.Purged, p => Assert.Equal(["usr_ana", "usr_ben"], p.Approvers));
        Assert.All(report.Purged, p => Assert.Equal(PurgeEntry, p.EntrySeq));
    }

    [Theory]
    [InlineData("one approver", $$"""{"approvers":[{{Ana}}],"ranges":[[7,8],[20,20]]}""", "two approvers")]
    [InlineData("one twice", $$"""{"approvers":[{{Ana}},{{Ana}}],"ranges":[[7,8],[20,20]]}""", "two approvers")]
    [InlineData("nobody", """{"approvers":[],"ranges":[[7,8],[20,20]]}""", "two approvers")]
    [InlineData("not named", $$"""{"approvers":[{{Ana}},{{Ben}}],"ranges":[[7,8]]}""", "does not name entry 20")]
    [InlineData("up to itself", $$"""{"approvers":[{{Ana}},{{Ben}}],"ranges":[[7,300]]}""", "earlier entries only")]
    [InlineData("another form", $$"""{"approvers":[{{Ana}},{{Ben}}],"ranges":"all"}""", "to be a purge entry")]
    public async Task A_tombstone_that_no_valid_purge_entry_names_is_refused(string why, string data, string told)
    {
        var report = await VerifyAsync(await PackAsync(data));

        Assert.False(report.IsSound, why);
        Assert.Equal(5, report.EntriesProven);
        Assert.Contains(report.Findings, f => f.Kind == FindingKind.Deleted
            && f.Detail.Contains(told, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_ordinary_entry_is_no_purge_entry()
    {
        var report = await VerifyAsync(await PackAsync(Genuine, purgedBy: 305));

        Assert.Equal([7L, 8L, 20L], report.Findings.Where(f => f.Kind == FindingKind.Deleted)
            .SelectMany(f => Enumerable.Range((int)f.FirstSeq!.Value, (int)(f.LastSeq - f.FirstSeq + 1)!.Value))
            .Select(seq => (long)seq));
        Assert.Equal(0, report.TombstonesProven);
    }

    [Fact]
    public async Task A_pack_without_the_purge_entry_is_not_written_and_one_that_lost_it_is_refused()
    {
        var refused = await Assert.ThrowsAsync<ArgumentException>(() => PackAsync(Genuine, purgedBy: 299));
        Assert.Contains("not the purge entry 299", refused.Message, StringComparison.Ordinal);

        var bent = await RepackAsync(files => files.RemoveAll(f => f.Name.Contains("/300.", StringComparison.Ordinal)
            && !f.Name.StartsWith("checkpoints", StringComparison.Ordinal)));

        Assert.Equal(0, (await VerifyAsync(bent)).TombstonesProven);
    }

    [Theory]
    [InlineData("proofs/7.tlog-proof")]
    [InlineData("tombstones/7.json")]
    public async Task A_missing_file_of_a_tombstone_is_found(string name) =>
        Assert.False((await VerifyAsync(await RepackAsync(files => files.RemoveAll(f => f.Name == name)))).IsSound);

    [Theory]
    [InlineData(9, FindingKind.Changed)] // Within the leaf hash: another hash is no hash of the tree.
    [InlineData(2, FindingKind.Unreadable)] // Within a name: it has one spelling.
    public async Task A_bent_tombstone_is_found(int at, FindingKind kind)
    {
        var bent = await RepackAsync(files => files.Single(f => f.Name == "tombstones/7.json").Bytes[at] ^= 1);

        Assert.Contains((await VerifyAsync(bent)).Findings, f => f.Kind == kind);
    }

    [Fact]
    public async Task A_tombstone_beside_the_entry_itself_or_under_another_number_is_refused()
    {
        var both = await RepackAsync(files => files.Add(("entries/7.json", Log(Genuine).Rows[7].Body)));
        var swapped = await RepackAsync(files =>
        {
            var (seven, eight) = (files.FindIndex(f => f.Name == "tombstones/7.json"),
                files.FindIndex(f => f.Name == "tombstones/8.json"));
            (files[seven], files[eight]) =
                ((files[seven].Name, files[eight].Bytes), (files[eight].Name, files[seven].Bytes));
        });

        Assert.Contains("and the entry itself", (await VerifyAsync(both)).Findings[0].Detail, StringComparison.Ordinal);
        Assert.Contains(
            "is the tombstone of entry 8", (await VerifyAsync(swapped)).Findings[0].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pack_with_tombstones_is_of_version_2()
    {
        using var zip = new ZipArchive(new MemoryStream(await PackAsync(Genuine)));
        using var reader = new StreamReader(
            await zip.GetEntry("manifest.json")!.OpenAsync(TestContext.Current.CancellationToken));
        var manifest = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);

        Assert.EndsWith(",\"tombstones\":3,\"version\":2}", manifest, StringComparison.Ordinal);
        using var tombstone = new StreamReader(
            await zip.GetEntry("tombstones/7.json")!.OpenAsync(TestContext.Current.CancellationToken));
        Assert.Equal(
            $"{{\"leaf\":\"{Convert.ToHexStringLower(Log(Genuine).Rows[7].Hash)}\",\"purged_by\":300,\"seq\":7}}",
            await tombstone.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_frozen_pack_of_version_2_is_read()
    {
        var report = await VerifyAsync(await File.ReadAllBytesAsync(
            Path.Combine(AppContext.BaseDirectory, "Evidence", "tombstones.zip"),
            TestContext.Current.CancellationToken));

        Assert.True(report.IsSound, string.Join('\n', report.Findings));
        Assert.Equal((5L, 3L), (report.EntriesProven, report.TombstonesProven));
    }

    [Fact]
    public async Task The_program_tells_who_agreed_and_refuses_a_purge_by_one_person()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllBytesAsync(
            folder.At("a.zip"), await PackAsync(Genuine), TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(folder.At("b.zip"),
            await PackAsync($$"""{"approvers":[{{Ana}}],"ranges":[[7,8],[20,20]]}"""),
            TestContext.Current.CancellationToken);

        var (code, text) = await RunAsync(folder.At("a.zip"));
        var (refused, why) = await RunAsync(folder.At("b.zip"));

        Assert.True(code == 0, text);
        Assert.Contains("3 of 3 purged entries had their place in the log", text, StringComparison.Ordinal);
        Assert.Contains("3 entries between 7 and 20 were purged: entry 300 of 2026-11-24T18:19:34.000300Z, approved by "
            + "usr_ana, usr_ben", text, StringComparison.Ordinal);
        Assert.True(refused == 1, why);
        Assert.Contains("TAMPERED: deleted, first bad entry 7", why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(7, true)]
    [InlineData(8, true)]
    [InlineData(300, true)]
    [InlineData(7, false)]
    public async Task The_steps_by_hand_work_for_a_tombstone(int seq, bool isGenuine)
    {
        Assert.SkipUnless(File.Exists("/bin/bash") && File.Exists("/usr/bin/openssl") && File.Exists("/usr/bin/xxd"),
            "bash, openssl and xxd are needed for the steps by hand.");
        using var folder = new TemporaryFolder();
        await ZipFile.ExtractToDirectoryAsync(
            new MemoryStream(await PackAsync(Genuine)), folder.Path, TestContext.Current.CancellationToken);
        if (!isGenuine)
        {
            File.Copy(folder.At("tombstones/8.json"), folder.At("tombstones/7.json"), overwrite: true);
        }

        var readme = await File.ReadAllTextAsync(folder.At("README.txt"), TestContext.Current.CancellationToken);
        var steps = readme.Split("-----8<----- steps\n")[1].Split("-----8<----- end")[0];
        using var bash = Process.Start(new ProcessStartInfo("/bin/bash", ["-c", $"N={seq}\n{steps}"])
        {
            WorkingDirectory = folder.Path,
            RedirectStandardOutput = true,
        })!;
        var output = await bash.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);

        Assert.Equal(isGenuine, output.Contains("The entry is in the tree.", StringComparison.Ordinal));
        Assert.Contains("Signature Verified Successfully", output, StringComparison.Ordinal);
    }

    private static string Genuine => $$"""{"approvers":[{{Ana}},{{Ben}}],"ranges":[[7,8],[20,20]]}""";

    private static StoredLog Log(string data) =>
        StoredLog.Of(310, 100, content: seq => seq == PurgeEntry ? "purge:" + data : $"open account {seq}");

    private static async Task<byte[]> PackAsync(string data, long purgedBy = PurgeEntry)
    {
        var log = Log(data);
        using var bytes = new MemoryStream();
        await EvidencePack.WriteAsync(bytes,
            new PackContents(StoredLog.Name, s_madeAt, "", [StoredLog.Key], [log.Head.Note]),
            EntriesAsync(log, purgedBy));
        return bytes.ToArray();
    }

    private static async IAsyncEnumerable<PackEntry> EntriesAsync(StoredLog log, long purgedBy)
    {
        var tree = new TreeReader(new MemoryTiles(log.Rows.Select(r => Digest.From(r.Hash))), log.Rows.Count);
        foreach (var seq in s_present.Concat(s_gone).Order())
        {
            var proof = new TlogProof(seq, await tree.InclusionAsync(seq, log.Rows.Count), log.Head.Note, null);
            yield return s_gone.Contains(seq)
                ? PackEntry.Purged(new PackTombstone(seq, Digest.From(log.Rows[(int)seq].Hash), purgedBy), proof)
                : new PackEntry(seq, log.Rows[(int)seq].Body, proof);
        }
    }

    private static async Task<byte[]> RepackAsync(Action<List<(string Name, byte[] Bytes)>> change)
    {
        using var zip = new ZipArchive(new MemoryStream(await PackAsync(Genuine)));
        var files = new List<(string Name, byte[] Bytes)>();
        foreach (var entry in zip.Entries)
        {
            using var bytes = new MemoryStream();
            await using var from = await entry.OpenAsync(TestContext.Current.CancellationToken);
            await from.CopyToAsync(bytes, TestContext.Current.CancellationToken);
            files.Add((entry.FullName, bytes.ToArray()));
        }

        change(files);
        using var repacked = new MemoryStream();
        using (var to = new ZipArchive(repacked, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in files)
            {
                await using var stream = await to.CreateEntry(name).OpenAsync(TestContext.Current.CancellationToken);
                await stream.WriteAsync(content, TestContext.Current.CancellationToken);
            }
        }

        return repacked.ToArray();
    }

    private static Task<PackReport> VerifyAsync(byte[] pack) =>
        EvidencePack.VerifyAsync(new MemoryStream(pack), [StoredLog.Key], TestContext.Current.CancellationToken);

    private static async Task<(int Code, string Text)> RunAsync(string pack)
    {
        await using var output = new StringWriter();
        var code = await VerifyCommand.RunAsync(
            [pack, "--key", StoredLog.Key.ToString()], output, output, TestContext.Current.CancellationToken);
        return (code, output.ToString());
    }
}
