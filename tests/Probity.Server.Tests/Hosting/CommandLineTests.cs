using System.Text.Json.Nodes;
using Npgsql;
using Probity.Ledger.Entries;
using Probity.Server.Hosting;
using Probity.Server.Hosting.Cli;
using Probity.Server.Tests.Access;
using Xunit;

namespace Probity.Server.Tests.Hosting;

public class CommandLineTests
{
    [Theory]
    [InlineData("nonsense")]
    [InlineData("ledger export")]
    [InlineData("ledger export --format docx")]
    [InlineData("events import")]
    [InlineData("events import --format auto --key k file")]
    [InlineData("events import --url http://127.0.0.1:1 file")]
    [InlineData("up --nonsense")]
    [InlineData("")]
    public async Task Wrong_usage_exits_with_2_and_no_stack_trace(string line)
    {
        var (code, _, error) = await RunAsync(line);

        Assert.Equal(ExitCode.CannotTell, code);
        Assert.Contains("fix:", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bad_option_exits_with_78()
    {
        var (code, _, error) = await RunAsync("up --urls nonsense");

        Assert.Equal(ExitCode.Configuration, code);
        Assert.Contains("AUDIT_URLS", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_lists_the_environment()
    {
        var (code, output, _) = await RunAsync("--help");

        Assert.Equal(ExitCode.Done, code);
        Assert.Contains("AUDIT_ENCRYPTION_KEY", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Version_speaks_JSON()
    {
        var (code, output, _) = await RunAsync("version --json");

        Assert.Equal(ExitCode.Done, code);
        Assert.Equal("probity", (string?)JsonNode.Parse(output)!["product"]);
    }

    [Fact]
    public async Task The_body_of_a_verb_gets_what_was_asked()
    {
        using var folder = new TemporaryFolder();
        ImportRequest? seen = null;
        var bodies = Bodies() with
        {
            ImportEvents = (request, _, _) =>
            {
                seen = request;
                return Task.FromResult(ExitCode.Done);
            },
        };
        await File.WriteAllTextAsync(folder.At("k"), "pk_x\n");

        var (code, _, _) = await RunAsync($"events import --format okta a b --data {folder.Path} --url http://h:1 --key-file {folder.At("k")}", bodies);

        Assert.Equal(ExitCode.Done, code);
        Assert.Equal("okta", seen!.Format);
        Assert.Equal(["a", "b"], seen.Paths);
        Assert.Equal(new ServerAddress(new Uri("http://h:1"), "pk_x"), seen.Remote);
    }

    [Fact]
    public async Task A_tampered_log_exits_with_1_and_an_absent_store_with_2_without_a_stack_trace()
    {
        using var folder = new TemporaryFolder();
        var tampered = Bodies() with { Migrate = (_, _, _) => throw new LedgerIntegrityException("Rolled back.") };
        var absent = Bodies() with { Migrate = (_, _, _) => throw new NpgsqlException("host db1 user alice") };

        var (tamperedCode, _, tamperedError) = await RunAsync($"migrate --data {folder.Path}", tampered);
        var (absentCode, _, absentError) = await RunAsync($"migrate --data {folder.Path}", absent);

        Assert.Equal((ExitCode.Tampered, ExitCode.CannotTell), (tamperedCode, absentCode));
        Assert.Contains("Rolled back.", tamperedError, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", tamperedError + absentError, StringComparison.Ordinal);
        Assert.DoesNotContain("alice", absentError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Up_refuses_a_folder_that_is_held()
    {
        using var folder = new TemporaryFolder();
        using var held = await DataFolderLock.TryTakeAsync(folder.Path, CancellationToken.None);
        held!.Announce(new Uri("http://127.0.0.1:1234"));

        var (code, _, error) = await RunAsync($"up --urls http://127.0.0.1:0 --data {folder.Path}");

        Assert.Equal(ExitCode.Configuration, code);
        Assert.Contains("http://127.0.0.1:1234", error, StringComparison.Ordinal);
    }

    private static VerbBodies Bodies() => Composition.Bodies with
    {
        Modules = RunningServer.Modules(new MemoryApiKeyStore(), TimeProvider.System, []),
        Migrate = (_, _, _) => Task.FromResult(ExitCode.Done),
        ImportEvents = (_, _, _) => Task.FromResult(ExitCode.Done),
        VerifyLedger = (_, _, _) => Task.FromResult(ExitCode.Done),
        ExportLedger = (_, _, _) => Task.FromResult(ExitCode.Done),
        PrintCheckpoint = (_, _) => Task.FromResult(ExitCode.Done),
        Lists = (_, _, _) => Task.FromResult(ExitCode.Done),
        RotateKeys = (_, _) => Task.FromResult(ExitCode.Done),
        RotateRoot = (_, _, _) => Task.FromResult(ExitCode.Done),
        BackUpKeys = (_, _, _) => Task.FromResult(ExitCode.Done),
        RestoreKeys = (_, _, _) => Task.FromResult(ExitCode.Done),
        CreateBackup = (_, _, _) => Task.FromResult(ExitCode.Done),
        VerifyBackup = (_, _, _) => Task.FromResult(ExitCode.Done),
        RestoreBackup = (_, _, _) => Task.FromResult(ExitCode.Done),
        ContinueLog = (_, _, _) => Task.FromResult(ExitCode.Done),
    };

    private static async Task<(int Code, string Output, string Error)> RunAsync(string line, VerbBodies? bodies = null)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await CommandLine.RunAsync(
            line.Split(' ', StringSplitOptions.RemoveEmptyEntries), bodies ?? Bodies(), output, error);
        return (code, output.ToString(), error.ToString());
    }
}
