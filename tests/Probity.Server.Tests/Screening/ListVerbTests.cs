using System.Text.Json.Nodes;
using Probity.Server.Hosting;
using Probity.Server.Hosting.Cli;
using Xunit;

namespace Probity.Server.Tests.Screening;

/// <summary><c>probity lists</c> in a data folder that no server holds.</summary>
public sealed class ListVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task A_new_folder_takes_lists_shows_them_and_refuses_what_is_older_damaged_or_partial()
    {
        const string Un = "lists/un_consolidated/un_consolidated_";
        TestData.SkipUnlessPresent("lists/un_consolidated");

        Assert.Equal(ExitCode.Done, (await RunAsync("load", Un + "2025-11-20.xml.gz")).Code);
        var newer = await RunAsync("load", Un + "2026-02-27.xml.gz");
        Assert.Contains(
            "1003 entries of 2026-02-27, 4 added, 1 removed, 0 changed; live", newer.Output, StringComparison.Ordinal);
        var older = await RunAsync("load", Un + "2020-11-30.xml.gz");
        Assert.Equal(ExitCode.CannotTell, older.Code);
        Assert.Contains("[older]", older.Output, StringComparison.Ordinal);
        var damaged = await RunAsync("load", "lists/malformed");
        Assert.Equal(ExitCode.CannotTell, damaged.Code);
        Assert.Contains("[encoding]", damaged.Output, StringComparison.Ordinal);
        var partial = await RunAsync("load", "lists/us_ofac_sdn/2025-12_partial");
        Assert.Contains("the primary file sdn.csv is missing", partial.Output, StringComparison.Ordinal);

        var status = JsonNode.Parse((await RunAsync("status", null, "--json")).Output)!["lists"]!.AsArray();
        var live = Assert.Single(status)!["active"]!;
        Assert.Equal(
            (1003, "2026-02-27"), (live["entries"]!.GetValue<int>(), live["published_on"]!.GetValue<string>()));
    }

    [Fact]
    public async Task A_difference_is_shown_before_the_version_goes_live()
    {
        const string Un = "lists/un_consolidated/un_consolidated_";
        TestData.SkipUnlessPresent("lists/un_consolidated");
        await RunAsync("load", Un + "2025-11-20.xml.gz");

        var loaded = await RunAsync("load", Un + "2026-02-27.xml.gz", "--no-activate");
        Assert.Contains("not live", loaded.Output, StringComparison.Ordinal);

        var diff = (await RunAsync("diff", null, "un_sc")).Output;
        Assert.Contains("4 added, 1 removed, 0 changed", diff, StringComparison.Ordinal);
        Assert.Contains("  + SDi.007  GEDO HAMDAN AHMED", diff, StringComparison.Ordinal);
        Assert.Contains("  - IQi.074", diff, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private async Task<(int Code, string Output, string Error)> RunAsync(
        string verb, string? path, params string[] more)
    {
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        string[] paths = path is null ? [] : [TestData.Path(path)];
        string[] line = ["lists", verb, .. paths, .. more, "--data", _folder.Path];
        var code = await CommandLine.RunAsync(line, Composition.Bodies, output, error);
        return (code, output.ToString(), error.ToString());
    }
}
