using System.Diagnostics;
using System.Globalization;

namespace Probity.Server.Tests.Docs;

/// <summary>
/// One bash that runs blocks in order, as a reader would who pastes them: variables, folder and background jobs of one
/// block are there in the next. A block that ends by starting a server runs in the background and is over when the
/// server is ready. A block fails with its first failing command, also one in the middle or inside a pipe.
/// </summary>
/// <remarks>
/// bash leads a process group of its own and kills it when it exits, which it does when its input closes: so nothing that
/// a block started stays behind, also when the test process is killed.
/// </remarks>
internal sealed class ShellSession : IAsyncDisposable
{
    private const string DefaultUrl = "http://127.0.0.1:8080";

    // curl says 0 to an error answer; a reader would see the problem document, a test must fail.
    private const string Start = """
        trap 'trap "" TERM; kill -TERM 0; sleep 1; kill -KILL 0' EXIT
        set -E -o pipefail
        curl() { command curl --fail-with-body "$@"; }

        """;

    private readonly string _folder;
    private readonly Process _bash;
    private int _blocks;

    /// <param name="cwd">Where the first block starts.</param>
    /// <param name="environment">Variables to set; HOME is an empty folder of the session.</param>
    public ShellSession(string cwd, IReadOnlyDictionary<string, string> environment)
    {
        _folder = Directory.CreateTempSubdirectory("probity-shell-").FullName;
        var start = new ProcessStartInfo("setsid", ["--wait", "bash", "--noprofile", "--norc"])
        {
            WorkingDirectory = cwd,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        start.Environment["HOME"] = Directory.CreateDirectory(Path.Combine(_folder, "home")).FullName;
        _bash = Process.Start(start) ?? throw new InvalidOperationException("bash did not start.");
        _bash.StandardInput.Write(Start);
    }

    /// <summary>Runs a block and waits for its end, at most <paramref name="limit"/>.</summary>
    /// <returns>The exit code, null when the block did not end in time, and all that it wrote.</returns>
    public async Task<(int? ExitCode, string Output)> RunAsync(string block, TimeSpan limit)
    {
        var number = (++_blocks).ToString(CultureInfo.InvariantCulture);
        var script = Path.Combine(_folder, $"block-{number}.sh");
        var output = Path.Combine(_folder, $"block-{number}.out");
        await File.WriteAllTextAsync(script, ServerUrl(block) is { } url ? InBackground(block, url) : block);

        var mark = $"block-{number}-ended-with:";
        await _bash.StandardInput.WriteLineAsync(
            $"failed=0; trap 'code=$?; [ $failed -ne 0 ] || failed=$code' ERR; . '{script}' >'{output}' 2>&1 </dev/null; "
            + $"last=$?; trap - ERR; [ $failed -ne 0 ] || failed=$last; echo \"{mark}$failed\"");
        await _bash.StandardInput.FlushAsync();
        var code = await ReadCodeAsync(mark, limit);
        return (code, File.Exists(output) ? await File.ReadAllTextAsync(output) : "");
    }

    public async ValueTask DisposeAsync()
    {
        _bash.StandardInput.Close();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        try
        {
            await _bash.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            // A block still runs in the foreground and keeps bash from reading that its input has closed.
            _bash.Kill(entireProcessTree: true);
            await _bash.WaitForExitAsync(CancellationToken.None);
        }

        _bash.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>The address of the server that a block's last command runs in the foreground, or null.</summary>
    internal static string? ServerUrl(string block)
    {
        var words = Commands(block).LastOrDefault("").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (!words.Contains("up") || words[^1] == "&" || !words.Any(word => word.Contains("robity", StringComparison.Ordinal)))
        {
            return null;
        }

        var urls = Array.IndexOf(words, "--urls");
        return urls >= 0 && urls + 1 < words.Length ? words[urls + 1].Trim('"', '\'') : DefaultUrl;
    }

    /// <summary>The block's lines that are commands, each with its continuation lines.</summary>
    private static IEnumerable<string> Commands(string block) =>
        block.Replace("\\\n", " ", StringComparison.Ordinal).Split('\n')
            .Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#');

    /// <summary>The block with its last command in the background, and the wait for the server.</summary>
    private static string InBackground(string block, string url) => $$"""
        {{string.Join('\n', Commands(block))}} &
        server=$!
        until command curl -sf '{{url}}/readyz' >/dev/null; do
          kill -0 $server 2>/dev/null || { echo 'the server ended'; return 1; }
          sleep 0.5
        done

        """;

    private async Task<int?> ReadCodeAsync(string mark, TimeSpan limit)
    {
        using var patience = new CancellationTokenSource(limit);
        try
        {
            while (await _bash.StandardOutput.ReadLineAsync(patience.Token) is { } line)
            {
                if (line.StartsWith(mark, StringComparison.Ordinal))
                {
                    return int.Parse(line[mark.Length..], CultureInfo.InvariantCulture);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Told by the null; the caller names the block.
        }

        return null;
    }
}
