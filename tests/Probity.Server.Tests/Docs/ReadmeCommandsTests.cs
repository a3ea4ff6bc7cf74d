using System.Diagnostics;
using System.Globalization;
using System.Net.NetworkInformation;
using Xunit;

namespace Probity.Server.Tests.Docs;

/// <summary>Runs what README.md tells a newcomer to run, in a copy of the tracked files and with an empty home.</summary>
public sealed class ReadmeCommandsTests
{
    private const int ServerPort = 8080;

    // A block may build the server first.
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(10);

    [Fact]
    public async Task Every_command_of_the_readme_runs()
    {
        var root = RepositoryRoot();
        Assert.SkipWhen(root is null, "README: the test does not run inside a clone of the repository.");
        var blocks = ReadmeBlock.Read(await File.ReadAllTextAsync(Path.Combine(root, "README.md")));
        Assert.Contains(blocks, block => block.NotRunBecause is null);
        Assert.False(IsTaken(ServerPort), $"Port {ServerPort}, which the README uses, is taken on this machine.");

        var copy = Directory.CreateTempSubdirectory("probity-readme-").FullName;
        try
        {
            await CopyTrackedFilesAsync(root, copy);
            await using var session = new ShellSession(copy, Environment());
            foreach (var block in blocks.Where(block => block.NotRunBecause is null))
            {
                var (code, output) = await session.RunAsync(block.Text, s_limit);
                Assert.True(code == 0, Failure(block, code, output));
            }
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }

        foreach (var block in blocks.Where(block => block.NotRunBecause is not null))
        {
            TestContext.Current.SendDiagnosticMessage($"README.md:{block.Line} was not run: {block.NotRunBecause}");
        }
    }

    private static string Failure(ReadmeBlock block, int? code, string output)
    {
        var ended = code is null
            ? $"did not end within {s_limit.TotalMinutes} minutes"
            : string.Create(CultureInfo.InvariantCulture, $"ended with {code}");
        return $"The block of README.md:{block.Line} {ended}.\n--- block\n{block.Text}--- output\n{output}";
    }

    /// <summary>
    /// What a newcomer with only the SDK would have. Packages come from the cache that restored this test, and no build
    /// server may stay behind in a folder that is deleted.
    /// </summary>
    private static Dictionary<string, string> Environment() => new()
    {
        ["NUGET_PACKAGES"] = System.Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(
            System.Environment.GetFolderPath(System.Environment.SpecialFolder.UserProfile), ".nuget", "packages"),
        ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
        ["DOTNET_NOLOGO"] = "1",
        ["DOTNET_GENERATE_ASPNET_CERTIFICATE"] = "false",
        ["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0",
        ["MSBUILDDISABLENODEREUSE"] = "1",
        ["UseSharedCompilation"] = "false",
        ["RunAnalyzers"] = "false", // The build of this test has run them over the same files, for minutes.
    };

    private static string? RepositoryRoot()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (at is not null && !File.Exists(Path.Combine(at.FullName, "Probity.slnx")))
        {
            at = at.Parent;
        }

        return at is not null && Path.Exists(Path.Combine(at.FullName, ".git")) ? at.FullName : null;
    }

    private static bool IsTaken(int port) =>
        IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Any(listener => listener.Port == port);

    private static async Task CopyTrackedFilesAsync(string root, string copy)
    {
        // -z: names with any character; files deleted but still tracked are not there to be copied.
        using var git = Process.Start(
            new ProcessStartInfo("git", ["-C", root, "ls-files", "-z"]) { RedirectStandardOutput = true })
            ?? throw new InvalidOperationException("git did not start.");
        var names = await git.StandardOutput.ReadToEndAsync();
        await git.WaitForExitAsync();
        Assert.Equal(0, git.ExitCode);
        foreach (var name in names.Split('\0', StringSplitOptions.RemoveEmptyEntries))
        {
            var from = Path.Combine(root, name);
            var to = Path.Combine(copy, name);
            if (File.Exists(from))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(to) ?? copy);
                File.Copy(from, to);
            }
        }
    }
}
