using System.Globalization;
using Probity.Server.Hosting;
using Probity.Server.Hosting.Cli;
using Xunit;

namespace Probity.Server.Tests.AuditTrail.Api;

/// <summary>On SQLite also through the verb, which takes its store from the environment of the whole test process.</summary>
public sealed class RowAuditOnSqliteTests(RunningServer server) : RowAuditTests(server), IClassFixture<RunningServer>
{
    [Fact]
    public async Task The_verb_exits_with_1_and_says_which_row()
    {
        var (id, _) = await Server.NewKeyAsync("ledger.entry.read");
        var (sound, _) = await VerifyAsync();

        await ExecuteAsync($"UPDATE api_key SET owner = 'someone' WHERE id = '{id}'");
        var (code, output) = await VerifyAsync();
        await ExecuteAsync($"UPDATE api_key SET owner = (SELECT owner FROM api_key WHERE id <> '{id}' LIMIT 1) WHERE id = '{id}'");

        Assert.Equal((ExitCode.Done, ExitCode.Tampered), (sound, code));
        Assert.Contains($"row_changed in api_key, row {id}", output, StringComparison.Ordinal);
        Assert.Contains("Columns: owner.", output, StringComparison.Ordinal);
    }

    private async Task<(int Code, string Output)> VerifyAsync()
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        using var error = new StringWriter(CultureInfo.InvariantCulture);
        var code = await CommandLine.RunAsync(
            ["ledger", "verify", "--rows", "--data", Server.DataDir], Composition.Bodies, output, error);
        return (code, output.ToString() + error);
    }
}
