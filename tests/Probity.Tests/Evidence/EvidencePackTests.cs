using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using Probity.Ledger.Evidence;
using Probity.Ledger.Merkle;
using Probity.Ledger.Notes;
using Probity.Ledger.Verification;
using Probity.Tests.Merkle;
using Probity.Tests.Verification;
using Xunit;

namespace Probity.Tests.Evidence;

public sealed class EvidencePackTests
{
    private static readonly StoredLog s_log = StoredLog.Of(300, 100);
    private static readonly DateTimeOffset s_madeAt = new(2026, 11, 24, 18, 19, 34, TimeSpan.Zero);

    [Fact]
    public async Task A_pack_is_sound_with_the_log_key_given()
    {
        var report = await EvidencePack.VerifyAsync(new MemoryStream(await PackAsync()), [StoredLog.Key], TestContext.Current.CancellationToken);

        Assert.True(report.IsSound, Describe(report));
        Assert.Equal((4L, false), (report.EntriesProven, report.KeysFromPack));
    }

    [Fact]
    public async Task A_pack_without_a_key_given_is_compared_with_itself_and_says_so()
    {
        var report = await EvidencePack.VerifyAsync(new MemoryStream(await PackAsync()), null, TestContext.Current.CancellationToken);

        Assert.True(report.IsSound, Describe(report));
        Assert.True(report.KeysFromPack);
    }

    [Fact]
    public async Task A_pack_signed_by_another_key_of_the_same_name_is_refused()
    {
        using var other = NoteSigner.FromSeed(StoredLog.Name, StoredLog.Seed(9));

        var report = await EvidencePack.VerifyAsync(new MemoryStream(await PackAsync()), [other.Key], TestContext.Current.CancellationToken);

        Assert.Contains(report.Findings, f => f.Kind == FindingKind.WrongKey);
        Assert.Equal(0, report.EntriesProven);
    }

    [Fact]
    public async Task The_manifest_has_frozen_bytes()
    {
        using var zip = new ZipArchive(new MemoryStream(await PackAsync()));
        var manifest = Read(zip, "manifest.json");

        Assert.Equal(
            "{\"entries\":4,\"entry_sums\":\"" + Sums(zip) + "\",\"files\":{\"README.txt\":\"" + Hash(zip, "README.txt")
            + "\",\"checkpoints/300.txt\":\"" + Hash(zip, "checkpoints/300.txt") + "\",\"keys/" + KeyId + ".pem\":\""
            + Hash(zip, $"keys/{KeyId}.pem") + "\",\"keys/" + KeyId + ".vkey\":\"" + Hash(zip, $"keys/{KeyId}.vkey")
            + "\"},\"filter\":\"actor.id=\\\"u-1\\\"\",\"format\":\"probity-evidence-pack\",\"made_at\":\"2026-11-24T18:19:34Z\","
            + "\"origin\":\"log.example/bank\",\"version\":1}", Encoding.UTF8.GetString(manifest));
    }

    [Fact]
    public async Task Equal_packs_are_equal_byte_for_byte() => Assert.Equal(await PackAsync(), await PackAsync());

    [Theory]
    [InlineData("entries/7.json", FindingKind.Changed)]
    [InlineData("proofs/7.tlog-proof", FindingKind.CheckpointAltered)]
    [InlineData("checkpoints/300.txt", FindingKind.Changed)]
    [InlineData("README.txt", FindingKind.Changed)]
    [InlineData("opened/7.json", FindingKind.Changed)]
    public async Task One_bit_in_a_file_of_a_pack_is_found(string name, FindingKind kind)
    {
        var bent = await RepackAsync(files =>
        {
            var at = files.FindIndex(f => f.Name == name);
            files[at].Bytes[^12] ^= 1;
        });

        var report = await EvidencePack.VerifyAsync(new MemoryStream(bent), [StoredLog.Key], TestContext.Current.CancellationToken);

        Assert.Contains(report.Findings, f => f.Kind == kind);
    }

    [Theory]
    [InlineData("../evil.txt")]
    [InlineData("/etc/passwd")]
    [InlineData("entries/007.json")]
    [InlineData("entries/7.json ")]
    [InlineData("entries\\8.json")]
    [InlineData("keys/0badc0de.vkey")]
    [InlineData("entries/7.json")]
    [InlineData("manifest.json")]
    public async Task Strange_unlisted_and_doubled_files_are_refused(string name)
    {
        var pack = await RepackAsync(files => files.Add((name, [1])));

        var report = await EvidencePack.VerifyAsync(new MemoryStream(pack), [StoredLog.Key], TestContext.Current.CancellationToken);

        Assert.False(report.IsSound);
        Assert.Contains(report.Findings, f => f.Kind == FindingKind.Unreadable);
    }

    [Theory]
    [InlineData("entries/7.json")]
    [InlineData("proofs/7.tlog-proof")]
    [InlineData("checkpoints/300.txt")]
    [InlineData("manifest.json")]
    public async Task A_missing_file_is_found(string name)
    {
        var pack = await RepackAsync(files => files.RemoveAll(f => f.Name == name));

        var report = await EvidencePack.VerifyAsync(new MemoryStream(pack), [StoredLog.Key], TestContext.Current.CancellationToken);

        Assert.False(report.IsSound);
    }

    [Fact]
    public async Task An_entry_that_unpacks_beyond_its_bound_is_refused()
    {
        var pack = await RepackAsync(files => files[files.FindIndex(f => f.Name == "entries/7.json")] = ("entries/7.json", new byte[10_000_000]));

        var report = await EvidencePack.VerifyAsync(new MemoryStream(pack), [StoredLog.Key], TestContext.Current.CancellationToken);

        Assert.Contains("more than 65535 bytes", report.Findings[0].Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(7, true)]
    [InlineData(255, true)]
    [InlineData(299, true)]
    [InlineData(7, false)]
    public async Task The_steps_in_the_readme_work_by_hand(int seq, bool isGenuine)
    {
        Assert.SkipUnless(File.Exists("/bin/bash") && File.Exists("/usr/bin/openssl") && File.Exists("/usr/bin/xxd"),
            "bash, openssl and xxd are needed for the steps by hand.");
        using var folder = new TemporaryFolder();
        await ZipFile.ExtractToDirectoryAsync(new MemoryStream(await PackAsync()), folder.Path, TestContext.Current.CancellationToken);
        if (!isGenuine)
        {
            await File.AppendAllTextAsync(folder.At($"entries/{seq}.json"), " ", TestContext.Current.CancellationToken);
        }

        var readme = await File.ReadAllTextAsync(folder.At("README.txt"), TestContext.Current.CancellationToken);
        var steps = readme.Split("-----8<----- steps\n")[1].Split("-----8<----- end")[0];
        var (output, _) = await BashAsync(folder.Path, $"N={seq}\n{steps}");

        Assert.Equal(isGenuine, output.Contains("The entry is in the tree.", StringComparison.Ordinal));
        Assert.Contains("Signature Verified Successfully", output, StringComparison.Ordinal);
    }

    internal static async Task<byte[]> PackAsync()
    {
        using var bytes = new MemoryStream();
        await EvidencePack.WriteAsync(bytes, new PackContents(StoredLog.Name, s_madeAt, "actor.id=\"u-1\"", [StoredLog.Key],
            [s_log.Head.Note]), EntriesAsync());
        return bytes.ToArray();
    }

    internal static async Task<TlogProof> ProveAsync(long seq)
    {
        var tree = new TreeReader(new MemoryTiles(s_log.Rows.Select(r => Digest.From(r.Hash))), s_log.Rows.Count);
        return new TlogProof(seq, await tree.InclusionAsync(seq, s_log.Rows.Count), s_log.Head.Note, null);
    }

    internal static byte[] Body(int seq) => s_log.Rows[seq].Body;

    private static async IAsyncEnumerable<PackEntry> EntriesAsync()
    {
        foreach (var seq in (int[])[0, 7, 255, 299])
        {
            yield return new PackEntry(seq, s_log.Rows[seq].Body, await ProveAsync(seq), seq == 7 ? "{\"a\":\"opened view\"}"u8.ToArray() : default);
        }
    }

    private static async Task<byte[]> RepackAsync(Action<List<(string Name, byte[] Bytes)>> change)
    {
        using var zip = new ZipArchive(new MemoryStream(await PackAsync()));
        var files = zip.Entries.Select(e => (e.FullName, Read(zip, e.FullName))).ToList();
        change(files);
        using var bytes = new MemoryStream();
        using (var to = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in files)
            {
                await using var stream = await to.CreateEntry(name).OpenAsync(TestContext.Current.CancellationToken);
                await stream.WriteAsync(content, TestContext.Current.CancellationToken);
            }
        }

        return bytes.ToArray();
    }

    private static string KeyId => $"{StoredLog.Key.KeyId:x8}";

    private static byte[] Read(ZipArchive zip, string name)
    {
        using var stream = zip.GetEntry(name)!.Open();
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }

    private static string Hash(ZipArchive zip, string name) =>
        Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Read(zip, name)));

    private static string Sums(ZipArchive zip)
    {
        var lines = zip.Entries.Where(e => e.FullName.StartsWith("entries/", StringComparison.Ordinal)
                || e.FullName.StartsWith("proofs/", StringComparison.Ordinal) || e.FullName.StartsWith("opened/", StringComparison.Ordinal))
            .Select(e => $"{Hash(zip, e.FullName)}  {e.FullName}\n");
        return Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(lines))));
    }

    private static async Task<(string Output, int ExitCode)> BashAsync(string folder, string script)
    {
        using var bash = Process.Start(new ProcessStartInfo("/bin/bash", ["-c", script])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = await bash.StandardOutput.ReadToEndAsync() + await bash.StandardError.ReadToEndAsync();
        await bash.WaitForExitAsync();
        return (output, bash.ExitCode);
    }

    private static string Describe(PackReport report) => string.Join('\n', report.Findings);
}
