using Probity.Server.Hosting;
using Probity.Server.Hosting.Cli;
using Xunit;

namespace Probity.Server.Tests.Hosting;

/// <summary>The verbs as they are composed, on a data folder that no server has opened.</summary>
public class VerbsWithoutServerTests
{
    [Fact]
    public async Task An_import_into_an_empty_folder_is_verified_exported_and_served()
    {
        using var folder = new TemporaryFolder();
        var (data, events) = (folder.At("data"), folder.At("events.ndjson"));
        await File.WriteAllLinesAsync(events, [.. Enumerable.Range(0, 30).Select(i =>
            $$"""{"action":"payment.create","actor":"u-{{i}}","source":"test","external_id":"{{i}}"}""")]);

        await RunAsync("events", "import", "--format", "ndjson", events, "--data", data);
        await RunAsync("events", "import", "--format", "ndjson", events, "--data", data); // Makes no duplicates.
        await RunAsync("ledger", "verify", "--data", data);
        var exported = folder.At("out.ndjson");
        await RunAsync("ledger", "export", "--format", "ndjson", "--output", exported, "--data", data);

        var lines = await File.ReadAllLinesAsync(exported);
        Assert.Equal(30, lines.Count(line => line.Contains("payment.create", StringComparison.Ordinal)));
        await using var server = await ServerProcess.StartAsync(data);
        Assert.NotEmpty(server.Output);
    }

    private static async Task RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await CommandLine.RunAsync(arguments, Composition.Bodies, output, error);
        Assert.True(code == ExitCode.Done, $"{string.Join(' ', arguments)}: exit {code}\n{output}\n{error}");
    }
}
