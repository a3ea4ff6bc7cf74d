using System.Net;
using System.Text;
using Probity.Ledger.Tiles;
using Probity.Tests.Evidence;
using Probity.Tests.Verification;
using Probity.Verifier;
using Xunit;

namespace Probity.Tests.Verifier;

public sealed class VerifyCommandTests
{
    private static string Key => StoredLog.Key.ToString();

    [Fact]
    public async Task A_sound_folder_exits_with_0()
    {
        using var folder = new TemporaryFolder();
        await ExportedLogTests.ExportAsync(folder, 300);

        var (code, output) = await RunAsync(folder.Path, "--key", Key);

        Assert.Equal(0, code);
        Assert.StartsWith("SOUND: 300 entries of log.example/bank", output.Split('\n')[^2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tampered_folder_exits_with_1_and_names_the_first_bad_entry()
    {
        using var folder = new TemporaryFolder();
        await ExportedLogTests.ExportAsync(folder, 300);
        var file = folder.At("tile/entries/001.p/44");
        var bytes = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        bytes[50] ^= 1;
        await File.WriteAllBytesAsync(file, bytes, TestContext.Current.CancellationToken);

        var (code, output) = await RunAsync(folder.Path, "--key", Key);

        Assert.Equal(1, code);
        Assert.Contains("TAMPERED: changed, first bad entry 256; last good checkpoint size 200", output, StringComparison.Ordinal);
        Assert.Contains("\"first_seq\": 256", (await RunAsync(folder.Path, "--key", Key, "--json")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_older_than_a_checkpoint_kept_elsewhere_is_rolled_back()
    {
        using var folder = new TemporaryFolder();
        await ExportedLogTests.ExportAsync(folder, 300);
        using var kept = new TemporaryFolder();
        await File.WriteAllTextAsync(kept.At("kept"), StoredLog.Of(400, 100).Head.Note, TestContext.Current.CancellationToken);

        var (code, output) = await RunAsync(folder.Path, "--key", Key, "--checkpoint", kept.At("kept"));

        Assert.Equal(1, code);
        Assert.Contains("TAMPERED: rolled_back, first bad entry 300", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_key_the_keys_that_came_with_it_are_used_under_a_warning()
    {
        using var folder = new TemporaryFolder();
        await ExportedLogTests.ExportAsync(folder, 3);

        var (code, output) = await RunAsync(folder.Path);

        Assert.Equal(0, code);
        Assert.Contains("! WARNING", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pack_and_a_single_proof_are_verified()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllBytesAsync(folder.At("a.zip"), await EvidencePackTests.PackAsync(), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(folder.At("7.tlog-proof"), (await EvidencePackTests.ProveAsync(7)).ToString(), TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(folder.At("7.json"), EvidencePackTests.Body(7), TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(folder.At("8.json"), EvidencePackTests.Body(8), TestContext.Current.CancellationToken);

        Assert.Equal(0, (await RunAsync(folder.At("a.zip"), "--key", Key)).Code);
        Assert.Equal(0, (await RunAsync(folder.At("7.tlog-proof"), "--key", Key, "--entry", folder.At("7.json"))).Code);
        Assert.Equal(1, (await RunAsync(folder.At("7.tlog-proof"), "--key", Key, "--entry", folder.At("8.json"))).Code);
        Assert.Equal(2, (await RunAsync(folder.At("7.tlog-proof"), "--entry", folder.At("7.json"))).Code);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("--nonsense", "x")]
    [InlineData("no-such-file", null)]
    [InlineData("no-such-file", "--key")]
    public async Task Wrong_usage_exits_with_2(string? first, string? second) =>
        Assert.Equal(2, (await RunAsync([.. new[] { first, second }.OfType<string>()])).Code);

    [Fact]
    public async Task A_live_server_is_verified_from_outside_and_with_its_entries()
    {
        using var folder = new TemporaryFolder();
        await ExportedLogTests.ExportAsync(folder, 300);
        await File.WriteAllTextAsync(folder.At("kept"), StoredLog.Of(200, 100).Head.Note, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(folder.At("forked"), StoredLog.Of(200, 100, content: _ => "other").Head.Note, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(folder.At("api-key"), "secret\n", TestContext.Current.CancellationToken);
        using var server = new FolderServer(folder.Path);

        var open = await RunAsync(server.Url, "--key", Key, "--checkpoint", folder.At("kept"));
        var full = await RunAsync(server.Url, "--api-key-file", folder.At("api-key"));
        var forked = await RunAsync(server.Url, "--key", Key, "--checkpoint", folder.At("forked"));

        Assert.True(open.Code == 0, open.Output);
        Assert.True(full.Code == 0, full.Output);
        Assert.Contains("read 300 entries", full.Output, StringComparison.Ordinal);
        Assert.True(forked.Code == 1 && forked.Output.Contains("TAMPERED: forked", StringComparison.Ordinal), forked.Output);
    }

    private static async Task<(int Code, string Output)> RunAsync(params string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter();
        var code = await VerifyCommand.RunAsync(args, output, error, TestContext.Current.CancellationToken);
        return (code, output.ToString());
    }

    /// <summary>Serves a folder over HTTP on this machine, entry bundles only to those who bring the key.</summary>
    private sealed class FolderServer : IDisposable
    {
        private readonly HttpListener _listener = new();
        private readonly Task _serving;

        public FolderServer(string folder)
        {
            using (var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0))
            {
                probe.Start();
                Url = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/";
            }

            _listener.Prefixes.Add(Url);
            _listener.Start();
            _serving = Task.Run(() => ServeAsync(folder));
        }

        public string Url { get; }

        public void Dispose()
        {
            _listener.Stop();
            _serving.GetAwaiter().GetResult();
            ((IDisposable)_listener).Dispose();
        }

        private async Task ServeAsync(string folder)
        {
            while (true)
            {
                HttpListenerContext context;
                try
                {
                    context = await _listener.GetContextAsync();
                }
                catch (Exception e) when (e is HttpListenerException or InvalidOperationException)
                {
                    return;
                }

                var path = context.Request.Url!.AbsolutePath.TrimStart('/');
                var isOpen = !path.StartsWith("tile/entries", StringComparison.Ordinal)
                    || context.Request.Headers["Authorization"] == "Bearer secret";
                var body = path == "api/v1/ledger/keys" ? Encoding.UTF8.GetBytes($"[{{\"vkey\":\"{Key}\"}}]")
                    : isOpen && (path == "checkpoint" || TilePath.TryParse(path, out _)) ? await File.ReadAllBytesAsync(Path.Combine(folder, path))
                    : null;
                context.Response.StatusCode = body is null ? 403 : 200;
                context.Response.Close(body ?? [], willBlock: true);
            }
        }
    }
}
