using System.IO.Compression;
using System.Text;
using Probity.Server.AuditTrail.Import;
using Xunit;

namespace Probity.Server.Tests.AuditTrail.Import;

public sealed class ImportPlanTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_directory_is_read_with_all_below_it_in_ordinal_order()
    {
        folder.Write("b.jsonl", ImportSamples.CloudTrail);
        folder.Write("B.jsonl", ImportSamples.CloudTrail);
        folder.Write("a/z.json", $"[{ImportSamples.CloudTrail}]");

        var plan = await PlanAsync(folder.Path);

        Assert.Equal(["B.jsonl", "a/z.json", "b.jsonl"], Names(plan));
        Assert.All(plan.Files, file => Assert.Equal("cloudtrail", file.Format?.Name));
    }

    [Fact]
    public async Task A_file_named_twice_is_read_once()
    {
        var file = folder.Write("a.jsonl", ImportSamples.CloudTrail);

        Assert.Single((await PlanAsync(file, folder.Path, file)).Files);
    }

    [Theory]
    [InlineData("*.jsonl", "a.jsonl b.jsonl")]
    [InlineData("?.jsonl", "a.jsonl b.jsonl")]
    [InlineData("**/*.jsonl", "a.jsonl b.jsonl in/deep/c.jsonl")]
    [InlineData("in/*/c.*", "in/deep/c.jsonl")]
    public async Task A_pattern_is_expanded(string pattern, string expected)
    {
        folder.Write("a.jsonl", ImportSamples.CloudTrail);
        folder.Write("b.jsonl", ImportSamples.CloudTrail);
        folder.Write("b.txt", ImportSamples.CloudTrail);
        folder.Write("in/deep/c.jsonl", ImportSamples.CloudTrail);

        var plan = await PlanAsync(Path.Combine(folder.Path, pattern));

        Assert.Equal(expected.Split(' '), Names(plan));
    }

    [Fact]
    public async Task A_path_that_names_nothing_is_reported()
        => Assert.Equal(["/no/such/file"], (await PlanAsync("/no/such/file")).Missing);

    [Fact]
    public async Task Compressed_files_are_known_by_their_content()
    {
        var text = Encoding.UTF8.GetBytes($"{{\"Records\":[{ImportSamples.CloudTrail}]}}");
        folder.Write("a.json.gz", Gzip(text));
        folder.Write("b.bin", Gzip(text));
        using (var compressor = new ZstdSharp.Compressor())
        {
            folder.Write("c.json.zst", compressor.Wrap(text).ToArray());
        }

        var plan = await PlanAsync(folder.Path);

        Assert.Equal(3, plan.Files.Count);
        Assert.All(plan.Files, file => Assert.Equal("cloudtrail", file.Format?.Name));
    }

    [Theory]
    [InlineData("# Notes\nNothing here.\n", false)]
    [InlineData("", false)]
    [InlineData("{\"digestStartTime\":\"2025-10-21T00:00:00Z\",\"logFiles\":[]}", false)]
    [InlineData("{\"some\":\"other json\"}", true)]
    [InlineData("{\"eventName\":", true)]
    public async Task A_file_without_known_events_is_skipped_with_a_reason(string text, bool unreadable)
    {
        folder.Write("file", text);

        var file = Assert.Single((await PlanAsync(folder.Path)).Files);

        Assert.Null(file.Format);
        Assert.False(string.IsNullOrEmpty(file.SkipReason));
        Assert.Equal(unreadable, file.IsUnreadable);
    }

    [Fact]
    public async Task A_bad_first_line_does_not_hide_the_format()
    {
        folder.Write("a.jsonl", $"{{\"cut\nnot json\n{ImportSamples.CloudTrail}\n");

        Assert.Equal("cloudtrail", Assert.Single((await PlanAsync(folder.Path)).Files).Format?.Name);
    }

    internal static byte[] Gzip(byte[] bytes)
    {
        using var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.Fastest))
        {
            gzip.Write(bytes);
        }

        return memory.ToArray();
    }

    private static Task<ImportPlan> PlanAsync(params string[] paths)
        => ImportPlan.MakeAsync(paths, null, TestContext.Current.CancellationToken);

    private IEnumerable<string> Names(ImportPlan plan)
        => plan.Files.Select(file => Path.GetRelativePath(folder.Path, file.Path));
}
